"""Landing to bronze: every row as delivered, as text, with where it came from. Replaces its own batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from govlake import lake, landing, redaction
from govlake.batch import Batch, Outcome
from govlake.contracts.model import BRONZE_META, Table
from govlake.errors import LakeError

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 131_072


def run(batch: Batch) -> Outcome:
    """Write the landed files of `batch` to bronze; every table's rows must equal what was landed."""
    manifest = landing.load_manifest(batch)
    counts: dict[str, int] = {}
    for table in batch.contract.tables:
        landed = manifest.tables[table.key].kept
        written = write(batch, table, redaction.read(batch, table), manifest.fetched_at)
        if written != landed:
            raise LakeError(
                f"{batch.id}: {landed:,} rows of {table.key} were landed but {written:,} reached bronze.",
                "Run the batch again; if it repeats, the file changed while it was read.",
            )
        counts[table.key] = written
    landing.release(batch)
    line = f"bronze {batch.id}: {sum(counts.values()):,} rows in {len(counts)} table(s)"
    return Outcome("done", line, detail={"rows": counts})


def write(batch: Batch, table: Table, rows: Iterator[pa.RecordBatch], fetched_at: str) -> int:
    """Replace the batch in the table's bronze with `rows`; returns how many there are."""
    import pyarrow as pa

    schema = pa.schema(
        [(column.name, pa.string()) for column in table.delivered_columns]
        + [(name, pa.int64() if name == "_row_number" else pa.string()) for name in BRONZE_META]
    )
    stamped = _stamped(rows, table, batch.id, fetched_at)
    reader = pa.RecordBatchReader.from_batches(schema, (part.cast(schema) for part in stamped))
    return lake.replace_batch(lake.table_path("bronze", table), reader, batch.id, ["_row_number"])


def _stamped(rows: Iterator[pa.RecordBatch], table: Table, batch_id: str, fetched_at: str) -> Iterator[pa.RecordBatch]:
    """The reader's rows with batch, time and a hash of what was delivered."""
    import duckdb

    names = [column.name for column in table.delivered_columns]
    delivered = ", ".join(f'"{name}"' for name in names)
    hashed = ", ".join(f"coalesce(\"{name}\", '\\N')" for name in names)
    query = (
        f"SELECT {delivered}, $batch AS _batch_id, _source_file, _row_number, "
        f"md5(concat_ws(chr(31), {hashed}, coalesce(_extra, ''), coalesce(_malformed, ''))) AS _row_hash, "
        "$at AS _ingested_at, _extra, _malformed FROM part"
    )
    connection = duckdb.connect()
    for part in _tables(rows):
        connection.register("part", part)
        yield from (connection.execute(query, {"batch": batch_id, "at": fetched_at}).to_arrow_table().to_batches())
        connection.unregister("part")


def _tables(rows: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Reader batches gathered into parts large enough to be worth a query."""
    import pyarrow as pa

    gathered: list[pa.RecordBatch] = []
    for part in rows:
        gathered.append(part)
        if sum(piece.num_rows for piece in gathered) >= BATCH_ROWS:
            yield pa.Table.from_batches(gathered)
            gathered = []
    if gathered:
        yield pa.Table.from_batches(gathered)
