"""The object connector: files in a bucket of an S3 server, found by the same path and date patterns as in a folder.

What an object is, is told by its ETag: one that is replaced while it is fetched is noticed by the server itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from govlake.connectors import remote
from govlake.connectors.names import pattern_of
from govlake.connectors.patience import Deadline, Passing
from govlake.connectors.reach import reach_of
from govlake.connectors.remote import CHUNK, Entry, day_matches
from govlake.contracts.model import Contract
from govlake.errors import ConnectorError, SettingsError
from govlake.settings import settings

WILD = "*?{["
SIGN_IN = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "403", "Forbidden")
CHANGED = ("PreconditionFailed", "412", "NoSuchKey", "404", "InvalidRange", "416")


def find(contract: Contract, day: date) -> list[Path]:
    """The delivery for `day`, fetched; none where it has not arrived."""
    return remote.find(contract, day, opened)


def dates(contract: Contract, until: date = date.max) -> list[date]:
    """The logical dates up to `until` with objects there, oldest first."""
    return sorted(seen(contract, until))


def seen(contract: Contract, until: date = date.max) -> dict[date, Any]:
    """The dates and what tells whether they changed."""
    return remote.seen(contract, until, opened)


def probe(contract: Contract) -> Iterator[str]:
    """What is found there, in sentences."""
    return remote.probe(contract, opened)


@contextmanager
def opened(contract: Contract, deadline: Deadline) -> "Iterator[Bucket]":
    """A client of the contract's bucket; it signs each request, so there is nothing to open."""
    import boto3
    from botocore.config import Config

    reach = reach_of(contract)
    client = boto3.client(
        "s3",
        endpoint_url=reach.endpoint or None,
        region_name=reach.region or "us-east-1",
        aws_access_key_id=reach.user,
        aws_secret_access_key=settings().credential(reach.secret),
        verify=str(settings().source_ca) if settings().source_ca else None,
        config=Config(
            connect_timeout=reach.timeout_s,
            read_timeout=reach.timeout_s,
            retries={"max_attempts": 1},  # patience is ours
            s3={"addressing_style": "path" if reach.endpoint else "auto"},
            proxies={},
        ),
    )
    try:
        yield Bucket(contract, client, deadline)
    finally:
        client.close()


class Bucket:
    """A bucket as a remote: paths are keys."""

    def __init__(self, contract: Contract, client: Any, deadline: Deadline) -> None:
        self.contract, self.client, self.deadline = contract, client, deadline
        self.bucket = contract.source.connection.host
        self.address = f"s3://{self.bucket}/"

    def entries(self, pattern: str) -> list[Entry]:
        """All objects that the pattern names; a key that ends in a slash is a folder's mark."""
        fixed = pattern[: min((pattern.index(mark) for mark in WILD if mark in pattern), default=len(pattern))]
        expression = pattern_of(pattern)
        with self._told(pattern):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=fixed)
            found = [item for page in pages for item in page.get("Contents", [])]
        keys = (item for item in found if day_matches(item["Key"], expression) and not item["Key"].endswith("/"))
        return [_entry(item["Key"], item["Size"], item) for item in keys]

    def entry(self, path: str) -> Entry | None:
        """The object with this key."""
        from botocore.exceptions import ClientError

        with self._told(path):
            try:
                head = self.client.head_object(Bucket=self.bucket, Key=path)
            except ClientError as error:
                if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
                    return None
                raise
        return _entry(path, head["ContentLength"], head)

    def chunks(self, entry: Entry, start: int) -> Iterator[bytes]:
        """Its bytes from `start` on, refused by the server where it is another object by now."""
        with self._told(entry.path):
            reply = self.client.get_object(
                Bucket=self.bucket, Key=entry.path, IfMatch=entry.stamp, Range=f"bytes={start}-"
            )
            yield from reply["Body"].iter_chunks(CHUNK)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Translate what the client raises into a sentence."""
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        reach = reach_of(self.contract)
        name = f"{self.contract.department_en}'s object store {reach.endpoint or 'Amazon S3'}"
        try:
            yield
        except ClientError as error:
            code = str(error.response["Error"]["Code"])
            if code in SIGN_IN:
                raise SettingsError(
                    f"{name} does not let {reach.user} read {self.address}{what} ({code}).",
                    f"Ask for that right, or set GOVLAKE_SECRET_{reach.secret.upper()} to the key that holds now.",
                ) from error
            if code == "NoSuchBucket":
                raise ConnectorError(
                    f"{name} has no bucket {self.bucket}.", "Correct `location` in the contract."
                ) from error
            if code in CHANGED:
                raise Passing(f"{self.address}{what} was replaced while it was fetched.", "Run again.") from error
            raise Passing(f"{name} failed with {code} at {what}.", "Run again later.") from error
        except (BotoCoreError, HTTPClientError, OSError) as error:
            raise Passing(
                f"{name} cannot be reached or broke off ({type(error).__name__}).",
                "Check that it runs and can be reached from here.",
            ) from error


def _entry(key: str, size: int, item: dict[str, Any]) -> Entry:
    modified = int(item["LastModified"].timestamp())  # a listing tells fractions of a second, a single answer does not
    return Entry(key, size, modified, item["ETag"])
