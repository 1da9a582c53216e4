"""Width, spaces and words for nothing, and how a contract's column reads them."""

import unicodedata
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govlake.contracts.model import Column
from spark_jobs import parsing
from spark_jobs.standards import text
from tests.spark_jobs.standards.conftest import MANY, evaluated

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("engine")]
VALUES = st.text("甲乙ab12", min_size=1, max_size=5)
LETTERS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12)


def wide(value: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) for letter in value)


@MANY
@given(st.lists(LETTERS, min_size=300, max_size=300))
def test_letters_and_digits_fold_as_unicode_folds_them(values: list[str]) -> None:
    folded = evaluated(text.half_width("v"), [wide(value) for value in values])
    expected = [
        "".join(unicodedata.normalize("NFKC", letter) if letter.isalnum() else letter for letter in wide(value))
        for value in values
    ]
    assert folded == expected


@MANY
@given(
    st.lists(st.text("甲乙ab12", min_size=1, max_size=5), min_size=200, max_size=200), st.text(text.BLANKS, max_size=4)
)
def test_odd_spaces_around_a_value_go_and_those_inside_stay(values: list[str], blanks: str) -> None:
    padded = [f"{blanks}{value}{blanks}" for value in values]
    assert evaluated(text.trimmed("v"), padded) == values
    assert evaluated(text.trimmed("v"), [f"甲{blanks}乙"]) == [f"甲{blanks}乙"]


def read(column: Column, texts: list[str | None]) -> list[object]:
    cleaned = parsing.clean(column).replace("`c`", "v")
    return evaluated(parsing.typed(column).replace("`c`", f"({cleaned})"), texts)


def column(kind: str, **options: object) -> Column:
    return Column("c", kind, ("c",), null_values=("", "-", "无", "空", "NULL", "\\N"), **options)  # type: ignore[arg-type]


def test_words_for_nothing_are_null() -> None:
    assert read(column("string"), ["-", " 无 ", "空", "NULL", "\\N", "", "无锡"]) == [*[None] * 6, "无锡"]


def test_a_text_keeps_its_width_unless_the_contract_folds_it() -> None:
    delivered: list[str | None] = ["ＡＢ１２，（甲）", None]
    assert read(column("string"), delivered) == delivered
    assert read(column("string", fold_width=True), delivered) == ["AB12，（甲）", None]


def test_sentinels_are_null_however_they_are_written() -> None:
    options = {"sentinels": ("1900-01-01", "9999-12-31")}
    delivered: list[str | None] = ["1900-01-01", "1900/1/1", "9999-12-31 00:00:00", "2024-03-01", None]
    assert read(column("date", **options), delivered) == [None, None, None, date(2024, 3, 1), None]
    local = read(column("timestamp", timezone="Asia/Shanghai", **options), delivered)
    assert local == [None, None, None, datetime(2024, 2, 29, 16), None]
    assert read(column("integer", sentinels=("-1", "9999")), ["-1", "9,999", "9999.0", "7"]) == [None, None, None, 7]
    assert read(column("string", sentinels=("不详",)), ["不详", "详"]) == [None, "详"]
