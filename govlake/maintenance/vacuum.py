"""Files that no kept version of a table needs are deleted, some days after the last version that needed them."""

from __future__ import annotations

from collections.abc import Sequence

from govlake import content, lake
from govlake.maintenance.table import LakeTable
from govlake.settings import settings


def unneeded(table: LakeTable, pinned: Sequence[int] = ()) -> list[str]:
    """Files that `vacuum` would delete now."""
    found = lake.delta(table.address)
    if found is None:
        return []
    hours = settings().vacuum_days * 24
    keep = list(pinned) or None
    return found.vacuum(hours, dry_run=True, enforce_retention_duration=False, full=True, keep_versions=keep)


def vacuum(table: LakeTable, pinned: Sequence[int] = ()) -> int:
    """Delete them; returns how many. Versions in `pinned` stay readable. Leaves no commit where nothing is to do.

    Readers that opened the table within `vacuum_days` still find what they opened. Editions are copies in PostgreSQL
    and need no file of the lake.
    """
    if not unneeded(table, pinned):
        return 0
    found = lake.delta(table.address)
    assert found is not None
    gone = found.vacuum(
        settings().vacuum_days * 24,
        dry_run=False,
        enforce_retention_duration=False,
        full=True,
        keep_versions=list(pinned) or None,
        commit_properties=content.properties(found),
    )
    return len(gone)
