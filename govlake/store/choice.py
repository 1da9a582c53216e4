"""Which store the settings name, and how its other readers reach it: Delta readers and the engine."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from pydantic import SecretStr

from govlake.errors import SettingsError
from govlake.settings import Settings, settings
from govlake.store import probe
from govlake.store.local import LocalStore
from govlake.store.model import Store
from govlake.store.s3 import S3Store, Server

ADDRESS = re.compile(r"s3a?://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[A-Za-z0-9_./-]*))?")
ENDPOINT = re.compile(r"https?://[^/\s]+/?")
UNFIT = re.compile(r"[^\x21-\x7e]|['\"]")  # what a key must not hold: it passes through configuration files


def store() -> Store:
    """The store that the settings name: the home itself, or a bucket on an S3 server.

    An S3 server is asked once per home whether it keeps its promises; one that does not is refused (StoreError).
    """
    found = configured()
    if isinstance(found, S3Store):
        probe.once(found)
    return found


def check() -> None:
    """Ask the store, now, whether it keeps its promises. Raises StoreError, BrokenPromise."""
    found = configured()
    if isinstance(found, S3Store):
        probe.ask(found)


def place() -> str:
    """Where the store is, for people."""
    found = configured()
    return f"{found.server.name}, bucket {found.bucket}" if isinstance(found, S3Store) else str(found.root)


def configured() -> LocalStore | S3Store:
    """The store that the settings name, whether or not it keeps its promises."""
    chosen = settings()
    return remote(chosen) if chosen.store else LocalStore(chosen.home)


def remote(chosen: Settings) -> S3Store:
    """The S3 store of these settings, one per process. Raises SettingsError."""
    endpoint, keys = chosen.s3_endpoint.rstrip("/"), (chosen.s3_access_key, chosen.s3_secret_key.get_secret_value())
    return _s3(chosen.store, endpoint, chosen.s3_region, *keys, chosen.s3_ca)


def options() -> dict[str, str] | None:
    """What Delta readers and writers in this process need to reach the store; None for the home's folder."""
    if not settings().store:
        return None
    store()
    return {**environment(), "AWS_CONDITIONAL_PUT": "etag"}


def environment() -> dict[str, str]:
    """Variables with which the embedded engine reaches the store. They hold the secret key."""
    if not settings().store:
        return {}
    server = remote(settings()).server
    variables = {
        "AWS_ACCESS_KEY_ID": server.access_key,
        "AWS_SECRET_ACCESS_KEY": server.secret_key.get_secret_value(),
        "AWS_REGION": server.region,
    }
    if server.endpoint:
        http = str(server.endpoint.startswith("http://")).lower()
        variables |= {"AWS_ENDPOINT": server.endpoint, "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "false"}
        variables |= {"AWS_ALLOW_HTTP": http}
    return variables | settings().trust()


@lru_cache(maxsize=4)
def _s3(store: str, endpoint: str, region: str, access_key: str, secret_key: str, ca: Path | None) -> S3Store:
    place = ADDRESS.fullmatch(store)
    if place is None:
        raise SettingsError(f"The setting store is '{store}'.", "Write s3://bucket/prefix, or leave it empty.")
    if endpoint and not ENDPOINT.fullmatch(endpoint):
        raise SettingsError(f"The setting s3_endpoint is '{endpoint}'.", "Write http:// or https://, host and port.")
    for name, value in (("s3_access_key", access_key), ("s3_secret_key", secret_key)):
        if not value:
            raise SettingsError(f"The setting {name} is empty, and store is {store}.", "Give the key of the S3 server.")
        if UNFIT.search(value):
            raise SettingsError(f"The setting {name} holds a space, a quotation mark or a sign outside ASCII.")
    if ca is not None and not ca.is_file():
        raise SettingsError(f"The setting s3_ca names {ca}, which is not there.", "Give the certificate's file.")
    server = Server(endpoint, region, access_key, SecretStr(secret_key), ca)
    return S3Store(server, place["bucket"], place["prefix"] or "")
