"""`MemoryBrowser`: memories in a widget, to look through, change, accept and count."""

from littlemem_ipy.browser.widget import MemoryBrowser

__all__ = ["MemoryBrowser"]
