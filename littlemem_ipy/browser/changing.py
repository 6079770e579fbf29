"""The calls that change something; each is one transaction, and tells what an undo of it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from littlemem_ipy.browser.meeting import meeting
from littlemem_ipy.browser.payloads import row_of
from littlemem_ipy.config import LittleMem
from littlemem_ipy.errors import InvalidInput, RevisionConflict
from littlemem_ipy.models import Memory
from littlemem_ipy.models.checks import check_content, check_project, check_tags, check_title, check_type, shown
from littlemem_ipy.store import CURRENT, MemoryStore

__all__ = ["Changes", "chosen"]

_CHECKS: dict[str, Callable[[Any], object]] = {
    "content": check_content,
    "title": check_title,
    "tags": check_tags,
    "type": check_type,
    "project": check_project,
}
_FIELDS = {*_CHECKS, "pinned"}
_MANY = 1000


class Changes:
    """The half of the page's calls that writes."""

    store: MemoryStore
    settings: LittleMem

    def add(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Remember what was typed into the form."""
        given = _checked(fields)
        with self.store.backend.write():
            known = self.store.backend.version()
            memory = self.store.add(given.pop("content", ""), **given)
        return self._told([memory], known)

    def edit(self, memory_id: str, fields: dict[str, Any], revision: int) -> dict[str, Any]:
        """Change what was typed into the form; refused if somebody else was quicker."""
        with self.store.backend.write():
            known = self.store.backend.version()
            memory = self.store.update(memory_id, expected_revision=revision, **_checked(fields))
        return self._told([memory], known)

    def compare(self, memory_id: str, fields: dict[str, Any], revision: int) -> dict[str, Any]:
        """Return what a refused edit and the change that was quicker look like together; nothing is changed."""
        history = self.store.history(memory_id)
        before = next((each.memory for each in history if each.number == revision), None)
        if before is None:
            raise InvalidInput(f"the memory {memory_id} has no revision {shown(revision)}.")
        return meeting(before, before.changed(**_checked(fields)), history[-1].memory)

    def pin(self, ids: list[str], pinned: bool) -> dict[str, Any]:
        """Pin memories, or no longer."""
        return self._each(ids, lambda memory_id: self.store.update(memory_id, pinned=pinned))

    def archive(self, ids: list[str]) -> dict[str, Any]:
        """Put memories out of use."""
        return self._each(ids, self.store.archive)

    def delete(self, ids: list[str]) -> dict[str, Any]:
        """Delete memories, or reject proposed ones."""
        return self._each(ids, self._out)

    def _out(self, memory_id: str) -> Memory:
        waits = self.store.backend.get([memory_id]).get(memory_id)
        return (self.store.reject if waits and waits.held else self.store.delete)(memory_id)

    def share(self, ids: list[str]) -> dict[str, Any]:
        """Hand memories to the team."""
        return self._each(ids, self.store.share)

    def unshare(self, ids: list[str]) -> dict[str, Any]:
        """Take memories back from the team."""
        return self._each(ids, self.store.unshare)

    def restore(self, ids: list[str]) -> dict[str, Any]:
        """Take memories back into use."""
        return self._each(ids, self.store.restore)

    def accept(self, ids: list[str]) -> dict[str, Any]:
        """Take memories out of the inbox into use."""
        return self._each(ids, self.store.accept)

    def undo(self, version: str) -> dict[str, Any]:
        """Take back the change after which the store had this version; never another one."""
        with self.store.backend.write():
            if self.store.backend.version() != version:
                raise RevisionConflict(
                    "something else has changed since, so nothing was taken back; the history has every change."
                )
            memories = self.store.undo(project="*")
        return self._told(memories, version)

    def configure(self, name: str, value: str, save: bool = True) -> list[dict[str, Any]]:
        """Change a setting and return all of them."""
        self.settings.set(name, value, save=save)
        return self._settled(name)

    def reset(self, name: str) -> list[dict[str, Any]]:
        """Give a setting its default again and return all of them."""
        self.settings.reset(name)
        return self._settled(name)

    def _settled(self, name: str) -> list[dict[str, Any]]:
        if name == "project":
            self.store.project = self.settings.project_name
        options: list[dict[str, Any]] = self.options()  # type: ignore[attr-defined]
        return options

    def _each(self, ids: Sequence[str], act: Callable[[str], Memory]) -> dict[str, Any]:
        with self.store.backend.write():
            known = self.store.backend.version()
            memories = [act(memory_id) for memory_id in chosen(ids)]
        return self._told(memories, known)

    def _told(self, memories: Sequence[Memory], known: str) -> dict[str, Any]:
        version = self.store.backend.version()
        return {"rows": [row_of(memory) for memory in memories], "version": version, "changed": version != known}


def chosen(ids: object) -> list[Any]:
    """Return the ids of chosen memories, if there are some and not too many."""
    if not isinstance(ids, list) or not 0 < len(ids) <= _MANY:
        raise InvalidInput(f"choose between one and {_MANY:,} memories.")
    return ids


def _checked(fields: object) -> dict[str, Any]:
    """Return the form's fields for the store; a refused one is named on the error."""
    if not isinstance(fields, dict):
        raise InvalidInput("the fields must be an object.")
    if unknown := sorted(set(fields) - _FIELDS):
        raise InvalidInput(f"the form has no field {shown(unknown[0])}.")
    for name, check in _CHECKS.items():
        if name not in fields or (name == "title" and not fields[name]):
            continue
        try:
            check(fields[name] or None if name == "project" else fields[name])
        except InvalidInput as error:
            error.field = name  # type: ignore[attr-defined]
            raise
    given = dict(fields)
    if "project" in given:
        given["project"] = CURRENT if given["project"] is None else given["project"] or None
    if not given.get("title", True):
        given["title"] = None
    return given
