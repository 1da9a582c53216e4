"""Gate 2 on rows: every kind of rule bites, and a split that counts otherwise is found out."""

import pytest

from expectations import gates
from govlake.batch import GateResult, Outcome
from govlake.contracts import Contract
from govlake.ledger import Ledger
from tests.expectations.conftest import rows, stage, tamper

pytestmark = [pytest.mark.engine, pytest.mark.postgres, pytest.mark.usefixtures("engine", "home")]
SPOILED = {
    "tap_id.pattern": {"tap_id": "x1"},
    "tap_id.required": {"tap_id": None},
    "card.required": {"card": " "},
    "card.length": {"card": "ab"},
    "tapped_at.type": {"tapped_at": "yesterday"},
    "tapped_at.range": {"tapped_at": "2019-12-31 23:59:59"},
    "mode.enum": {"mode": "ferry"},
    "line.type": {"line": "one"},
    "line.enum": {"line": "3"},
    "fare.range": {"fare": "50.5"},
    "fare.type": {"fare": "cheap"},
    "paid_within_fare": {"paid": "3"},
    "odd_hour": {"tapped_at": "2026-09-01 03:59:59"},
}


def results(outcome: Outcome) -> dict[str, GateResult]:
    verdict = outcome.detail["verdict"]
    return {result.rule: result for result in verdict.results}  # type: ignore[attr-defined]


def failed(outcome: Outcome) -> list[str]:
    return sorted(rule for rule, result in results(outcome).items() if result.assessable and not result.passed)


def test_good_rows_pass(taps: Contract, ledger: Ledger) -> None:
    outcome = gates.gate_2(stage(taps, rows(6)))
    assert (outcome.status, outcome.verdict) == ("done", "pass")
    assert outcome.line.startswith("gate 2 transit.tap: pass, ")
    assert "6 rows, 0 quarantined" in outcome.line
    assert (results(outcome)["card.required"].a, results(outcome)["card.required"].b) == (6, 6)


@pytest.mark.parametrize("rule", SPOILED, ids=list(SPOILED))
def test_one_spoiled_row_is_caught(rule: str, taps: Contract, ledger: Ledger) -> None:
    outcome = gates.gate_2(stage(taps, rows(6, **SPOILED[rule])))
    assert (outcome.verdict, failed(outcome)) == ("flag", [rule])
    assert (results(outcome)[rule].a, results(outcome)[rule].b) == (5, 6)
    assert results(outcome)["split.agrees"].passed


def test_rows_that_are_no_rows_are_judged_apart(taps: Contract, ledger: Ledger) -> None:
    outcome = gates.gate_2(stage(taps, [*rows(8), [None] * 7], malformed=1))
    assert failed(outcome) == ["row.empty", "row.malformed"]
    assert (results(outcome)["row.malformed"].b, results(outcome)["card.required"].b) == (10, 8)


def test_above_its_limit_a_rule_holds(taps: Contract, ledger: Ledger) -> None:
    spoiled = [[*row[:1], None, *row[2:]] for row in rows(2)] + rows(5)[2:]
    outcome = gates.gate_2(stage(taps, spoiled))
    held = results(outcome)["card.required"]
    assert (outcome.status, outcome.verdict, held.severity) == ("held", "hold", "hold")
    assert held.message_en == "2 of 5 rows (40 %): Card number is missing; at most 20 % were agreed"
    assert held.message_zh == "5 行中有 2 行（40 %）：缺少Card number；约定最多 20 %"


def test_the_verdict_is_in_the_ledger(taps: Contract, ledger: Ledger) -> None:
    batch = stage(taps, rows(6, mode="ferry"))
    gates.gate_2(batch)
    found = {row["rule"]: row for row in ledger.gate_results(batch.id)}
    assert (found["mode.enum"]["passed"], found["mode.enum"]["a"], found["mode.enum"]["b"]) == (False, 5, 6)


@pytest.mark.parametrize(
    ("column", "lie", "said"),
    [
        ("_reasons", "CAST(array() AS array<string>)", "mode.enum: split 0, gate 1"),
        ("mode", "'bus'", "mode.enum: split 1, gate 0"),
        ("_reasons", "array('no.such.rule')", "no.such.rule: split 6, gate 0"),
    ],
    ids=["split forgot", "gate sees nothing", "unknown rule"],
)
def test_a_split_that_counted_otherwise_holds(column: str, lie: str, said: str, taps: Contract, ledger: Ledger) -> None:
    batch = stage(taps, rows(6, mode="ferry"))
    tamper(batch, column, lie)
    outcome = gates.gate_2(batch)
    assert outcome.verdict == "hold"
    assert said in results(outcome)["split.agrees"].message_en
