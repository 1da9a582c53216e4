"""One ODCS property read as a Column."""

from pathlib import Path
from typing import Any, cast, get_args

from open_data_contract_standard.model import SchemaProperty

from govlake.contracts.model import Column, LogicalType
from govlake.errors import ContractError

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
    file: Path, table: str, entry: SchemaProperty, timezone: str, table_nulls: list[str] | None
) -> Column:
    """The column that `entry` describes, with the table's defaults filled in."""
    name = str(entry.name or "")
    custom = {str(e.property): e.value for e in entry.customProperties or [] if e.property}
    logical = str(entry.logicalType or "string")
    if not name:
        raise ContractError(f"{file}: schema.{table}.properties has a column without name.", "Name it.")
    if logical not in get_args(LogicalType):
        raise ContractError(
            f"{file}: schema.{table}.{name}.logicalType is '{logical}'.",
            f"Use one of {', '.join(get_args(LogicalType))}.",
        )
    options = entry.logicalTypeOptions or {}
    formats = custom.get("formats") or ([options["format"]] if options.get("format") else [])
    nulls = custom.get("nullValues", table_nulls)
    codes: dict[str, Any] = dict(custom.get("codes") or {})
    title = entry.businessName or name.replace("_", " ").capitalize()
    return Column(
        name=name,
        type=cast(LogicalType, logical),
        delivered=(str(entry.physicalName or name), *(str(alias) for alias in custom.get("aliases") or [])),
        title_en=str(custom.get("titleEn") or title),
        title_zh=str(custom.get("titleZh") or title),
        required=bool(entry.required or entry.primaryKey),
        optional_in_file=bool(custom.get("optional", False)),
        key=bool(entry.primaryKey),
        partition=bool(entry.partitioned),
        formats=tuple(str(pattern) for pattern in formats),
        timezone=str(custom.get("timezone", timezone)),
        null_values=tuple(str(value) for value in (NULL_VALUES if nulls is None else ["", *nulls])),
        codes={str(key): str(value) for key, value in codes.items()},
        decimals=int(str(options["scale"])) if "scale" in options else None,
        pseudonymise=bool(custom.get("pseudonymise", False)),
        classification=str(entry.classification or ""),
        expression=str(entry.transformLogic or ""),
    )
