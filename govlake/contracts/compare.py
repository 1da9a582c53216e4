"""`govlake contracts diff`: what changed between two versions of a contract, and whom it breaks.

The standard's own fields are judged by datacontract-cli from the consumers' side; what only govlake knows (custom
properties, mode, source) is judged here, as is what a change does to data that are already in silver.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from govlake.contracts.document import plain_text
from govlake.contracts.load import load_contract
from govlake.contracts.model import Column, Contract, Rule, Table

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
    changes = {change.path: change for change in _standard(old, new)}
    changes |= {change.path: change for change in _ours(before, after)}
    return sorted(changes.values(), key=lambda change: (ORDER[change.level], change.path))


def _standard(old: Path, new: Path) -> Iterator[Change]:
    """Changes of the standard's fields. Rules are compared by id further down; the library knows only their places."""
    from datacontract.data_contract import DataContract
    from datacontract.model.breaking import BreakingChangeLevel

    levels: dict[Any, Level] = {BreakingChangeLevel.ERROR: "breaking", BreakingChangeLevel.WARNING: "warning"}
    texts = (plain_text(old), plain_text(new))
    first, second = (DataContract(data_contract_str=text, inline_references=False) for text in texts)
    for entry in first.breaking(second).entries:
        path = _path(entry.path)
        if ".quality" in path or _is_inside_new(path, entry.change_type.value):
            continue
        level = levels.get(entry.level, "info")
        yield Change(path, level, _words(entry.change_type.value, path, entry.old_value, entry.new_value))


def _path(path: str) -> str:
    """The place as the rest of govlake names it: schema.<table>.<column>.<field>."""
    plain = re.sub(r"\.properties(?=\.)", "", path).removesuffix(".value")
    return re.sub(r"^(schema|servers)\.(.*?)\.customProperties\.", r"\1.\2.", plain)


def _is_inside_new(path: str, kind: str) -> bool:
    """What an added or removed column consists of goes without saying."""
    return kind in ("added", "removed") and path.startswith("schema.") and path.count(".") > 2


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
    address = old.pop("connection"), new.pop("connection")
    old, new = {**old, **address[0]}, {**new, **address[1]}
    for name in sorted(old):
        if old[name] != new[name]:
            level: Level = "info" if name in ("path", "deliveries", "encodings", *address[0]) else "warning"
            yield Change(f"servers.{name}", level, f"the delivery's {name}: {_turn(old[name], new[name])}")


def _table(before: Table, after: Table) -> Iterator[Change]:
    where = f"schema.{before.name}"
    if before.key_columns != after.key_columns and any(column.key for column in (*before.columns, *after.columns)):
        what = f"the key: {_turn(', '.join(before.key_columns), ', '.join(after.key_columns))}"
        yield Change(f"{where}.key", "breaking", f"{what}; rows in silver are told apart differently")
    for name, value, other in (
        ("occurrence", before.occurrence, after.occurrence),
        ("partitioned", before.partition_columns, after.partition_columns),
        ("coordinates", _places(before), _places(after)),
    ):
        if value != other:
            yield Change(f"{where}.{name}", "breaking", f"{name}: {_turn(value, other)}; silver has to be written anew")
    if before.order_by != after.order_by:
        yield Change(f"{where}.orderBy", "warning", f"orderBy: {_turn(before.order_by, after.order_by)}")
    if before.file != after.file:
        yield Change(f"{where}.physicalName", "info", f"the file that holds it: {_turn(before.file, after.file)}")
    yield from _columns(where, before, after)
    yield from _rules(where, before, after)


def _places(table: Table) -> list[str]:
    return [f"{place.longitude}/{place.latitude} in {place.crs_column or place.crs}" for place in table.coordinates]


def _rules(where: str, before: Table, after: Table) -> Iterator[Change]:
    """Rules that the contract spells out, by their ids."""
    old = {rule.id: rule for rule in before.rules if rule.kind in ("logic", "metric")}
    new = {rule.id: rule for rule in after.rules if rule.kind in ("logic", "metric")}
    for name in old.keys() | new.keys():
        path = f"{where}.quality.{name}"
        if name not in new:
            yield Change(path, "warning", f"the rule {name} is gone: nobody checks it any more")
        elif name not in old:
            yield Change(path, "warning", f"the rule {name} is new: what breaks it is {EFFECT[new[name].severity]}")
        elif _judgement(old[name]) != _judgement(new[name]):
            yield Change(path, "warning", f"the rule {name} judges differently: {_difference(old[name], new[name])}")
        elif old[name] != new[name]:
            yield Change(path, "info", f"the rule {name} is worded differently")


EFFECT = {"hold": "held", "quarantine": "quarantined", "warn": "flagged"}
JUDGING = ("severity", "expression", "metric", "query", "minimum", "maximum", "limit")


def _judgement(rule: Rule) -> tuple[object, ...]:
    return tuple(getattr(rule, name) for name in JUDGING)


def _difference(old: Rule, new: Rule) -> str:
    changed = [name for name in JUDGING if getattr(old, name) != getattr(new, name)]
    return ", ".join(f"{name} {_turn(getattr(old, name), getattr(new, name))}" for name in changed)


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
    if old.delivered[0] != new.delivered[0]:
        kept = old.delivered[0] in new.delivered
        what = f"the delivered header: {_turn(old.delivered[0], new.delivered[0])}"
        what += "; the old one is still read" if kept else "; keep the old one as alias"
        yield Change(f"{where}.physicalName", "info" if kept else "breaking", what)
    if old.pseudonymise != new.pseudonymise:
        what = "becomes a pseudonym" if new.pseudonymise else "is no longer a pseudonym: identifiers become readable"
        yield Change(f"{where}.pseudonymise", "breaking", what)
    if old.areas != new.areas:
        gone, come = (len(set(one) - set(other)) for one, other in ((old.areas, new.areas), (new.areas, old.areas)))
        yield Change(f"{where}.codeTable", "warning", f"the code table loses {gone} rows and gains {come}")
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
    "standard": "warning",
    "levels": "warning",
    "valid_on": "warning",
    "replace_abolished": "warning",
    "fold_width": "warning",
    "sentinels": "warning",
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
