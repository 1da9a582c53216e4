"""A folder as a store: writes go to a draft, to disk, and into place in one rename; writers take turns."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from govlake.errors import StoreError
from govlake.store.model import Entry, Taken

LOCK = ".store.lock"


class LocalStore:
    """Keys are paths below `root`. Tags are hashes of contents."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, key: str) -> tuple[bytes, str] | None:
        """Content and tag, None where there is none."""
        try:
            content = self._path(key).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return content, _tag(content)

    def create(self, key: str, content: bytes) -> str:
        """Write a new key. Raises Taken where it is there."""
        with self._turn():
            if self._path(key).exists():
                raise Taken(f"{self._path(key)} exists already.", "Read it, then decide again.")
            return self._put(key, content)

    def swap(self, key: str, content: bytes, tag: str) -> str:
        """Replace what `tag` names. Raises Taken where it is no longer that."""
        with self._turn():
            found = self.read(key)
            if found is None or found[1] != tag:
                raise Taken(f"{self._path(key)} was changed by somebody else.", "Read it, then decide again.")
            return self._put(key, content)

    def upload(self, file: Path, key: str) -> None:
        """Copy a file into place."""
        copy(file, self._path(key))

    def download(self, key: str, file: Path) -> None:
        """Copy a content to `file`."""
        if not self._path(key).is_file():
            raise StoreError(f"{self._path(key)} is not there.", "See `govlake doctor`.")
        copy(self._path(key), file)

    def list(self, prefix: str) -> Iterator[Entry]:
        """Every file whose key starts with `prefix`, sorted."""
        folder, _, start = prefix.rpartition("/")
        for path in _files(self._path(folder)):
            key = path.relative_to(self.root).as_posix()
            if key.startswith(f"{folder}/{start}" if folder else start):
                with suppress(FileNotFoundError):  # removed since it was listed
                    found = path.stat()
                    yield Entry(key, found.st_size, "", datetime.fromtimestamp(found.st_mtime, UTC))

    def folders(self, prefix: str, sure: bool = True) -> list[str]:
        """Names of the folders directly below `prefix`."""
        try:
            with os.scandir(self._path(prefix.rstrip("/"))) as found:
                return sorted(entry.name for entry in found if entry.is_dir() and not entry.name.startswith("."))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def holds(self, prefix: str) -> bool:
        """Whether any file is below `prefix`."""
        return any(
            not name.startswith(".") for _, _, names in os.walk(self._path(prefix.rstrip("/"))) for name in names
        )

    def holding(self, prefixes: Sequence[str]) -> list[bool]:
        """As `holds`, for many folders."""
        return [self.holds(prefix) for prefix in prefixes]

    def delete(self, keys: Iterable[str]) -> None:
        """Remove files, and the folders that are empty then."""
        for key in keys:
            path = self._path(key)
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self.root or not _remove_empty(folder):
                    break

    def clear(self, prefix: str) -> None:
        """Remove the folder `prefix` and whatever is in it."""
        shutil.rmtree(self._path(prefix.rstrip("/")), ignore_errors=True)

    def past(self, prefix: str) -> Iterator[str]:
        """None: a folder keeps nothing of what was replaced or deleted."""
        return iter(())

    def forget(self, prefix: str) -> int:
        """None, for the same reason."""
        return 0

    def address(self, key: str) -> str:
        """The path."""
        return str(self._path(key))

    def _path(self, key: str) -> Path:
        return self.root / key if key else self.root

    def _put(self, key: str, content: bytes) -> str:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        written = draft(path)
        try:
            with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
            settle(written, path)
        finally:
            written.unlink(missing_ok=True)
        return _tag(content)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One writer of this store at a time; the turn of one that is killed ends with it."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(self.root / LOCK, os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def copy(file: Path, target: Path) -> None:
    """Copy a file to disk, complete or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = draft(target)
    try:
        shutil.copyfile(file, written)
        settle(written, target)
    finally:
        written.unlink(missing_ok=True)


def draft(path: Path) -> Path:
    """A name beside `path` for what is not yet complete; no listing shows it."""
    return path.with_name(f".{path.name[:100]}.{uuid4().hex[:12]}")


def settle(draft: Path, target: Path) -> None:
    """Bring a complete draft to disk and into its place."""
    sync(draft)
    draft.replace(target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Bring to disk what a file holds, or which names a folder holds."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _files(folder: Path) -> Iterator[Path]:
    """Files below a folder in the order of their keys, drafts and other dotted names left out."""
    try:
        entries = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return
    # As keys sort: what is in the folder `a` comes after the file `a-b`, since "/" follows "-".
    for entry in sorted(entries, key=lambda entry: f"{entry.name}/" if entry.is_dir() else entry.name):
        if entry.is_dir():
            yield from _files(Path(entry.path))
        else:
            yield Path(entry.path)


def _remove_empty(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True


def _tag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
