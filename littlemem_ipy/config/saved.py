"""The file of saved settings: one JSON object in the home directory."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from littlemem_ipy.config.places import home
from littlemem_ipy.errors import InvalidInput

__all__ = ["read_saved", "saved_file", "write_saved"]


def saved_file() -> Path:
    """Return the path of the file."""
    return home() / "settings.json"


def read_saved() -> dict[str, Any]:
    """Return what the file of saved settings holds, with what only a newer version knows.

    Raises
    ------
    InvalidInput
        If it can't be read; it is not written over.
    """
    try:
        data = json.loads(saved_file().read_text(encoding="utf-8"))
        if not isinstance(data, dict):
            raise ValueError("it is not a JSON object")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput(
            f"The saved settings {saved_file()} can't be read: {error}. Mend or remove the file."
        ) from None
    return data


def write_saved(values: dict[str, Any]) -> None:
    """Replace the saved settings in one step, so that a crash leaves the old or the new ones."""
    target = saved_file()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = target.with_name(f".settings-{secrets.token_hex(8)}")
    try:
        with open(temporary, "x", encoding="utf-8", opener=_for_the_user_alone) as file:
            json.dump(values, file, indent=2, sort_keys=True, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _for_the_user_alone(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
