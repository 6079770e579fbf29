"""The one record type: a memory, and where it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError, model_validator

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import checks
from littlemem_ipy.models.envelope import is_envelope, readable
from littlemem_ipy.models.kinds import MemoryType, type_info
from littlemem_ipy.models.tables import card
from littlemem_ipy.models.times import as_utc, now

__all__ = ["EXCHANGE", "Author", "Memory", "Provenance", "State", "build", "build_stored"]

Model = TypeVar("Model", bound=BaseModel)


EXCHANGE = "exchange"
"""The source of memories that are whole exchanges of a chat; lists leave them out unless asked."""


class Author(StrEnum):
    """Who a memory comes from, most trusted first.

    The first three may go into a prompt; the others wait in the inbox until they are accepted.
    """

    USER = "user"
    CAPTURE = "capture"
    MODEL = "model"
    RUN = "run"
    IMPORT = "import"

    @property
    def trusted(self) -> bool:
        """Whether memories of this author may be used without being accepted first."""
        return self in (Author.USER, Author.CAPTURE, Author.MODEL)

    @classmethod
    def of_source(cls, source: str) -> Author:
        """Return the author that a source word stands for; free text is the user's own label."""
        return _SOURCES.get(source.casefold(), cls.USER)


_SOURCES = {author.value: author for author in Author} | {
    "chat": Author.CAPTURE,
    "tool": Author.MODEL,
    "mcp": Author.MODEL,
    "llm": Author.MODEL,
    "assistant": Author.MODEL,
    "output": Author.RUN,
    "file": Author.RUN,
    "web": Author.IMPORT,
    "imported": Author.IMPORT,
}


class State(StrEnum):
    """Where a memory stands; it is in exactly one state at a time."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    HELD = "held"
    """Waits in the inbox: proposed, untrusted, or looking like an instruction."""
    DELETED = "deleted"


class Provenance(BaseModel):
    """Who said it, and in which cell.

    Attributes
    ----------
    author
        Who it comes from; decides whether it is trusted.
    accepted
        Whether the user has accepted a memory of an author that is not trusted.
    notebook
        The notebook's file name.
    cell_id
        The id of the notebook's cell.
    execution_count
        The cell's number when it ran.
    model
        The model that wrote it or was talked to.
    rule
        The capture rule that found it.
    confidence
        How sure that rule was, from 0 to 1.
    user
        The name of the person on the server of a shared store; None in one's own.
    """

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, JsonValue] = Field(init=False)

    author: Author = Author.USER
    accepted: bool = False
    notebook: str | None = None
    cell_id: str | None = None
    execution_count: int | None = None
    model: str | None = None
    rule: str | None = None
    confidence: float | None = Field(default=None, ge=0, le=1)
    user: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _writable(cls, data: Any) -> Any:
        return _encodable(data)

    def same_cell(self, other: Provenance) -> bool:
        """Tell whether both come from the same cell of the same notebook.

        Where the front end gives cells no ids, the cell is known by its text.
        """
        if self.notebook != other.notebook:
            return False
        if self.cell_id or other.cell_id:
            return self.cell_id == other.cell_id
        mine, theirs = ((said.__pydantic_extra__ or {}).get("cell_hash") for said in (self, other))
        return mine is not None and mine == theirs

    def compact(self) -> dict[str, Any]:
        """Return what differs from the defaults, for storage."""
        return self.model_dump(mode="json", exclude_defaults=True)


def _encodable(value: Any) -> Any:
    """Return `value` with what no database takes replaced: names of files may hold any byte."""
    if isinstance(value, str) and type(value) is str:
        return value.encode("utf-8", "replace").decode().replace("\x00", " ")
    if isinstance(value, Mapping):
        return {_encodable(key): _encodable(part) for key, part in value.items()}
    return [_encodable(part) for part in value] if isinstance(value, list | tuple) else value


def _checked(check: Callable[[Any], Any]) -> BeforeValidator:
    return BeforeValidator(check)


def _moment(value: object) -> datetime | None:
    return None if value is None else as_utc(value)


def _optional_id(value: object) -> str | None:
    return None if value is None else checks.check_id(value)


Moment = Annotated[datetime, _checked(as_utc)]
OptionalMoment = Annotated[datetime | None, _checked(_moment)]


class Memory(BaseModel):
    """Something worth remembering.

    Attributes
    ----------
    id
        The key ``mem_<milliseconds>_<9 characters>``.
    type
        One of the six types.
    title
        One line; made from the content when left out.
    content
        The text, NFC, at most 256 KiB.
    tags
        Words to find it by, each once whatever its case.
    project
        The project that it belongs to; None if it belongs to no project.
    conversation_id
        The chat thread or session that it comes from.
    source
        A word for where it came from: ``user``, ``chat``, ``tool``, ``run``, ``import`` or a label.
    provenance
        The structured origin; see `Provenance`.
    importance
        From 0 to 1; a small prior of the search.
    pinned
        Considered in every chat, and never cleaned up.
    created_at, updated_at, last_accessed_at
        Aware UTC.
    access_count
        How often it was read or injected.
    expires_at, archived_at, deleted_at
        Since when, or from when on, it is out of use; None if it isn't.
    superseded_by
        The id of the memory that replaced it.
    held
        Why it waits in the inbox; None if it doesn't.
    revision
        1 when added, one more for each change.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, _checked(checks.check_id)] = Field(default_factory=checks.new_id)
    type: Annotated[MemoryType, _checked(checks.check_type)] = MemoryType.GENERAL
    title: Annotated[str, _checked(checks.check_title)]
    content: Annotated[str, _checked(checks.check_content)]
    tags: Annotated[tuple[str, ...], _checked(checks.check_tags)] = ()
    project: Annotated[str | None, _checked(checks.check_project)] = None
    conversation_id: Annotated[str | None, _checked(checks.check_conversation)] = None
    source: Annotated[str, _checked(checks.check_source)] = "user"
    provenance: Provenance = Provenance()
    importance: Annotated[float, _checked(lambda v: checks.check_fraction(v, "importance"))] = 0.5
    pinned: bool = False
    created_at: Moment = Field(default_factory=now)
    updated_at: Moment = Field(default_factory=now)
    last_accessed_at: OptionalMoment = None
    access_count: int = Field(default=0, ge=0, le=2**53)
    expires_at: OptionalMoment = None
    archived_at: OptionalMoment = None
    deleted_at: OptionalMoment = None
    superseded_by: Annotated[str | None, _checked(_optional_id)] = None
    held: Annotated[str | None, _checked(checks.check_held)] = None
    revision: int = Field(default=1, ge=1, le=2**53)

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: Any) -> Any:
        """Give a title and an author to data that has none."""
        if not isinstance(data, dict):
            return data
        data = dict(data)
        if data.get("title") is None:
            data["title"] = checks.title_of(checks.check_content(data.get("content")))
        if "provenance" not in data and isinstance(data.get("source"), str):
            data["provenance"] = Provenance(author=Author.of_source(data["source"]))
        if "updated_at" not in data and data.get("created_at") is not None:
            data["updated_at"] = data["created_at"]
        return data

    @property
    def content_hash(self) -> bytes:
        """SHA-256 of the content, 16 bytes: the key of "exactly the same text"."""
        return hashlib.sha256(self.content.encode()).digest()[:16]

    @property
    def locked(self) -> bool:
        """Whether title and content are in an envelope: a sensitive memory that was not opened."""
        return is_envelope(self.content)

    @property
    def trusted(self) -> bool:
        """Whether it comes from a trusted author or was accepted."""
        return self.provenance.author.trusted or self.provenance.accepted

    @property
    def state(self) -> State:
        """The state that it is in now."""
        marks = (
            (self.deleted_at, State.DELETED),
            (self.held, State.HELD),
            (self.superseded_by, State.SUPERSEDED),
            (self.archived_at, State.ARCHIVED),
        )
        for mark, state in marks:
            if mark is not None:
                return state
        return State.EXPIRED if self.expires_at and self.expires_at <= now() else State.ACTIVE

    def changed(self, **changes: Any) -> Memory:
        """Return a validated copy with these fields changed."""
        fields = {name: getattr(self, name) for name in type(self).model_fields} | changes
        return build(Memory, fields) if "type" in changes else build_stored(fields)

    def __repr__(self) -> str:
        return f"Memory({self.type}: {checks.shown(self.title, 80)})"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        info = type_info(self.type)
        tags = " ".join(f"#{tag}" for tag in self.tags)
        return card(f"{info.icon} {self.title}", [info.label, self.project or "", tags], readable(self.content))


def build(model: type[Model], data: dict[str, Any]) -> Model:
    """Return a validated `model`, or say in one line which field was wrong.

    Raises
    ------
    InvalidInput
        With the first field that was refused, its value, and why.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        cause = first.get("ctx", {}).get("error")
        if isinstance(cause, InvalidInput):
            raise InvalidInput(str(cause)) from None
        field = ".".join(str(part) for part in first["loc"]) or model.__name__
        raise InvalidInput(f"{field} {checks.shown(first['input'])}: {first['msg'].lower()}.") from None


def build_stored(data: dict[str, Any]) -> Memory:
    """Return a validated memory whose type may be a word that only a newer version knows.

    Raises
    ------
    InvalidInput
        With the first field that was refused, its value, and why.
    """
    kind = data.get("type", MemoryType.GENERAL)
    if kind in set(MemoryType):
        return build(Memory, data)
    return build(Memory, data | {"type": MemoryType.GENERAL}).model_copy(update={"type": kind})
