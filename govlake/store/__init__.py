"""Where lake and landing are kept: in the home's folder, or on an S3 server."""

from govlake.store.choice import check, environment, options, place, store
from govlake.store.model import Entry, Store, Taken

__all__ = ["Entry", "Store", "Taken", "check", "environment", "options", "place", "store"]
