"""Where landed deliveries stand: folders of the home, or objects on an S3 server with a copy in the home to read.

On disk a batch appears in one rename. On S3 its files are uploaded first, under the hash of their content, and the
manifest is created last, which only one of several writers can do: that is the moment the batch is landed. Files
without a manifest are no delivery; the next landing of the same day uses them or sweeps them away.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from govlake import manifest as manifests
from govlake.batch import Batch
from govlake.contracts.model import Contract
from govlake.errors import DeliveryError, GovlakeError
from govlake.manifest import LandedFile, Manifest
from govlake.settings import settings
from govlake.store import LocalStore, Store, Taken, store
from govlake.store.local import sync

ROOT = "landing"  # where landing is in its store
FILES = "files"
ORPHANED = timedelta(days=1)  # files without a manifest that are younger may belong to a landing under way


class Shelf(Protocol):
    """Where the deliveries of a contract stand. `root` is the folder of the home in which drafts are made."""

    @property
    def root(self) -> Path: ...

    def drafts(self, contract: Contract) -> Path:
        """The folder of this contract in it."""
        ...

    def manifest(self, batch: Batch) -> Manifest | None:
        """The manifest of a landed batch, None where it is not landed."""
        ...

    def has_any(self, first: Batch) -> bool:
        """Whether any revision was landed for the day of `first`."""
        ...

    def publish(self, draft: Path, batch: Batch, manifest: Manifest) -> Path:
        """Make a complete draft the batch, or nothing; returns the folder that holds its files for reading."""
        ...

    def renew(self, batch: Batch, manifest: Manifest) -> None:
        """Replace what is known about a landed batch; its files stay."""
        ...

    def files(self, batch: Batch, manifest: Manifest) -> list[Path]:
        """Its files, in the order of the manifest, to be read."""
        ...

    def release(self, batch: Batch) -> None:
        """The files were read: where they are copies, these may go."""
        ...

    def sweep(self, first: Batch) -> None:
        """Remove what landings for the day of `first` left behind that were killed."""
        ...


def shelf() -> Shelf:
    """The shelf of the store that the settings name."""
    place = store()
    return Folders() if isinstance(place, LocalStore) else Objects(place, settings().tmp / "landed")


class Folders:
    """Landing in the home: `<landing>/<department>/<contract>/<batch id>/files/...` and the manifest beside them."""

    @property
    def root(self) -> Path:
        """Landing itself: on the same disk a rename is one step."""
        return settings().landing

    def drafts(self, contract: Contract) -> Path:
        """Beside the batches."""
        return self.root / contract.department / contract.name

    def folder(self, batch: Batch) -> Path:
        """The batch's folder."""
        return self.drafts(batch.contract) / batch.id

    def manifest(self, batch: Batch) -> Manifest | None:
        """Read from the batch's folder."""
        return manifests.read(self.folder(batch)) if self.folder(batch).exists() else None

    def has_any(self, first: Batch) -> bool:
        """Looks at names only."""
        return any(self.drafts(first.contract).glob(f"{first.id}*"))

    def publish(self, draft: Path, batch: Batch, manifest: Manifest) -> Path:
        """In one rename that survives a crash."""
        manifests.write(draft, manifest)
        target = self.folder(batch)
        for folder in (draft / FILES, draft):
            sync(folder)
        try:
            draft.rename(target)
        except OSError as error:
            raise _beaten(batch) from error
        sync(target.parent)
        return target

    def renew(self, batch: Batch, manifest: Manifest) -> None:
        """In one rename."""
        manifests.write(self.folder(batch), manifest)

    def files(self, batch: Batch, manifest: Manifest) -> list[Path]:
        """Where they landed."""
        return [self.folder(batch) / FILES / file.name for file in manifest.files]

    def release(self, batch: Batch) -> None:
        """They are the delivery itself, and stay."""

    def sweep(self, first: Batch) -> None:
        """Nothing but drafts is ever left behind, and those are swept by name."""


@dataclass(frozen=True)
class Objects:
    """Landing on an S3 server: `landing/<department>/<contract>/<batch id>/files/<hash>/<name>` and manifest.json.

    `root` is the folder of the home with copies to read; each is verified by its hash before it is used.
    """

    place: Store
    root: Path

    def drafts(self, contract: Contract) -> Path:
        """Among the copies: what was just landed need not be fetched again."""
        return self.root / contract.department / contract.name

    def manifest(self, batch: Batch) -> Manifest | None:
        """Asked of the server every time: it alone knows what is landed."""
        found = self.place.read(_manifest_key(batch))
        return manifests.decode(found[0], batch.id) if found else None

    def has_any(self, first: Batch) -> bool:
        """One listing of the day's manifests and files."""
        return any(entry.key.endswith(f"/{manifests.NAME}") for entry in self.place.list(_batch_key(first)))

    def publish(self, draft: Path, batch: Batch, manifest: Manifest) -> Path:
        """Files first, then the manifest by a conditional write: who loses takes his files away again."""
        for file in manifest.files:
            self.place.upload(draft / FILES / file.name, file_key(batch.contract, batch.id, file))
        try:
            self.place.create(_manifest_key(batch), manifests.encode(manifest))
        except Taken as error:
            self._withdraw(batch, manifest)
            raise _beaten(batch) from error
        target = self._folder(batch)
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
        return target

    def renew(self, batch: Batch, manifest: Manifest) -> None:
        """By a conditional write, so that nobody's newer knowledge is lost."""
        found = self.place.read(_manifest_key(batch))
        if found is None:
            raise DeliveryError(f"{batch.id} is no longer in landing.", "Land the delivery again.")
        self.place.swap(_manifest_key(batch), manifests.encode(manifest), found[1])

    def files(self, batch: Batch, manifest: Manifest) -> list[Path]:
        """The copies in the home, each fetched where it is missing or not what was landed."""
        return [self._copy(batch, file) for file in manifest.files]

    def release(self, batch: Batch) -> None:
        """Their place on the home's disk is free again; who reads them later fetches them."""
        shutil.rmtree(self._folder(batch), ignore_errors=True)

    def sweep(self, first: Batch) -> None:
        """Files that no manifest names, once no landing under way can have brought them."""
        entries = list(self.place.list(_batch_key(first)))
        landed = {entry.key.removesuffix(manifests.NAME) for entry in entries if entry.key.endswith(manifests.NAME)}
        limit = datetime.now(UTC) - ORPHANED
        named: set[str] = set()
        for folder in landed:
            found = self.place.read(f"{folder}{manifests.NAME}")
            batch_id = folder.rstrip("/").rpartition("/")[2]
            if found:
                known = manifests.decode(found[0], batch_id)
                named |= {file_key(first.contract, batch_id, file) for file in known.files}
        orphans = [entry.key for entry in entries if f"/{FILES}/" in entry.key and entry.modified < limit]
        self.place.delete(key for key in orphans if key not in named)

    def _folder(self, batch: Batch) -> Path:
        return self.drafts(batch.contract) / batch.id

    def _copy(self, batch: Batch, file: LandedFile) -> Path:
        copy = self._folder(batch) / FILES / file.name
        if not _is(copy, file):
            copy.unlink(missing_ok=True)
            self.place.download(file_key(batch.contract, batch.id, file), copy)
            if not _is(copy, file):
                copy.unlink()
                raise DeliveryError(
                    f"{file.name} of {batch.id} is not what was landed: its checksum differs.",
                    "Restore the object on the S3 server from an older version.",
                )
            copy.chmod(0o400)
        os.utime(copy)  # what is in use is no leftover
        return copy

    def _withdraw(self, batch: Batch, manifest: Manifest) -> None:
        winner = self.manifest(batch)
        kept = {file_key(batch.contract, batch.id, file) for file in (winner.files if winner else ())}
        mine = {file_key(batch.contract, batch.id, file) for file in manifest.files}
        self.place.delete(mine - kept)


def file_key(contract: Contract, batch_id: str, file: LandedFile) -> str:
    """Where a landed file is on an S3 server. Equal bytes have equal places, other bytes never overwrite them."""
    return f"{ROOT}/{contract.department}/{contract.name}/{batch_id}/{FILES}/{file.sha256[:16]}/{file.name}"


def _batch_key(batch: Batch) -> str:
    return f"{ROOT}/{batch.contract.department}/{batch.contract.name}/{batch.id}"


def _manifest_key(batch: Batch) -> str:
    return f"{_batch_key(batch)}/{manifests.NAME}"


def _is(copy: Path, file: LandedFile) -> bool:
    if not copy.is_file() or copy.stat().st_size != file.bytes:
        return False
    with copy.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == file.sha256


def _beaten(batch: Batch) -> GovlakeError:
    return GovlakeError(
        f"{batch.id} was landed by someone else at the same moment.", "Run again; it is the same delivery."
    )
