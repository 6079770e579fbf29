"""A scripted loopback server that speaks the providers' own HTTP formats.

One server answers as OpenAI, Anthropic, Gemini and Ollama at once, told apart
by the path of the request. It refuses what the services refuse, gives scripted
replies and faults, and records every request body.
"""

from tests.wire.replies import Call, Reply
from tests.wire.server import Record, WireServer

__all__ = ["Call", "Record", "Reply", "WireServer"]
