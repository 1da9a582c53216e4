"""Copy a table, and put a copy in place of a table in one commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from govlake import lake, lease
from govlake.store import options

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

RECENT = 5  # commits among which one that was made before a kill must be


def clone(address: str, target: str) -> None:
    """Copy what a table holds now to `target`; nothing where there is no table."""
    from deltalake import write_deltalake

    found = lake.delta(address)
    if found is not None:
        columns = found.metadata().partition_columns
        with lease.writing(target):
            write_deltalake(target, rows_of(found), partition_by=columns, mode="overwrite", storage_options=options())


def rows_of(table: DeltaTable) -> pa.RecordBatchReader:
    """The rows in the types that the table says: a scan gives texts in a form that filters of other readers refuse."""
    import pyarrow as pa

    schema = schema_of(table)
    found = pa.RecordBatchReader.from_stream(table.scan())
    return pa.RecordBatchReader.from_batches(schema, (part.select(schema.names).cast(schema) for part in found))


def schema_of(table: DeltaTable) -> pa.Schema:
    """The table's columns, as Arrow has them."""
    import pyarrow as pa

    return pa.schema(table.schema().to_arrow())


def take_over(address: str, source: str, said: Mapping[str, str], batch_ids: Sequence[str] | None = None) -> None:
    """Replace a table, or its rows of these batches, with what `source` holds, in one commit that carries `said`.

    Where a recent commit says the same, it was done before.
    """
    from deltalake import CommitProperties, write_deltalake

    found, built = lake.delta(address), lake.delta(source)
    recent = found.history(RECENT) if found else []
    done = any(all(commit.get(name) == text for name, text in said.items()) for commit in recent)
    if done or (found is None and built is None):
        return
    how: dict[str, Any] = {"schema_mode": "overwrite"}
    if batch_ids is not None and found is not None:
        listed = ", ".join(f"'{batch_id}'" for batch_id in batch_ids)
        how = {"schema_mode": "merge", "predicate": f"_batch_id IN ({listed})"}
    if built is None:
        assert found is not None
        rows: Any = schema_of(found).empty_table()
    else:
        rows = rows_of(built)
    columns = (built or found).metadata().partition_columns  # pyright: ignore[reportOptionalMemberAccess]
    with lease.writing(address):
        write_deltalake(
            address,
            rows,
            mode="overwrite",
            partition_by=columns,
            storage_options=options(),
            commit_properties=CommitProperties(custom_metadata=dict(said)),
            **how,
        )
