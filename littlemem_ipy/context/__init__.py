"""From found memories to the block that goes into a prompt, and whether the reply made use of them."""

from littlemem_ipy.context.block import SYSTEM, Considered, ContextBlock, render, with_block
from littlemem_ipy.context.counting import tokens
from littlemem_ipy.context.usage import was_used

__all__ = ["SYSTEM", "Considered", "ContextBlock", "render", "tokens", "was_used", "with_block"]
