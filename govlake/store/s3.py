"""A bucket as a store, on any S3 server. Writers are told apart by the server: `If-None-Match` and `If-Match`.

The client is boto3: it sends those headers by a public call, and is in the environment already.
"""

from __future__ import annotations

import hashlib
import os
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from govlake.errors import StoreError
from govlake.store.local import draft, settle
from govlake.store.model import Entry, Taken
from govlake.store.refusals import code_of, speaking

PAGE = 1000  # keys that S3 lists or deletes at once
LOOKS = 8  # folders that are looked into at once
CONFLICTS = 20  # how often a server may say that a conditional write met another one, and nobody won
GONE = ("NoSuchKey", "404", "NotFound")
LOST = ("PreconditionFailed", "412")
UNDECIDED = ("ConditionalRequestConflict", "OperationAborted", "409")


@dataclass(frozen=True)
class Server:
    """Where an S3 server is and how it knows us. `endpoint` is empty for AWS itself."""

    endpoint: str
    region: str
    access_key: str
    secret_key: SecretStr
    ca: Path | None = None

    @property
    def name(self) -> str:
        return self.endpoint or f"AWS S3 in {self.region}"

    def client(self) -> Any:
        """A client of its own. Made for one process: what is forked needs another."""
        import boto3
        from botocore.config import Config

        config = Config(
            connect_timeout=5,
            read_timeout=60,
            retries={"mode": "standard", "total_max_attempts": 4},
            max_pool_connections=16,
            # Checksums beyond the signed ones are news to many servers.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if self.endpoint else "auto"},
        )
        return boto3.Session().client(
            "s3",
            endpoint_url=self.endpoint or None,
            region_name=self.region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key.get_secret_value(),
            verify=str(self.ca) if self.ca else None,
            config=config,
        )


class S3Store:
    """Keys are object names below `prefix` in `bucket`. Tags are the server's ETags."""

    def __init__(self, server: Server, bucket: str, prefix: str = "") -> None:
        self.server, self.bucket, self.prefix = server, bucket, prefix.strip("/")
        self._client: Any = None
        self._process = 0

    @property
    def client(self) -> Any:
        """The S3 client of this process."""
        if self._process != os.getpid():
            self._client, self._process = self.server.client(), os.getpid()
        return self._client

    def read(self, key: str) -> tuple[bytes, str] | None:
        """Content and tag, None where there is none."""
        with self.speaking(f"read {key}"):
            try:
                answer = self.client.get_object(**self._at(key))
                return answer["Body"].read(), _tag(answer)
            except self.client.exceptions.ClientError as error:
                if code_of(error) in GONE:
                    return None
                raise

    def create(self, key: str, content: bytes) -> str:
        """Write a new key. Raises Taken where it is there."""
        return self._write_if(key, content, IfNoneMatch="*")

    def swap(self, key: str, content: bytes, tag: str) -> str:
        """Replace what `tag` names. Raises Taken where it is no longer that."""
        return self._write_if(key, content, IfMatch=f'"{tag}"')

    def upload(self, file: Path, key: str) -> None:
        """Copy a file into the bucket."""
        with self.speaking(f"write {key}"):
            self.client.upload_file(str(file), self.bucket, self._name(key))

    def download(self, key: str, file: Path) -> None:
        """Copy an object to `file`."""
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        copy = draft(file)
        with self.speaking(f"read {key}"):
            try:
                self.client.download_file(self.bucket, self._name(key), str(copy))
                settle(copy, file)
            except self.client.exceptions.ClientError as error:
                if code_of(error) in GONE:
                    raise StoreError(f"{self.address(key)} is not there.", "See `govlake doctor`.") from error
                raise
            finally:
                copy.unlink(missing_ok=True)

    def digest(self, key: str) -> tuple[int, str]:
        """Size and sha256 of an object as it is read back."""
        size, digest = 0, hashlib.sha256()
        with self.speaking(f"read {key}"):
            for chunk in self.client.get_object(**self._at(key))["Body"].iter_chunks(1 << 20):
                size += len(chunk)
                digest.update(chunk)
        return size, digest.hexdigest()

    def list(self, prefix: str) -> Iterator[Entry]:
        """Every object whose key starts with `prefix`, sorted."""
        for found in self._objects(prefix):
            key = found["Key"][len(self._name("")) :]
            if not key.endswith("/") and not any(part.startswith(".") for part in key.split("/")):
                yield Entry(key, found["Size"], _tag(found), found["LastModified"])

    def folders(self, prefix: str, sure: bool = True) -> list[str]:
        """Names of the folders directly below `prefix`. MinIO, keeping versions, also names those that were emptied."""
        start = self._name(_folder(prefix))
        with self.speaking(f"list {prefix}"):
            lister = self.client.get_paginator("list_objects_v2")
            pages = lister.paginate(Bucket=self.bucket, Prefix=start, Delimiter="/")
            found = [entry["Prefix"][len(start) : -1] for page in pages for entry in page.get("CommonPrefixes", [])]
        names = sorted(name for name in found if not name.startswith("."))
        if not sure:
            return names
        full = self.holding([f"{_folder(prefix)}{name}" for name in names])
        return [name for name, is_full in zip(names, full, strict=True) if is_full]

    def holds(self, prefix: str) -> bool:
        """Whether any object is below `prefix`."""
        with self.speaking(f"list {prefix}"):
            start = self._name(_folder(prefix))
            answer = self.client.list_objects_v2(Bucket=self.bucket, Prefix=start, MaxKeys=1)
        return bool(answer.get("Contents"))

    def holding(self, prefixes: Sequence[str]) -> list[bool]:
        """As `holds`, for many at once."""
        if len(prefixes) < 2:
            return [self.holds(prefix) for prefix in prefixes]
        with ThreadPoolExecutor(LOOKS) as looks:
            return list(looks.map(self.holds, prefixes))

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects, a thousand at a time."""
        self._remove({"Key": self._name(key)} for key in keys)

    def clear(self, prefix: str) -> None:
        """Remove whatever is below the folder `prefix`, the marks that some writers leave for folders included."""
        self._remove({"Key": found["Key"]} for found in self._objects(_folder(prefix)))

    def past(self, prefix: str) -> Iterator[str]:
        """Keys of the versions below `prefix` that are not the current ones, and of the marks left by deletions."""
        return (found["Key"][len(self._name("")) :] for found in self._versions(prefix))

    def forget(self, prefix: str) -> int:
        """Remove those versions and marks for good."""
        return self._remove({"Key": found["Key"], "VersionId": found["VersionId"]} for found in self._versions(prefix))

    def address(self, key: str) -> str:
        """The scheme is the one that every engine takes without being told: s3a."""
        return f"s3a://{self.bucket}/{self._name(key)}"

    def _name(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self._name(key)}

    def speaking(self, doing: str) -> AbstractContextManager[None]:
        """Whatever goes wrong inside becomes a StoreError that says what the store could not do."""
        return speaking(self.server.name, self.bucket, doing)

    def _write_if(self, key: str, content: bytes, **condition: str) -> str:
        with self.speaking(f"write {key}"):
            for attempt in range(CONFLICTS):
                try:
                    return _tag(self.client.put_object(**self._at(key), Body=content, **condition))
                except self.client.exceptions.ClientError as error:
                    if code_of(error) in UNDECIDED and attempt < CONFLICTS - 1:
                        time.sleep(random.uniform(0.01, 0.1))
                        continue
                    if code_of(error) not in (*LOST, *GONE):
                        raise
                    return self._mine(key, content, error)
        raise AssertionError("the last attempt returns or raises")

    def _mine(self, key: str, content: bytes, error: Any) -> str:
        """The tag of `key` if an answer was lost and the write that is there is our own. Raises Taken otherwise."""
        if error.response.get("ResponseMetadata", {}).get("RetryAttempts"):
            found = self.read(key)
            if found and found[0] == content:
                return found[1]
        raise Taken(f"{self.address(key)} was written by somebody else.", "Read it, then decide again.") from error

    def _objects(self, prefix: str) -> Iterator[dict[str, Any]]:
        for page in self._pages("list_objects_v2", prefix):
            yield from page.get("Contents", [])

    def _versions(self, prefix: str) -> Iterator[dict[str, Any]]:
        """What is not current, where the bucket keeps versions or ever did."""
        with self.speaking("ask whether it keeps versions"):
            if not self.client.get_bucket_versioning(Bucket=self.bucket).get("Status"):
                return
        for page in self._pages("list_object_versions", prefix):
            yield from (found for found in page.get("Versions", []) if not found["IsLatest"])
            yield from page.get("DeleteMarkers", [])

    def _pages(self, call: str, prefix: str) -> Iterator[dict[str, Any]]:
        pages = iter(self.client.get_paginator(call).paginate(Bucket=self.bucket, Prefix=self._name(prefix)))
        while True:
            with self.speaking(f"list {prefix}"):
                page = next(pages, None)
            if page is None:
                return
            yield page

    def _remove(self, objects: Iterable[dict[str, str]]) -> int:
        remaining, removed = iter(objects), 0
        while page := list(islice(remaining, PAGE)):
            with self.speaking(f"delete {page[0]['Key']}"):
                answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": page, "Quiet": True})
            removed += len(page)
            for failed in answer.get("Errors", []):
                raise StoreError(
                    f"{self.server.name} did not delete {failed['Key']}: {failed.get('Code')}.",
                    f"Allow the access key to delete objects in {self.bucket}, and versions of them.",
                )
        return removed


def _folder(prefix: str) -> str:
    return f"{prefix.rstrip('/')}/" if prefix else ""


def _tag(answer: dict[str, Any]) -> str:
    return str(answer.get("ETag", "")).strip('"')
