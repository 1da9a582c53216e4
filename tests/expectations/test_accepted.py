"""Gate 2 on the table as a whole: keys, the contract's own measures, volume, days."""

from datetime import date, timedelta

import pytest

from expectations import gates
from govlake.batch import Batch
from govlake.contracts import Contract
from govlake.errors import GateError
from govlake.ledger import Ledger
from tests.expectations.conftest import DAY, TAPS, accept, rows, stage, tamper
from tests.expectations.test_rows import failed, results

pytestmark = [pytest.mark.engine, pytest.mark.postgres, pytest.mark.usefixtures("engine", "home")]
MEASURES = """
      - {id: enough, metric: rowCount, mustBeGreaterOrEqualTo: 3, description: enough rows}
      - {id: resent, metric: duplicateValues, arguments: {properties: [tap_id]}, mustBeLessOrEqualTo: 1,
         severity: warn, description: taps sent twice}
      - {id: card_once, metric: duplicateValues, arguments: {properties: [card]}, mustBe: 0, description: cards}
      - {id: income, type: sql, query: "SELECT sum(paid) FROM {table}", mustBeBetween: [5, 100], description: income}
      - {id: buses, type: sql, query: "SELECT count(*) FROM ${object} WHERE mode = 'bus'", mustBeGreaterThan: 0,
         severity: warn, description: buses}
"""


@pytest.fixture
def measured(write_contract) -> Contract:  # type: ignore[no-untyped-def]
    return write_contract(TAPS.rstrip() + MEASURES)


def test_measures_within_their_bounds_pass(measured: Contract, ledger: Ledger) -> None:
    outcome = gates.gate_2(stage(measured, rows(6)))
    assert outcome.verdict == "pass"
    found = results(outcome)
    assert [found[rule].a for rule in ("enough", "resent", "card_once", "income", "buses")] == [6, 0, 0, 12, 6]


@pytest.mark.parametrize(
    ("count", "spoiled", "broken", "verdict"),
    [
        (2, {}, ["enough", "income"], "hold"),
        (6, {"card": "card2"}, ["card_once"], "hold"),
        (6, {"paid": "-500"}, ["income"], "hold"),
    ],
    ids=["too few", "a card twice", "an odd sum"],
)
def test_a_measure_out_of_bounds_bites(
    count: int, spoiled: dict[str, str], broken: list[str], verdict: str, measured: Contract, ledger: Ledger
) -> None:
    outcome = gates.gate_2(stage(measured, rows(count, **spoiled)))
    assert (failed(outcome), outcome.verdict) == (broken, verdict)


def test_repeats_of_the_key_are_counted_as_delivered(measured: Contract, ledger: Ledger) -> None:
    outcome = gates.gate_2(stage(measured, rows(6) + rows(2)))
    assert (failed(outcome), outcome.verdict) == (["resent"], "flag")
    assert results(outcome)["resent"].message_en == "taps sent twice: found 2, agreed is at most 1"


def test_a_key_twice_among_the_winners_holds(taps: Contract, ledger: Ledger) -> None:
    batch = stage(taps, rows(6))
    tamper(batch, "tap_id", "CASE WHEN tap_id = '6' THEN '5' ELSE tap_id END")
    outcome = gates.gate_2(batch)
    assert (failed(outcome), outcome.verdict) == (["key.unique"], "hold")
    assert results(outcome)["key.unique"].message_en == "1 of 6 accepted rows repeat a key (tap_id)"


def test_a_query_that_fails_is_an_error_of_the_gate(write_contract, ledger: Ledger) -> None:  # type: ignore[no-untyped-def]
    query = '\n      - {id: odd, type: sql, query: "SELECT max(mode) FROM {table}", mustBe: 1, description: odd}\n'
    batch = stage(write_contract(TAPS.rstrip() + query), rows(2))
    with pytest.raises(GateError, match="The query of the rule odd gives no number"):
        gates.gate_2(batch)


def test_a_delivery_of_repeats_is_too_few_rows(taps: Contract, ledger: Ledger) -> None:
    for back in range(1, 4):
        accept(ledger, taps, DAY - timedelta(days=back), 20)
    outcome = gates.gate_2(stage(taps, [*rows(11), *rows(9)]))
    assert (failed(outcome), outcome.verdict) == (["volume"], "hold")
    assert (results(outcome)["volume"].a, results(outcome)["volume"].b) == (11, 20)


def test_days_only_flag(taps: Contract, ledger: Ledger) -> None:
    outcome = gates.gate_2(stage(taps, rows(4), day=date(2026, 9, 10)))
    assert (failed(outcome), outcome.verdict) == (["business_day", "freshness"], "flag")
    assert "The newest Day is 2026-09-01, the delivery is for 2026-09-10" in results(outcome)["freshness"].message_en


def test_most_rows_rejected_for_many_reasons_holds(taps: Contract, ledger: Ledger) -> None:
    bad = rows(6)
    for row, (place, value) in zip(bad, [(3, "ferry"), (4, "7"), (5, "99"), (6, "9")], strict=False):
        row[place] = value
    outcome = gates.gate_2(stage(taps, bad))
    assert results(outcome)["quarantined"].message_en.startswith("4 of 6 rows (67 %) are in quarantine")
    assert outcome.verdict == "hold"


def test_no_row_is_not_assessable(taps: Contract, ledger: Ledger) -> None:
    outcome = gates.gate_2(stage(taps, []))
    assert outcome.verdict == "pass"
    assert not any(result.assessable for result in results(outcome).values())


def test_a_batch_that_is_not_staged_cannot_be_judged(taps: Contract, ledger: Ledger) -> None:
    with pytest.raises(GateError, match="is not staged"):
        gates.gate_2(Batch(taps, DAY))
