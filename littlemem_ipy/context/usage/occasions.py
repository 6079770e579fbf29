"""The parts of a reply: its code, the comments in it, and what is said around it."""

from __future__ import annotations

import re

__all__ = ["code_of", "comments_of", "prose_of"]

_FENCED = re.compile(r"```[\w-]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_CODE = re.compile(
    r"^\s*(?:import |from \w[\w.]* import |def |class |for .+:$|if .+:$|while .+:$|with .+:$|return\b|assert\b|@\w|%\w|!\w|\$ "
    r"|[\w.\[\]'\", ()]+\s*[+\-*/]?=\s*\S|[\w.]+\(.*\)?\s*(?:#.*)?$|\.\w+\(|[)\]}]|#\s|SELECT\b|FROM\b|WHERE\b|GROUP BY\b|select\b.*\bfrom\b"
    r"|\w+\(.*$|(?:pip|uv|git|docker|curl|conda|aws|npm|papermill|jupyter|python|pytest) \S)"
)
_COMMENT = re.compile(r"(?:^|\s)#\s?(.*)$|(?:^|\s)--\s(.*)$|\"\"\"(.*?)(?:\"\"\"|$)")


def code_of(text: str) -> str:
    """Return the code of a text: what is fenced, or else the lines that look like code."""
    fenced = _FENCED.findall(text)
    if fenced:
        return "\n".join(fenced)
    return "\n".join(line for line in text.splitlines() if _CODE.match(line))


def prose_of(text: str) -> str:
    """Return what of a text is no code."""
    if "```" in text:
        return _FENCED.sub(" ", text)
    return "\n".join(line for line in text.splitlines() if not _CODE.match(line))


def comments_of(text: str) -> str:
    """Return the comments and docstrings of a text's code, a line each."""
    found = [
        part for line in text.splitlines() for parts in _COMMENT.findall(line) for part in parts if part.strip()
    ]
    return "\n".join(found)
