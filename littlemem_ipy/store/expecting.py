"""Assertions about what a store knows, for notebooks and tests."""

from __future__ import annotations

from littlemem_ipy.errors import ExpectationFailed, InvalidInput
from littlemem_ipy.models import Memory
from littlemem_ipy.models.checks import shown
from littlemem_ipy.store.reading import Reading

__all__ = ["Expecting"]


class Expecting(Reading):
    """The part of `MemoryStore` that checks what is known."""

    def expect(self, question: str, *, contains: str = "", lacks: str = "", limit: int = 5) -> Memory | None:
        """Check that a question finds what it should, and return the memory that says it.

        Parameters
        ----------
        question
            What to search for, in the current scope; it leaves no trace in the log.
        contains
            A text that one of the first hits must contain, whatever its case.
        lacks
            A text that none of them may contain.
        limit
            How many hits are looked at.

        Raises
        ------
        ExpectationFailed
            If it is not so; an `AssertionError` as well, with one line that says what was found.
        InvalidInput
            If there is nothing to check.
        """
        if not contains and not lacks:
            raise InvalidInput("nothing to check: say what the answer contains (or lacks).")
        hits = self.search(question, limit=limit, by=None).memories
        texts = {memory.id: f"{memory.title}\n{memory.content}".casefold() for memory in hits}
        for memory in hits:
            if lacks and lacks.casefold() in texts[memory.id]:
                raise ExpectationFailed(
                    f"{shown(question)} must not find {shown(lacks)}, but it does: {shown(memory.title)}."
                )
        if not contains:
            return None
        found = next((memory for memory in hits if contains.casefold() in texts[memory.id]), None)
        if found is None:
            first = f"the first of {len(hits)} is {shown(hits[0].title)}" if hits else "nothing was found"
            raise ExpectationFailed(f"{shown(question)} should find {shown(contains)}, but {first}.")
        return found
