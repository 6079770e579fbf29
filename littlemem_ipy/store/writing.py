"""What changes the memories of a store, on top of what can be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import (
    EXCHANGE,
    MAX_LIMIT,
    Author,
    EventKind,
    Memory,
    MemoryType,
    Provenance,
    SearchQuery,
    State,
    type_info,
)
from littlemem_ipy.models.checks import check_project, check_source, check_title, check_type, shown, title_of
from littlemem_ipy.models.envelope import is_envelope
from littlemem_ipy.models.times import now
from littlemem_ipy.store.changing import Changing
from littlemem_ipy.store.gates import gated
from littlemem_ipy.store.merging import base, conflict, merged
from littlemem_ipy.store.scope import CURRENT, Unset

__all__ = ["Writing"]

# Fields that `update` takes; all others have a method of their own.
_EDITABLE = frozenset(
    {"content", "title", "tags", "type", "project", "pinned", "importance", "expires_at", "conversation_id"}
)


class Writing(Changing):
    """The part of `MemoryStore` that adds, changes and deletes memories."""

    def add(
        self,
        content: str,
        *,
        type: str = MemoryType.GENERAL,  # noqa: A002
        title: str | None = None,
        tags: Iterable[str] | str = (),
        project: str | Unset | None = CURRENT,
        conversation_id: str | None = None,
        source: str = "user",
        provenance: Provenance | None = None,
        pinned: bool = False,
        importance: float = 0.5,
        expires_at: Any = None,
        held: str | None = None,
        sensitive: bool = False,
    ) -> Memory:
        """Remember a text and return it once it is safely on the disk.

        Secrets are masked first. What looks like an instruction to a model, hides text, or comes
        from an author that is not trusted waits in the inbox. Exactly the same text in the same
        project is not stored again: the memory that is there is returned, and taken back into use
        if it was archived or waiting and is now said by the user.

        Parameters
        ----------
        content
            The text.
        type
            One of the six types.
        title
            One line; made from the content when left out.
        tags
            Words to find it by.
        project
            Left out: the current project, but none for personal types. None: no project.
        conversation_id
            The chat thread or session that it comes from.
        source
            ``user``, ``chat``, ``tool``, ``run``, ``import``, or a label of your own.
        provenance
            The structured origin; made from `source` when left out.
        pinned
            Whether it is considered in every chat.
        importance
            From 0 to 1.
        expires_at
            When it goes out of use: an aware datetime or ISO 8601 text.
        held
            Why it shall wait in the inbox; None lets the gates decide.
        sensitive
            Whether title and content are encrypted; the store must be unlocked. Tags are not.

        Raises
        ------
        InvalidInput
            If a value is refused; nothing is written.
        """
        kind = check_type(type)
        data = {
            "content": content,
            "type": kind,
            "title": title,
            "tags": tags,
            "project": self._home_of(kind, project),
            "conversation_id": conversation_id,
            "source": source,
            "provenance": provenance or Provenance(author=Author.of_source(check_source(source))),
            "pinned": pinned,
            "importance": importance,
            "expires_at": expires_at,
            "held": held,
        }
        memory = gated(data)
        if sensitive:
            memory = self.vault.sealed(memory)
        with self._writing():
            return self._add(memory)

    def add_many(self, items: Iterable[Memory | Mapping[str, Any]]) -> list[Memory]:
        """Remember many in one transaction: all of them, or none if one is refused.

        Parameters
        ----------
        items
            Memories, or dictionaries of their fields; ``content`` is needed, and ``id``,
            ``created_at`` and ``conversation_id`` are kept where given; None counts as left out,
            except that a project of None means no project. An id that exists with the same text is
            left as it is.

        Returns
        -------
        list of Memory
            One for each item, in its order.

        Raises
        ------
        InvalidInput
            With the number of the first item that was refused.
        """
        memories = []
        for number, item in enumerate(items, 1):
            try:
                memories.append((self._complete(item), _has_id(item)))
            except InvalidInput as error:
                raise InvalidInput(f"item {number}: {error}") from None
        with self._writing():
            return [self._add_exactly(memory) if keyed else self._add(memory) for memory, keyed in memories]

    def update(
        self,
        memory_id: str,
        *,
        expected_revision: int | None = None,
        merge: bool = False,
        provenance: Provenance | None = None,
        **changes: Any,
    ) -> Memory:
        """Change fields of a memory and return it; what it was stays in its history.

        Parameters
        ----------
        memory_id
            Its id.
        expected_revision
            The revision that the change is based on; None changes whatever is there.
        merge
            Whether a change of an older revision is put together with what came after it: different fields,
            different tags and different lines of the content go together.
        provenance
            Who makes the change; None keeps the memory's origin, as fits a change by the user.
        **changes
            Any of ``content title tags type project pinned importance expires_at conversation_id``.

        Raises
        ------
        InvalidInput
            If a field is unknown or a value refused.
        MemoryNotFound
            If there is no such memory.
        RevisionConflict
            If it has another revision than expected, or both changed the same thing; the message shows both.
        """
        unknown = sorted(set(changes) - _EDITABLE)
        if unknown:
            raise InvalidInput(f"{unknown[0]!r} can't be changed; one of {', '.join(sorted(_EDITABLE))} can.")
        with self._writing():
            memory = self._one(memory_id)
            if merge and expected_revision not in (None, memory.revision):
                changes = self._merged(memory, expected_revision or 0, changes)
            else:
                self._expect(memory, expected_revision, changes)
            if (
                "content" in changes
                and "title" not in changes
                and memory.title == check_title(title_of(memory.content))
            ):
                changes["title"] = None
            if "type" in changes:
                changes["type"] = check_type(changes["type"])
            plain = self._to_reword(memory, changes)
            data = {name: getattr(plain, name) for name in Memory.model_fields} | changes
            changed = gated(data)
            if provenance is not None and changed != plain:
                changed = gated(data | {"provenance": provenance})
            if plain is not memory:
                changed = self.vault.sealed(changed)
            return self._put(memory, changed, "edit", EventKind.EDITED)

    def delete(self, memory_id: str, *, hard: bool = False, expected_revision: int | None = None) -> Memory:
        """Delete a memory and return it as it was.

        Parameters
        ----------
        memory_id
            Its id.
        hard
            False keeps it restorable. True removes its text from every table, index, revision and
            free page, together with the kept exchanges of its conversation that say it; copies in
            backups and exports are out of reach.
        expected_revision
            The revision that the decision is based on.

        Raises
        ------
        MemoryNotFound
            If there is no such memory.
        RevisionConflict
            If it has another revision than expected.
        """
        with self._writing():
            memory = self._one(memory_id)
            self._expect(memory, expected_revision)
            if hard:
                self._log(EventKind.DELETED, None, hard=True)
            elif memory.deleted_at is None:
                self._put(memory, memory.changed(deleted_at=now()), "delete", EventKind.DELETED)
        if hard:
            self.backend.purge([memory_id, *self._told_in(memory)])
        return memory

    def _to_reword(self, memory: Memory, changes: Mapping[str, Any]) -> Memory:
        """Return a memory as its words can be changed: a sensitive one opened."""
        if not is_envelope(memory.content) or not {"content", "title"} & set(changes):
            return memory
        plain = self.vault.opened(memory)
        if plain is memory:
            raise InvalidInput(f"the memory {memory.id} is locked: %mem unlock first. Nothing was changed.")
        return plain

    def _expect(self, memory: Memory, revision: int | None, mine: Mapping[str, Any] = MappingProxyType({})) -> None:
        if revision is not None and memory.revision != revision:
            raise conflict(memory, revision, self.backend.revisions(memory.id, revision), mine)

    def _merged(self, memory: Memory, revision: int, changes: Mapping[str, Any]) -> dict[str, Any]:
        history = self.backend.revisions(memory.id, revision)
        before = base(revision, history)
        return merged(memory, revision, history, (before or memory).changed(**changes))

    def _told_in(self, memory: Memory) -> list[str]:
        """Return the ids of the kept exchanges of the memory's conversation that contain its text."""
        if memory.conversation_id is None:
            return []
        exchanges = self.backend.select(
            SearchQuery(
                conversation_id=memory.conversation_id, sources=(EXCHANGE,), states=tuple(State), limit=MAX_LIMIT
            )
        )[0]
        said = " ".join(memory.content.split()).casefold()
        return [m.id for m in exchanges if m.id != memory.id and said in " ".join(m.content.split()).casefold()]

    def _home_of(self, kind: str, project: str | Unset | None) -> str | None:
        if project is CURRENT:
            return None if type_info(kind).personal else self.project
        return check_project(project)

    def _complete(self, item: Memory | Mapping[str, Any]) -> Memory:
        if isinstance(item, Memory):
            return gated({name: getattr(item, name) for name in Memory.model_fields})
        if not isinstance(item, Mapping):
            raise InvalidInput(f"must be a Memory or a dictionary, not {shown(item)}.")
        data = {name: value for name, value in item.items() if value is not None or name == "project"}
        data["type"] = check_type(data.get("type", MemoryType.GENERAL))
        data["project"] = self._home_of(data["type"], data.get("project", CURRENT))
        return gated(data)

    def _add(self, memory: Memory) -> Memory:
        same = [
            found for found in self.backend.same(memory.content_hash, memory.project) if not found.superseded_by
        ]
        if not same:
            return self._put(None, memory, "add", EventKind.STORED)
        found = next((memory for memory in same if memory.state is State.ACTIVE), same[0])
        if found.state is State.ACTIVE or memory.held:
            return found
        revived = found.changed(
            archived_at=None, expires_at=memory.expires_at, held=None, provenance=memory.provenance
        )
        return self._put(found, revived, "restore", EventKind.RESTORED)

    def _add_exactly(self, memory: Memory) -> Memory:
        found = self.backend.get([memory.id]).get(memory.id)
        if found is None:
            return self._put(None, memory, "add", EventKind.STORED)
        if found.content != memory.content:
            raise InvalidInput(f"the id {memory.id} belongs to another memory; leave it out, or update that one.")
        return found


def _has_id(item: Memory | Mapping[str, Any]) -> bool:
    return isinstance(item, Memory) or item.get("id") is not None
