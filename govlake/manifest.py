"""The manifest beside every landed delivery: what arrived, when, from where, and what its header says."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from govlake.errors import DeliveryError

NAME = "manifest.json"


@dataclass(frozen=True)
class LandedFile:
    """One file of a delivery, byte for byte as it was at `source`."""

    name: str
    bytes: int
    sha256: str
    source: str
    modified_at: str = ""


@dataclass(frozen=True)
class LandedTable:
    """One table of a delivery: rows as the reader counts them, and its header against the contract."""

    rows: int = 0
    found: Sequence[str] = ()
    missing: Sequence[str] = ()
    unknown: Sequence[str] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    parts: Sequence[str] = ()
    present: bool = True
    malformed: int = 0
    blank_rows_dropped: int = 0
    rows_skipped: int = 0
    erased: int = 0  # of `rows`, those that are kept no more

    @property
    def kept(self) -> int:
        """Rows that a reader of the landed copy finds."""
        return self.rows - self.erased


@dataclass(frozen=True)
class Manifest:
    """What is known about a landed delivery without reading it again.

    `sha256` is that of the content: the files' own hashes, whatever their names. `declared` is what the supplier
    said about it, `warnings` are sentences in both languages, `unreadable` says why it cannot be read. `fingerprint` is
    the contract's under which it was read.
    """

    batch_id: str
    contract: str
    version: str
    department: str
    logical_date: str
    revision: int
    files: Sequence[LandedFile]
    sha256: str
    bytes: int
    fetched_at: str
    fingerprint: str
    tables: Mapping[str, LandedTable]
    declared: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[Mapping[str, str]] = ()
    unreadable: Mapping[str, str] | None = None
    redacted: bool = False  # rows were erased: the delivered files are gone, the rows that are left are kept

    @property
    def source(self) -> str:
        """Where the files came from, in one line."""
        return ", ".join(file.source for file in self.files)


def content_hash(files: Sequence[LandedFile]) -> str:
    """One hash for the content of a delivery: of its file, or of its files' hashes in order."""
    return combined(file.sha256 for file in files)


def combined(hashes: Iterable[str]) -> str:
    """One hash for several; their order does not matter."""
    hashes = sorted(hashes)
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of `folder` atomically and to disk."""
    draft = folder / f"{NAME}.tmp"
    with draft.open("wb") as file:
        file.write(encode(manifest))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / NAME)


def read(folder: Path) -> Manifest:
    """The manifest of a landed delivery. Raises DeliveryError where there is none."""
    try:
        content = (folder / NAME).read_bytes()
    except OSError as error:
        raise _unreadable(folder.name) from error
    return decode(content, folder.name)


def encode(manifest: Manifest) -> bytes:
    """The manifest as it is kept."""
    return json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()


def decode(text: bytes, batch_id: str) -> Manifest:
    """The manifest of a batch from what is kept. Raises DeliveryError where that cannot be read."""
    try:
        content = json.loads(text)
    except ValueError as error:
        raise _unreadable(batch_id) from error
    content["files"] = tuple(LandedFile(**entry) for entry in content["files"])
    content["tables"] = {key: LandedTable(**_tuples(entry)) for key, entry in content["tables"].items()}
    return Manifest(**_tuples(content))


def _unreadable(batch_id: str) -> DeliveryError:
    return DeliveryError(f"{batch_id} has no manifest that can be read in landing.", "Land the delivery again.")


def _tuples(entry: dict[str, Any]) -> dict[str, Any]:
    """JSON has lists where the manifest has tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
