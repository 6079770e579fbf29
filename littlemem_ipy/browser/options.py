"""The settings as controls: what each means, which values it takes, and where its value comes from."""

from __future__ import annotations

import json
from typing import Any

from traitlets import Bool, Enum, Float, Integer, TraitType

from littlemem_ipy.config import LittleMem

__all__ = ["controls"]


def controls(settings: LittleMem) -> list[dict[str, Any]]:
    """Return a control for each setting, in the order of their names."""
    return [
        {
            "name": name,
            "value": _text(getattr(settings, name)),
            "help": trait.help,
            "origin": settings.origin(name),
            **_kind(trait),
        }
        for name, trait in settings.settings().items()
    ]


def _kind(trait: TraitType[Any, Any]) -> dict[str, Any]:
    if isinstance(trait, Bool):
        return {"kind": "switch"}
    if isinstance(trait, Enum):
        return {"kind": "choice", "choices": [str(value) for value in trait.values or ()]}
    if isinstance(trait, Integer | Float):
        bounds = {name: getattr(trait, name) for name in ("min", "max") if abs(getattr(trait, name) or 0) < 2**31}
        return {"kind": "number", "step": 1 if isinstance(trait, Integer) else 0.05, **bounds}
    return {"kind": "text"}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list) and not any("," in str(part) for part in value):
        return ", ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
