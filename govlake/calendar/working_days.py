"""The calendar of working days, from the announcements in `holidays.yaml`."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from govlake.errors import CalendarError

FILE = Path(__file__).with_name("holidays.yaml")
ONE = timedelta(days=1)
# A year is announced in the autumn before it, and limits of weeks run into it before it begins.
WARN_DAYS = 60


@dataclass(frozen=True)
class Day:
    """One day. `name` is the holiday's, "调休" for a make-up day; `notice` announced that it differs from its week."""

    date: date
    is_workday: bool
    name: str = ""
    notice: str = ""


@cache
def days() -> tuple[Day, ...]:
    """Every day of the years that are announced, without gaps. One row per day."""
    years = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    numbers = [entry["year"] for entry in years]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise CalendarError(f"{FILE.name} skips a year.", "List every year between the first and the last, in order.")
    announced = {day.date: day for entry in years for day in _announced(entry)}
    first, last = date(numbers[0], 1, 1), date(numbers[-1], 12, 31)
    listed = (first + ONE * i for i in range((last - first).days + 1))
    return tuple(announced.get(day) or Day(day, day.weekday() < 5) for day in listed)


def _announced(entry: dict[str, Any]) -> Iterator[Day]:
    for name, first, last in entry["free"]:
        for i in range((last - first).days + 1):
            yield Day(first + ONE * i, False, name, entry["notice"])
    for day in entry["worked"]:
        yield Day(day, True, "调休", entry["notice"])


def span() -> tuple[date, date]:
    """The first and the last day that is covered."""
    return days()[0].date, days()[-1].date


def ending(today: date) -> tuple[bool, str, str]:
    """Whether `today` is covered, how long still in words, and what to do: nothing while the end is far."""
    first, last = span()
    left = (last - today).days
    remedy = (
        f"Add {last.year + 1} to govlake/calendar/{FILE.name} as announced, then `python -m spark_jobs.dbt_sources`"
    )
    if left < 0:
        says = f"Working days are known to {last} only; what counts later ones has no value, and breaks its rule"
        return False, says, f"{remedy}."
    says = f"Working days are known from {first} to {last}"
    if left > WARN_DAYS:
        return True, says, ""
    return True, f"{says}, {left} more days; a limit that runs past it has no value", f"{remedy}."


@cache
def _worked() -> tuple[date, ...]:
    return tuple(day.date for day in days() if day.is_workday)


@cache
def version() -> str:
    """A mark of what the calendar says: it changes with every announcement that is added or corrected."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()[:12]


def is_working_day(day: date) -> bool:
    """Whether `day` is worked. Raises CalendarError outside the calendar."""
    return days()[(_covered(day) - span()[0]).days].is_workday


def after(day: date, number: int) -> date:
    """The `number`-th working day after `day`; for 0 the day itself, or the next working day where it is free.

    Raises CalendarError where `day` or the answer is outside the calendar, and for a negative number.
    """
    if number < 0:
        raise CalendarError(f"{number} is no number of working days to come.", "Count from the earlier day.")
    place = _rank(day) + number - (1 if number or is_working_day(day) else 0)
    if place >= len(_worked()):
        raise _outside(f"{number} working days after {day}")
    return _worked()[place]


def between(first: date, last: date) -> int:
    """Working days after `first` up to and with `last`; negative where `last` is the earlier one.

    Raises CalendarError outside the calendar.
    """
    return _rank(last) - _rank(first)


def _rank(day: date) -> int:
    """Working days of the calendar up to and with `day`."""
    return bisect_right(_worked(), _covered(day))


def _covered(day: date) -> date:
    first, last = span()
    if not first <= day <= last:
        raise _outside(str(day))
    return day


def _outside(what: str) -> CalendarError:
    return CalendarError(*outside(what))


def outside(what: str) -> tuple[str, str]:
    """The sentence and the remedy for something outside the calendar."""
    first, last = span()
    sentence = f"{what} lies outside the calendar of working days ({first} to {last})."
    return sentence, f"Add the year as announced to govlake/calendar/{FILE.name}."
