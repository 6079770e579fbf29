"""An error and the change that made it run, as a memory; and the memory that fits a new error."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from littlemem_ipy.models import Author, EventKind, Memory, MemoryType, Provenance, State
from littlemem_ipy.models.checks import title_of
from littlemem_ipy.notebook.likeness import ALIKE, likeness
from littlemem_ipy.notebook.symptom import Symptom
from littlemem_ipy.redact import find_injections, redact
from littlemem_ipy.store import MemoryStore

__all__ = ["PROPOSED", "RULE", "Fix", "fix_for", "keep_fix", "lines_of", "versions"]

RULE = "run.fixed"
PROPOSED = "proposed"
_SURE = 0.9
_MOST = 300  # solutions of one class that are compared with an error
_DIFF = re.compile(r"^```diff\n(.*?)^```", re.DOTALL | re.MULTILINE)
_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Fix:
    """An error and what made it run.

    Attributes
    ----------
    symptom
        The error.
    statement
        The code that failed.
    change
        The changed lines, marked ``-`` and ``+``.
    versions
        The packages it ran with.
    """

    symptom: Symptom
    statement: str
    change: str
    versions: str

    @property
    def content(self) -> str:
        """What is remembered."""
        error = ": ".join(filter(None, (self.symptom.name, self.symptom.message)))
        first = self.statement.strip().splitlines()[0] if self.statement.strip() else ""
        place = f" at `{first}`" if first and "`" not in first else ""
        ran = f"\nRan with {self.versions}." if self.versions else ""
        return f"Problem: {error}{place}\nFix that ran:\n```diff\n{self.change}\n```{ran}"

    @property
    def title(self) -> str:
        """One line for lists."""
        return title_of(f"Fix for {self.symptom.name}: {self.symptom.message}")

    @property
    def tags(self) -> tuple[str, ...]:
        """Words to find it by; the error's class is among them."""
        return tuple(filter(None, ("fix", self.symptom.name, self.symptom.package)))


def versions(source: str, namespace: Mapping[str, Any], symptom: Symptom) -> str:
    """Return the versions of Python and of the packages that a cell uses or that raised an error."""
    used = [namespace.get(word) for word in dict.fromkeys(_WORD.findall(source))]
    names = [thing.__name__.partition(".")[0] for thing in used if isinstance(thing, ModuleType)]
    names += [symptom.package, symptom.kind.partition(".")[0]]
    found = [f"Python {platform.python_version()}"]
    for name in dict.fromkeys(filter(None, names)):
        version = getattr(sys.modules.get(name), "__version__", None)
        if isinstance(version, str) and name not in sys.stdlib_module_names and name != "littlemem_ipy":
            found.append(f"{name} {version}")
    return ", ".join(found)


def keep_fix(store: MemoryStore, fix: Fix, said: Provenance, *, review: bool = False) -> Memory | None:
    """Remember a fix that ran, and return it; None if it is known.

    It belongs to no project: what mends an error in one notebook mends it in any other.

    Parameters
    ----------
    store
        Where.
    fix
        The error and the change.
    said
        The notebook and cell that ran.
    review
        Whether it shall wait in the inbox.
    """
    with store.backend.write():
        alike = [m for m, _ in _alike(store, fix.symptom)]
        gained = _gained(fix.change)
        if any(_gained(lines_of(memory)) == gained for memory in alike):
            return None
        content = redact(fix.content)
        # The user has asked for what runs to be kept; what looks like an order to a model waits all the same.
        accepted = not review and not find_injections(content)
        memory = store.add(
            content,
            type=MemoryType.SOLUTION,
            title=fix.title,
            tags=fix.tags,
            project=None,
            source="run",
            provenance=said.model_copy(
                update={
                    "author": Author.RUN,
                    "accepted": accepted,
                    "rule": RULE,
                    "confidence": _SURE,
                    "symptom": fix.symptom.model_dump(mode="json", exclude_defaults=True),
                }
            ),
            held=None if accepted else PROPOSED,
        )
        for old in alike:
            if said.cell_id and (old.provenance.cell_id, old.provenance.notebook) == (said.cell_id, said.notebook):
                store.supersede(old.id, memory.id)
    return memory


def fix_for(store: MemoryStore, symptom: Symptom) -> Memory | None:
    """Return the fix of the error that is most like this one; None if there is none of its kind."""
    best = max(_alike(store, symptom), key=lambda pair: pair[1], default=None)
    if best is None:
        return None
    store.note(EventKind.OFFERED, [best[0].id], likeness=round(best[1], 3))
    return best[0]


def lines_of(memory: Memory) -> str:
    """Return the changed lines of a fix; its whole text if the user has written it anew."""
    found = _DIFF.search(memory.content)
    return found.group(1).rstrip("\n") if found else memory.content


def _alike(store: MemoryStore, symptom: Symptom) -> Iterable[tuple[Memory, float]]:
    """Return the fixes of errors of the same kind, newest first, each with its likeness."""
    known = store.search(
        "",
        type=MemoryType.SOLUTION,
        sources=("run",),
        tags=(symptom.name,),
        states=(State.ACTIVE, State.HELD),
        limit=_MOST,
    )
    pairs = []
    for memory in known.memories:
        earlier = Symptom.of((memory.provenance.__pydantic_extra__ or {}).get("symptom"))
        if earlier is not None and memory.held in (None, PROPOSED):
            pairs.append((memory, likeness(earlier, symptom)))
    return [pair for pair in pairs if pair[1] >= ALIKE]


def _gained(change: str) -> list[str]:
    return [" ".join(line[1:].split()) for line in change.splitlines() if line.startswith("+")]
