"""Times in a query: ``in May``, ``last week``, ``on 13 October``, ``before 2026``, ``before the release``.

They are evidence, not filters: a memory may be told later than what it tells, or name the day itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models.times import span_of

__all__ = ["Event", "Moment", "events", "moments"]

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = "|".join(f"{name}|{name[:3]}" for name in _MONTHS)
_LEAD = r"(?:(?P<lead>before|until|till|after|since|in|on|from|of|during|around|by)\s+(?:the\s+)?)"
_DATED = re.compile(
    rf"{_LEAD}?(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?\b(?P<month>{_MONTH})\b\.?"
    r"(?:\s+(?P<after>\d{1,2})(?:st|nd|rd|th)?\b(?!:))?(?:,?\s+(?P<year>(?:19|20)\d\d)\b)?",
    re.IGNORECASE,
)
_WORDED = re.compile(
    rf"{_LEAD}?\b(?P<words>(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?|yesterday|today|(?:this|last)\s+(?:week|month|year)"
    r"|last\s+(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{1,3}\s+(?:day|week|month|year)s?\s+ago)\b",
    re.IGNORECASE,
)
# Only where something past is asked for: in "drop duplicates before the merge" it is no time.
_PAST = re.compile(r"\b(?:did|was|were|had|have|has|decided|agreed|changed|happened|said|used)\b", re.IGNORECASE)
_EVENT = re.compile(
    r"\b(?P<lead>before|until|till|after|since)\s+(?:the|our|my)\s+(?P<what>[^\W_][\w.-]*(?:\s+[^\W_][\w.-]*){0,2})",
    re.IGNORECASE,
)
_AMBIGUOUS = {"may", "march", *(name[:3] for name in _MONTHS)}
_EARLIER = {"before", "until", "till"}
_LATER = {"after", "since"}
_TOLD_LATER = timedelta(days=14)
_NEARLY = 0.5


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that a query names.

    Attributes
    ----------
    text
        As it was written.
    start, end
        What it spans, as microseconds since 1970.
    month
        The number of a month of any year instead; 0 for none.
    """

    text: str
    start: int
    end: int
    month: int = 0

    def fit(self, created_at: int) -> float:
        """Return 1 for a memory of that time, less for one from shortly after, else 0."""
        if self.month:
            day = datetime.fromtimestamp(created_at / 1e6, UTC)
            if day.month == self.month:
                return 1.0
            return _NEARLY if (day - _TOLD_LATER).month == self.month else 0.0
        if self.start <= created_at < self.end:
            return 1.0
        late = self.end + int(_TOLD_LATER.total_seconds() * 1e6)
        return _NEARLY if self.end <= created_at < late else 0.0


@dataclass(frozen=True, slots=True)
class Event:
    """A time that a query names by what happened then.

    Attributes
    ----------
    text
        As it was written.
    earlier
        Whether what was before it is asked for, or what came after.
    what
        The words for what happened; the last of them may be about something else.
    """

    text: str
    earlier: bool
    what: str

    def moment(self, created_at: int) -> Moment:
        """Return the time before or after it, if it happened then."""
        return Moment(self.text, *((-(1 << 62), created_at) if self.earlier else (created_at + 1, 1 << 62)))


def events(text: str, times: Sequence[Moment] = ()) -> list[Event]:
    """Return the events before or after which something was, as a query says.

    Parameters
    ----------
    text
        The query.
    times
        The times that it names; what is one is no event.

    Examples
    --------
    >>> [(e.what, e.earlier) for e in events("what did we decide before the release?")]
    [('release', True)]
    """
    if not _PAST.search(text):
        return []
    dated = {moment.text.lower() for moment in times}
    return [
        Event(found.group(), found["lead"].lower() in _EARLIER, found["what"].rstrip(".-"))
        for found in _EVENT.finditer(text)
        if not any(found.group().lower().startswith(one) for one in dated)
    ]


def moments(text: str) -> list[Moment]:
    """Return the times that a query names.

    Examples
    --------
    >>> [m.text for m in moments("what did we decide in May about the release of 2026?")]
    ['in May', 'of 2026']
    """
    return [*_dated(text), *_worded(text)]


def _dated(text: str) -> Iterator[Moment]:
    for found in _DATED.finditer(text):
        name, year = found["month"].lower(), found["year"]
        day = found["day"] or found["after"]
        if name in _AMBIGUOUS and not (year or day or found["lead"]):
            continue
        month = 1 + next(i for i, full in enumerate(_MONTHS) if full.startswith(name[:3]))
        if not year and not day and (found["lead"] or "").lower() not in _EARLIER | _LATER:
            yield Moment(found.group().strip(), 0, 0, month)
        elif year:
            written = f"{year}-{month:02}" + (f"-{int(day):02}" if day else "")
            yield from _spanned(found.group(), found["lead"], written)
        else:
            yield from _spanned(found.group(), found["lead"], _MONTHS[month - 1])


def _worded(text: str) -> Iterator[Moment]:
    months = [found.span() for found in _DATED.finditer(text) if found["year"]]
    for found in _WORDED.finditer(text):
        if not any(start <= found.start("words") < end for start, end in months):
            yield from _spanned(found.group(), found["lead"], found["words"])


def _spanned(text: str, lead: str | None, written: str) -> Iterator[Moment]:
    try:
        span = span_of(written)
    except InvalidInput:  # 31 June: not a time, then
        return
    start, end = int(span.start.timestamp() * 1e6), int(span.end.timestamp() * 1e6)
    if start == end:  # "3 weeks ago" means about that day
        start, end = start - 3 * 86_400_000_000, end + 3 * 86_400_000_000
    lead = (lead or "").lower()
    if lead in _EARLIER:
        start, end = -(1 << 62), start
    elif lead in _LATER:
        start, end = end if lead == "after" else start, 1 << 62
    yield Moment(text.strip(), start, end)
