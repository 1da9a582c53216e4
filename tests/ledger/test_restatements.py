"""What the ledger keeps of restatements: once, for good, and what they changed for leaders."""

from collections.abc import Callable
from datetime import date

import pytest

from govlake.batch import Batch, Restated, Restatement
from govlake.errors import LedgerError
from govlake.ledger import Ledger
from govlake.ledger.restatements import Effect

pytestmark = pytest.mark.postgres
SAMPLES = (
    Restated({"tap_id": "7"}, "paid", "190", "200", "transit.tap-20260831", "taps.csv", 3),
    Restated({"tap_id": "8"}, "line", "B1", "M-880423", "transit.tap-20260831", "taps.csv", 9),
)


def found(batch: Batch, **changed: object) -> Restatement:
    values = {
        "dataset": "transit.tap", "batch_id": batch.id, "rows": 2, "withdrawn": 1, "cells": {"paid": 1, "line": 1},
        "earlier": {"transit.tap-20260831": 3}, "first": date(2026, 8, 30), "last": date(2026, 8, 31),
        "samples": SAMPLES, "silver_version": 4,
    }  # fmt: skip
    return Restatement(**(values | changed))  # type: ignore[arg-type]


@pytest.fixture
def batch(ledger: Ledger, batch_of: Callable[..., Batch]) -> Batch:
    ledger.start_batch(batch_of())
    return batch_of()


def test_a_restatement_is_recorded_once_and_told_in_both_languages(ledger: Ledger, batch: Batch) -> None:
    number = ledger.record_restatement(found(batch))
    assert number and ledger.record_restatement(found(batch)) is None
    later = ledger.record_restatement(found(batch, rows=1, cells={"paid": 1}, withdrawn=0, silver_version=5))
    rows = ledger.restatements("transit.tap")
    assert [row["restatement_id"] for row in rows] == [later, number]
    assert (rows[1]["summary_en"], rows[1]["summary_zh"]) == (
        *("2 values in 2 rows are other ones now; 1 rows were taken back", "更正 2 行中的 2 个数值；撤回 1 行"),
    )
    row = ledger.restatement(number)
    assert (row["department_zh"], row["columns"], row["first_date"]) == (
        "交通局",
        {"paid": 1, "line": 1},
        date(2026, 8, 30),
    )
    assert [(cell["key"], cell["old"], cell["new"]) for cell in row["samples"]] == [
        ({"tap_id": "7"}, "190", "200"),
        ({"tap_id": "8"}, "B1", "M-880423"),
    ]
    with pytest.raises(LedgerError, match="There is no restatement 99"):
        ledger.restatement(99)


def test_a_restatement_cannot_be_changed_or_dropped(ledger: Ledger, batch: Batch) -> None:
    ledger.record_restatement(found(batch))
    for statement in ("UPDATE ledger.restatements SET rows = 1", "DELETE FROM ledger.restatements"):
        with pytest.raises(LedgerError, match="append-only"):
            ledger.query(statement)


def test_samples_go_where_a_person_is_erased_and_counts_stay(ledger: Ledger, batch: Batch) -> None:
    number = ledger.record_restatement(found(batch))
    assert number
    ledger.drop_restated_like("m-880423")
    assert [cell["new"] for cell in ledger.restatement(number)["samples"]] == ["200"]
    ledger.drop_restated(batch.id, "transit.tap", [("other.csv", 3), ("taps.csv", 4)])
    assert len(ledger.restatement(number)["samples"]) == 1
    ledger.drop_restated(batch.id, "transit.tap", [("taps.csv", 3)])
    row = ledger.restatement(number)
    assert (row["samples"], row["cells"]) == ([], 2)


def test_lineage_is_that_of_the_last_build(ledger: Ledger) -> None:
    for model, tables in (
        ("fct_tap", ["transit__tap"]),
        ("fct_line", ["transit__tap"]),
        ("fct_line", ["transit__line"]),
    ):
        ledger.record_build("transit", model, inputs={"tables": dict.fromkeys(tables, "x")})
    ledger.record_build("transit", "kpi_tap", inputs={"tables": {"transit__tap_history": "x"}, "day_source": ""})
    ledger.record_build(
        "transit", "kpi_day", inputs={"tables": {"transit__tap": "x"}, "day_source": "transit__tap", "days": {}}
    )
    ledger.record_build("transit", "fct_tap", inputs={}, verdict="hold")
    assert ledger.readers_of("transit.tap") == {"fct_tap": False, "kpi_day": True, "kpi_tap": False}


def test_an_effect_is_told_once(ledger: Ledger, batch: Batch) -> None:
    number = ledger.record_restatement(found(batch))
    assert number and ledger.pending_restatements() == []  # the batch is under way
    ledger.query("UPDATE ledger.batches SET declared = '{}', status = 'done'")
    assert [row["restatement_id"] for row in ledger.pending_restatements()] == [number]
    ledger.query(
        """INSERT INTO ledger.editions (edition, schema_name, fingerprint, tables)
        VALUES (1, 'edition_1', 'a', '[]'), (2, 'edition_2', 'b', '[]')"""
    )
    cell = {"indicator_id": "taps", "version": 1, "indicator_zh": "刷卡", "indicator_en": "Taps", "period": "day",
            "period_start": "2026-08-31",
            "level": "city", "area_code": "990100", "old_value": 5, "new_value": 6.5}  # fmt: skip
    ledger.record_effect(number, Effect(1, 2, ["fct_tap"], ["taps"], 1, [cell]))
    ledger.record_effect(number, Effect(1, 2, [], [], 0))
    row = ledger.restatement(number)
    assert (row["marts"], row["indicators"], row["cells_changed"]) == (["fct_tap"], ["taps"], 1)
    [told] = row["indicator_cells"]
    assert (told["indicator_zh"], told["period_start"], told["old_value"], told["new_value"]) == (
        *("刷卡", date(2026, 8, 31), 5.0, 6.5),
    )
    assert ledger.pending_restatements() == []
