"""Going back to an older version of a silver table.

A version is what some deliveries made of the table; those that came later are no longer in it. They are not lost:
each is marked to be judged again from the bytes kept in landing, and the next run does so, in their order. So a
restore undoes what happened to a table, not what departments delivered.
"""

from __future__ import annotations

from dataclasses import dataclass

from govlake import lake
from govlake.errors import LakeError
from govlake.ledger import ledger
from govlake.maintenance.history import happened_at
from govlake.maintenance.table import LakeTable, contract_of, turn


@dataclass(frozen=True)
class Restored:
    """What restoring did. `again` are the batches that the next run judges again."""

    table: str
    version: int
    new_version: int
    rows: int
    again: list[str]


def restore(table: LakeTable, version: int, who: str) -> Restored:
    """Make silver what it was at `version`. Raises LakeError where that is not possible, and says what is."""
    contract = contract_of(table)
    if table.layer != "silver" or not contract:
        raise LakeError(
            f"{table.key} cannot be restored: only silver tables of deliveries can.",
            "Marts are built again with `govlake run --force`; bronze and quarantine with `govlake quarantine replay`.",
        )
    with turn(table):
        _check(table, version)
        following = happened_at(table, version + 1)
        # First the mark: a run that is killed here judges some deliveries again, which changes nothing.
        again = ledger().mark_replays(contract, following, f"{table.key} was restored") if following else []
        found = lake.delta(table.address)
        assert found is not None
        if following:
            found.restore(version)
        restored = Restored(table.key, version, lake.version(table.address), lake.rows(table.address), again)
        detail = {"table": table.key, "to": version, "new_version": restored.new_version, "again": again}
        ledger().audit(who, "silver restored", detail)
    return restored


def _check(table: LakeTable, version: int) -> None:
    from deltalake.exceptions import DeltaError

    newest = lake.version(table.address)
    found = lake.delta(table.address)
    assert found is not None
    known = {int(entry["version"]) for entry in found.history()}
    if version not in known or version > newest:
        oldest = min(known, default=newest)
        raise LakeError(
            f"{table.key} has no version {version} that its log knows; it knows {oldest} to {newest}.",
            f"See `govlake lake history {table.key}`.",
        )
    try:
        found.load_as_version(version)
        missing = [uri for uri in found.file_uris() if not _exists(uri)]
    except DeltaError as error:
        raise _gone(table, version) from error
    if missing:
        raise _gone(table, version)


def _exists(address: str) -> bool:
    """Whether a data file is still there, told by the store that keeps it."""
    from govlake.store import store

    root = store().address("lake")
    key = "lake" + address.removeprefix("file://").removeprefix(root)
    return store().holds(key) or any(True for _ in store().list(key))


def _gone(table: LakeTable, version: int) -> LakeError:
    return LakeError(
        f"Files of version {version} of {table.key} were deleted by maintenance.",
        f"Choose a newer one from `govlake lake history {table.key}`, or judge deliveries again: `govlake backfill`.",
    )
