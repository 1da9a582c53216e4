"""The weekly round: every table in its turn, then what is left over, then the ledger's own tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from govlake import lease
from govlake.ledger import ledger
from govlake.maintenance import orphans
from govlake.maintenance.checkpoint import COMMITS, checkpoint, clean_log, commits_since, expired
from govlake.maintenance.compact import compact, small_files
from govlake.maintenance.table import LakeTable, find, turn
from govlake.maintenance.vacuum import unneeded, vacuum

Progress = Callable[[str], None]


def maintain(dry_run: bool = False, progress: Progress = print) -> list[dict[str, Any]]:
    """One row per table (and one each for leftovers and ledger) with what was done, or would be in a dry run.

    A table that needs nothing is left as it is: a second round right after the first does nothing.
    """
    if not dry_run:
        lease.hold(report=progress)
    tables = find()
    rows = []
    for number, table in enumerate(tables, 1):
        row = plan(table) if dry_run else keep(table)
        rows.append(row)
        progress(f"{number}/{len(tables)} {line(row)}")
    for row in (leftovers(dry_run), book(dry_run)):
        rows.append(row)
        progress(line(row))
    return rows


def plan(table: LakeTable) -> dict[str, Any]:
    """What the table needs."""
    return _row(
        table.key,
        compacted=small_files(table),
        checkpoint=int(commits_since(table) >= COMMITS),
        commits=expired(table),
        deleted=len(unneeded(table, pinned(table))),
    )


def keep(table: LakeTable) -> dict[str, Any]:
    """Give the table what it needs, while nobody else writes it."""
    with turn(table):
        gone, _ = compact(table)
        deleted = vacuum(table, pinned(table))
        written = checkpoint(table)
        return _row(table.key, compacted=gone, checkpoint=int(written), commits=clean_log(table), deleted=deleted)


def pinned(table: LakeTable) -> Sequence[int]:
    """Versions that somebody may still want back."""
    return ledger().pinned_versions(table.key)


def leftovers(dry_run: bool) -> dict[str, Any]:
    """What killed runs left behind."""
    found = orphans.find()
    counts = {kind: len(keys) for kind, keys in found.items()} if dry_run else orphans.remove(found)
    return _row("leftovers", **counts)


def book(dry_run: bool) -> dict[str, Any]:
    """The ledger's memory aids of tables that are gone; evidence is never touched."""
    known = {f"{aid}.{table.key}" for table in find() for aid in AIDS}
    aids = [
        row["name"]
        for row in ledger().query(
            "SELECT name FROM ledger.cursors WHERE split_part(name, '.', 1) = ANY(%s) ORDER BY name", [list(AIDS)]
        )
    ]
    stale = [name for name in aids if name not in known]
    if not dry_run:
        ledger().forget_cursors(stale)
        ledger().tidy()
    return _row("ledger", cursors=len(stale))


def line(row: dict[str, Any]) -> str:
    """The row in one line."""
    words = [
        f"{count:,} {SAID.get(name, name)}" for name, count in row.items() if name not in ("table", "status") and count
    ]
    return f"{row['table']}: {', '.join(words) or 'nothing to do'}"


AIDS = ("compacted", "fingerprint")  # first words of cursors that are of one table
SAID = {
    "compacted": "small files put together",
    "checkpoint": "checkpoint",
    "commits": "old commits removed",
    "deleted": "files deleted that no version needs",
    "staging": "staged tables",
    "drafts": "drafts in landing",
    "unborn": "folders without a table",
    "scratch": "scratch files",
    "parts": "parts of editions never shown",
    "cursors": "cursors of tables that are gone",
}


def _row(name: str, **counts: int) -> dict[str, Any]:
    status = "done" if any(counts.values()) else "nothing_to_do"
    return {"table": name, "status": status, **counts}
