"""The contract as the rooms use it: plain, frozen values without any ODCS detail.

A *contract* describes one thing that a department delivers. It has one or more *tables* (a GTFS feed has a
dozen); a table has *columns* and *rules*. A *source* says where the delivery is found and how it is written.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

from govlake.contracts.connection import Connection

Severity = Literal["hold", "quarantine", "warn"]
Mode = Literal["increment", "snapshot"]
LogicalType = Literal["string", "integer", "number", "boolean", "date", "timestamp", "time"]

# Columns that govlake adds. Delivered columns cannot have these names.
BRONZE_META = (
    "_batch_id",
    "_source_file",
    "_row_number",
    "_row_hash",
    "_ingested_at",
    "_extra",
    "_malformed",
)
SILVER_META = ("_batch_id", "_first_batch_id", "_batch_order", "_source_file", "_row_number", "_content_hash")

RANGED = ("string", "integer", "date")  # types of columns that have an order and no fractions
HISTORY = "_history"  # the versions of a snapshot table are called like it, with this behind


@dataclass(frozen=True)
class Rule:
    """One thing that must hold, who can fix it and what happens where it does not.

    `expression` is SQL over silver columns that is false for a bad row (null counts as good); it is empty for
    rules that judge the whole delivery, which carry a `metric` instead: rowCount, duplicateValues, nullShare or
    sql, with `minimum` and `maximum` for its value. `limit` is the share of failing rows (0 to 1) above which
    the whole batch is held; None never holds. `arguments` are the values the expression was written from
    (minimum and maximum, values, pattern), so that a gate can judge without reading the expression.
    """

    id: str
    severity: Severity
    message_en: str
    message_zh: str
    expression: str = ""
    column: str = ""
    kind: str = "logic"  # or required, type, enum, range, length, pattern, standard, calendar, empty, malformed, metric
    metric: str = ""
    query: str = ""
    minimum: float | None = None
    maximum: float | None = None
    limit: float | None = None
    dimension: str = ""  # GB/T 36344 sub-indicator, for example 0201
    owner: str = ""
    arguments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Area:
    """One version of an administrative division in a code table; days are ISO dates, both included."""

    OPEN: ClassVar[str] = "9999-12-31"

    code: str
    name: str = ""
    valid_from: str = "0001-01-01"
    valid_to: str = OPEN
    predecessor: str = ""


@dataclass(frozen=True)
class Coordinates:
    """Two columns that are a place. Delivered in `crs` (or in what the column `crs_column` says), WGS-84 in silver.

    `box` is west, south, east, north in degrees of WGS-84.
    """

    longitude: str
    latitude: str
    crs: str = "wgs84"
    crs_column: str = ""
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Column:
    """One column: how it is delivered and what it is in silver.

    `delivered` lists the header names it may arrive under, the agreed one first. `formats` are date and time
    patterns tried in order, plus the named ones of `formats.py`. `codes` maps a delivered value to the conformed
    one. `expression` makes a derived column from others; such a column is not delivered. `standard` is one of
    `standards.py`; `levels`, `areas` and `valid_on` (a column that holds the day) say more about area codes.
    """

    name: str
    type: LogicalType
    delivered: tuple[str, ...]
    title_en: str = ""
    title_zh: str = ""
    required: bool = False
    optional_in_file: bool = False
    key: bool = False
    partition: bool = False
    formats: tuple[str, ...] = ()
    timezone: str = ""
    null_values: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    decimals: int | None = None
    pseudonymise: bool = False
    classification: str = ""
    expression: str = ""
    fold_width: bool = False
    sentinels: tuple[str, ...] = ()
    standard: str = ""
    levels: tuple[str, ...] = ()
    areas: tuple[Area, ...] = ()
    valid_on: str = ""
    replace_abolished: bool = False


@dataclass(frozen=True)
class Table:
    """One table. `key` is `<domain>.<name>`, its name everywhere: lake path, ledger, command line."""

    domain: str
    name: str
    title_en: str
    title_zh: str
    grain: str
    file: str  # the member of the delivery that holds it ("" = every file), a glob
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    order_by: str = ""
    occurrence: bool = False
    mode: Mode = "increment"
    optional: bool = False
    coordinates: tuple[Coordinates, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.domain}.{self.name}"

    @property
    def delivered_columns(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if not column.expression)

    @property
    def key_columns(self) -> tuple[str, ...]:
        """Business key; every column where the contract names none."""
        named = tuple(column.name for column in self.columns if column.key)
        return named or tuple(column.name for column in self.delivered_columns)

    @property
    def stated_columns(self) -> tuple[str, ...]:
        """What a delivery states of a key: the other delivered columns, but not the one that orders versions."""
        named = set(self.key_columns) | {self.order_by}
        return tuple(column.name for column in self.delivered_columns if column.name not in named)

    @property
    def business_day(self) -> str:
        """The date or time that says which day a row is about: of the partition, else of the key; "" without one."""
        dated = [column for column in self.columns if column.type in ("date", "timestamp")]
        ranked = [*(c for c in dated if c.partition), *(c for c in dated if c.key)]
        return ranked[0].name if ranked else ""

    @property
    def partition_columns(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.partition)

    @property
    def ranged_columns(self) -> tuple[str, ...]:
        """Columns of the key whose least and greatest value in a delivery tell which rows it cannot meet."""
        named = (column for column in self.columns if column.name in self.key_columns and column.required)
        return tuple(column.name for column in named if column.type in RANGED)

    @property
    def judged_columns(self) -> tuple[str, ...]:
        """Columns with a `_fault_<column>` beside them: those of a standard, and the longitude of each place."""
        named = [column.name for column in self.columns if column.standard]
        return (*named, *(place.longitude for place in self.coordinates))

    @property
    def row_rules(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.expression)

    @property
    def table_rules(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.metric)


@dataclass(frozen=True)
class Source:
    """Where a delivery is found and how it is written.

    `path` is a glob that may start with a named root (`{inbox}`) and hold one date field (`{date:%Y%m%d}`).
    `deliveries` names files by ISO date where their names carry none. `encodings` are tried in order, strictly.
    """

    kind: str = "local"
    path: str = ""
    deliveries: Mapping[str, str] = field(default_factory=dict)
    format: str = "csv"
    encodings: tuple[str, ...] = ("utf-8-sig",)
    delimiter: str = ","
    quote: str = '"'
    header_row: int = 1  # 1-based; 0 = the file has no header
    skip_rows_matching: str = ""  # regular expression over the row's cells joined by the delimiter (footnotes, totals)
    member: str = ""  # glob of the archive member, where the delivery is one table in an archive
    sheet: str = ""  # glob of the sheet's name; "" = the first sheet
    record_path: str = ""  # where the records are in a JSON or XML document
    unpivot: Mapping[str, str] = field(default_factory=dict)  # under which names the parts of a matrix arrive
    connection: Connection = field(default_factory=Connection)


@dataclass(frozen=True)
class Contract:
    """One delivery agreed with one department. `id` is `<domain>.<name>`."""

    id: str
    version: str
    department: str
    department_en: str
    department_zh: str
    domain: str
    name: str
    title_en: str
    title_zh: str
    tables: tuple[Table, ...]
    source: Source
    mode: Mode = "increment"
    timezone: str = "Asia/Shanghai"
    frequency_days: int = 1
    due_time: str = "08:00"  # local time by which the delivery of a logical date is due, the day after it
    grace_days: int = 0
    schedule: str = "0 6 * * *"
    custom: Mapping[str, object] = field(default_factory=dict)
    path: Path = Path()

    @cached_property
    def fingerprint(self) -> str:
        """Hash of everything that changes what a batch becomes; a new one makes a rerun do work again."""
        content = asdict(self)
        for field_name in ("path", "custom", "schedule", "due_time", "grace_days", "frequency_days"):
            content.pop(field_name)
        content["source"].pop("connection")  # another password or address makes no other rows
        if not content["source"]["unpivot"]:
            content["source"].pop("unpivot")  # contracts without a matrix keep the hash they had before there were any
        text = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def table(self, name: str) -> Table:
        return next(table for table in self.tables if name in (table.name, table.key))
