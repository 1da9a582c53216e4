"""What every store promises: keys, contents, and writes that only one of several writers can win."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from govlake.errors import StoreError


class Taken(StoreError):
    """Somebody else was first: the key exists, or its content is no longer the one that the tag names."""


@dataclass(frozen=True)
class Entry:
    """One key of a listing. `tag` is empty where telling it would mean reading the content; `modified` is UTC."""

    key: str
    size: int
    tag: str
    modified: datetime


class Store(Protocol):
    """A place that keeps contents under keys. A key is a relative POSIX path below the store's root.

    Every write is complete or not there, and is seen by everybody as soon as it returns. A tag names a content:
    equal contents may have equal tags, so contents that must be told apart carry something unique. Errors are
    StoreErrors: one sentence that says which store did not do what.
    """

    def read(self, key: str) -> tuple[bytes, str] | None:
        """Content and tag, None where the key is not there."""
        ...

    def create(self, key: str, content: bytes) -> str:
        """Write a new key and return its tag; of many at once exactly one succeeds. Raises Taken where it is there."""
        ...

    def swap(self, key: str, content: bytes, tag: str) -> str:
        """Replace the content that `tag` names and return the new tag. Raises Taken where it is no longer that."""
        ...

    def upload(self, file: Path, key: str) -> None:
        """Copy a file into the store, in place of what is there."""
        ...

    def download(self, key: str, file: Path) -> None:
        """Copy a content into a new file, complete or not at all. Raises StoreError where the key is not there."""
        ...

    def list(self, prefix: str) -> Iterator[Entry]:
        """Every key that starts with `prefix`, sorted, at any depth; names that start with a dot are left out."""
        ...

    def folders(self, prefix: str, sure: bool = True) -> list[str]:
        """Names of the folders directly below the folder `prefix`, sorted. A folder is a name that holds something.

        Where not `sure`, some may have been emptied: cheaper for who looks into them anyway.
        """
        ...

    def holds(self, prefix: str) -> bool:
        """Whether there is any key below the folder `prefix`; costs one look."""
        ...

    def holding(self, prefixes: Sequence[str]) -> list[bool]:
        """As `holds`, for many folders at once."""
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Remove keys; one that is not there is as good as removed."""
        ...

    def clear(self, prefix: str) -> None:
        """Remove the folder `prefix` with everything in it."""
        ...

    def past(self, prefix: str) -> Iterator[str]:
        """Keys below `prefix` of which the store keeps a content that was replaced or deleted, once for each."""
        ...

    def forget(self, prefix: str) -> int:
        """Remove such contents for good, and say how many there were; what is there now stays."""
        ...

    def address(self, key: str) -> str:
        """What engines and Delta readers call the key."""
        ...
