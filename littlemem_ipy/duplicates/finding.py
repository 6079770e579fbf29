"""From memories to groups of duplicates: by keys first, then by the few comparisons that are left."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from littlemem_ipy.duplicates.blocking import ALIKE, Blocks
from littlemem_ipy.duplicates.groups import DuplicateGroup, Duplicates, Likeness
from littlemem_ipy.duplicates.wording import TURNING, Wording, wording_of
from littlemem_ipy.models import EXCHANGE, Author, Memory, MemoryType

__all__ = ["find_duplicates", "keeping_order"]

_TRUST = {author: place for place, author in enumerate(Author)}
_LONGEST = 4000  # words of a text that are compared
_FEWEST = 3
_MET_OF_A_GROUP = 8


def find_duplicates(memories: Iterable[Memory], *, near: bool = True) -> Duplicates:
    """Return the groups of memories that say the same; the title plays no part.

    Memories of different projects are never duplicates of each other, nor are kept exchanges of chats. The
    time grows with the number of memories, not with its square.

    Parameters
    ----------
    memories
        What to compare.
    near
        Whether to look for contents that differ in a few words as well.
    """
    compared = [memory for memory in memories if memory.source != EXCHANGE]
    compared.sort(key=keeping_order)
    entries = [_Entry(memory, _wording(memory)) for memory in compared]
    exact = _by_key(entries, lambda entry: entry.wording.exact)
    same = _by_key([group[0] for group in exact], lambda entry: (entry.wording.code, entry.wording.words))
    rest = {entry.memory.id: group for group in exact for entry in group[:1]}
    sure = [[one for entry in group for one in rest[entry.memory.id]] for group in same]
    found = [_sure_group(group) for group in sure if len(group) > 1]
    if near:
        found += _near([group[0] for group in sure])
    found.sort(key=lambda group: (list(Likeness).index(group.likeness), -group.similarity, -len(group.memories)))
    return Duplicates(tuple(found), len(compared))


@dataclass(frozen=True, slots=True)
class _Entry:
    memory: Memory
    wording: Wording


def keeping_order(memory: Memory) -> tuple[bool, int, int, float, str]:
    """Return what sorts the memory to keep before those that may go."""
    trust = 0 if memory.provenance.accepted else _TRUST[memory.provenance.author]
    return not memory.pinned, trust, -memory.access_count, -memory.created_at.timestamp(), memory.id


def _wording(memory: Memory) -> Wording:
    return wording_of(memory.content, code=True if memory.type == MemoryType.CODE_SNIPPET else None)


def _by_key(entries: Iterable[_Entry], key: Callable[[_Entry], Hashable]) -> list[list[_Entry]]:
    """Return the entries of one project with the same key, in the order of the first of each."""
    groups: dict[Hashable, list[_Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.memory.project, key(entry)), []).append(entry)
    return list(groups.values())


def _sure_group(entries: Sequence[_Entry]) -> DuplicateGroup:
    exact = len({entry.wording.exact for entry in entries}) == 1
    return DuplicateGroup(Likeness.EXACT if exact else Likeness.SAME, tuple(entry.memory for entry in entries))


def _near(entries: Sequence[_Entry]) -> Iterator[DuplicateGroup]:
    """Yield groups of contents that differ in a few words, of which none carries the meaning."""
    apart = _by_key(entries, lambda entry: (entry.wording.code, entry.wording.values))
    together = [(str(number), entry) for number, group in enumerate(apart) if len(group) > 1 for entry in group]
    blocks = Blocks((shared, entry.wording.words[:_LONGEST]) for shared, entry in together)
    groups: list[list[_Entry]] = []
    group_of: dict[int, list[_Entry]] = {}
    reworded: dict[Hashable, int] = {}
    for number, (shared, entry) in enumerate(together):
        key = (shared, _reworded(entry.wording))
        other = reworded.setdefault(key, number) if key[1] else number
        if other == number:
            other = _nearest(number, together, blocks)
        group = group_of.get(other)
        if group is None:
            group = [entry]
            groups.append(group)
        else:
            group.append(entry)
        group_of[number] = group
        if len(group) <= _MET_OF_A_GROUP:
            blocks.let_in(number)
    for group in groups:
        if len(group) > 1:
            similarity = min(_similarity(group[0].wording, entry.wording) for entry in group[1:])
            yield DuplicateGroup(Likeness.NEAR, tuple(entry.memory for entry in group), round(similarity, 3))


def _reworded(wording: Wording) -> Hashable:
    """Return what is the same in a text with other small words, or with its parts in another order."""
    if len(wording.stems) < _FEWEST or wording.code:
        return None
    return wording.stems if TURNING.intersection(wording.values) else tuple(sorted(wording.stems))


def _nearest(number: int, entries: Sequence[tuple[str, _Entry]], blocks: Blocks) -> int:
    """Return the text that is most alike among those before, or the number itself if none is alike enough."""
    shared, entry = entries[number]
    best, nearest = 0.0, number
    for other in blocks.meet(number):
        if entries[other][0] != shared:
            continue
        similarity = _similarity(entry.wording, entries[other][1].wording, ALIKE)
        if similarity > best:
            best, nearest = similarity, other
    return nearest


def _similarity(one: Wording, two: Wording, least: float = 0.0) -> float:
    from rapidfuzz.distance import Indel

    return Indel.normalized_similarity(one.words[:_LONGEST], two.words[:_LONGEST], score_cutoff=least)
