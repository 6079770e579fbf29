"""What the five tools take: pydantic models, and the plain JSON schemas made from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.json_schema import SkipJsonSchema

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import TYPES, MemoryType
from littlemem_ipy.models.checks import check_id, check_tags, check_type, shown

__all__ = [
    "MAX_HITS",
    "DeleteArguments",
    "RetrieveArguments",
    "SearchArguments",
    "StoreArguments",
    "UpdateArguments",
    "schema_of",
    "understood",
]

MAX_HITS = 50
MAX_IDS = 20

_WHICH_TYPE = " ".join(f"{kind}: {info.description}" for kind, info in TYPES.items())
_PROJECT_NAMES = AliasChoices("projectId", "project", "project_id")
_CONVERSATION_NAMES = AliasChoices("conversationId", "conversation_id")


def _ids(value: object) -> list[str]:
    """Read one id or several."""
    parts = value if isinstance(value, list | tuple) else [value]
    if len(parts) > MAX_IDS:
        raise InvalidInput(f"at most {MAX_IDS} ids at once, not {len(parts)}")
    return list(map(_id, parts))


def _id(value: object) -> str:
    """Read an id; the refusal is worded for a model, which knows no magics."""
    try:
        return check_id(value)
    except InvalidInput:
        raise InvalidInput(
            f"{shown(value)} is not an id such as mem_1763900000000_a1b2c3d4e; memory-search gives them"
        ) from None


def _blank(value: object) -> object:
    """Read an empty text as left out, the way models fill in what they don't need."""
    return None if isinstance(value, str) and not value.strip() else value


Blank = BeforeValidator(_blank)
Type = Annotated[MemoryType, BeforeValidator(check_type), Field(description=_WHICH_TYPE)]
Tags = Annotated[
    tuple[str, ...], BeforeValidator(check_tags), Field(description="A few lower-case words to find it by.")
]
Project = Annotated[
    str | None,
    Blank,
    Field(validation_alias=_PROJECT_NAMES, description="Leave out; the current project is used."),
]
Conversation = Annotated[
    str | None,
    Blank,
    Field(validation_alias=_CONVERSATION_NAMES, description="Leave out; the current conversation is used."),
]


class _Arguments(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StoreArguments(_Arguments):
    """What memory-store takes."""

    content: Annotated[str, Field(description="The text to remember, complete in itself.")]
    type: Type = MemoryType.GENERAL
    title: Annotated[
        str | None, Blank, Field(description="One short line; made from the content when left out.")
    ] = None
    tags: Tags = ()
    project: Project = None
    conversation: Conversation = None
    # Taken from whoever sends it and not believed: the origin is stamped by us.
    source: SkipJsonSchema[Any] = None


class SearchArguments(_Arguments):
    """What memory-search takes."""

    text: Annotated[
        str,
        Field(
            validation_alias=AliasChoices("text", "query", "q"),
            description="Words to find; left out, the newest memories are listed.",
        ),
    ] = ""
    type: Annotated[Type | None, Blank, Field(description="Only this type.")] = None
    tags: Annotated[
        tuple[str, ...], BeforeValidator(check_tags), Field(description="Only with all these tags.")
    ] = ()
    project: Project = None
    conversation: Annotated[
        str | None, Blank, Field(validation_alias=_CONVERSATION_NAMES, description="Only of this conversation.")
    ] = None
    since: Annotated[
        str | None, Blank, Field(description="Only created from then on: 2026-05-31, yesterday, 7d, last week.")
    ] = None
    until: Annotated[str | None, Blank, Field(description="Only created until then, that day included.")] = None
    limit: Annotated[int, Field(ge=1, description=f"How many at most, up to {MAX_HITS}.")] = 10
    offset: Annotated[int, Field(ge=0, le=2**31, description="How many to leave out, for the next page.")] = 0


class RetrieveArguments(_Arguments):
    """What memory-retrieve takes."""

    id: Annotated[str | None, BeforeValidator(_id), Field(description="The id of one memory.")] = None
    ids: Annotated[
        list[str], BeforeValidator(_ids), Field(description=f"The ids of up to {MAX_IDS} memories, instead.")
    ] = []

    @property
    def wanted(self) -> list[str]:
        """The ids, each once."""
        return list(dict.fromkeys([*([self.id] if self.id else []), *self.ids]))


class UpdateArguments(_Arguments):
    """What memory-update takes."""

    id: Annotated[str, BeforeValidator(_id), Field(description="The id of the memory.")]
    content: Annotated[str | None, Field(description="The new text.")] = None
    title: Annotated[str | None, Field(description="The new title.")] = None
    tags: Annotated[
        tuple[str, ...] | None,
        BeforeValidator(check_tags),
        Field(description="The new tags, instead of the old ones."),
    ] = None
    type: Annotated[Type | None, Field(description="The new type.")] = None


class DeleteArguments(_Arguments):
    """What memory-delete takes."""

    id: Annotated[str, BeforeValidator(_id), Field(description="The id of the memory.")]


def understood(model: type[_Arguments], arguments: object) -> Any:
    """Read the arguments of a call; null means left out, as models write it.

    Raises
    ------
    InvalidInput
        With the first argument that was refused, and what would be right.
    """
    if not isinstance(arguments, Mapping):
        raise InvalidInput(f"the arguments must be an object, not {shown(arguments)}")
    given = {str(name): value for name, value in arguments.items() if value is not None}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise InvalidInput(_reason(model, error)) from None


def _reason(model: type[_Arguments], error: ValidationError) -> str:
    # A strange name tells more than the missing one that it stands for.
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    cause = first.get("ctx", {}).get("error")
    name = str(first["loc"][0]) if first["loc"] else "arguments"
    known = ", ".join(schema_of(model)["properties"])
    if isinstance(cause, InvalidInput):
        return f"{name}: {cause}"
    if first["type"] == "extra_forbidden":
        return f"there is no argument {shown(name)}; known are {known}"
    if first["type"] == "missing":
        return f"the argument {name} is missing; known are {known}"
    return f"{name} {shown(first['input'])}: {first['msg'].lower()}"


def schema_of(model: type[_Arguments]) -> dict[str, Any]:
    """Build the JSON schema of a model in the words that every provider takes.

    Gemini knows neither references nor ``additionalProperties``, and a field that may be left out
    needs no null.
    """
    full = model.model_json_schema()
    definitions = full.get("$defs", {})
    properties = {name: _plain(value, definitions) for name, value in full["properties"].items()}
    return {"type": "object", "properties": properties, "required": full.get("required", [])}


def _plain(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    schema = dict(schema)
    for one in schema.pop("anyOf", ()):
        if one.get("type") != "null":
            schema = {**one, **schema}
    if "$ref" in schema:
        schema = {**definitions[schema.pop("$ref").rpartition("/")[2]], **schema}
    names = ("type", "description", "enum", "minimum")
    kept: dict[str, Any] = {name: schema[name] for name in names if name in schema}
    if "items" in schema:
        kept["items"] = _plain(schema["items"], definitions)
    return kept
