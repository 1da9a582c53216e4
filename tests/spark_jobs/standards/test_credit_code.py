"""Credit codes and organisation codes against the standard's example and an independent library."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from spark_jobs.standards import credit_code
from tests.spark_jobs.standards.conftest import MANY, evaluated

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("engine")]
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PLACES = st.tuples(st.sampled_from("159Y"), st.sampled_from("1239"), st.integers(0, 9999))


def organisation(body: str) -> str:
    """GB 11714 by its words: 11 less the weighted sum of the values modulo 11; 10 is X, 11 is 0."""
    total = sum(int(letter, 36) * weight for letter, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return body + {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))


def code(place: tuple[str, str, int], body: str) -> str:
    head = f"{place[0]}{place[1]}99{place[2]:04d}{organisation(body)}"
    return head + uscc.calc_check_digit(head)


CODES = st.builds(code, PLACES, st.text(ALPHABET, min_size=8, max_size=8))


def faults(codes: list[str]) -> list[object]:
    return evaluated(credit_code.fault("v"), codes)


def test_the_example_of_the_standard() -> None:
    assert faults(["91350100M000100Y43", "91350100M000100Y4Z", "91350100M000100Y44"]) == [None, "form", "check"]
    assert uscc.is_valid("91350100M000100Y43") and organisation("M000100Y") == "M000100Y4"


@MANY
@given(st.lists(CODES, min_size=300, max_size=300, unique=True))
def test_every_right_code_passes_and_no_wrong_character_does(codes: list[str]) -> None:
    assert set(faults(codes)) == {None}
    after = {letter: ALPHABET[(place + 1) % 31] for place, letter in enumerate(ALPHABET)}
    assert set(faults([text[:17] + after[text[17]] for text in codes])) == {"check"}
    inner = [text[:15] + after[text[15]] + text[16:] for text in codes]
    assert set(faults(inner)) <= {"organisation", "check", "excel"}
    head = [after[text[0]] + text[1:] for text in codes]
    assert set(faults(head)) <= {"check", "excel"}


@MANY
@given(st.lists(CODES, min_size=200, max_size=200))
def test_the_two_checks_are_nested(codes: list[str]) -> None:
    """A code whose outer check was made for a wrong organisation code is wrong inside."""
    heads = [text[:16] + ("0" if text[16] != "0" else "1") for text in codes]
    assert set(faults([head + uscc.calc_check_digit(head) for head in heads])) <= {"organisation"}


def test_a_sum_that_31_divides_asks_for_zero() -> None:
    zeros = [text for n in range(400) if (text := code(("9", "1", n), "MA000001"))[17] == "0"]
    assert len(zeros) > 3 and set(faults(zeros)) == {None}


@MANY
@given(st.lists(CODES, min_size=200, max_size=200))
def test_an_organisation_code_is_the_same_alone_and_inside(codes: list[str]) -> None:
    alone = [text[8:17] for text in codes]
    assert evaluated(credit_code.organisation_code("v"), codes) == alone
    assert evaluated(credit_code.organisation_code("v"), alone) == alone
    assert set(evaluated(credit_code.organisation_fault("v"), alone + codes)) == {None}
    hyphens = [f"{text[:8].lower()}-{text[8].lower()}" for text in alone]
    assert evaluated(credit_code.code("v"), hyphens) == alone
    wrong = [text[:8] + ("1" if text[8] == "0" else "0") for text in alone]
    assert set(evaluated(credit_code.organisation_fault("v"), wrong)) == {"check"}


def test_what_is_no_code() -> None:
    texts = ["", "91350100M000100Y4", "9135O100M000100Y43", "9.135E+17", "913501000001000000", "统一社会信用代码"]
    assert faults(texts) == ["form", "form", "form", "excel", "excel", "form"]
    short = ["M000100Y", "M000100Y4", "M000100YA", "9.1E+17"]
    assert evaluated(credit_code.organisation_fault("v"), [*short, None]) == ["form", None, "form", "excel", None]
