"""Delta tables that this process has opened before: brought up to date, where opening them reads the whole log anew.

For reading what the log tells, and nothing else: whoever writes or keeps a table opens it for itself.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    from deltalake import DeltaTable

MOST = 300  # tables that are remembered; a city has about a hundred
Stamp = tuple[int, int, int]
_turn = Lock()
_seen: dict[str, tuple[DeltaTable, Stamp]] = {}
_said: dict[str, tuple[Stamp, dict[str, Any]]] = {}


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
    """What the newest commit that the open `table` knows says of itself; read once where the table is in a folder."""
    place = urlsplit(table.table_uri)
    address = unquote(place.path).rstrip("/")
    stamp = _stamp(address, table) if place.scheme == "file" else None
    if stamp is None:
        return _said_by_newest(table)
    with _turn:
        before, said = _said.pop(address, (None, {}))
        if before != stamp:
            said = _said_by_newest(table)
        _keep(_said, address, (stamp, said))
    return said


def _said_by_newest(table: DeltaTable) -> dict[str, Any]:
    return next(iter(table.history(1)), {})


def _keep(kept: dict[str, Any], address: str, entry: object) -> None:
    """Remember an entry as the newest, and forget the oldest of too many."""
    kept[address] = entry
    if len(kept) > MOST:
        del kept[next(iter(kept))]


def files_of(table: DeltaTable, *columns: str) -> dict[str, list[Any]]:
    """What the log says of each data file (path, size_bytes, num_records, partition.x, min.x, max.x), where it does."""
    import pyarrow as pa

    files = pa.table(table.get_add_actions(flatten=True))
    return files.select([name for name in columns if name in files.column_names]).to_pydict()


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
