"""Landing: deliveries kept byte for byte, write-once, with a manifest.

A batch, `<landing>/<department>/<contract name>/<batch id>`, appears in one step, complete and on disk, or not at all:
how, says govlake/shelf.py. The same content for the same date is the same batch; other content is the next revision. A
delivery that cannot be read is landed too: its manifest says why, and the pipeline holds it.

Rows are counted from the landed copy by a pass that builds no rows (one column of a text file); bronze counts what
Delta says was written. The two meet only if every row of the file reached the table.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from govlake import manifest as manifests
from govlake.batch import Batch
from govlake.connectors import connector_of
from govlake.connectors.draft import origin_of, seen_of
from govlake.connectors.local import stamps
from govlake.contracts.model import Contract
from govlake.errors import DeliveryError
from govlake.inspection import declared_beside, inspect
from govlake.manifest import LandedFile, Manifest
from govlake.readers.parts import reading
from govlake.readers.refusals import refuse
from govlake.shelf import FILES, shelf

CHUNK = 1 << 20
SETTLED_S = 2.0  # a file untouched for this long is taken as it is
SETTLING_S = 0.5  # how long a younger one is watched
DRAFT = ".incoming-"


@dataclass(frozen=True)
class Landed:
    """A delivery in landing. `is_new` is False where the same content was there already."""

    batch: Batch
    manifest: Manifest
    is_new: bool


def find(contract: Contract, logical_date: date) -> list[Path]:
    """The files of the delivery for a date, sorted; none where it has not arrived."""
    return connector_of(contract.source).find(contract, logical_date)


def dates(contract: Contract, until: date = date.max) -> list[date]:
    """The logical dates up to `until` for which a delivery is there, oldest first."""
    return connector_of(contract.source).dates(contract, until)


def signature(files: Sequence[Path]) -> list[list[Any]]:
    """What tells cheaply whether a delivery was looked at before: path, size and time of change at its source."""
    seen = seen_of(files)
    return stamps(files) if seen is None else seen


def landed_files(batch: Batch) -> list[Path]:
    """The landed files of `batch`, in a stable order. Of one from which rows were erased, only their names are left."""
    manifest = load_manifest(batch)
    if manifest.redacted:
        return [shelf().drafts(batch.contract) / batch.id / FILES / file.name for file in manifest.files]
    return shelf().files(batch, manifest)


def release(batch: Batch) -> None:
    """The landed files were read: on an S3 server, the home's copies of them go."""
    shelf().release(batch)


def is_kept(batch: Batch) -> bool:
    """Whether landing keeps the batch."""
    return shelf().manifest(batch) is not None


def again(batch: Batch) -> Landed:
    """A landed batch once more, from the bytes kept: under a changed contract its header is read again."""
    manifest = load_manifest(batch)
    return _again(batch, manifest, manifest.sha256)


def is_landed(batch: Batch, files: Sequence[Path]) -> bool:
    """Whether `files` are the landed copies themselves."""
    folder = shelf().drafts(batch.contract) / batch.id
    return bool(files) and all(file.is_relative_to(folder) for file in files)


def load_manifest(batch: Batch) -> Manifest:
    """What is known about a landed batch. Raises DeliveryError where it was never landed."""
    found = shelf().manifest(batch)
    if found is None:
        raise DeliveryError(f"{batch.id} has no manifest in landing.", "Land the delivery again.")
    return found


def land(
    contract: Contract,
    logical_date: date,
    files: Sequence[Path] | None = None,
    revision_for: Callable[[str], int] | None = None,
) -> Landed:
    """Land the delivery for a date: `files`, or what the contract's connector finds.

    `revision_for` gives the revision of a content hash (default: by what is landed already). Raises DeliveryError
    where there is no file or one is still being written; a file that cannot be *read* is landed and marked.
    """
    files = sorted(find(contract, logical_date) if files is None else files)
    if not files:
        raise DeliveryError(
            f"No file for {contract.id} on {logical_date} was found.", "Check the contract's path, or wait for it."
        )
    for file in files:
        _wait_until_settled(file)
    parent = shelf().drafts(contract)
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(parent)
    shelf().sweep(Batch(contract, logical_date))
    revision_for = revision_for or partial(free_revision, contract, logical_date)
    known = _known(contract, logical_date, files, revision_for)
    if known is not None:
        return known
    draft = parent / f"{DRAFT}{os.getpid()}-{time.monotonic_ns()}"
    try:
        copies = _copy(files, draft / "files")
        content = manifests.content_hash(copies)
        batch = Batch(contract, logical_date, revision_for(content))
        manifest = _manifest(batch, copies, content, files)
        manifest = inspect(contract, manifest, [draft / "files" / copy.name for copy in copies])
        shelf().publish(draft, batch, manifest)
        return Landed(batch, manifest, True)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _wait_until_settled(file: Path) -> None:
    """Refuse a file that is still growing; one that has been still for a while is taken at once."""
    with reading(file.name):
        before = file.stat()
        if abs(time.time() - before.st_mtime) > SETTLED_S:
            return
        time.sleep(SETTLING_S)
        after = file.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise refuse("uploading", file=file.name)


def drafts() -> list[Path]:
    """What landings left behind that were killed, of every contract."""
    return [draft for folder in shelf().root.glob("*/*") for draft in _left_behind(folder)]


def _sweep(parent: Path) -> None:
    """Remove what a landing left behind that was killed."""
    for draft in _left_behind(parent):
        shutil.rmtree(draft, ignore_errors=True)


def _left_behind(parent: Path) -> list[Path]:
    drafts = parent.glob(f"{DRAFT}*")
    return [draft for draft in drafts if not _is_alive(int(draft.name.removeprefix(DRAFT).split("-")[0]))]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _copy(files: Sequence[Path], folder: Path) -> list[LandedFile]:
    """Copy byte for byte, hashing on the way. Files of one name from several folders get a number."""
    folder.mkdir(parents=True, mode=0o700)
    copies: list[LandedFile] = []
    for file in files:
        name = file.name
        number = 2
        while (folder / name).exists():
            name = f"{file.stem}-{number}{file.suffix}"
            number += 1
        with reading(file.name):
            copies.append(_copy_one(file, folder / name))
    return copies


def _copy_one(file: Path, target: Path) -> LandedFile:
    digest = hashlib.sha256()
    size = 0
    before = file.stat()
    with file.open("rb") as source, target.open("xb") as copy:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            size += copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    after = file.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or size != after.st_size:
        raise refuse("uploading", file=file.name)
    target.chmod(0o400)
    modified = datetime.fromtimestamp(after.st_mtime, UTC).isoformat(timespec="seconds")
    return LandedFile(target.name, size, digest.hexdigest(), origin_of(file), modified)


def _known(
    contract: Contract, logical_date: date, files: Sequence[Path], revision_for: Callable[[str], int]
) -> Landed | None:
    """The landed batch with the content of `files`; where nothing landed for the date yet, nothing is hashed."""
    first = Batch(contract, logical_date)
    if not shelf().has_any(first):
        return None
    content = manifests.combined(_hash(file) for file in files)
    batch = Batch(contract, logical_date, revision_for(content))
    manifest = shelf().manifest(batch)
    return _again(batch, manifest, content) if manifest else None


def _hash(file: Path) -> str:
    with reading(file.name), file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def free_revision(contract: Contract, logical_date: date, content: str, start: int = 1) -> int:
    """The first revision from `start` on under which nothing has landed, or exactly this content hash."""
    number = start
    while found := shelf().manifest(Batch(contract, logical_date, number)):
        if found.sha256 == content:
            break
        number += 1
    return number


def _again(batch: Batch, manifest: Manifest, content: str) -> Landed:
    """The same content once more. Under a changed contract its header is read again; its bytes never change."""
    if manifest.sha256 != content:
        raise DeliveryError(
            f"{batch.id} was landed with other bytes.", "A corrected delivery needs the next revision; land it again."
        )
    if manifest.fingerprint != batch.contract.fingerprint:
        manifest = replace(manifest, version=batch.contract.version, fingerprint=batch.contract.fingerprint)
        if not manifest.redacted:
            manifest = inspect(batch.contract, manifest, landed_files(batch))
        shelf().renew(batch, manifest)
    return Landed(batch, manifest, False)


def _manifest(batch: Batch, copies: list[LandedFile], content: str, files: Sequence[Path]) -> Manifest:
    contract = batch.contract
    return Manifest(
        batch_id=batch.id,
        contract=contract.id,
        version=contract.version,
        department=contract.department,
        logical_date=batch.logical_date.isoformat(),
        revision=batch.revision,
        files=tuple(copies),
        sha256=content,
        bytes=sum(copy.bytes for copy in copies),
        fetched_at=datetime.now(UTC).isoformat(timespec="seconds"),
        fingerprint=contract.fingerprint,
        tables={},
        declared=declared_beside(files),
    )
