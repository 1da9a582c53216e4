"""One ODCS property read as a Column."""

from typing import Any, cast, get_args

from open_data_contract_standard.model import SchemaProperty

from govlake.contracts.areas import read_areas
from govlake.contracts.known import COLUMN
from govlake.contracts.model import BRONZE_META, SILVER_META, Column, LogicalType
from govlake.contracts.reading import Reading
from govlake.contracts.standards import LEVELS, STANDARDS

WIDTHS, ABOLISHED = ("keep", "fold"), ("keep", "replace")
# What counts as null in every text, unless the contract lists its own. The empty text always does.
NULL_VALUES = (
    "",
    "-",
    "--",
    "N/A",
    "n/a",
    "NA",
    "NULL",
    "null",
    "Null",
    "\\N",
    "None",
    "nan",
    "NaN",
    "无",
    "空",
)


def read_column(
    reading: Reading, table: str, entry: SchemaProperty, timezone: str, table_nulls: list[str] | None
) -> tuple[Column, dict[str, Any]]:
    """The column that `entry` describes with the table's defaults filled in, and its custom properties."""
    name = str(entry.name or "")
    where = f"schema.{table}.{name or '(unnamed)'}"
    custom = reading.properties(f"{where}.", entry.customProperties, COLUMN)
    _check_name(reading, where, name)
    kind = reading.one_of(f"{where}.logicalType", str(entry.logicalType or "string"), get_args(LogicalType), "string")
    options = entry.logicalTypeOptions or {}
    nulls = custom.get("nullValues", table_nulls)
    standard = str(custom.get("standard") or "")
    areas = custom.get("codeTable")
    title = entry.businessName or name.replace("_", " ").capitalize()
    column = Column(
        name=name,
        type=cast(LogicalType, kind),
        delivered=_headers(entry, custom),
        title_en=str(custom.get("titleEn") or title),
        title_zh=str(custom.get("titleZh") or title),
        required=bool(entry.required or entry.primaryKey),
        optional_in_file=bool(custom.get("optional", False)),
        key=bool(entry.primaryKey),
        partition=bool(entry.partitioned),
        formats=_formats(kind, options, custom),
        timezone=str(custom.get("timezone") or options.get("defaultTimezone") or timezone),
        null_values=NULL_VALUES if nulls is None else _with_empty(nulls),
        codes={str(key): str(value) for key, value in (custom.get("codes") or {}).items()},
        decimals=custom.get("decimals"),
        pseudonymise=bool(custom.get("pseudonymise", False)),
        classification=str(entry.classification or ""),
        expression=str(entry.transformLogic or "").strip(),
        fold_width=reading.one_of(f"{where}.fullwidth", custom.get("fullwidth", "keep"), WIDTHS, "keep") == "fold",
        sentinels=tuple(str(value) for value in custom.get("sentinels") or ()),
        standard=reading.one_of(f"{where}.standard", standard, tuple(STANDARDS), "") if standard else "",
        levels=_levels(reading, where, custom),
        areas=read_areas(reading, f"{where}.codeTable", str(areas)) if areas else (),
        valid_on=str(custom.get("validOn") or ""),
        replace_abolished=reading.one_of(f"{where}.abolished", custom.get("abolished", "keep"), ABOLISHED, "keep")
        == "replace",
    )
    return column, custom


def _levels(reading: Reading, where: str, custom: dict[str, Any]) -> tuple[str, ...]:
    named = [str(value) for value in custom.get("levels") or ()]
    return tuple(reading.one_of(f"{where}.levels", value, LEVELS, "county") for value in named)


def _check_name(reading: Reading, where: str, name: str) -> None:
    plain = name.isascii() and name.isidentifier() and name == name.lower()
    if name.startswith("_") or name in (*BRONZE_META, *SILVER_META):
        reading.refuse(where, "starts with an underscore", "Those names are govlake's own; choose another.")
    elif not plain:
        remedy = "Use lower-case letters, digits and underscores; the delivered header is its physicalName."
        reading.refuse(f"{where}.name", f"is '{name}'" if name else "is missing", remedy)


def _headers(entry: SchemaProperty, custom: dict[str, Any]) -> tuple[str, ...]:
    """The headers the column may arrive under, the agreed one first, each once."""
    names = [entry.physicalName or entry.name or "", *(custom.get("aliases") or [])]
    return tuple(dict.fromkeys(str(name) for name in names))


def _formats(kind: str, options: dict[str, Any], custom: dict[str, Any]) -> tuple[str, ...]:
    """Patterns of dates and times; ODCS uses the same option for the width of numbers, which is not one."""
    if kind not in ("date", "timestamp", "time"):
        return ()
    patterns = custom.get("formats") or ([options["format"]] if options.get("format") else [])
    return tuple(str(pattern) for pattern in patterns)


def _with_empty(nulls: list[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(["", *(str(value) for value in nulls)]))
