"""Files that no kept version of a table needs are deleted, some days after the last version that needed them."""

from __future__ import annotations

from collections.abc import Sequence

from govlake import lake
from govlake.maintenance.table import LakeTable
from govlake.settings import settings
from govlake.store import store


def unneeded(table: LakeTable, pinned: Sequence[int] = ()) -> list[str]:
    """Keys of the files that `vacuum` would delete now."""
    return dead_files(table.folder, table.address, settings().vacuum_days, pinned)


def vacuum(table: LakeTable, pinned: Sequence[int] = ()) -> int:
    """Delete them; returns how many. Versions in `pinned` stay readable. Leaves no commit.

    Readers that opened the table within `vacuum_days` still find what they opened. Editions are copies in PostgreSQL
    and need no file of the lake.
    """
    gone = unneeded(table, pinned)
    store().delete(gone)
    return len(gone)


def dead_files(folder: str, address: str, days: int, pinned: Sequence[int] = ()) -> list[str]:
    """Keys in the store of files below `folder` that no version of the last `days` and none in `pinned` needs.

    The Delta log also names files that are gone already, and twice what was restored and replaced again, which makes
    some S3 servers fail when they are to delete it: what is really there is deleted, once, by the store.
    """
    found = lake.delta(address)
    if found is None:
        return []
    keep = list(pinned) or None
    named = found.vacuum(days * 24, dry_run=True, enforce_retention_duration=False, full=True, keep_versions=keep)
    there = {entry.key for entry in store().list(f"{folder}/")} if named else set()
    return sorted(there & {f"{folder}/{name}" for name in named})
