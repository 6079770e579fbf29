"""The columns of every frame, with their meaning: the one list that frames, help and tests go by."""

from __future__ import annotations

from typing import NamedTuple

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models.checks import shown
from littlemem_ipy.models.tables import Table

__all__ = ["COLUMNS", "MEANING", "Column", "explained"]


class Column(NamedTuple):
    """One column of a frame.

    Attributes
    ----------
    name
        Its name.
    kind
        What stands in it: ``text``, ``category``, ``time`` (aware UTC), ``count`` (whole numbers, never missing),
        ``number`` (floats), ``flag`` (True or False) or ``list`` (a tuple of texts).
    meaning
        What it says, in one line.
    """

    name: str
    kind: str
    meaning: str


MEANING = {
    "memories": "the memories, a row each, in the order of their creation",
    "events": "the log: what happened when, oldest first",
    "usage": "what a memory was good for and what it took, a row each, in the order of their creation",
    "conversations": "the chats, a row each, in the order of their beginning",
    "tags": "the tags, the most frequent first",
    "projects": "the projects, the largest first; missing is no project",
    "growth": "what was added and removed, a row for a day and type",
    "duplicates": "memories that say the same, group by group",
    "searches": "what was searched for, oldest first",
    "captures": "what was captured from chats and what became of it, oldest first",
    "costs": "what replies took, a row for a day and model",
}

_ID = Column("id", "text", "the memory's key")
_TYPE = Column("type", "category", "one of the six types")
_TITLE = Column("title", "text", "its title")
_PROJECT = Column("project", "category", "the project that it belongs to; missing for none")
_STATE = Column("state", "category", "active, archived, superseded, expired, held or deleted")
_CREATED = Column("created_at", "time", "when it was created")
_CHAT = Column("conversation_id", "category", "the conversation that it belongs to")
_MODEL = Column("model", "category", "the model that answered")
_DAY = Column("day", "time", "the day's first moment, UTC")
_INJECTED = Column("injected", "count", "how often it went into a prompt")
_USED = Column("used", "count", "how often the reply made use of it")
_COST = Column("cost", "number", "US dollars; 0 where no price is known")

COLUMNS: dict[str, tuple[Column, ...]] = {
    "memories": (
        _ID,
        _TYPE,
        _TITLE,
        Column("content", "text", "its text"),
        Column("tags", "list", "its tags"),
        _PROJECT,
        _CHAT,
        Column("source", "category", "a word for where it came from"),
        Column("author", "category", "who it comes from: user, capture, model, run or import"),
        Column("accepted", "flag", "whether the user has accepted it"),
        Column("rule", "category", "the capture rule that found it"),
        Column("confidence", "number", "how sure that rule was, from 0 to 1"),
        Column("notebook", "category", "the notebook that it comes from"),
        Column("model", "category", "the model that wrote it or was talked to"),
        Column("importance", "number", "from 0 to 1"),
        Column("pinned", "flag", "whether it is considered in every chat"),
        _STATE,
        _CREATED,
        Column("updated_at", "time", "when it was changed last"),
        Column("last_accessed_at", "time", "when it was read or injected last"),
        Column("access_count", "count", "how often it was read or injected"),
        Column("expires_at", "time", "when it goes out of use"),
        Column("archived_at", "time", "when it was archived"),
        Column("deleted_at", "time", "when it was deleted"),
        Column("superseded_by", "text", "the key of the memory that replaced it"),
        Column("held", "text", "why it waits in the inbox"),
        Column("revision", "count", "1 when added, one more for each change"),
        Column("bytes", "count", "UTF-8 bytes of title and content"),
    ),
    "events": (
        Column("at", "time", "when"),
        Column("kind", "category", "what happened: stored, edited, searched, injected, used, answered …"),
        Column("memory_id", "text", "the memory that it happened to; missing for none, or one removed for good"),
        _CHAT,
        _MODEL,
        Column("action", "category", "of a change its name in the history: add, edit, delete, undo …"),
        Column("by", "category", "of a search who asked: user, chat, model or browser"),
        Column("query", "text", "of a search or a chat what was asked, secrets masked"),
        Column("hits", "number", "of a search how many memories were found"),
        Column("ms", "number", "of a search or a reply how long it took, in milliseconds"),
        Column(
            "tokens",
            "number",
            "estimated tokens: of an injection the memory's, of a recall those of all memories together",
        ),
        Column("cost", "number", "US dollars: of a reply all of it, of an injection the memory's share"),
        Column("value", "number", "of a rating 1 for good and -1 for bad"),
    ),
    "usage": (
        _ID,
        _TYPE,
        _TITLE,
        _PROJECT,
        _STATE,
        _CREATED,
        Column("retrieved", "count", "how often it was read in full"),
        _INJECTED,
        _USED,
        Column("good", "count", "how many replies with it were called good"),
        Column("bad", "count", "how many replies with it were called bad"),
        Column("use_rate", "number", "used / injected; missing if it was never injected"),
        Column(
            "usefulness",
            "number",
            "(used + good + 1) / (injected + good + bad + 2): near 0.5 while little is known",
        ),
        Column("tokens", "count", "tokens that it took in prompts, estimated"),
        Column("token_share", "number", "its share of the tokens of all memories in prompts"),
        _COST,
        Column("cost_share", "number", "its share of the cost of all memories in prompts"),
        Column("last_injected_at", "time", "when it went into a prompt last"),
        Column("last_used_at", "time", "when a reply made use of it last"),
    ),
    "conversations": (
        Column("conversation_id", "text", "its name"),
        Column("project", "category", "the project of most of its memories"),
        Column("notebook", "category", "the notebook of its latest memory"),
        _MODEL,
        Column("started_at", "time", "the first sign of it"),
        Column("ended_at", "time", "the last sign of it"),
        Column("replies", "count", "replies that models gave"),
        Column("memories", "count", "memories that come from it and are in use, its kept exchanges aside"),
        Column("exchanges", "count", "exchanges that were kept of it"),
        Column("injected", "count", "memories that went into its prompts, each time counted"),
        Column("used", "count", "memories that its replies made use of, each time counted"),
        Column("prompt_tokens", "count", "tokens of its prompts, as the services counted them"),
        Column("completion_tokens", "count", "tokens of its replies, as the services counted them"),
        Column("memory_tokens", "count", "tokens of the memories in its prompts, estimated"),
        _COST,
        Column("seconds", "number", "how long its replies took together"),
    ),
    "tags": (
        Column("tag", "text", "the tag, as it was spelled first"),
        Column("memories", "count", "memories that carry it"),
        Column("projects", "count", "projects that these belong to"),
        _INJECTED,
        _USED,
        Column("oldest", "time", "when the first of them was created"),
        Column("newest", "time", "when the last of them was created"),
    ),
    "projects": (
        Column("project", "category", "its name"),
        Column("memories", "count", "memories that belong to it"),
        Column("share", "number", "their share of all memories"),
        Column("bytes", "count", "UTF-8 bytes of their titles and contents"),
        _INJECTED,
        _USED,
        Column("tokens", "count", "tokens that they took in prompts, estimated"),
        _COST,
        Column("oldest", "time", "when the first of them was created"),
        Column("newest", "time", "when the last of them was created"),
    ),
    "growth": (
        _DAY,
        _TYPE,
        Column("added", "count", "memories of the type that were created on the day"),
        Column("removed", "count", "memories of the type that were deleted on the day"),
        Column("total", "count", "memories of the type that were there at its end"),
    ),
    "duplicates": (
        Column("group", "count", "the number of the group, from 1"),
        _ID,
        _TYPE,
        _TITLE,
        Column("content", "text", "its text"),
        _PROJECT,
        _CREATED,
        Column("likeness", "category", "how much alike the group is: exact, same or near"),
        Column("similarity", "number", "the lowest share of words in common with the one to keep, in order"),
        Column("keep", "flag", "whether it is the one to keep"),
    ),
    "searches": (
        Column("at", "time", "when"),
        Column("by", "category", "who asked: user, chat, model or browser"),
        Column("query", "text", "what was asked, secrets masked; missing if it spoke of a text removed for good"),
        Column("hits", "count", "how many memories were found"),
        Column("ms", "number", "how long it took, in milliseconds"),
        Column("nothing_found", "flag", "whether there was no hit"),
    ),
    "captures": (
        _ID,
        Column("at", "time", "when it was captured"),
        _TYPE,
        _TITLE,
        Column("rule", "category", "the rule that found it"),
        Column("confidence", "number", "how sure that rule was, from 0 to 1"),
        Column("outcome", "category", "in use, waiting, rejected, undone, deleted, replaced, archived or expired"),
        Column("accepted", "flag", "whether the user took it out of the inbox"),
        Column("undone", "flag", "whether it was taken back by undo"),
        Column("wrong", "flag", "whether it was rejected, undone or deleted"),
        _PROJECT,
        _CHAT,
        Column("notebook", "category", "the notebook that it comes from"),
        _MODEL,
    ),
    "costs": (
        _DAY,
        _MODEL,
        Column("replies", "count", "replies of the model on the day"),
        Column("prompt_tokens", "count", "tokens of the prompts, as the service counted them"),
        Column("completion_tokens", "count", "tokens of the replies, as the service counted them"),
        Column("memory_tokens", "count", "tokens of the memories in the prompts, estimated"),
        _COST,
        Column("unpriced", "count", "replies whose price is not known"),
        Column("seconds", "number", "the median time of a reply"),
    ),
}


def explained(name: str) -> Table:
    """Return a table of a frame's columns: name, kind and meaning.

    Raises
    ------
    InvalidInput
        If there is no frame of this name.
    """
    if name not in COLUMNS:
        raise InvalidInput(f"there is no frame {shown(name)}; one of {', '.join(COLUMNS)}.")
    return Table(
        ["column", "kind", "meaning"], COLUMNS[name], MEANING[name][0].upper() + MEANING[name][1:] + ".", 100
    )
