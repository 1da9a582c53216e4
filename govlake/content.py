"""What a table holds, told by its Delta log without reading a row, and unmoved by maintenance.

A commit that only rearranges files (compaction, vacuum, a property) carries the version of the content it left as it
was. Fingerprints are of data files; where compaction replaced files, the ledger knows which fingerprint their rows had.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from govlake import lake, seen
from govlake.ledger import ledger

if TYPE_CHECKING:
    from deltalake import CommitProperties, DeltaTable

VERSION, PRINTS = "govlake.content", "govlake.prints"  # what a maintenance commit says about itself
REPAIRS = 10  # commits among which the last one that changed rows is looked for; maintenance makes three at most
ALL = ""  # the fingerprint of a whole table, beside those of its partitions
Fingerprints = dict[str, str]


def version(address: str) -> int:
    """The Delta version that last changed the table's rows, -1 where there is no table."""
    found = lake.look(address)
    return version_of(found) if found else -1


def version_of(table: DeltaTable) -> int:
    """As `version`, of a table that is open."""
    return int(seen.newest_of(table).get(VERSION, table.version()))


def is_repaired(address: str) -> bool:
    """Whether no delivery changed the table's rows last, but somebody who restored a version or deleted rows."""
    found = lake.delta(address)
    for commit in found.history(REPAIRS) if found else ():
        if VERSION not in commit:
            return commit.get("operation") in ("RESTORE", "DELETE")
    return False


def properties(table: DeltaTable, kept: Mapping[str, str] | None = None) -> CommitProperties:
    """What a commit says that changes no row of the open `table`; `kept` are fingerprints that stay as they are."""
    from deltalake import CommitProperties

    said = {VERSION: str(version_of(table))}
    if kept:
        said[PRINTS] = json.dumps(dict(kept))
    return CommitProperties(custom_metadata=said)


def fingerprints(address: str) -> Fingerprints:
    """One fingerprint per value of the table's first partition column, and one for the whole; empty without table."""
    found = lake.look(address)
    return fingerprints_of(found, address) if found else {}


def fingerprints_of(table: DeltaTable, address: str) -> Fingerprints:
    """As `fingerprints`, of a table that is open."""
    parts = parts_of(table, address)
    whole = digest([str(table.metadata().id), *(f"{part} {found}" for part, found in sorted(parts.items()))])
    return {part: found for part, found in parts.items() if part not in (ALL, "None")} | {ALL: whole}


def parts_of(table: DeltaTable, address: str) -> Fingerprints:
    """Fingerprint of the rows of each first partition: that of its files, or of those which compaction replaced."""
    files = raw(table)
    known: dict[str, str] = ledger().cursor(_cursor(address)) or {}
    moved = json.loads(seen.newest_of(table).get(PRINTS, "{}"))  # a run that was killed had no time to tell the ledger
    known |= {files[part]: before for part, before in moved.items() if part in files}
    return {part: known.get(found, found) for part, found in files.items()}


def raw(table: DeltaTable) -> Fingerprints:
    """Hash of the data files of each first partition as they are; under "" where the table has no partitions."""
    column = f"partition.{next(iter(table.metadata().partition_columns), ALL)}"
    files = seen.files_of(table, "path", column)
    values = files.get(column) or [ALL] * len(files["path"])
    parts: dict[str, list[str]] = {}
    for value, path in zip(values, files["path"], strict=True):
        parts.setdefault(str(value), []).append(path)
    return {part: digest(sorted(paths)) for part, paths in parts.items()}


def remember(address: str) -> None:
    """Tell the ledger what the newest commit says it left as it was. Entries of files that are gone are forgotten."""
    table = lake.delta(address)
    moved = json.loads(seen.newest_of(table).get(PRINTS, "{}")) if table else {}
    if not table or not moved:
        return
    files = raw(table)
    now = set(files.values())
    known = {after: before for after, before in (ledger().cursor(_cursor(address)) or {}).items() if after in now}
    known |= {files[part]: before for part, before in moved.items() if part in files and files[part] != before}
    ledger().set_cursor(_cursor(address), known)


def digest(parts: Iterable[str]) -> str:
    """A short hash of several texts, in their order."""
    return hashlib.md5("\n".join(parts).encode(), usedforsecurity=False).hexdigest()[:12]


def _cursor(address: str) -> str:
    return "compacted." + ".".join(address.rstrip("/").split("/")[-3:])
