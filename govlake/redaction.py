"""Landed deliveries from which rows were erased.

The delivered files are replaced by the rows that are left, as the readers read them, each with the place it had: so
what follows (bronze, quarantine, silver) names the same rows as before. The manifest keeps the hash and the row counts
of the delivery as it was, and says how many rows are gone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from govlake import landing, readers
from govlake.batch import Batch
from govlake.contracts.model import Table
from govlake.settings import settings
from govlake.shelf import FILES, ROOT, shelf
from govlake.store import store

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "redacted"
Place = tuple[str, int]  # file and number of a row in its delivery


def read(batch: Batch, table: Table) -> Iterator[pa.RecordBatch]:
    """The rows of `table` in a landed delivery, as `govlake.readers.read` gives them, without those that are erased."""
    if not landing.load_manifest(batch).redacted:
        yield from readers.read(landing.landed_files(batch), table, batch.contract.source)
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = store().read(_key(batch, table))
    if found is not None:
        for part in pq.ParquetFile(pa.BufferReader(found[0])).iter_batches():
            yield _under_contract(part, table)


def redact(batch: Batch, erased: Mapping[str, Collection[Place]]) -> None:
    """Replace the delivered files by the rows that are left. `erased` are all places per table, earlier ones too.

    Stopped anywhere and run again, it ends the same: until the manifest says so, the files are what counts.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    manifest = landing.load_manifest(batch)
    draft = settings().private("tmp") / f"redacted-{batch.id}.parquet"
    for table in batch.contract.tables if not manifest.unreadable else ():
        left = [_without(part, erased.get(table.key, ())) for part in read(batch, table)]
        if left:
            pq.write_table(pa.Table.from_batches(left), draft)
            store().upload(draft, _key(batch, table))
            draft.unlink()
    tables = {key: replace(landed, erased=len(set(erased.get(key, ())))) for key, landed in manifest.tables.items()}
    shelf().renew(batch, replace(manifest, tables=tables, redacted=True))
    # After the manifest, so that a run that is killed never leaves a delivery without its rows.
    store().clear(f"{_folder(batch)}/{FILES}/")
    shutil.rmtree(shelf().drafts(batch.contract) / batch.id / FILES, ignore_errors=True)


def _folder(batch: Batch) -> str:
    return f"{ROOT}/{batch.contract.department}/{batch.contract.name}/{batch.id}"


def _key(batch: Batch, table: Table) -> str:
    return f"{_folder(batch)}/{FOLDER}/{table.key}.parquet"


def _without(part: pa.RecordBatch, places: Collection[Place]) -> pa.RecordBatch:
    import pyarrow as pa

    gone = set(places)
    names, numbers = part.column("_source_file").to_pylist(), part.column("_row_number").to_pylist()
    return part.filter(pa.array([place not in gone for place in zip(names, numbers, strict=True)], pa.bool_()))


def _under_contract(part: pa.RecordBatch, table: Table) -> pa.RecordBatch:
    """The stored rows with today's columns: one that the contract learned since comes from what was kept of it."""
    import pyarrow as pa

    extras: list[dict[str, Any]] | None = None
    columns = []
    for column in table.delivered_columns:
        if column.name in part.schema.names:
            columns.append(part.column(column.name))
            continue
        extras = extras or [json.loads(text) if text else {} for text in part.column("_extra").to_pylist()]
        found = [next((extra[name] for name in column.delivered if name in extra), None) for extra in extras]
        columns.append(pa.array([None if value is None else str(value) for value in found], pa.string()))
    rest = ["_source_file", "_row_number", "_extra", "_malformed"]
    names = [column.name for column in table.delivered_columns]
    return pa.RecordBatch.from_arrays([*columns, *(part.column(name) for name in rest)], names=[*names, *rest])
