"""One entry of `schema` read as a Table with its columns and rules."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from open_data_contract_standard.model import SchemaObject

from govlake.contracts.columns import read_column
from govlake.contracts.known import TABLE
from govlake.contracts.model import Column, Coordinates, Mode, Rule, Table
from govlake.contracts.places import place_rules, read_places
from govlake.contracts.quality import quality_rules
from govlake.contracts.reading import Reading
from govlake.contracts.rules import HOLD_LIMIT, implied_rules


@dataclass(frozen=True)
class Defaults:
    """What the contract says for all of its tables."""

    domain: str
    mode: Mode
    timezone: str
    custom: Mapping[str, Any]


def read_table(reading: Reading, schema: SchemaObject, defaults: Defaults) -> Table:
    """The table that `schema` describes."""
    name = str(schema.name or "")
    where = f"schema.{name or '(unnamed)'}"
    own = reading.properties(f"{where}.", schema.customProperties, TABLE)
    custom = {**defaults.custom, **own}
    read = [
        read_column(reading, name, entry, defaults.timezone, custom.get("nullValues"))
        for entry in schema.properties or []
    ]
    columns = tuple(column for column, _ in read)
    names = [column.name for column in columns]
    if not columns:
        reading.refuse(f"{where}.properties", "is empty", "List the columns of the table.")
    _refuse_repeats(reading, f"{where}.properties", "names {} twice", "Every column needs its own name.", names)
    title = str(schema.businessName or name.replace("_", " ").capitalize())
    places = read_places(reading, where, own.get("coordinates") or [], columns)
    return Table(
        domain=defaults.domain,
        name=name,
        title_en=str(own.get("titleEn") or title),
        title_zh=str(own.get("titleZh") or schema.businessName or own.get("titleEn") or title),
        grain=str(schema.dataGranularityDescription or ""),
        file=str(schema.physicalName or ""),
        columns=columns,
        rules=_rules(reading, where, schema, columns, [extra for _, extra in read], custom, places),
        order_by=_order_by(reading, where, custom, names),
        occurrence=bool(custom.get("occurrence", False)),
        mode=defaults.mode,
        optional=bool(custom.get("optional", False)),
        coordinates=places,
    )


def _order_by(reading: Reading, where: str, custom: Mapping[str, Any], names: Sequence[str]) -> str:
    column = str(custom.get("orderBy") or "")
    if column and column not in names:
        reading.refuse(f"{where}.orderBy", f"is '{column}'", f"Use a column: {', '.join(names)}.")
        return ""
    return column


def _rules(
    reading: Reading,
    where: str,
    schema: SchemaObject,
    columns: Sequence[Column],
    customs: Sequence[Mapping[str, Any]],
    custom: Mapping[str, Any],
    places: Sequence[Coordinates],
) -> tuple[Rule, ...]:
    entries = schema.properties or []
    limit = custom.get("limit", HOLD_LIMIT)
    rules = implied_rules(columns, entries, customs, limit)
    rules += [replace(rule, limit=limit) for place in places for rule in place_rules(place, columns)]
    for column, entry in zip(columns, entries, strict=True):
        rules += quality_rules(reading, f"{where}.{column.name}", entry.quality, column, limit)
    rules += quality_rules(reading, where, schema.quality, None, limit)
    remedy = "Give each rule its own id."
    _refuse_repeats(reading, f"{where}.quality", "has two rules called {}", remedy, [rule.id for rule in rules])
    return tuple(rules)


def _refuse_repeats(reading: Reading, where: str, problem: str, remedy: str, names: Sequence[str]) -> None:
    for name, times in Counter(names).items():
        if times > 1 and name:
            reading.refuse(where, problem.format(name), remedy)
