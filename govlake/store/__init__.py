"""Where lake and landing are kept: in the home's folder, or on an S3 server."""

from govlake.store.choice import check, environment, options, place, remote, store
from govlake.store.local import LocalStore
from govlake.store.model import Entry, Store, Taken
from govlake.store.s3 import S3Store

__all__ = [
    "Entry", "LocalStore", "S3Store", "Store", "Taken", "check", "environment", "options", "place", "remote", "store",
]  # fmt: skip
