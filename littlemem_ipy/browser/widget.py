"""The widget: one model, no state of the page in the kernel, an answer to each of its calls."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import anywidget
from IPython.core.getipython import get_ipython
from traitlets import List, Unicode

from littlemem_ipy.browser.actions import Actions
from littlemem_ipy.browser.fallback import overview, static_html
from littlemem_ipy.browser.hearing import Hearing
from littlemem_ipy.config import LittleMem
from littlemem_ipy.errors import InvalidInput, LittleMemError
from littlemem_ipy.models import Memory
from littlemem_ipy.store import MemoryStore, open_store

__all__ = ["MemoryBrowser"]

_STATIC = Path(__file__).parent / "static"
# One module, put together in this order: what a script needs stands before it.
_SCRIPTS = ("words", "elements", "kernel", "details", "list", "statistics", "settings", "maintain", "app")


# Unpacks the module that follows it: the script travels with every widget, and is a third of its size so.
_LOADER = """
const bytes = Uint8Array.from(atob("%s"), (c) => c.charCodeAt(0));
const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
const script = new Blob([await new Response(stream).text()], { type: "text/javascript" });
const address = URL.createObjectURL(script);
const { default: widget } = await import(address);
URL.revokeObjectURL(address);
export default widget;
"""


def _packed() -> str:
    """Return the scripts, with their style sheet, as one that unpacks and runs them."""
    style = f"const STYLE = {json.dumps((_STATIC / 'browser.css').read_text(encoding='utf-8'))};"
    script = "\n".join([style, *((_STATIC / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)])
    return _LOADER % base64.b64encode(gzip.compress(script.encode(), mtime=0)).decode("ascii")


class MemoryBrowser(anywidget.AnyWidget):
    """Memories in a widget: search, filter, add, edit, delete and undo, inbox, statistics, settings.

    In a terminal and in a notebook without a kernel it is a table of the newest memories.

    Parameters
    ----------
    store
        What is looked at; the store that the settings name when left out.
    settings
        What the settings' tab shows and changes; those of the shell when left out.
    text
        Words to search for at the beginning.

    Attributes
    ----------
    selection
        Ids of the selected rows.
    text
        The words in the search field.
    """

    _esm = _packed()
    selection = List(Unicode()).tag(sync=True)
    text = Unicode("").tag(sync=True)

    def __init__(
        self, store: MemoryStore | None = None, *, settings: LittleMem | None = None, text: str = ""
    ) -> None:
        self.store = open_store() if store is None else store
        self._actions = Actions(self.store, settings or _settings())
        self._hearing = Hearing(lambda: self.send({"changed": True}))
        super().__init__(text=text)
        self.on_msg(self._answer)

    @property
    def selected(self) -> tuple[Memory, ...]:
        """The selected memories."""
        return tuple(self.store.backend.get(list(self.selection)).values())

    def _answer(self, _: Any, message: Any, buffers: Any) -> None:
        """Do what the page asks for, and send what came of it."""
        if isinstance(message, dict) and "call" in message:
            self._hearing.start(self.store.backend)
            self.send({"id": message.get("id"), **self._result(message)})

    def _result(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"data": self._actions.call(message["call"], message.get("args", {}))}
        except LittleMemError as error:
            field = getattr(error, "field", None) if isinstance(error, InvalidInput) else None
            return {"error": str(error), "field": field, "kind": type(error).__name__}

    def close(self) -> None:
        """Take the widget out of the page."""
        self._hearing.stop()
        super().close()

    def __repr__(self) -> str:
        return overview(self.store, self.text)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return {**data, "text/plain": repr(self), "text/html": static_html(self.store, self.text)}, metadata


def _settings() -> LittleMem:
    """Return the settings of the shell, where the extension is loaded, else new ones."""
    known = getattr(get_ipython(), "configurables", [])
    return next((each for each in known if isinstance(each, LittleMem)), None) or LittleMem()
