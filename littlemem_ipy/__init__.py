"""A local, visible memory for the LLM chats that people have in notebooks."""
