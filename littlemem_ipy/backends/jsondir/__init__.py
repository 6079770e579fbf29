"""A directory of JSON files, as LittleLLM keeps its memories, open as a store while the app works on it as well."""

from littlemem_ipy.backends.jsondir.backend import JSONDirectoryBackend

__all__ = ["JSONDirectoryBackend"]
