"""What a killed run left behind: staged tables of finished deliveries, drafts in landing, files of tables that never
came to be, scratch space, and parts of editions that were never shown."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from govlake import lake, landing
from govlake.editions.parts import drop_unused
from govlake.ledger import ledger
from govlake.ledger.batches import FINISHED
from govlake.settings import settings
from govlake.store import store

SETTLED = timedelta(days=1)  # what is younger may belong to a run that is under way
BACKFILLS = "backfill"  # the folder of staging in which backfills build
ENDED = ("swapped", "abandoned")


def find(now: datetime | None = None) -> dict[str, list[str]]:
    """Leftovers by kind; keys of the store, or paths for what is only ever in the home."""
    moment = now or datetime.now(UTC)
    return {
        "staging": [*staged(), *backfills()],
        "drafts": [str(draft) for draft in landing.drafts()],
        "unborn": unborn(moment),
        "scratch": [str(file) for file in scratch(moment)],
    }


def remove(found: dict[str, list[str]]) -> dict[str, int]:
    """Remove what `find` found, each staged delivery in its contract's turn; returns how many of each kind."""
    counts = {kind: len(keys) for kind, keys in found.items()}
    for key in found["staging"]:
        _delete(key)
    for kind in ("drafts", "scratch"):
        for name in found[kind]:
            path = Path(name)
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    for key in found["unborn"]:
        _delete(key)
    with ledger().lock("publish"):
        counts["parts"] = drop_unused(ledger())
    return {kind: count for kind, count in counts.items() if count}


def staged() -> list[str]:
    """Staged tables of deliveries that are finished; one under way, or held by a lock, is left alone."""
    done = {row["batch_id"] for row in ledger().query(
        "SELECT batch_id FROM ledger.batches WHERE status = ANY(%s)", [list(FINISHED)]
    )}  # fmt: skip
    found = []
    for domain in store().folders("lake/staging"):
        for name in store().folders(f"lake/staging/{domain}") if domain != BACKFILLS else ():
            folder = f"lake/staging/{domain}/{name}"
            found += [f"{folder}/{entry}" for entry in store().folders(folder) if batch_of(entry) in done]
    return found


def backfills() -> list[str]:
    """Shadow tables of backfills that ended."""
    states = {str(row["backfill_id"]): row["state"] for row in ledger().backfills()}
    folders = store().folders(f"lake/staging/{BACKFILLS}")
    return [f"lake/staging/{BACKFILLS}/{name}" for name in folders if states.get(name, "abandoned") in ENDED]


def unborn(now: datetime) -> list[str]:
    """Folders of tables without a Delta log whose files are older than a day."""
    found = []
    for layer in lake.LASTING:
        for domain in store().folders(f"lake/{layer}"):
            for name in store().folders(f"lake/{layer}/{domain}"):
                folder = f"lake/{layer}/{domain}/{name}"
                if not store().holds(f"{folder}/_delta_log") and _is_old(folder, now):
                    found.append(folder)
    return found


def scratch(now: datetime) -> Iterable[Path]:
    """Spilled and half-written files of the home that nobody has touched for a day."""
    limit = time.mktime((now - SETTLED).astimezone().timetuple())
    home = settings()
    found = [*home.tmp.rglob("*"), *home.run_dir.glob("*.tmp")] if home.tmp.exists() else []
    return [file for file in found if file.is_file() and file.stat().st_mtime < limit]


def _is_old(folder: str, now: datetime) -> bool:
    return all(entry.modified < now - SETTLED for entry in store().list(f"{folder}/"))


def batch_of(name: str) -> str:
    """The batch of a staged table, or of what is beside it while it is made."""
    return name.removesuffix(".keys").removesuffix(".places")


def _delete(folder: str) -> None:
    store().clear(f"{folder}/")
