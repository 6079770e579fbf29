"""Times: aware UTC inside, words and dates as people write them outside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models.checks import shown

__all__ = ["Span", "as_utc", "now", "span_of"]

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = [
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
]  # fmt: skip
_AGO = re.compile(r"(?:last\s+)?(\d{1,5})\s*(h|hours?|d|days?|w|weeks?|months?|y|years?)(\s+ago)?")
_HOURS = {"h": 1, "d": 24, "w": 24 * 7, "m": 24 * 30, "y": 24 * 365}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, from `start` (included) to `end` (not included), both aware UTC."""

    start: datetime
    end: datetime


def now() -> datetime:
    """Return the present as aware UTC."""
    return datetime.now(UTC)


def as_utc(value: object, what: str = "time") -> datetime:
    """Return an aware datetime, or ISO 8601 text with an offset, as UTC.

    Raises
    ------
    InvalidInput
        If it is neither, or has no offset: whose clock it was is not for us to guess.
    """
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            raise InvalidInput(f"{what} {shown(value)} is not a time; write 2026-05-31T14:00:00Z.") from None
    if not isinstance(moment, datetime):
        raise InvalidInput(f"{what} must be a datetime or ISO 8601 text, not {shown(value)}.")
    if moment.tzinfo is None:
        raise InvalidInput(f"{what} {shown(str(value))} has no time zone; add one, such as +00:00 or Z.")
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):
        raise InvalidInput(f"{what} {shown(str(value))} is outside the calendar.") from None


def span_of(value: object, *, today: datetime | None = None) -> Span:
    """Return the stretch of time that a date, a time or words mean.

    Understands datetimes, dates, ``2026``, ``2026-05``, ``2026-05-31``, ISO 8601 times, ``now``,
    ``today``, ``yesterday``, ``7d``, ``12h``, ``3 weeks``, ``2 days ago``, ``this week``, ``last
    month``, ``last year``, ``monday``, ``may`` and ``may 2026``. Days begin at local midnight.

    Parameters
    ----------
    value
        What was written.
    today
        The present, for tests; the clock when left out.

    Raises
    ------
    InvalidInput
        If it is none of these.
    """
    present = (today or now()).astimezone()
    try:
        span = _dated(value) if isinstance(value, date) else _written(value, present)
    except (ValueError, OverflowError):
        span = None  # the calendar has no such day
    if span is not None:
        return span
    raise InvalidInput(
        f"{shown(value)} is not a date; write 2026-05-31, yesterday, 7d, 'last week', 'may 2026' or a time."
    )


def _dated(value: date) -> Span:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC)
        return Span(moment, moment)
    return _days(datetime(value.year, value.month, value.day), 1)


def _written(value: object, present: datetime) -> Span | None:
    if not isinstance(value, str):
        return None
    text = " ".join(value.lower().split()).removeprefix("in ").removeprefix("since ")
    return next((span for read in (_iso, _word, _ago, _named) if (span := read(text, present))), None)


def _midnight(moment: datetime) -> datetime:
    return datetime(moment.year, moment.month, moment.day)


def _days(start: datetime, count: int) -> Span:
    """Return `count` local days from a naive local midnight."""
    end = start + timedelta(days=count)
    return Span(start.astimezone(UTC), end.astimezone(UTC))


def _month(year: int, month: int) -> Span:
    start, end = datetime(year, month, 1), datetime(year + month // 12, month % 12 + 1, 1)
    return Span(start.astimezone(UTC), end.astimezone(UTC))


def _year(year: int) -> Span:
    return Span(datetime(year, 1, 1).astimezone(UTC), datetime(year + 1, 1, 1).astimezone(UTC))


def _iso(text: str, present: datetime) -> Span | None:
    if re.fullmatch(r"\d{4}", text):
        return _year(int(text))
    if re.fullmatch(r"\d{4}-\d{2}", text):
        return _month(int(text[:4]), int(text[5:]))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return _days(datetime.fromisoformat(text), 1)
    if re.match(r"\d{4}-\d{2}-\d{2}[t ]\d", text):
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
        return Span(moment, moment)
    return None


def _word(text: str, present: datetime) -> Span | None:
    day = _midnight(present)
    week = day - timedelta(days=day.weekday())
    last_month = day.replace(day=1) - timedelta(days=1)
    spans = {
        "now": lambda: Span(present.astimezone(UTC), present.astimezone(UTC)),
        "today": lambda: _days(day, 1),
        "yesterday": lambda: _days(day - timedelta(days=1), 1),
        "this week": lambda: _days(week, 7),
        "last week": lambda: _days(week - timedelta(days=7), 7),
        "this month": lambda: _month(day.year, day.month),
        "last month": lambda: _month(last_month.year, last_month.month),
        "this year": lambda: _year(day.year),
        "last year": lambda: _year(day.year - 1),
    }
    return spans[text]() if text in spans else None


def _ago(text: str, present: datetime) -> Span | None:
    found = _AGO.fullmatch(text)
    if not found:
        return None
    count, unit, ago = int(found[1]), found[2][0], found[3]
    moment = present - timedelta(hours=count * _HOURS[unit])
    if ago and unit == "d":
        return _days(_midnight(moment), 1)
    return Span(moment.astimezone(UTC), moment.astimezone(UTC))


def _named(text: str, present: datetime) -> Span | None:
    word, _, rest = text.removeprefix("last ").partition(" ")
    if word in _DAYS and not rest:
        back = (present.weekday() - _DAYS.index(word)) % 7 or 7
        return _days(_midnight(present) - timedelta(days=back), 1)
    if word in _MONTHS and (not rest or re.fullmatch(r"\d{4}", rest)):
        month = _MONTHS.index(word) + 1
        # A month without a year is the latest one that has begun.
        year = int(rest) if rest else present.year - (month > present.month)
        return _month(year, month)
    return None
