"""What the ledger knows becomes the coordination marts' input: deadlines, gaps, and nothing rewritten for nothing."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from govlake import lake
from govlake.batch import Batch, GateResult, GateVerdict
from govlake.contracts import load_pack
from govlake.ledger import Ledger
from govlake.settings import settings
from spark_jobs import facts
from spark_jobs.mart_plan import Mart, changed_days

DAY = date(2026, 9, 1)
DAILY = {
    "frequency_days": 1,
    "due_time": time(7, 30),
    "grace_days": 0,
    "timezone": "Asia/Shanghai",
    "active": True,
    "registered_at": datetime(2026, 9, 1, tzinfo=UTC),
}


def made(day: int, delivered: datetime, dataset: str = "a.b", agreement: dict[str, Any] = DAILY) -> dict[str, Any]:
    logical = date(2026, 9, day)
    names = dict.fromkeys(facts.TEXTS, "x") | {"dataset": dataset}
    return names | {
        "logical_date": logical,
        "delivered_at": delivered,
        "due_at": facts.due_at(agreement, logical),
    }


def test_a_deadline_is_local_time_of_the_day_after() -> None:
    assert facts.due_at(DAILY, DAY) == datetime(2026, 9, 1, 23, 30, tzinfo=UTC)
    assert facts.due_at(DAILY | {"grace_days": 2}, DAY) == datetime(2026, 9, 3, 23, 30, tzinfo=UTC)


def test_nothing_was_due_before_it_was_agreed() -> None:
    assert facts.due_at(DAILY | {"registered_at": datetime(2026, 9, 2, tzinfo=UTC)}, DAY) is None


@pytest.mark.parametrize("agreement", [None, DAILY | {"frequency_days": 0}, DAILY | {"frequency_days": 36500}])
def test_what_comes_once_is_never_due(agreement: dict[str, Any] | None) -> None:
    assert facts.due_at(agreement, DAY) is None


@pytest.mark.parametrize(
    ("period", "days", "newest", "missing"),
    [
        pytest.param(1, [1, 2, 3], 3, [], id="none"),
        pytest.param(1, [1, 4], 5, [2, 3, 5], id="between and at the end"),
        pytest.param(7, [1, 9, 16], 20, [], id="a weekly one that is a day late is not missing"),
        pytest.param(7, [1, 16], 20, [8], id="a weekly one that never came"),
    ],
)
def test_gaps(period: int, days: list[int], newest: int, missing: list[int]) -> None:
    agreement = DAILY | {"frequency_days": period}
    rows = [made(day, datetime(2026, 9, 30, tzinfo=UTC), agreement=agreement) for day in days]
    rows.append(made(newest, datetime(2026, 9, 30, tzinfo=UTC), "other.set"))
    found = facts.missing(rows, {"a.b": agreement, "other.set": DAILY})
    assert [row["logical_date"].day for row in found if row["dataset"] == "a.b"] == missing
    assert all(row["status"] == "missing" and row["delivered_at"] is None for row in found)


def test_what_is_not_yet_due_is_not_missing() -> None:
    now = datetime(2026, 9, 2, 1, 0, tzinfo=UTC)
    rows = [made(1, now), made(2, now, "other.set")]
    assert facts.missing(rows, {"a.b": DAILY, "other.set": DAILY}) == []


def test_the_same_facts_make_no_new_version(home: Path) -> None:
    rows = [
        {"batch_id": "b", "dimension": "02", "n": 1.0, "d": 2.0, "_judgement": 2},
        {"batch_id": "a", "dimension": "01", "n": 0, "d": 1, "_judgement": 1},
    ]
    address = lake.path("silver", "coordination", "dimension")
    for some in (rows, rows[::-1]):
        facts.store("coordination__dimension", facts.table_of(some, facts.dimension_schema()))
    assert lake.version(address) == 0
    facts.store("coordination__dimension", facts.table_of(rows[:1], facts.dimension_schema()))
    assert lake.version(address) == 1
    assert pa.table(lake.delta(address).to_pyarrow_table()).num_rows == 1  # type: ignore[union-attr]


def test_only_what_was_judged_since_is_summed_up_again(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    contract = load_pack(settings().pack).find("transit.card_tap")
    batches = [Batch(contract, date(2026, 9, day)) for day in (1, 2, 3)]
    for batch in batches:
        ledger.start_batch(batch, sha256=batch.id, landed_rows={contract.id: 4})
    for number, batch in enumerate(batches[:2], 1):
        ledger.record_gate(batch.id, judged(contract.id, number, 4))
    first = facts.dimensions(ledger, None)
    assert [row["n"] for row in first.to_pylist()] == [1, 2]

    asked: list[Any] = []
    query = ledger.query
    monkeypatch.setattr(ledger, "query", lambda sql, values=None: asked.append(values) or query(sql, values))
    assert facts.dimensions(ledger, first).equals(first)
    ledger.record_gate(batches[1].id, judged(contract.id, 3, 4))
    ledger.record_gate(batches[2].id, judged(contract.id, 4, 4))
    ledger.record_gate("gold", judged("kpi_transit_day", 1, 1))
    then = facts.dimensions(ledger, first)
    assert [values for values in asked if values] == [[[]], [[batches[1].id, batches[2].id]]]
    assert sorted((row["batch_id"], row["n"]) for row in then.to_pylist()) == [
        (batch.id, n) for batch, n in zip(batches, (1, 3, 4), strict=True)
    ]
    # A table that was restored, or made before judgements were in it, is brought up to date as well.
    for older in (first.slice(0, 1), first.drop_columns(["_judgement"])):
        assert facts.dimensions(ledger, older).sort_by("batch_id").equals(then.sort_by("batch_id"))
    # One that knows more than the ledger does loses what it has too much.
    stray = facts.table_of([then.to_pylist()[0] | {"batch_id": "gone"}], then.schema)
    assert facts.dimensions(ledger, pa.concat_tables([then, stray])).equals(then)


def judged(table: str, right: float, of: float) -> GateVerdict:
    return GateVerdict("gate_1", "pass", (GateResult("gate_1", table, "rows", "0201", "hold", True, True, right, of),))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, [], id="nothing changed"),
        pytest.param({"code": "new"}, None, id="its SQL changed"),
        pytest.param({"gold": ""}, None, id="it was deleted"),
        pytest.param(
            {"tables": {"t": "2", "other": "1"}, "days": {"d1": "1", "d2": "9", "d3": "1"}}, ["d2"], id="a day"
        ),
        pytest.param({"tables": {"t": "2", "other": "1"}, "days": {"d1": "1", "d2": "1"}}, ["d3"], id="a day is gone"),
        pytest.param(
            {"tables": {"t": "2", "other": "1"}, "days": {"d1": "8", "d2": "9", "d3": "1"}}, None, id="most days"
        ),
        pytest.param({"tables": {"t": "1", "other": "2"}}, None, id="another input"),
    ],
)
def test_what_must_be_built(change: dict[str, Any], expected: list[str] | None) -> None:
    mart = Mart("m", "d", "c", ("other", "t"), (), (), day_column="day", day_source="t")
    known = {"code": "c", "gold": "g", "tables": {"t": "1", "other": "1"}, "days": {"d1": "1", "d2": "1", "d3": "1"}}
    assert changed_days(mart, known, known | change) == expected
