"""Take a person's versions out of a history, so that no earlier version of a row seems to be valid again."""

from __future__ import annotations

from typing import Any

from govlake import lake, lease
from govlake.maintenance import purge
from govlake.maintenance.exchange import schema_of
from govlake.maintenance.person import Person
from govlake.maintenance.trace import Places
from govlake.store import options
from govlake.versions import CLOSED, DAY, META, OPENED

Key = tuple[str, int]


def delete_versions(address: str, places: Places, person: Person) -> int:
    """Delete the versions at `places`, and any that hold the person; returns the rows that went.

    Where other versions of the key are not the person's, the one before ends where the deleted one began. Killed
    anywhere, a second run finishes.
    """
    found = lake.delta(address)
    if found is None:
        return 0
    gone, ends, kept = _sorted(found, places, person)
    missing = [
        entry for key, entries in gone.items() if key in kept for entry in entries if _at(key, entry) not in ends
    ]
    if missing:
        _end(address, found, missing)
    return purge.delete_rows(address, places, person)


def _sorted(found: Any, places: Places, person: Person) -> tuple[dict[Key, list[dict[str, Any]]], set[Any], set[Key]]:
    """Versions that go, by key; the ends that stay; the keys of which a version stays."""
    gone: dict[Key, list[dict[str, Any]]] = {}
    ends: set[Any] = set()
    kept: set[Key] = set()
    for part in found.to_pyarrow_dataset().to_batches(batch_size=65536):
        hits = person.rows(part).to_pylist()
        for row, hit in zip(part.select(list(META)).to_pylist(), hits, strict=True):
            key = (row["_key"], row["_occurrence"])
            named = (row["_source_file"], row["_row_number"]) in places.get(row["_batch_id"], set())
            if (hit or named) and row["_change"] == OPENED:
                gone.setdefault(key, []).append(row)
            elif not hit and not named and row["_change"] == OPENED:
                kept.add(key)
            elif not hit and not named and row["_change"] == CLOSED:
                ends.add(_at(key, row))
    return gone, ends, kept


def _at(key: Key, row: dict[str, Any]) -> tuple[Key, Any]:
    return key, row[DAY]


def _end(address: str, found: Any, rows: list[dict[str, Any]]) -> None:
    """Close, where the deleted versions began, what was valid before them."""
    import pyarrow as pa
    from deltalake import write_deltalake

    schema = schema_of(found)
    nowhere = dict.fromkeys(("_source_file", "_row_number", "_content_hash"))
    ends = [{**row, **nowhere, "_change": CLOSED, "_batch_id": row["_delivery"]} for row in rows]
    with lease.writing(address):
        write_deltalake(address, pa.Table.from_pylist(ends, schema), mode="append", storage_options=options())
