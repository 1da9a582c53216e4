"""Delta tables that this process has opened before: brought up to date, where opening them reads the whole log anew.

For reading what the log tells, and nothing else: whoever writes or keeps a table opens it for itself.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    from deltalake import DeltaTable

MOST = 300  # tables that are remembered; a city has about a hundred
LARGEST = 4 * 2**20  # bytes of a list of files that is kept; a table of 1,000 files has a list of about 1 MB
Stamp = tuple[int, int, int]
Told = TypeVar("Told")
_turn = Lock()
_seen: dict[str, tuple[DeltaTable, Stamp]] = {}
_said: dict[str, tuple[Stamp, dict[str, Any]]] = {}
_listed: dict[str, tuple[Stamp, pa.Table]] = {}


def look(address: str, opened: Callable[[str], DeltaTable | None]) -> DeltaTable | None:
    """The table at `address` as it is now; `opened` opens one that is not known, or that another took the place of.

    Only tables in a folder are remembered: whether the log entry last seen is still the same costs nothing there.
    """
    if "://" in address:
        return opened(address)
    with _turn:
        table, before = _seen.pop(address, (None, None))
        if table is None or before != _stamp(address, table) or not _is_updated(address, table):
            table = opened(address)
        stamp = _stamp(address, table) if table is not None else None
        if table is not None and stamp is not None:
            _keep(_seen, address, (table, stamp))
        return table


def newest_of(table: DeltaTable) -> dict[str, Any]:
    """What the newest commit that the open `table` knows says of itself."""
    return _once(_said, table, lambda: next(iter(table.history(1)), {}))


def files_of(table: DeltaTable, *columns: str) -> dict[str, list[Any]]:
    """What the log says of each data file (path, size_bytes, num_records, partition.x, min.x, max.x), where it does."""
    import pyarrow as pa

    listed = _once(
        _listed, table, lambda: pa.table(table.get_add_actions(flatten=True)), lambda files: files.nbytes <= LARGEST
    )
    return listed.select([name for name in columns if name in listed.column_names]).to_pydict()


def _once(
    known: dict[str, tuple[Stamp, Told]],
    table: DeltaTable,
    read: Callable[[], Told],
    is_kept: Callable[[Told], bool] = lambda told: True,
) -> Told:
    """What `read` finds in the log of a table; read once per version where the table is in a folder."""
    place = urlsplit(table.table_uri)
    address = unquote(place.path).rstrip("/")
    stamp = _stamp(address, table) if place.scheme == "file" else None
    if stamp is None:
        return read()
    with _turn:
        before, told = known.pop(address, (None, None))
        if told is None or before != stamp:
            told = read()
        if is_kept(told):
            _keep(known, address, (stamp, told))
    return told


def _keep(kept: dict[str, Any], address: str, entry: object) -> None:
    """Remember an entry as the newest, and forget the oldest of too many."""
    kept[address] = entry
    if len(kept) > MOST:
        del kept[next(iter(kept))]


def _is_updated(address: str, table: DeltaTable) -> bool:
    """Read what came since, where anything did; False where that cannot be done."""
    from deltalake.exceptions import DeltaError

    if not _entry(address, table.version() + 1).exists():
        return True
    try:
        table.update_incremental()
    except DeltaError:
        return False
    return True


def _stamp(address: str, table: DeltaTable) -> Stamp | None:
    """What tells the newest log entry that was read from any other; None where it is gone."""
    try:
        found = _entry(address, table.version()).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _entry(address: str, version: int) -> Path:
    """A version's entry in the log of the table at `address`."""
    return Path(address) / "_delta_log" / f"{version:020}.json"
