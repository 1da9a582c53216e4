"""Ways of writing days and times, against Python's own calendar and numerals written by a second rule."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govlake.contracts.formats import MOMENTS
from spark_jobs.standards import dates
from tests.spark_jobs.standards.conftest import MANY, evaluated

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("engine")]
MOMENT = st.datetimes(datetime(1912, 1, 1), datetime(2099, 12, 31)).map(lambda moment: moment.replace(microsecond=0))
NUMERALS = "〇一二三四五六七八九"


def numeral(number: int) -> str:
    """1 to 99 as Chinese writes them."""
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else NUMERALS[tens]) + ("十" if tens else "") + (NUMERALS[ones] if ones or not tens else "")


def in_numerals(day: date) -> str:
    year = "".join(NUMERALS[int(digit)] for digit in str(day.year))
    return f"{year}年{numeral(day.month)}月{numeral(day.day)}日"


def test_every_named_way_is_read() -> None:
    assert sorted(dates.NAMED) == sorted(MOMENTS)


@MANY
@given(st.lists(MOMENT, min_size=300, max_size=300))
def test_days_in_chinese_numerals(moments: list[datetime]) -> None:
    days = [moment.date() for moment in moments]
    midnight = [datetime(day.year, day.month, day.day) for day in days]
    assert evaluated(dates.chinese("v"), [in_numerals(day) for day in days]) == midnight
    plain = [f"{day.year}年{day.month}月{day.day}日" for day in days]
    assert evaluated(dates.chinese("v"), plain) == midnight
    clock = [f"{in_numerals(m.date())}{numeral(m.hour)}时{numeral(m.minute)}分{numeral(m.second)}秒" for m in moments]
    assert evaluated(dates.chinese("v"), clock) == moments


@MANY
@given(st.lists(MOMENT, min_size=300, max_size=300))
def test_a_clock_of_twelve_hours(moments: list[datetime]) -> None:
    english = [moment.strftime("%Y-%m-%d %I:%M:%S %p") for moment in moments]
    assert evaluated(dates.clock12("v"), english) == moments
    halves = ["上午" if moment.hour < 12 else "下午" for moment in moments]
    before = [f"{m:%Y/%m/%d} {half}{m.hour % 12 or 12}:{m:%M:%S}" for m, half in zip(moments, halves, strict=True)]
    assert evaluated(dates.clock12("v"), before) == moments
    assert evaluated(dates.clock12("v"), [str(moment) for moment in moments]) == moments


@MANY
@given(st.lists(MOMENT, min_size=300, max_size=300))
def test_spreadsheet_days_and_years_of_the_republic(moments: list[datetime]) -> None:
    serials = [f"{(moment - datetime(1899, 12, 30)) / timedelta(days=1):.6f}" for moment in moments]
    assert evaluated(dates.excel("v"), serials) == moments
    republic = [f"{moment.year - 1911:02d}/{moment.month}/{moment.day} {moment:%H:%M:%S}" for moment in moments]
    late = [(text, moment) for text, moment in zip(republic, moments, strict=True) if moment.year > 1920]
    assert evaluated(dates.roc("v"), [text for text, _ in late]) == [moment for _, moment in late]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("二〇二四年三月一日", datetime(2024, 3, 1)),
        ("二零二四年十二月卅一日", datetime(2024, 12, 31)),
        ("二○二四年十月廿一号", datetime(2024, 10, 21)),
        ("2024年3月1日下午3时05分", datetime(2024, 3, 1, 15, 5)),
        ("2024年3月1日 15:05", datetime(2024, 3, 1, 15, 5)),
        ("二〇二四年三月一日上午十点半", datetime(2024, 3, 1, 10, 30)),
        ("二〇二四年三月一日十二时整", datetime(2024, 3, 1, 12)),
        ("二〇二四年二月三十日", None),
        ("二四年三月一日", None),
        ("三月一日", None),
        ("2024-03-01", None),
        ("", None),
        (None, None),
    ],
)
def test_chinese_dates_as_they_are_found(text: str | None, expected: datetime | None) -> None:
    assert evaluated(dates.chinese("v"), [text]) == [expected]


def test_a_half_of_the_day_that_contradicts_its_hour_is_not_guessed() -> None:
    day = "2024-03-01"
    clear = {
        "上午12:30": (0, 30),
        "凌晨2:05": (2, 5),
        "中午12:00": (12, 0),
        "中午1:05": (13, 5),
        "下午 12:30": (12, 30),
        "下午15:30": (15, 30),
        "晚上8:00": (20, 0),
        "12:30 AM": (0, 30),
        "12:30 p.m.": (12, 30),
    }
    expected = [datetime(2024, 3, 1, *clock) for clock in clear.values()]
    assert evaluated(dates.clock12("v"), [f"{day} {text}" for text in clear]) == expected
    odd = ["上午15:00", "晚上12:00", "下午0:30", "中午9:00", "3:05 XM", "25:00", "下午24:00", "8:61"]
    assert evaluated(dates.clock12("v"), [f"{day} {text}" for text in odd]) == [None] * len(odd)


def test_the_leap_day_that_never_was() -> None:
    serials = ["1", "59", "60", "60.5", "61", "0", "-1", "2958465", "2958466", "x"]
    days = [datetime(1900, 1, 1), datetime(1900, 2, 28), None, None, datetime(1900, 3, 1), None, None]
    assert evaluated(dates.excel("v"), serials) == [*days, datetime(9999, 12, 31), None, None]


@MANY
@given(st.lists(st.integers(0, 48 * 3600 - 1), min_size=300, max_size=300))
def test_times_of_a_service_day_run_past_midnight(values: list[int]) -> None:
    texts = [f"{value // 3600}:{value // 60 % 60:02d}:{value % 60:02d}" for value in values]
    assert evaluated(dates.seconds("v"), texts) == values


def test_times_of_day_with_a_half() -> None:
    texts = ["下午3:05", "03:05:09 PM", "上午12:00", "15:05", "25:10", "noon", None]
    assert evaluated(dates.clock12_seconds("v"), texts) == [54300, 54309, 0, 54300, None, None, None]
