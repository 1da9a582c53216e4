"""What happened to a table, version by version, as far back as its log is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from govlake import content, lake
from govlake.maintenance.table import LakeTable

WORDS = {
    "OPTIMIZE": "small files put together, no row changed",
    "VACUUM START": "old files deleted, no row changed",
    "VACUUM END": "old files deleted, no row changed",
    "SET TBLPROPERTIES": "a property was set, no row changed",
    "RESTORE": "an older version was restored",
    "DELETE": "rows were deleted",
    "CREATE TABLE": "the table was made",
}


def history(table: LakeTable, limit: int = 20) -> list[dict[str, Any]]:
    """Newest first: version, at (UTC), operation, what, rows; `rows` is None where a version can no longer be read."""
    found = lake.delta(table.address)
    entries = found.history(limit) if found else []
    return [_entry(table, entry) for entry in entries]


def happened_at(table: LakeTable, version: int) -> datetime | None:
    """When `version` was written, None where the log no longer knows it."""
    found = lake.delta(table.address)
    entries = found.history() if found else []
    return next((_moment(entry) for entry in entries if entry["version"] == version), None)


def _entry(table: LakeTable, entry: dict[str, Any]) -> dict[str, Any]:
    operation = str(entry.get("operation", ""))
    changed = content.VERSION not in entry
    return {
        "version": entry["version"],
        "at": _moment(entry),
        "operation": operation,
        "what": WORDS.get(operation, "rows were written" if changed else "no row changed"),
        "rows": _rows(table, entry["version"]),
    }


def _moment(entry: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(entry["timestamp"]) / 1000, UTC)


def _rows(table: LakeTable, version: int) -> int | None:
    import pyarrow as pa
    from deltalake.exceptions import DeltaError

    found = lake.delta(table.address)
    assert found is not None
    try:
        found.load_as_version(version)
    except DeltaError:
        return None
    counts = pa.table(found.get_add_actions(flatten=True)).column("num_records").to_pylist()
    return None if None in counts else sum(counts)
