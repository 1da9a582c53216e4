"""Short logs: a checkpoint sums a table's commits up, and commits that are older than the history kept are removed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from govlake import content, lake
from govlake.maintenance.table import LakeTable
from govlake.settings import settings
from govlake.store import store

COMMITS = 10  # so many commits after its checkpoint, a table opens slower than it should
INTERVAL = "delta.logRetentionDuration"
DEFAULT_DAYS = 30  # what Delta assumes where a table says nothing


def commits_since(table: LakeTable) -> int:
    """Commits that a reader must read one by one, after the last checkpoint."""
    found = lake.delta(table.address)
    return found.version() - last_checkpoint(table) if found else 0


def last_checkpoint(table: LakeTable) -> int:
    """Version of the newest checkpoint, -1 where there is none."""
    found = store().read(f"{table.folder}/_delta_log/_last_checkpoint")
    return int(json.loads(found[0])["version"]) if found else -1


def expired(table: LakeTable, now: datetime | None = None) -> int:
    """Commits older than the history kept, which the last checkpoint makes unnecessary."""
    limit = (now or datetime.now(UTC)) - timedelta(days=settings().log_days)
    covered = last_checkpoint(table)
    return sum(1 for version, modified in _commits(table) if version < covered and modified < limit)


def checkpoint(table: LakeTable) -> bool:
    """Write a checkpoint where it is worth one; says whether it did."""
    found = lake.delta(table.address)
    if found is None or commits_since(table) < COMMITS:
        return False
    found.create_checkpoint()
    return True


def clean_log(table: LakeTable) -> int:
    """Remove expired commits; returns how many."""
    found = lake.delta(table.address)
    if found is None or not expired(table):
        return 0
    wanted = f"interval {settings().log_days} days"
    if found.metadata().configuration.get(INTERVAL, f"interval {DEFAULT_DAYS} days") != wanted:
        found.alter.set_table_properties({INTERVAL: wanted}, commit_properties=content.properties(found))
        found.create_checkpoint()
    before = len(_commits(table))
    found.cleanup_metadata()
    return before - len(_commits(table))


def _commits(table: LakeTable) -> list[tuple[int, datetime]]:
    """Version and time of every commit in the log."""
    entries = store().list(f"{table.folder}/_delta_log/")
    names = [(entry.key.rpartition("/")[2], entry.modified) for entry in entries]
    return [(int(name[:20]), modified) for name, modified in names if name[20:] == ".json" and name[:20].isdigit()]
