"""A delivery being fetched: a private folder of the home that landing takes from once it is complete.

`<home>/drafts/<department>/<batch>/` holds `files/`, each there complete or not at all, `parts/`, what is still on its
way, and `state.json`, how far the fetch has come. A fetch that was killed goes on from there; one whose question or
source changed begins anew. The draft is dropped once its delivery has landed and its cursor is in the ledger.
"""

import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from govlake.batch import Batch
from govlake.contracts.model import Contract
from govlake.errors import ConnectorError
from govlake.ledger import ledger
from govlake.settings import settings

STATE = "state.json"
ABANDONED_S = 7 * 86400  # a draft that nobody came back for


class Draft:
    """The draft of one dataset and date. `state` is written to disk by `save`; everything in it is JSON."""

    def __init__(self, contract: Contract, day: date, key: object, fresh_s: float | None = None) -> None:
        """Take up what is there under the same `key`, begun at most `fresh_s` seconds ago; else begin anew."""
        _sweep()
        self.folder = _folder(contract, day)
        self.files, self.parts = self.folder / "files", self.folder / "parts"
        key = json.loads(json.dumps([contract.fingerprint, key]))
        self.state = _read(self.folder)
        old = fresh_s is not None and time.time() - self.state.get("began_at", 0) > fresh_s
        if self.state.get("key") != key or old:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.state = {"key": key, "began_at": time.time(), "files": {}}
        settings().private("drafts", contract.department, self.folder.name, "files")
        settings().private("drafts", contract.department, self.folder.name, "parts")
        self.save()

    def has(self, name: str) -> bool:
        """Whether this file is here already."""
        return name in self.state["files"] and (self.files / name).exists()

    def part(self, name: str) -> Path:
        """Where a file is written until it is complete."""
        return self.parts / name

    def take(self, name: str, source: str, modified_at: float | None = None, rows: int | None = None) -> None:
        """Make a part a file of the delivery: where it came from, when it changed there, its rows as declared there."""
        part = self.part(name)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        if modified_at is not None:
            os.utime(part, (modified_at, modified_at))
        if rows is not None:
            (self.files / f"{name}.rows").write_text(str(rows), encoding="utf-8")
        part.replace(self.files / name)
        self.state["files"][name] = source
        self.save()

    def save(self) -> None:
        """Write the state in one step."""
        with _replaced(self.folder / STATE) as draft:
            draft.write_text(json.dumps(self.state, ensure_ascii=False), encoding="utf-8")

    def finish(self, seen: Sequence[Any] | None = None, reached: object = None) -> list[Path]:
        """The delivery's files. `seen` tells later whether the source changed, `reached` how far it has been read."""
        self.state |= {"complete": True, "seen": seen, "reached": reached}
        self.save()
        return sorted(self.files / name for name in self.state["files"])


def origin_of(file: Path) -> str:
    """Where a file came from: its address at the source where it was fetched, else its own path."""
    state = _state_of(file)
    return str(state["files"].get(file.name, file)) if state else str(file)


def seen_of(files: Sequence[Path]) -> list[Any] | None:
    """What the source showed of fetched files when they were fetched; None where they were not fetched."""
    state = _state_of(files[0]) if files else None
    return (state.get("seen") or []) if state else None


def settle(contract: Contract, day: date, batch_id: str) -> None:
    """After landing: how far the source has been read goes into the ledger, and the draft away. Repeatable."""
    folder = _folder(contract, day)
    state = _read(folder)
    if not state.get("complete"):
        return
    if state.get("reached") is not None:
        ledger().record_reached(contract.id, day, batch_id, state["reached"])
    shutil.rmtree(folder, ignore_errors=True)


def _folder(contract: Contract, day: date) -> Path:
    return settings().home / "drafts" / contract.department / Batch(contract, day).id


def _state_of(file: Path) -> dict[str, Any]:
    inside = (settings().home / "drafts") in file.parents
    return _read(file.parent.parent) if inside else {}


def _read(folder: Path) -> dict[str, Any]:
    """The state of a draft; an unreadable one counts as none, and the fetch begins anew."""
    try:
        return json.loads((folder / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


@contextmanager
def _replaced(target: Path) -> Iterator[Path]:
    draft = target.with_suffix(".tmp")
    try:
        yield draft
        draft.replace(target)
    except OSError as error:
        raise ConnectorError(
            f"{target} cannot be written ({error.strerror}).", "Make room in the home, and run again."
        ) from error


def _sweep() -> None:
    """Remove drafts that nobody came back for, such as those of a contract that is gone."""
    for state in (settings().home / "drafts").glob(f"*/*/{STATE}"):
        if time.time() - state.stat().st_mtime > ABANDONED_S:
            shutil.rmtree(state.parent, ignore_errors=True)
