"""Working days as SQL and as a table; the calendar itself is `govlake.calendar`.

Two texts of fixed width stand in the SQL: how many working days there are up to each day, and on which day each of
them is. Looking up a day is then a substring, without a join.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from govlake import calendar
from spark_jobs.standards.text import quote

if TYPE_CHECKING:
    import pyarrow as pa

WIDTH = 4


def table() -> pa.Table:
    """The calendar as rows: date, is_workday, name, notice. One row per day of the years that are announced."""
    import pyarrow as pa

    kinds = pa.schema(
        [("date", pa.date32()), ("is_workday", pa.bool_()), ("name", pa.string()), ("notice", pa.string())]
    )
    rows = [(day.date, day.is_workday, day.name or None, day.notice or None) for day in calendar.days()]
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=kinds)


def is_working_day(day: str, strict: bool = False) -> str:
    """Whether `day` is worked; null outside the calendar, or an error where `strict`."""
    return _checked(f"{_rank(day)} > {_rank_before(day)}", [day], strict)


def after(day: str, number: str, strict: bool = False) -> str:
    """The `number`-th working day after `day`; for 0 the day itself, or the next working day where it is free.

    Null where `day` or the answer is outside the calendar or the number is negative, or an error where `strict`.
    """
    free = f"CASE WHEN ({number}) = 0 AND {_rank(day)} = {_rank_before(day)} THEN 1 ELSE 0 END"
    place = f"({_rank(day)} + ({number}) - 1 + {free})"
    found = f"date_add(DATE '{calendar.span()[0]}', {_number(_places(), place)})"
    return _checked(f"CASE WHEN ({number}) >= 0 THEN {found} END", [day, number], strict)


def between(first: str, last: str, strict: bool = False) -> str:
    """Working days after `first` up to and with `last`; negative where `last` is the earlier one.

    Null outside the calendar, or an error where `strict`.
    """
    return _checked(f"{_rank(last)} - {_rank(first)}", [first, last], strict)


def _checked(value: str, arguments: list[str], strict: bool) -> str:
    if not strict:
        return f"({value})"
    sentence, remedy = calendar.outside("A day")
    missing = " OR ".join(f"({argument}) IS NULL" for argument in arguments)
    return f"CASE WHEN {missing} THEN NULL ELSE coalesce({value}, raise_error({quote(f'{sentence} {remedy}')})) END"


def _offset(day: str) -> str:
    return f"datediff({day}, DATE '{calendar.span()[0]}')"


def _rank(day: str) -> str:
    """Working days of the calendar up to and with `day`; null outside."""
    return _number(_ranks(), _offset(day))


def _rank_before(day: str) -> str:
    return f"coalesce({_number(_ranks(), f'{_offset(day)} - 1')}, 0)"


def _number(texts: str, place: str) -> str:
    """The number at `place` (from 0) of a text of numbers; null before its begin and behind its end."""
    within = f"{place} BETWEEN 0 AND {len(texts) // WIDTH - 1}"
    return f"CASE WHEN {within} THEN CAST(substr('{texts}', CAST({place} AS int) * {WIDTH} + 1, {WIDTH}) AS int) END"


@cache
def _ranks() -> str:
    total, texts = 0, []
    for day in calendar.days():
        total += day.is_workday
        texts.append(f"{total:0{WIDTH}d}")
    return "".join(texts)


@cache
def _places() -> str:
    return "".join(f"{place:0{WIDTH}d}" for place, day in enumerate(calendar.days()) if day.is_workday)
