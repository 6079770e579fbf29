"""A chat that remembers, with any model that litellm reaches."""

from littlemem_ipy.chat.answer import ChatReply
from littlemem_ipy.chat.calls import ToolCall
from littlemem_ipy.chat.completion import complete
from littlemem_ipy.chat.reply import Completion, Interrupted, Usage
from littlemem_ipy.chat.session import ChatSession

__all__ = ["ChatReply", "ChatSession", "Completion", "Interrupted", "ToolCall", "Usage", "complete"]
