"""A small contract and a way to put delivered rows into bronze, for the tests of the row jobs."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from govlake import lake
from govlake.batch import Batch
from govlake.contracts import Contract, load_contract
from govlake.contracts.model import Table
from spark_jobs import bronze, conform, silver

TICKETS = """
apiVersion: v3.1.0
kind: DataContract
id: hotline-ticket
version: 1.0.0
status: active
domain: hotline
name: ticket
customProperties:
  - {property: orderBy, value: updated_at}
  - {property: timezone, value: Asia/Shanghai}
servers:
  - {server: drop, type: local, path: "{inbox}/t_{date:%Y%m%d}.csv", format: csv}
schema:
  - name: ticket
    properties:
      - {name: ticket_no, primaryKey: true}
      - {name: opened_at, logicalType: timestamp, required: true}
      - {name: updated_at, logicalType: timestamp}
      - {name: score, logicalType: integer, logicalTypeOptions: {minimum: 1, maximum: 5}}
      - {name: kind, enum: [{value: advice}, {value: complaint}]}
      - {name: opened_date, logicalType: date, partitioned: true, transformLogic: "CAST(opened_at AS date)"}
    quality:
      - {id: late, type: custom, engine: govlake, implementation: "updated_at >= opened_at", severity: warn,
         description: updated before opened}
"""


@pytest.fixture
def write_contract(tmp_path: Path) -> Callable[[str], Contract]:
    """Read a contract from text."""

    def write(text: str) -> Contract:
        file = tmp_path / "pack" / "hotline" / "contract.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return load_contract(file, tmp_path / "pack")

    return write


@pytest.fixture
def tickets(write_contract: Callable[[str], Contract]) -> Contract:
    return write_contract(TICKETS)


def deliver(batch: Batch, rows: Sequence[Sequence[str | None]]) -> None:
    """Put `rows` (one text per delivered column) into the bronze of the batch's first table."""
    table = batch.contract.tables[0]
    names = [column.name for column in table.delivered_columns]
    columns = {name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(names)}
    columns["_source_file"] = pa.array(["drop.csv"] * len(rows), pa.string())
    columns["_row_number"] = pa.array(range(1, len(rows) + 1), pa.int64())
    columns["_extra"] = columns["_malformed"] = pa.nulls(len(rows), pa.string())
    bronze.write(batch, table, iter(pa.table(columns).to_batches()), "2026-09-01T00:00:00")


def process(contract: Contract, day: date, rows: Sequence[Sequence[str | None]], revision: int = 1) -> dict[str, int]:
    """A delivery through conform and silver; returns its rows by outcome, without zeros."""
    batch = Batch(contract, day, revision)
    deliver(batch, rows)
    found = conform.run(batch).detail["counts"][contract.tables[0].key]  # type: ignore[index]
    silver.run(batch)
    return {outcome: number for outcome, number in found.items() if number}


def stored(table: Table, *columns: str, layer: str = "silver") -> list[tuple[object, ...]]:
    """Rows of a layer, sorted, as plain values."""
    frame = lake.read(lake.table_path(layer, table)).select(*columns)
    return sorted((tuple(row) for row in frame.collect()), key=str)
