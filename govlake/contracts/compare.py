"""`govlake contracts diff`: what changed between two versions of a contract, and whom it breaks.

The standard's own fields are judged by datacontract-cli from the consumers' side; what only govlake knows (custom
properties, mode, source) is judged here, as is what a change does to data that are already in silver.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from govlake.contracts.load import load_contract
from govlake.contracts.model import Column, Contract, Table

Level = Literal["breaking", "warning", "info"]
ORDER = {"breaking": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class Change:
    """One difference: where, what in plain words, and whether something that worked stops working."""

    path: str
    level: Level
    what: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def compare(old: Path, new: Path) -> list[Change]:
    """Every change from `old` to `new`, breaking ones first. Raises ContractError where one cannot be loaded."""
    before, after = load_contract(old), load_contract(new)
    changes = {change.path: change for change in _standard(old, new, after)}
    for change in _ours(before, after):
        known = changes.get(change.path)
        if known is None or ORDER[change.level] <= ORDER[known.level]:
            changes[change.path] = change
    return sorted(changes.values(), key=lambda change: (ORDER[change.level], change.path))


def _standard(old: Path, new: Path, after: Contract) -> Iterator[Change]:
    from datacontract.data_contract import DataContract
    from datacontract.model.breaking import BreakingChangeLevel

    levels: dict[Any, Level] = {BreakingChangeLevel.ERROR: "breaking", BreakingChangeLevel.WARNING: "warning"}
    texts = [file.read_text(encoding="utf-8-sig") for file in (old, new)]
    first, second = (DataContract(data_contract_str=text, inline_references=False) for text in texts)
    for entry in first.breaking(second).entries:
        path = _path(entry.path)
        if "customProperties" in path or _is_inside_new(path, entry.change_type.value, after):
            continue
        level = levels.get(entry.level, "info")
        yield Change(path, level, _words(entry.change_type.value, path, entry.old_value, entry.new_value))


def _path(path: str) -> str:
    return re.sub(r"\.properties(?=\.)", "", path)


def _is_inside_new(path: str, kind: str, after: Contract) -> bool:
    """What an added or removed column consists of goes without saying."""
    return kind in ("added", "removed") and path.startswith("schema.") and path.count(".") > 2 and "quality" not in path


def _words(kind: str, path: str, old: object, new: object) -> str:
    name = path.rpartition(".")[2]
    if kind == "added":
        return f"{name} is new" + (f": {new}" if new is not None else "")
    if kind == "removed":
        return f"{name} is gone" + (f" (was {old})" if old is not None else "")
    return f"{name} changes from {old} to {new}"


def _ours(before: Contract, after: Contract) -> Iterator[Change]:
    """What the loader makes of both, compared field by field."""
    if before.id != after.id:
        yield Change("name", "breaking", f"the dataset {before.id} becomes {after.id}: silver starts anew")
    if before.department != after.department:
        yield Change("customProperties.department", "warning", _turn(before.department, after.department))
    if before.mode != after.mode:
        what = f"deliveries change from {before.mode} to {after.mode}: "
        what += (
            "rows that a delivery lacks are withdrawn" if after.mode == "snapshot" else "no row is withdrawn any more"
        )
        yield Change("customProperties.delivery", "breaking", what)
    if before.timezone != after.timezone:
        what = f"{_turn(before.timezone, after.timezone)}: times in silver keep their old reading"
        yield Change("customProperties.timezone", "breaking", what)
    yield from _source(before, after)
    tables = {table.name: table for table in after.tables}
    for table in before.tables:
        if table.name in tables:
            yield from _table(table, tables[table.name])


def _source(before: Contract, after: Contract) -> Iterator[Change]:
    old, new = asdict(before.source), asdict(after.source)
    for name in sorted(old):
        if old[name] != new[name]:
            level: Level = "info" if name in ("path", "deliveries", "encodings") else "warning"
            yield Change(f"servers.{name}", level, f"the delivery's {name}: {_turn(old[name], new[name])}")


def _table(before: Table, after: Table) -> Iterator[Change]:
    where = f"schema.{before.name}"
    if before.key_columns != after.key_columns and any(column.key for column in (*before.columns, *after.columns)):
        what = f"the key: {_turn(', '.join(before.key_columns), ', '.join(after.key_columns))}"
        yield Change(f"{where}.key", "breaking", f"{what}; rows in silver are told apart differently")
    for name, value, other in (
        ("occurrence", before.occurrence, after.occurrence),
        ("partitioned", before.partition_columns, after.partition_columns),
    ):
        if value != other:
            yield Change(f"{where}.{name}", "breaking", f"{name}: {_turn(value, other)}; silver has to be written anew")
    if before.order_by != after.order_by:
        yield Change(f"{where}.orderBy", "warning", f"orderBy: {_turn(before.order_by, after.order_by)}")
    if before.file != after.file:
        yield Change(f"{where}.physicalName", "info", f"the file that holds it: {_turn(before.file, after.file)}")
    yield from _columns(where, before, after)


def _columns(where: str, before: Table, after: Table) -> Iterator[Change]:
    old = {column.name: column for column in before.columns}
    new = {column.name: column for column in after.columns}
    for name in old:
        if name not in new:
            yield Change(f"{where}.{name}", "breaking", f"the column {name} is gone")
    for name, column in new.items():
        if name not in old:
            yield _added(where, column)
        else:
            yield from _column(f"{where}.{name}", old[name], column, _enum(before, name), _enum(after, name))


def _added(where: str, column: Column) -> Change:
    """A new column that must be delivered refuses the files that were right until now."""
    path = f"{where}.{column.name}"
    if column.expression:
        return Change(path, "info", f"the derived column {column.name} is new")
    if column.required:
        return Change(path, "breaking", f"the required column {column.name} is new: rows without it are quarantined")
    if not column.optional_in_file:
        what = f"the column {column.name} is new: files without it are flagged (optional: true tolerates them)"
        return Change(path, "info", what)
    return Change(path, "info", f"the optional column {column.name} is new")


def _enum(table: Table, column: str) -> set[str]:
    rule = next((rule for rule in table.rules if rule.id == f"{column}.enum"), None)
    values = rule.arguments.get("values") if rule else None
    return {str(value) for value in values} if isinstance(values, list) else set()


def _column(where: str, old: Column, new: Column, values: set[str], others: set[str]) -> Iterator[Change]:
    if old.type != new.type:
        yield Change(f"{where}.logicalType", "breaking", f"the type: {_turn(old.type, new.type)}")
    if new.required and not old.required:
        yield Change(f"{where}.required", "breaking", "must now be there: rows without it are quarantined")
    if others and others - values and values:
        yield Change(
            f"{where}.enum", "warning", f"the code table gains {_list(others - values)}: queries may miss them"
        )
    if values - others and others:
        yield Change(
            f"{where}.enum", "breaking", f"the code table loses {_list(values - others)}: quarantined from now on"
        )
    if others and not values:
        yield Change(f"{where}.enum", "breaking", f"only {_list(others)} are left: other values are quarantined")
    if old.delivered[0] != new.delivered[0] and old.delivered[0] not in new.delivered:
        what = f"the delivered header: {_turn(old.delivered[0], new.delivered[0])} (keep the old one as alias)"
        yield Change(f"{where}.physicalName", "breaking", what)
    if old.pseudonymise != new.pseudonymise:
        what = "becomes a pseudonym" if new.pseudonymise else "is no longer a pseudonym: identifiers become readable"
        yield Change(f"{where}.pseudonymise", "breaking", what)
    for name, level in READING.items():
        if getattr(old, name) != getattr(new, name):
            yield Change(f"{where}.{name}", level, f"{name}: {_turn(getattr(old, name), getattr(new, name))}")


# Properties that change what a delivered text becomes.
READING: Mapping[str, Level] = {
    "codes": "warning",
    "formats": "warning",
    "timezone": "warning",
    "null_values": "warning",
    "decimals": "warning",
    "expression": "warning",
    "optional_in_file": "info",
    "classification": "info",
}


def _turn(old: object, new: object) -> str:
    return f"{_shown(old)} becomes {_shown(new)}"


def _shown(value: object) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "nothing"
    return str(value) or "nothing"


def _list(values: set[str]) -> str:
    listed = sorted(values)
    return ", ".join(listed[:6]) + (f" and {len(listed) - 6} more" if len(listed) > 6 else "")
