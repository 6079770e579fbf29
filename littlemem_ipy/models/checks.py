"""What every entrance accepts: one function a kind of value, one clear line for each refusal."""

from __future__ import annotations

import re
import secrets
import string
import time
import unicodedata
from collections.abc import Iterable

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models.kinds import MemoryType

__all__ = [
    "MAX_CONTENT_BYTES",
    "MAX_TAGS",
    "check_content",
    "check_conversation",
    "check_fraction",
    "check_held",
    "check_id",
    "check_project",
    "check_source",
    "check_tags",
    "check_title",
    "check_type",
    "new_id",
    "shown",
    "shown_address",
    "title_of",
]

MAX_CONTENT_BYTES = 256 * 1024
MAX_TITLE = 200
MAX_TAGS = 32
MAX_TAG = 64
MAX_NAME = 200

_ID = re.compile(r"mem_[0-9]{1,16}_[a-z0-9]{9}")
_ALPHABET = string.ascii_lowercase + string.digits
_IDS = 36**9
_SURROGATE = re.compile("[\ud800-\udfff]")
_PASSWORD = re.compile(r"(?<=:)[^:/?@]+(?=@)|(?<=password=)[^&]+", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def new_id() -> str:
    """Return a fresh id ``mem_<milliseconds>_<9 random characters>``."""
    number = secrets.randbelow(_IDS)  # one number: asking for each character took a tenth of a whole save
    tail = "".join(_ALPHABET[number // 36**place % 36] for place in range(9))
    return f"mem_{time.time_ns() // 1_000_000}_{tail}"


def shown(value: object, limit: int = 60) -> str:
    """Return `value` as it appears in a message: quoted, on one line, cut to `limit` characters."""
    text = ascii(value) if isinstance(value, str) and _SURROGATE.search(value) else repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def shown_address(text: str) -> str:
    """Return an address as it appears in a message: like `shown`, without the passwords in it."""
    return shown(_PASSWORD.sub("…", text))


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"{what} must be text, not {type(value).__name__} ({shown(value)}).")
    if "\x00" in value:
        raise InvalidInput(f"{what} contains a NUL character: {shown(value)}. Remove it and try again.")
    if _SURROGATE.search(value):
        raise InvalidInput(
            f"{what} contains half of a surrogate pair, which is not text: {shown(value)}. "
            "Decode the source with errors='replace' and try again."
        )
    return unicodedata.normalize("NFC", value)


def _name(value: object, what: str) -> str:
    name = _text(value, what).strip()
    if not name:
        raise InvalidInput(f"{what} is empty; give it a name or leave it out.")
    if len(name) > MAX_NAME or _CONTROL.search(name):
        raise InvalidInput(f"{what} must be one line of at most {MAX_NAME} characters, not {shown(value)}.")
    return name


def check_content(value: object) -> str:
    """Return the content of a memory in NFC, without outer blank lines.

    Raises
    ------
    InvalidInput
        If it is no text, has only white space, NUL or half surrogate pairs, or exceeds 256 KiB of UTF-8.
    """
    content = _text(value, "content").strip("\r\n").rstrip()
    if not content.strip():
        raise InvalidInput("content is empty; there is nothing to remember.")
    size = len(content.encode())
    if size > MAX_CONTENT_BYTES:
        raise InvalidInput(
            f"content has {size:,} bytes, the limit is {MAX_CONTENT_BYTES:,} (256 KiB). "
            "Store the important part, or several smaller memories."
        )
    return content


def check_title(value: object) -> str:
    """Return a title on one line, cut to 200 characters at a word."""
    title = " ".join(_text(value, "title").split())
    if not title:
        raise InvalidInput("title is empty; leave it out and the first line of the content serves.")
    return _clip(title, MAX_TITLE)


def title_of(content: str) -> str:
    r"""Return a title made of the first line or sentence of `content`, at most 60 characters.

    >>> title_of("# Joins\nWe use polars for joins.")
    'Joins'
    """
    line = next((line for line in content.splitlines() if line.strip(" \t#>*`-")), content)
    line = " ".join(line.strip(" \t#>*`-").split()) or content.strip()
    sentence = re.split(r"(?<=[.!?。！？])\s", line, maxsplit=1)[0]
    title = _clip(sentence, 60)
    return title.rstrip(".。") or title


def _clip(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > limit // 2 else cut).rstrip() + "…"


def check_tags(value: object) -> tuple[str, ...]:
    """Return tags trimmed, each once by its casefolded form, in the order given.

    A comma separates tags inside one string, as people type them.

    Raises
    ------
    InvalidInput
        If there are more than 32, one is longer than 64 characters, or one is not text.
    """
    if value is None:
        return ()
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, Iterable):
        raise InvalidInput(f"tags must be a list of words, not {shown(value)}.")
    tags: dict[str, str] = {}
    for part in parts:
        for piece in _text(part, "tag").split(","):
            tag = " ".join(piece.split())
            if len(tag) > MAX_TAG or _CONTROL.search(tag):
                raise InvalidInput(f"a tag has at most {MAX_TAG} characters: {shown(tag)}.")
            if tag:
                tags.setdefault(tag.casefold(), tag)
    if len(tags) > MAX_TAGS:
        raise InvalidInput(f"a memory has at most {MAX_TAGS} tags, not {len(tags)}.")
    return tuple(tags.values())


def check_type(value: object) -> MemoryType:
    """Return the memory type of this name.

    Raises
    ------
    InvalidInput
        If there is no such type; the message lists the six.
    """
    try:
        return MemoryType(str(value).strip().lower())
    except ValueError:
        known = ", ".join(MemoryType)
        raise InvalidInput(f"{shown(value)} is not a memory type; use one of {known}.") from None


def check_id(value: object) -> str:
    """Return `value` if it has the shape of a memory's id.

    Raises
    ------
    InvalidInput
        If it doesn't; ids are keys and never paths.
    """
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise InvalidInput(
            f"{shown(value)} is not the id of a memory (mem_<number>_<9 letters or digits>); "
            "%mem list -l shows the ids."
        )
    return value


def check_project(value: object) -> str | None:
    """Return a project's name, or None for no project, which other programs write as an empty text."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    name = _name(value, "project")
    if name in ("*", "auto"):
        raise InvalidInput(f"{name!r} can't be the name of a project; it has a meaning of its own.")
    return name


def check_conversation(value: object) -> str | None:
    """Return the id of a conversation, or None."""
    return None if value is None else _name(value, "conversation_id")


def check_source(value: object) -> str:
    """Return the word or words that say where a memory came from."""
    return _name(value, "source")


def check_held(value: object) -> str | None:
    """Return the reason why a memory waits in the inbox, or None if it doesn't."""
    return None if value is None else _name(value, "held")


def check_fraction(value: object, what: str) -> float:
    """Return a number from 0 to 1.

    Raises
    ------
    InvalidInput
        If it is no number in that range.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidInput(f"{what} must be a number from 0 to 1, not {shown(value)}.")
    return float(value)
