"""Rows in quarantine are shown as they were delivered, with every reason in words."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from govlake import cli, lake
from govlake.batch import Batch
from govlake.contracts import Column, Contract, Source, Table
from govlake.ledger import Ledger, QuarantineReason
from govlake.quarantine import rows_as_delivered

TAPS = Table("transit", "tap", "Taps", "刷卡", "", "", (Column("tap_id", "string", ("id",)),), ())
CONTRACT = Contract(
    "transit.tap", "1", "transport", "Transport", "交通局", "transit", "tap", "T", "刷", (TAPS,), Source()
)
REQUIRED = QuarantineReason("tap_id.required", 1, 0.5, "Card is missing", "缺少卡号")
RANGE = QuarantineReason("fare.range", 2, 1.0, "Fare is out of range", "票价超出范围")


def write(layer: str, batch: Batch, **columns: object) -> None:
    rows = pa.table(
        {
            **columns,
            "_batch_id": [batch.id] * 2,
            "_source_file": ["taps.csv"] * 2,
            "_row_number": [17, 18],
            "_malformed": [None, "a;b"],
        }
    )
    write_deltalake(lake.path(layer, "transit", "tap"), rows, partition_by=["_batch_id"], mode="append")


@pytest.fixture
def batch(ledger: Ledger, home: Path) -> Batch:
    found = Batch(CONTRACT, date(2026, 9, 1))
    ledger.start_batch(found, sha256="a", landed_rows={})
    return found


def test_rows_carry_every_reason(ledger: Ledger, batch: Batch) -> None:
    write(
        "quarantine",
        batch,
        tap_id=[None, "x"],
        fare=["-1", "-2"],
        _reasons=[["tap_id.required", "fare.range"], ["fare.range"]],
    )
    ledger.record_quarantine(batch.id, "transit.tap", [REQUIRED, RANGE])
    first, second = rows_as_delivered("tap")
    assert (first["row_number"], first["row"]) == (17, {"tap_id": None, "fare": "-1"})
    assert [reason["message_zh"] for reason in first["reasons"]] == ["缺少卡号", "票价超出范围"]
    assert second["row"]["_malformed"] == "a;b"
    assert [row["row_number"] for row in rows_as_delivered("tap", rule="tap_id.required")] == [17]
    assert len(rows_as_delivered("tap", batch.id, limit=1)) == 1


def test_rows_of_a_held_delivery_come_from_bronze(
    ledger: Ledger, batch: Batch, capsys: pytest.CaptureFixture[str]
) -> None:
    write("bronze", batch, tap_id=["x", "y"])
    ledger.record_quarantine(
        batch.id, "transit.tap", [QuarantineReason("held", 2, 1.0, "No column fare", "缺少票价列")]
    )
    assert cli.exit_code_of(["quarantine", "show", "tap"]) == 0
    shown = capsys.readouterr().out
    assert "taps.csv, row 17 (transit.tap-20260901)" in shown
    assert "held 缺少票价列 No column fare" in shown and "tap_id: x" in shown
