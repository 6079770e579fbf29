"""What stands in the place of a sensitive text: an envelope that only its passphrase opens."""

from __future__ import annotations

import re

__all__ = ["LOCKED_TITLE", "MARK", "is_envelope", "readable"]

MARK = "littlememsealed1"
"""The first word of every envelope; no text contains it by chance, so the index finds them by it."""

LOCKED_TITLE = "🔒 (locked)"

_ENVELOPE = re.compile(rf"{MARK}\.[A-Za-z0-9_-]{{60,}}")


def is_envelope(content: object) -> bool:
    """Return whether a content is an envelope and nothing else."""
    return isinstance(content, str) and content.startswith(MARK) and _ENVELOPE.fullmatch(content) is not None


def readable(content: str) -> str:
    """Return a content as it is shown: for an envelope how to open it."""
    return "(sensitive: %mem unlock, then %mem show)" if is_envelope(content) else content
