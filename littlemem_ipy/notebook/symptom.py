"""What an error looks like without its values: its class, its words, and what the code did where it arose."""

from __future__ import annotations

import ast
import builtins
import linecache
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from types import FrameType, TracebackType
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from littlemem_ipy.notebook.spot import Position, Spot, spot_in
from littlemem_ipy.redact import redact

__all__ = ["Symptom", "symptom_of", "told_symptom"]

_LONGEST = 300  # characters of a message that are looked at
_MOST_WORDS = 40
_FEW_WORDS = 4  # from these on a first sentence speaks for itself
_MOST_KEYS = 2_000
_HINT = re.compile(r"\.?\s*\(?(?:Did you mean|Perhaps you forgot|Or did you forget)\b.*", re.DOTALL)
_QUOTED = re.compile(r"(?<!\w)'([^'\n]*)'(?!\w)|\"([^\"\n]*)\"|`([^`\n]*)`")
_SENTENCE = re.compile(r"\.\s+[A-Z].*")
_SAME = {"integer": "int", "integers": "int", "string": "str", "strings": "str", "dictionary": "dict"}
_PATH = re.compile(r"(?:[A-Za-z]:)?(?:[\\/][\w.\-~ ]+){2,}[\\/]?|https?://\S+|0x[0-9a-fA-F]+")
_WORD = re.compile(r"[^\W\d_][^\W_]*\d*")
_NAME = re.compile(r"[^\W\d]\w*")
_SAYS = re.compile(r"\b(?:not|no|in|are|is|the|of|must|was|already)\b", re.IGNORECASE)
_SCALAR = re.compile(
    r"(?:u?int|float|complex|datetime|timedelta)\d+|[A-Z][a-z]+[A-Z]\w*|Series|Index|Timestamp|Timedelta|Period|NaT"
)
_TYPES = frozenset(
    """NoneType bool bytearray bytes complex dict float frozenset function generator int list method module
    module set str tuple""".split()
)


class Symptom(BaseModel):
    """An error, so described that the same kind of error in other code is described alike.

    Attributes
    ----------
    kind
        The class with its module, without ``builtins``: ``KeyError``, ``pandas.errors.MergeError``.
    message
        The message on one line; secrets are masked.
    words
        The words of the message; numbers, paths and what the user has named are left out.
    types
        Names of types and attributes in the message: they belong to the kind of error.
    names
        The other names in it: they belong to this case.
    advice
        The words of what the message says after its first line.
    place
        ``module:function`` that raised it; empty if that was the notebook or the interpreter.
    operation, key, calls, writes
        What the code does there; see `Spot`.
    key_type
        The type of a key that was not found.
    subject
        The type of what it is done to; empty if unknown.
    near
        Whether a key that was not found is there in another spelling or as another type; None if unknown.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    message: str = ""
    words: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    place: str = ""
    operation: str = ""
    subject: str = ""
    key: str = ""
    key_type: str = ""
    near: bool | None = None
    calls: tuple[str, ...] = ()
    writes: bool = False

    @property
    def name(self) -> str:
        """The class without its module."""
        return self.kind.rpartition(".")[2]

    @property
    def package(self) -> str:
        """The package that raised it; empty for the notebook and the interpreter."""
        return self.place.partition(":")[0].partition(".")[0]

    @classmethod
    def of(cls, record: object) -> Symptom | None:
        """Return the symptom that was stored as JSON; None if it is none."""
        try:
            return cls.model_validate(record)
        except ValidationError:
            return None


def symptom_of(error: BaseException, namespace: dict[str, Any]) -> Symptom:
    """Describe an error that a cell has raised.

    Parameters
    ----------
    error
        The exception, with its traceback.
    namespace
        The notebook's variables: code that sees these is the user's.
    """
    frames = list(_frames(error.__traceback__))
    mine = [step for step in frames if step.tb_frame.f_globals is namespace]
    if isinstance(error, SyntaxError):
        words = tuple(dict.fromkeys(_NAME.findall(error.text or "")))
        return _described(type(error), error.msg, Spot("syntax", calls=words[:_MOST_WORDS]))
    if not mine:
        return _described(type(error), str(error), Spot(), place=_place(frames))
    inner = mine[-1]
    spot = spot_in(_source(inner.tb_frame), _position(inner))
    subject = _value(spot.subject, inner.tb_frame)
    missing = error.args[0] if isinstance(error, KeyError) and error.args else None
    return _described(
        type(error),
        missing if isinstance(missing, str) else str(error),
        spot,
        place=_place(frames[frames.index(inner) + 1 :]),
        subject=spot.literal or ("" if subject is None else type(subject).__name__),
        key_type="" if missing is None else type(missing).__name__,
        near=None if missing is None else _near(subject, missing),
    )


def told_symptom(name: str, message: str, source: str, line: int | None) -> Symptom:
    """Describe an error from what a saved notebook tells of it: class, message, cell and line."""
    spot = spot_in(source, None, line)
    known = getattr(builtins, name, None)
    error = known if isinstance(known, type) else type(name, (Exception,), {"__module__": ""})
    if issubclass(error, KeyError):
        try:
            key: Any = ast.literal_eval(message)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            key = None
        return _described(error, str(message if key is None else key), spot, key_type=type(key).__name__)
    return _described(error, message, spot, subject=spot.literal)


def _described(
    error: type,
    message: str,
    spot: Spot,
    *,
    place: str = "",
    subject: str = "",
    key_type: str = "",
    near: bool | None = None,
) -> Symptom:
    module = "" if error.__module__ in ("builtins", "__main__", "") else f"{error.__module__}."
    text = redact(message[: _LONGEST * 4]).strip()
    lines = [line for line in text.splitlines() if _WORD.search(line)] or [""]
    advice = tuple(dict.fromkeys(_WORD.findall(_QUOTED.sub(" ", " ".join(lines[1:])).casefold())))
    line = lines[0][:_LONGEST]
    line = _HINT.sub("", " ".join(line.split()))
    bare = key_type and (key_type != "str" or message in spot.user_words or not _SAYS.search(line))
    words, types, names = ((), (), (line,)) if bare else _parts(line, spot)
    return Symptom(
        kind=module + error.__qualname__,
        message=repr(line) if bare and key_type == "str" else line,
        words=words,
        types=types,
        names=names,
        advice=() if bare else advice[:_MOST_WORDS],
        place=place,
        operation=spot.operation,
        subject=subject,
        key=spot.key,
        key_type=key_type if bare else "",
        near=near if bare else None,
        calls=spot.calls,
        writes=spot.writes,
    )


def _parts(line: str, spot: Spot) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the words of a message, the names of types and attributes in it, and the other names."""
    types: list[str] = []
    names: list[str] = []

    def sort(match: re.Match[str]) -> str:
        inner = next(part for part in match.groups() if part is not None)
        (types if _belongs(inner, spot) else names).append(inner)
        return " "

    plain = _PATH.sub(" ", _QUOTED.sub(sort, line)).replace("can't", "can not")
    first = _SENTENCE.sub("", plain)
    plain = first if len(_WORD.findall(first)) >= _FEW_WORDS else plain
    words = []
    for word in (_SAME.get(word, word) for word in _WORD.findall(plain.replace("n't ", " not "))):
        if word in _TYPES or _SCALAR.fullmatch(word):
            types.append(word)
        elif word not in spot.user_words:
            words.append(word.casefold())
    return tuple(words[:_MOST_WORDS]), tuple(types), tuple(names[:_MOST_WORDS])


def _belongs(name: str, spot: Spot) -> bool:
    """Tell whether a quoted name belongs to the kind of error: a type, or an attribute that was used."""
    return name in _TYPES or (
        name not in spot.user_words and (name in spot.calls or _SCALAR.fullmatch(name) is not None)
    )


def _frames(step: TracebackType | None) -> Iterator[TracebackType]:
    while step is not None:
        # IPython puts its own `open` before Python's.
        if not step.tb_frame.f_globals.get("__name__", "").startswith("IPython."):
            yield step
        step = step.tb_next


def _place(steps: Sequence[TracebackType]) -> str:
    if not steps:
        return ""
    frame = steps[-1].tb_frame
    return f"{frame.f_globals.get('__name__', '')}:{frame.f_code.co_name.rpartition('.')[2]}"


def _source(frame: FrameType) -> str:
    return "".join(linecache.getlines(frame.f_code.co_filename))


def _position(step: TracebackType) -> Position:
    found = next(islice(step.tb_frame.f_code.co_positions(), step.tb_lasti // 2, None), (None,) * 4)
    line, end_line, column, end_column = found
    if line is None or end_line is None or column is None or end_column is None:
        return Position(step.tb_lineno, step.tb_lineno, 0, 0)
    return Position(line, end_line, column, end_column)


def _value(name: str, frame: FrameType) -> Any:
    return frame.f_locals.get(name, frame.f_globals.get(name)) if name else None


def _near(subject: Any, missing: object) -> bool | None:
    """Tell whether a table or dictionary has a key that is written a little differently."""
    if isinstance(subject, dict):
        keys: Iterable[Any] = islice(subject, _MOST_KEYS)
    elif type(subject).__module__.partition(".")[0] == "pandas" and hasattr(subject, "columns"):
        keys = islice(subject.columns, _MOST_KEYS)
    else:
        return None
    return str(missing).strip().casefold() in {str(key).strip().casefold() for key in keys}
