"""Where lake and landing are kept: in the home's folder, or on an S3 server."""

from govlake.settings import settings
from govlake.store.local import LocalStore
from govlake.store.model import Entry, Store, Taken

__all__ = ["Entry", "Store", "Taken", "store"]


def store() -> Store:
    """The store that the settings name: the home itself, or a bucket on an S3 server."""
    return LocalStore(settings().home)
