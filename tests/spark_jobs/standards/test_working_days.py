"""Working days: the calendar against an independent library, the SQL against the calendar, and the laws of counting."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govlake import calendar
from govlake.errors import CalendarError
from spark_jobs.standards import working_days
from tests.spark_jobs.standards.conftest import MANY, evaluated

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("engine")]
FIRST, LAST = calendar.span()
DAYS = st.dates(FIRST, LAST)
PAIR = "a date, b date"


def test_every_day_is_as_the_library_has_it() -> None:
    listed = calendar.days()
    assert [day.date for day in listed] == [FIRST + timedelta(days=i) for i in range(len(listed))]
    assert len(listed) > 3000 and (FIRST.year, LAST.year) == (2018, 2026)
    assert [day.date for day in listed if day.is_workday != chinese_calendar.is_workday(day.date)] == []


def test_every_day_that_differs_from_its_week_names_its_notice() -> None:
    odd = [day for day in calendar.days() if day.is_workday != (day.date.weekday() < 5)]
    assert len(odd) > 150 and all("国办发明电" in day.notice and day.name for day in odd)


@pytest.mark.parametrize(
    ("day", "number", "expected"),
    [
        ("2024-09-27", 1, "2024-09-29"),  # a make-up Sunday
        ("2024-09-30", 1, "2024-10-08"),  # over the national holiday
        ("2024-02-09", 5, "2024-02-22"),  # Spring Festival, then a make-up Sunday
        ("2024-10-01", 0, "2024-10-08"),  # a period that ends on a free day
        ("2024-09-30", 0, "2024-09-30"),
        ("2026-02-13", 2, "2026-02-24"),
    ],
)
def test_deadlines_of_real_calendars(day: str, number: int, expected: str) -> None:
    start, end = date.fromisoformat(day), date.fromisoformat(expected)
    assert calendar.after(start, number) == end
    assert evaluated(working_days.after("a", "n"), [(start, number)], "a date, n int") == [end]


@MANY
@given(st.lists(st.tuples(DAYS, st.integers(0, 300)), min_size=300, max_size=300))
def test_sql_and_calendar_give_the_same_day(rows: list[tuple[date, int]]) -> None:
    def after(day: date, number: int) -> date | None:
        try:
            return calendar.after(day, number)
        except CalendarError:
            return None

    found = evaluated(working_days.after("a", "n"), rows, "a date, n int")
    assert found == [after(*row) for row in rows]


@MANY
@given(st.lists(st.tuples(DAYS, DAYS), min_size=300, max_size=300))
def test_between_counts_the_days_one_by_one(rows: list[tuple[date, date]]) -> None:
    worked = {day.date for day in calendar.days() if day.is_workday}

    def counted(first: date, last: date) -> int:
        early, late = sorted((first, last))
        total = sum(early + timedelta(days=i) in worked for i in range(1, (late - early).days + 1))
        return total if first <= last else -total

    assert evaluated(working_days.between("a", "b"), rows, PAIR) == [counted(*row) for row in rows]
    assert [calendar.between(*row) for row in rows] == [counted(*row) for row in rows]
    assert evaluated(working_days.is_working_day("a"), rows, PAIR) == [row[0] in worked for row in rows]


@MANY
@given(st.lists(st.tuples(st.dates(FIRST, date(2025, 12, 31)), st.integers(1, 100)), min_size=300, max_size=300))
def test_n_days_later_are_n_days_between(rows: list[tuple[date, int]]) -> None:
    law = working_days.between("a", f"({working_days.after('a', 'n')})")
    assert evaluated(law, rows, "a date, n int") == [row[1] for row in rows]


def test_outside_the_calendar_there_is_no_answer() -> None:
    rows = [(FIRST - timedelta(days=1), 1), (LAST + timedelta(days=1), 1), (LAST, 1), (FIRST, -1), (None, 1)]
    assert evaluated(working_days.after("a", "n"), rows, "a date, n int") == [None] * 5
    for day, number in rows[:4]:
        with pytest.raises(CalendarError):
            calendar.after(day, number)  # type: ignore[arg-type]
    with pytest.raises(CalendarError, match=r"2031-01-01 lies outside .* Add the year"):
        calendar.between(FIRST, date(2031, 1, 1))


def test_a_strict_expression_fails_with_a_sentence() -> None:
    strict = working_days.after("a", "n", strict=True)
    assert evaluated(strict, [(date(2024, 9, 30), 1), (None, 1)], "a date, n int") == [date(2024, 10, 8), None]
    with pytest.raises(Exception, match="lies outside the calendar of working days"):
        evaluated(strict, [(date(2031, 1, 1), 1)], "a date, n int")


def test_the_table_has_one_row_per_day() -> None:
    table = working_days.table()
    assert table.column_names == ["date", "is_workday", "name", "notice"]
    assert table.num_rows == len(calendar.days()) == len(set(table["date"].to_pylist()))
    assert sum(table["is_workday"].to_pylist()) == sum(day.is_workday for day in calendar.days())
