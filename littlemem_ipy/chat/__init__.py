"""A chat with any model that litellm reaches."""

from littlemem_ipy.chat.calls import ToolCall
from littlemem_ipy.chat.completion import complete
from littlemem_ipy.chat.reply import Completion, Interrupted, Usage

__all__ = ["Completion", "Interrupted", "ToolCall", "Usage", "complete"]
