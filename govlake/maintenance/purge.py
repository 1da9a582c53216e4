"""Take rows out of a table, and out of its past: old files, old commits and the statistics in them."""

from __future__ import annotations

from typing import Any

from govlake import lake, lease
from govlake.maintenance.person import Person
from govlake.maintenance.trace import Places
from govlake.maintenance.vacuum import dead_files
from govlake.store import store

META = ("_batch_id", "_source_file", "_row_number")


def delete_rows(address: str, places: Places, person: Person | None = None) -> int:
    """Delete the rows at `places` from a table that knows where its rows come from, and any that hold the person.

    Returns how many. Rows are named by their places, so that no commit repeats the identifier. All other rows stay.
    """
    found = lake.delta(address)
    if found is None:
        return 0
    wanted = {batch: set(rows) for batch, rows in places.items()}
    for part in found.to_pyarrow_dataset().to_batches(batch_size=65536) if person else ():
        hits: Any = part.filter(person.rows(part)) if person else part
        for batch, file, number in zip(*(hits.column(name).to_pylist() for name in META), strict=True):
            wanted.setdefault(batch, set()).add((file, number))
    if not wanted:
        return 0
    with lease.writing(address):
        return int(found.delete(_predicate(wanted))["num_deleted_rows"])


def forget_past(folder: str, address: str) -> None:
    """Leave of a table only what it holds now: no older version can be read, and no log speaks of one.

    Nobody may read or write the table meanwhile. Stopped anywhere, the table is whole, and a second run finishes.
    """
    found = lake.delta(address)
    if found is None:
        return
    with lease.writing(address):
        store().delete(dead_files(folder, address, days=0))
        found.create_checkpoint()
        newest = found.version()
        log = [entry.key for entry in store().list(f"{folder}/_delta_log/")]
        store().delete([key for key in log if _version(key) not in (None, newest)])


def remove_table(folder: str) -> None:
    """Delete a table with everything it ever held; the next build makes it anew."""
    with lease.writing(folder):
        store().clear(f"{folder}/")


def _predicate(wanted: Places) -> str:
    parts = []
    for batch, places in sorted(wanted.items()):
        files: dict[str, list[int]] = {}
        for file, number in sorted(places):
            files.setdefault(file, []).append(number)
        inside = [
            f"(_source_file = {_quoted(f)} AND _row_number IN ({', '.join(map(str, n))}))" for f, n in files.items()
        ]
        parts.append(f"(_batch_id = {_quoted(batch)} AND ({' OR '.join(inside)}))")
    return " OR ".join(parts)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _version(key: str) -> int | None:
    """Version that a file of the log is about, None for one that is about none."""
    start = key.rpartition("/")[2][:20]
    return int(start) if start.isdigit() else None
