"""Identity numbers against published examples and an independent library. Invented persons have the area 99."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from spark_jobs.standards import resident_id
from tests.spark_jobs.standards.conftest import MANY, evaluated

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("engine")]
PUBLISHED = ["11010519491231002X", "440524188001010014", "34052419800101001X", "370101190102039973"]
DAYS = st.dates(date(1880, 1, 1), date(2026, 12, 31))


def number(day: date, sequence: int, area: int = 0) -> str:
    """A number that is right, its check character from the library."""
    body = f"99{area:04d}{day:%Y%m%d}{sequence:03d}"
    return body + ric.calc_check_digit(body + "0")


NUMBERS = st.builds(number, DAYS, st.integers(0, 999), st.integers(0, 9999))


def faults(numbers: list[str]) -> list[object]:
    return evaluated(resident_id.fault("v"), numbers)


def test_published_numbers_are_right() -> None:
    assert faults(PUBLISHED) == [None] * 4
    assert [ric.compact(text) for text in PUBLISHED] == PUBLISHED


@MANY
@given(st.lists(NUMBERS, min_size=300, max_size=300, unique=True))
def test_every_right_number_passes_and_no_wrong_digit_does(numbers: list[str]) -> None:
    assert set(faults(numbers)) == {None}
    wrong = [text[:16] + str((int(text[16]) + 1) % 10) + text[17] for text in numbers]
    assert None not in faults(wrong)
    swapped = [text[:13] + text[14] + text[13] + text[15:] for text in numbers if text[13] != text[14]]
    assert None not in faults(swapped)


@MANY
@given(st.lists(st.tuples(DAYS, st.integers(0, 999)), min_size=200, max_size=200))
def test_the_check_character_is_that_of_the_library(persons: list[tuple[date, int]]) -> None:
    bodies = [number(*person)[:17] for person in persons]
    assert evaluated(resident_id.check_character("v"), bodies) == [ric.calc_check_digit(body + "0") for body in bodies]


@MANY
@given(st.lists(NUMBERS, min_size=200, max_size=200))
def test_a_number_tells_day_sex_and_area(numbers: list[str]) -> None:
    days = [date(int(text[6:10]), int(text[10:12]), int(text[12:14])) for text in numbers]
    assert evaluated(resident_id.birth_date("v"), numbers) == days
    assert evaluated(resident_id.sex("v"), numbers) == ["1" if int(text[16]) % 2 else "2" for text in numbers]
    assert evaluated(resident_id.area("v"), numbers) == [text[:6] for text in numbers]


@MANY
@given(st.lists(st.builds(number, st.dates(date(1900, 1, 1), date(1999, 12, 31)), st.integers(1, 995)), min_size=200))
def test_the_old_form_becomes_the_new_one(numbers: list[str]) -> None:
    old = [text[:6] + text[8:17] for text in numbers]
    assert evaluated(resident_id.normal("v"), old) == numbers
    assert set(faults(old)) == {None}
    assert evaluated(resident_id.birth_date("v"), old) == evaluated(resident_id.birth_date("v"), numbers)
    assert evaluated(resident_id.sex("v"), old) == evaluated(resident_id.sex("v"), numbers)


@MANY
@given(st.lists(NUMBERS.filter(lambda text: text[15:] != "000"), min_size=200, max_size=200, unique=True))
def test_what_a_spreadsheet_leaves_is_told_apart(numbers: list[str]) -> None:
    """15 digits and 000 can be a right number by chance; then nothing says that it was cut."""
    cut = [text[:15] + "000" for text in numbers]
    right = [ric.calc_check_digit(text) == "0" for text in cut]
    assert faults(cut) == [None if chance else "excel" for chance in right]
    assert set(faults([f"{float(text[:17]):.5E}" for text in numbers])) == {"excel"}


def test_each_fault() -> None:
    wrong = {
        "form": ["", "99010119900101001", "A9010119900101001X", "990101900101997"],
        "excel": ["990101199001012000", "9.90101E+17", "9.90E17"],
        "area": ["000101199001010018", "160101199001010018"],
        "birth_date": ["990101199002300018", "990101189913010018", "990101790231001"],
        "check": ["990101199001010010"],
    }
    for fault, numbers in wrong.items():
        assert set(faults(numbers)) == {fault}, fault
    assert evaluated(resident_id.fault("v"), [None]) == [None]


def test_writings_of_one_number_have_one_plain_form() -> None:
    writings = [
        "11010519491231002x",
        " １１０１０５１９４９１２３１００２Ｘ",
        "110105 19491231 002X",
        "110105\u300019491231\u00a0002x",
    ]
    assert set(evaluated(resident_id.code("v"), writings)) == {"11010519491231002X"}
