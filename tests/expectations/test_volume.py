"""How much is usual, and what follows from more or less."""

from datetime import date, timedelta

import pytest

from expectations.volume import Limits, comparable, judge_volume, limits
from govlake.errors import GateError

USUAL = [100, 90, 110, 100, 5000]


@pytest.mark.parametrize(
    ("rows", "severity", "passed"),
    [
        (100, "warn", True),
        (80, "warn", True),
        (79, "warn", False),
        (59, "hold", False),
        (151, "warn", False),
        (250, "warn", False),
        (251, "hold", False),
        (50, "hold", False),
    ],
)
def test_against_the_median(rows: int, severity: str, passed: bool) -> None:
    result = judge_volume("gate_1", "transit.tap", rows, USUAL, Limits(0.6, 2.5), snapshot=False)
    assert (result.severity, result.passed, result.a, result.b) == (severity, passed, rows, 100)


@pytest.mark.parametrize(("rows", "passed"), [(95, True), (90, False), (89, False), (140, True)])
def test_a_snapshot_hardly_shrinks(rows: int, passed: bool) -> None:
    result = judge_volume("gate_1", "t", rows, [100, 20], limits({}, snapshot=True), snapshot=True)
    assert (result.passed, result.severity) == (passed, "hold" if rows < 90 else "warn")


@pytest.mark.parametrize(("history", "snapshot"), [([], False), ([100, 100], False), ([], True), ([0, 0, 0], False)])
def test_too_little_history_is_not_assessable(history: list[int], snapshot: bool) -> None:
    result = judge_volume("gate_1", "t", 5, history, Limits(0.6, 2.5), snapshot)
    assert (result.assessable, result.passed) == (False, True)


def test_only_the_last_28_count() -> None:
    assert judge_volume("gate_1", "t", 10, [10] * 28 + [900] * 99, Limits(0.6, 2.5), False).b == 10


def test_the_contract_may_set_its_own_limits() -> None:
    allowed = limits({"volumeLow": "0.2", "volumeHigh": 10}, snapshot=False)
    assert (allowed.severity(0.3), allowed.severity(0.19), allowed.severity(4), allowed.severity(11)) == (
        "warn",
        "hold",
        "",
        "hold",
    )


@pytest.mark.parametrize("custom", [{"volumeLow": "few"}, {"volumeLow": 2}, {"volumeHigh": 0.5}])
def test_limits_that_make_no_sense_are_refused(custom: dict[str, object]) -> None:
    with pytest.raises(GateError, match="volume"):
        limits(custom, snapshot=False)


def test_the_sentence_carries_the_numbers() -> None:
    result = judge_volume("gate_1", "t", 12_040, [24_080] * 28, Limits(0.6, 2.5), False)
    assert result.message_en == (
        "12,040 rows, 50 % of the usual delivery (median of 28), 24,080; 80 % to 150 % is usual"
    )
    assert result.message_zh == "共 12,040 行，为近 28 批的中位数 24,080 行的 50 %；通常在 80 % 至 150 % 之间"


def test_a_sunday_is_compared_with_sundays_once_there_are_three() -> None:
    sunday = date(2026, 9, 27)
    known = {sunday - timedelta(days=back): 50 if back % 7 == 0 else 100 for back in range(1, 22)}
    assert comparable(known, sunday, daily=True) == [50, 50, 50]
    assert comparable(known, sunday - timedelta(days=7), daily=True)[:3] == [100, 100, 100]
    assert len(comparable(known, sunday, daily=False)) == 21
