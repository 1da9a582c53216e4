"""One contract with a rule of every kind, and a way to bring rows before the gates."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from govlake import lake
from govlake.batch import Account, Batch
from govlake.contracts import Contract, load_contract
from govlake.ledger import Ledger
from spark_jobs import bronze, conform

TAPS = """
apiVersion: v3.1.0
kind: DataContract
id: transit-tap
version: 1.0.0
status: active
domain: transit
name: tap
customProperties:
  - {property: timezone, value: UTC}
servers:
  - {server: drop, type: local, path: "{inbox}/taps_{date:%Y%m%d}.csv", format: csv}
schema:
  - name: tap
    properties:
      - {name: tap_id, primaryKey: true, logicalTypeOptions: {pattern: "^[0-9]+$"}}
      - {name: card, businessName: Card number, required: true, logicalTypeOptions: {minLength: 3, maxLength: 8}}
      - {name: tapped_at, logicalType: timestamp, logicalTypeOptions: {minimum: "2020-01-01"}}
      - {name: mode, enum: [{value: bus}, {value: metro}]}
      - {name: line, logicalType: integer, enum: [{value: 1}, {value: 2}]}
      - {name: fare, logicalType: number, logicalTypeOptions: {minimum: 0, maximum: 50}}
      - {name: paid, logicalType: number}
      - {name: day, logicalType: date, partitioned: true, transformLogic: "CAST(tapped_at AS date)"}
    quality:
      - {id: paid_within_fare, type: custom, engine: govlake, implementation: "paid <= fare", description: paid more}
      - {id: odd_hour, type: custom, engine: govlake, implementation: "hour(tapped_at) >= 4", severity: warn,
         description: tapped at night}
"""
DAY = date(2026, 9, 1)
GOOD = ["{n}", "card{n}", "2026-09-01 08:00:00", "bus", "1", "2.5", "2"]
COLUMNS = ("tap_id", "card", "tapped_at", "mode", "line", "fare", "paid")


@pytest.fixture
def write_contract(tmp_path: Path) -> Callable[[str], Contract]:
    """Read a contract from text."""

    def write(text: str) -> Contract:
        file = tmp_path / "pack" / "transit" / "contract.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return load_contract(file, tmp_path / "pack")

    return write


@pytest.fixture
def taps(write_contract: Callable[[str], Contract]) -> Contract:
    return write_contract(TAPS)


def rows(count: int, **spoiled: str | None) -> list[list[str | None]]:
    """`count` good rows, the first of them with the `spoiled` values."""
    made: list[list[str | None]] = [[text.format(n=n) for text in GOOD] for n in range(1, count + 1)]
    for name, value in spoiled.items():
        made[0][COLUMNS.index(name)] = value
    return made


def deliver(batch: Batch, delivered: Sequence[Sequence[str | None]], malformed: int = 0) -> None:
    """Put rows, and `malformed` rows after them, into the bronze of the batch's table."""
    table = batch.contract.tables[0]
    count = len(delivered)
    cells = [list(row) for row in delivered] + [[None] * len(COLUMNS)] * malformed
    columns = {name: pa.array([row[i] for row in cells], pa.string()) for i, name in enumerate(COLUMNS)}
    columns["_source_file"] = pa.array(["drop.csv"] * len(cells), pa.string())
    columns["_row_number"] = pa.array(range(1, len(cells) + 1), pa.int64())
    columns["_extra"] = pa.nulls(len(cells), pa.string())
    columns["_malformed"] = pa.array([None] * count + ["a,b"] * malformed, pa.string())
    bronze.write(batch, table, iter(pa.table(columns).to_batches()), "2026-09-02T00:00:00")


def stage(contract: Contract, delivered: Sequence[Sequence[str | None]], malformed: int = 0, day: date = DAY) -> Batch:
    """Bring rows to staging, by the jobs that do so in a batch."""
    batch = Batch(contract, day)
    deliver(batch, delivered, malformed)
    conform.run(batch)
    return batch


def accept(ledger: Ledger, contract: Contract, day: date, count: int) -> None:
    """Let the ledger know a finished delivery of `count` rows."""
    batch = Batch(contract, day)
    key = contract.tables[0].key
    ledger.start_batch(batch, sha256=f"{day}", landed_rows={key: count})
    ledger.record_account(Account(batch.id, key, count, count, silver_new=count))
    ledger.set_status(batch.id, "done", "pass")


def tamper(batch: Batch, column: str, sql: str) -> None:
    """Change a column of the staged rows behind the split's back."""
    from deltalake import DeltaTable, write_deltalake

    address = lake.table_path("staging", batch.contract.tables[0], batch.id)
    schema = pa.schema(DeltaTable(address).schema().to_arrow())
    changed = lake.read(address).selectExpr(*(f"{sql} AS {n}" if n == column else f"`{n}`" for n in schema.names))
    staged = pa.Table.from_pylist([row.asDict() for row in changed.collect()], schema)
    write_deltalake(address, staged, mode="overwrite")
