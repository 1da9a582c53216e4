"""Fencing: after a change of hands, whatever the last writer had begun can no longer be committed.

Every table gets one commit that changes its metadata. A transaction that was begun before it meets it when it wants to
commit, and Delta's rules let no transaction follow a change of metadata that it has not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from govlake.errors import LeaseError
from govlake.store import Store

PROPERTY = "govlake.lease"
TRIES = 10


def fence_tables(addresses: Iterable[str], token: int, between: Callable[[], None]) -> int:
    """Fence every table under `token`, calling `between` after each; returns how many there were.

    Raises LeaseError where a table cannot be fenced.
    """
    count = 0
    for address in addresses:
        fence(address, token)
        between()
        count += 1
    return count


def fence(address: str, token: int) -> None:
    """Put `token` on the table at `address`, past whatever is being committed there just now."""
    from deltalake.exceptions import DeltaError

    from govlake import content, lake

    for trial in range(TRIES):
        try:
            table = lake.delta(address)
            if table is not None:
                kept = content.properties(table)  # no row changes
                values = {PROPERTY: str(token)}
                table.alter.set_table_properties(values, raise_if_not_exists=False, commit_properties=kept)
            return
        except DeltaError as error:
            if trial == TRIES - 1:
                raise LeaseError(
                    f"The table {address} cannot be closed to its last writer: {error}.",
                    "Make sure that no other engine writes this lake, then run it again.",
                ) from error


def tables(store: Store, root: str) -> Iterator[str]:
    """Address of every Delta table below the folder `root` of the store, which ends with a slash or is empty.

    A table is a folder with a log, three below the lake (`<layer>/<domain>/<table>`), or four where it is staged.
    """
    for layer in store.folders(root):
        for domain in store.folders(f"{root}{layer}/"):
            for name in store.folders(f"{root}{layer}/{domain}/"):
                yield from _logged(store, f"{root}{layer}/{domain}/{name}")


def _logged(store: Store, folder: str) -> Iterator[str]:
    below = store.folders(f"{folder}/")
    if "_delta_log" in below:
        yield store.address(folder)
        return
    yield from (store.address(f"{folder}/{part}") for part in below if store.holds(f"{folder}/{part}/_delta_log/"))
