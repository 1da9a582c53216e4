"""Whether an S3 server keeps the promises that landing, lease and Delta tables stand on. Asked, never assumed.

Each promise is put to the test with real writes below a name of their own, which are removed again.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from govlake.errors import StoreError
from govlake.settings import settings
from govlake.store.model import Taken
from govlake.store.refusals import code_of
from govlake.store.s3 import GONE, S3Store

WRITERS = 8  # that write at once
REMEMBERED = "store"  # the home's state file: which stores kept their promises, and when they were asked
KEEP_OLD_DAYS = 30  # how long a bucket that we made keeps what was replaced or deleted
UNFIT = "The server is not fit to keep a lake; see docs/stores.md for those that are."

_known: set[tuple[Path, str]] = set()  # homes and stores of this process that need not be looked up again


class BrokenPromise(StoreError):
    """The S3 server does something other than it must; nothing is kept there."""


def once(store: S3Store) -> None:
    """Ask the server unless this home has asked it before. Raises StoreError, BrokenPromise."""
    asked = settings().home, _name(store)
    if asked not in _known:
        if _name(store) not in settings().state(REMEMBERED):
            ask(store)
        _known.add(asked)


def ask(store: S3Store) -> None:
    """Ask the server for every promise and remember that it kept them. Raises StoreError, BrokenPromise."""
    known = {name: at for name, at in settings().state(REMEMBERED).items() if name != _name(store)}
    try:
        _open_bucket(store)
        folder = f"probe-{uuid4().hex}"
        try:
            for promise in PROMISES:
                promise(store, folder)
        finally:
            store.clear(f"{folder}/")
    except StoreError:
        settings().write_state(REMEMBERED, known)
        raise
    settings().write_state(REMEMBERED, known | {_name(store): datetime.now(UTC).isoformat(timespec="seconds")})


def _name(store: S3Store) -> str:
    return f"{store.server.endpoint} {store.bucket}/{store.prefix}"


def _open_bucket(store: S3Store) -> None:
    """Make the bucket where it is not there: with versions, so that nothing is lost by a slip."""
    client = store.client
    with store.speaking("look for the bucket"):
        try:
            client.list_objects_v2(Bucket=store.bucket, MaxKeys=1)  # unlike HEAD, a refusal says why
            return
        except client.exceptions.ClientError as error:
            if code_of(error) not in (*GONE, "NoSuchBucket"):
                raise
    with store.speaking("create the bucket"), suppress(client.exceptions.BucketAlreadyOwnedByYou):
        region = store.server.region
        place: dict[str, Any] = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        client.create_bucket(Bucket=store.bucket, **(place if region != "us-east-1" else {}))
    # Not every server has versions, nor rules that end them; none of our promises needs them.
    with suppress(client.exceptions.ClientError):
        client.put_bucket_versioning(Bucket=store.bucket, VersioningConfiguration={"Status": "Enabled"})
        rule = {
            "ID": "govlake-old-versions",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": KEEP_OLD_DAYS},
            "Expiration": {"ExpiredObjectDeleteMarker": True},
        }
        client.put_bucket_lifecycle_configuration(Bucket=store.bucket, LifecycleConfiguration={"Rules": [rule]})


def one_creates(store: S3Store, folder: str) -> None:
    """Of many that create the same key at once exactly one wins, and its content is read back."""
    key = f"{folder}/created"
    won = _race(lambda content: store.create(key, content))
    if len(won) != 1:
        raise _broken(store, f"{len(won)} of {WRITERS} that created one object at once were told that they won")
    _expect(store, key, won[0])
    if len(_race(lambda content: store.create(key, content))):
        raise _broken(store, "an object that is there was created again in spite of If-None-Match")
    _expect(store, key, won[0])


def one_swaps(store: S3Store, folder: str) -> None:
    """Of many that replace the same content at once exactly one wins; a tag that is out of date never does."""
    key = f"{folder}/swapped"
    old = store.create(key, b"first")
    won = _race(lambda content: store.swap(key, content, old))
    if len(won) != 1:
        raise _broken(store, f"{len(won)} of {WRITERS} that replaced one object at once were told that they won")
    _expect(store, key, won[0])
    if len(_race(lambda content: store.swap(f"{folder}/none", content, old))):
        raise _broken(store, "an object that is not there was replaced in spite of If-Match")


def writes_are_seen(store: S3Store, folder: str) -> None:
    """What was written, replaced or deleted is read and listed so at once."""
    keys = [f"{folder}/listed/{number}" for number in range(WRITERS)]
    for number, key in enumerate(keys):
        tag = store.create(key, b"old")
        if [entry.key for entry in store.list(f"{folder}/listed/")] != keys[: number + 1]:
            raise _broken(store, "a listing did not show an object that was just written")
        store.swap(key, key.encode(), tag)
        _expect(store, key, key.encode())
    store.delete(keys[1:])
    if store.read(keys[1]) is not None:
        raise _broken(store, "an object that was just deleted was still read")
    if [entry.key for entry in store.list(f"{folder}/listed/")] != keys[:1]:
        raise _broken(store, "a listing showed an object that was just deleted")
    if store.folders(f"{folder}/") != ["listed"] or not store.holds(f"{folder}/listed/"):
        raise _broken(store, "a listing by folders did not show a folder")


PROMISES: tuple[Callable[[S3Store, str], None], ...] = (one_creates, one_swaps, writes_are_seen)


def _race(write: Callable[[bytes], str]) -> list[bytes]:
    """The contents of those who were told that they won, of WRITERS that write at once."""

    def attempt(number: int) -> bytes | None:
        content = f"{number} {uuid4().hex}".encode()
        try:
            write(content)
        except Taken:
            return None
        return content

    with ThreadPoolExecutor(WRITERS) as pool:
        return [content for content in pool.map(attempt, range(WRITERS)) if content is not None]


def _expect(store: S3Store, key: str, content: bytes) -> None:
    found = store.read(key)
    if found is None or found[0] != content:
        raise _broken(store, "an object that was just written was not read back as it was written")


def _broken(store: S3Store, what: str) -> BrokenPromise:
    return BrokenPromise(f"{store.server.name} breaks a promise of S3: {what}.", UNFIT)
