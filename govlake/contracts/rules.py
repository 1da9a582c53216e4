"""The rules of a table: those its schema implies, and those its `quality` sections spell out.

Row rules become SQL over silver columns that is false for a bad row. A row whose value is null passes every
rule but `required`: absence and wrongness are different faults with different owners.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast, get_args

from open_data_contract_standard.model import DataQuality, SchemaProperty

from govlake.contracts.model import Column, Rule, Severity
from govlake.errors import ContractError

HOLD_LIMIT = (
    0.2  # share of rows failing one rule above which the whole batch is held, unless the rule says otherwise
)
METRICS = ("rowCount", "duplicateValues", "nullValues", "missingValues", "invalidValues")


def schema_rules(
    columns: Sequence[Column], entries: Sequence[SchemaProperty], custom: dict[str, Any]
) -> list[Rule]:
    """Rules every table has, and those that follow from types and options of its columns."""
    rules = [
        Rule(
            "row.malformed",
            "quarantine",
            "The row cannot be split into the agreed columns",
            "该行无法按约定的列拆分",
            "_malformed IS NULL",
            kind="malformed",
            limit=HOLD_LIMIT,
            dimension="010102",
        ),
        Rule(
            "row.empty",
            "quarantine",
            "The row is completely empty",
            "整行为空",
            "NOT _is_empty",
            kind="empty",
            dimension="0202",
        ),
    ]
    for column, entry in zip(columns, entries, strict=True):
        owner = str(_custom(entry).get("owner", ""))
        if not column.expression and column.type != "string":
            rules.append(
                Rule(
                    f"{column.name}.type",
                    "quarantine",
                    f"{column.title_en} is not {_kind_en(column)}",
                    f"{column.title_zh}不是{_kind_zh(column)}",
                    f"NOT _bad_{column.name}",
                    column.name,
                    "type",
                    limit=_limit(entry),
                    dimension="010101",
                    owner=owner,
                )
            )
        if column.required:
            rules.append(
                Rule(
                    f"{column.name}.required",
                    "quarantine",
                    f"{column.title_en} is missing",
                    f"缺少{column.title_zh}",
                    f"{column.name} IS NOT NULL OR {_bad(column)}",
                    column.name,
                    "required",
                    limit=_limit(entry),
                    dimension="0201",
                    owner=owner,
                )
            )
        rules += _option_rules(column, entry, owner)
    return rules


def _option_rules(column: Column, entry: SchemaProperty, owner: str) -> list[Rule]:
    options = entry.logicalTypeOptions or {}
    name, en, zh, limit = column.name, column.title_en, column.title_zh, _limit(entry)
    rules = []
    low, high = options.get("minimum"), options.get("maximum")
    if low is not None or high is not None:
        parts = [
            f"{name} >= {_literal(column, low)}" if low is not None else "",
            f"{name} <= {_literal(column, high)}" if high is not None else "",
        ]
        span_en = (
            f"between {low} and {high}"
            if None not in (low, high)
            else (f"at least {low}" if low is not None else f"at most {high}")
        )
        span_zh = (
            f"应在{low}至{high}之间"
            if None not in (low, high)
            else (f"应不小于{low}" if low is not None else f"应不大于{high}")
        )
        rules.append(
            Rule(
                f"{name}.range",
                "quarantine",
                f"{en} must be {span_en}",
                f"{zh}{span_zh}",
                " AND ".join(part for part in parts if part),
                name,
                "range",
                limit=limit,
                dimension="0301",
                owner=owner,
            )
        )
    if entry.enum:
        values = [str(value.value) for value in entry.enum]
        shown = ", ".join(values[:6]) + (" ..." if len(values) > 6 else "")
        listed = ", ".join(_quote(value) for value in values)
        rules.append(
            Rule(
                f"{name}.enum",
                "quarantine",
                f"{en} is not in the code table ({shown})",
                f"{zh}不在代码表内({shown})",
                f"{name} IN ({listed})",
                name,
                "enum",
                limit=limit,
                dimension="0105",
                owner=owner,
            )
        )
    if options.get("pattern"):
        rules.append(
            Rule(
                f"{name}.pattern",
                "quarantine",
                f"{en} is not written as agreed",
                f"{zh}书写格式不符合约定",
                f"{name} RLIKE {_quote(str(options['pattern']))}",
                name,
                "pattern",
                limit=limit,
                dimension="0302",
                owner=owner,
            )
        )
    shortest, longest = options.get("minLength"), options.get("maxLength")
    if shortest is not None or longest is not None:
        parts = [
            f"length({name}) >= {int(shortest)}" if shortest is not None else "",
            f"length({name}) <= {int(longest)}" if longest is not None else "",
        ]
        rules.append(
            Rule(
                f"{name}.length",
                "quarantine",
                f"{en} has the wrong length",
                f"{zh}长度不符",
                " AND ".join(part for part in parts if part),
                name,
                "length",
                limit=limit,
                dimension="010103",
                owner=owner,
            )
        )
    return rules


def column_rules(file: Path, table: str, column: Column, entry: SchemaProperty) -> list[Rule]:
    """The quality section of one column."""
    return [_read(file, table, quality, [column.name], column) for quality in entry.quality or []]


def table_rules(file: Path, table: str, qualities: Sequence[DataQuality], names: Sequence[str]) -> list[Rule]:
    """The quality section of the table."""
    return [_read(file, table, quality, names, None) for quality in qualities]


def _read(file: Path, table: str, quality: DataQuality, names: Sequence[str], column: Column | None) -> Rule:
    where = f"{file}: schema.{table}{'.' + column.name if column else ''}.quality"
    custom = _custom(quality)
    metric = quality.metric or quality.rule
    label = quality.id or quality.name or metric or "rule"
    rule_id = re.sub(r"\W+", "_", label.strip()).strip("_").lower()
    rule_id = f"{column.name}.{rule_id}" if column else rule_id
    severity = (quality.severity or "quarantine").lower()
    severity = {"error": "quarantine", "critical": "hold", "warning": "warn", "info": "warn"}.get(
        severity, severity
    )
    if severity not in get_args(Severity):
        raise ContractError(f"{where}: severity of {label} is '{severity}'.", "Use hold, quarantine or warn.")
    message = quality.description or str(label)
    low, high = _bounds(quality)
    share = str(quality.unit or "").lower() in ("percent", "%")
    base = {
        "id": rule_id,
        "severity": cast(Severity, severity),
        "message_en": message,
        "message_zh": str(custom.get("messageZh") or message),
        "dimension": str(custom.get("gbt") or quality.dimension or ""),
        "owner": str(custom.get("owner", "")),
        "column": column.name if column else "",
    }
    limit = custom.get(
        "limit", HOLD_LIMIT if severity == "quarantine" else 0.0 if severity == "hold" else None
    )
    limit = None if limit is None else float(limit)
    if quality.type == "custom":
        if (quality.engine or "govlake") != "govlake" or not isinstance(quality.implementation, str):
            raise ContractError(
                f"{where}: {label} names the engine '{quality.engine}'.",
                "Use `engine: govlake` with a SQL condition that is true for a good row as `implementation`.",
            )
        _check_columns(where, str(label), quality.implementation)
        return Rule(expression=quality.implementation.strip(), kind="logic", limit=limit, **base)
    if quality.type == "sql" and quality.query:
        if low is None and high is None:
            raise ContractError(
                f"{where}: {label} has no bound.", "Add mustBe, mustBeLessThan or another must..."
            )
        return Rule(kind="metric", metric="sql", query=quality.query, minimum=low, maximum=high, **base)
    if metric not in METRICS:
        raise ContractError(
            f"{where}: {label} has the metric '{metric}'.",
            f"Use one of {', '.join(METRICS)}, or type custom with engine govlake, or type sql.",
        )
    if metric in ("rowCount", "duplicateValues"):
        columns = ", ".join((quality.arguments or {}).get("properties", [])) or (
            column.name if column else ""
        )
        return Rule(kind="metric", metric=str(metric), query=columns, minimum=low, maximum=high, **base)
    if column is None:
        raise ContractError(f"{where}: {metric} needs a column.", "Move it to the column it is about.")
    expression = _library_expression(cast(str, metric), column, quality.arguments or {})
    if high is not None and high > 0:
        limit = high / 100 if share else limit
    return Rule(expression=expression, kind="logic", limit=limit, **base)


def _library_expression(metric: str, column: Column, arguments: dict[str, Any]) -> str:
    if metric in ("nullValues", "missingValues"):
        return f"{column.name} IS NOT NULL"
    valid = arguments.get("validValues")
    if valid:
        return f"{column.name} IN ({', '.join(_quote(str(value)) for value in valid)})"
    if arguments.get("pattern"):
        return f"{column.name} RLIKE {_quote(str(arguments['pattern']))}"
    return f"NOT {_bad(column)}"


def _bounds(quality: DataQuality) -> tuple[float | None, float | None]:
    """Inclusive bounds; a strict bound on counts is moved by the smallest step that matters."""
    if quality.mustBe is not None:
        return float(quality.mustBe), float(quality.mustBe)
    if quality.mustBeBetween:
        return float(quality.mustBeBetween[0]), float(quality.mustBeBetween[1])
    low = quality.mustBeGreaterOrEqualTo
    high = quality.mustBeLessOrEqualTo
    if quality.mustBeGreaterThan is not None:
        low = quality.mustBeGreaterThan + 1e-9
    if quality.mustBeLessThan is not None:
        high = quality.mustBeLessThan - 1e-9
    return (None if low is None else float(low)), (None if high is None else float(high))


def _check_columns(where: str, label: str, expression: str) -> None:
    """Refuse an expression that is not one SQL condition; unknown columns are refused by the lint, which parses it."""
    if not expression.strip() or ";" in expression:
        raise ContractError(
            f"{where}: {label} is not one SQL condition.",
            "Write a condition such as `closed_at >= opened_at`.",
        )


def _custom(entry: Any) -> dict[str, Any]:
    return {str(e.property): e.value for e in entry.customProperties or [] if e.property}


def _limit(entry: SchemaProperty) -> float | None:
    limit = _custom(entry).get("limit", HOLD_LIMIT)
    return None if limit is None else float(limit)


def _bad(column: Column) -> str:
    return "false" if column.expression or column.type == "string" else f"_bad_{column.name}"


def _literal(column: Column, value: object) -> str:
    if column.type in ("date", "timestamp"):
        return f"{column.type.upper()} {_quote(str(value))}"
    return str(value) if column.type in ("integer", "number", "time") else _quote(str(value))


def _quote(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _kind_en(column: Column) -> str:
    return {
        "integer": "a whole number",
        "number": "a number",
        "date": "a date in the agreed form",
        "timestamp": "a time in the agreed form",
        "boolean": "yes or no",
        "time": "a time of day",
    }[column.type]


def _kind_zh(column: Column) -> str:
    return {
        "integer": "整数",
        "number": "数值",
        "date": "约定格式的日期",
        "timestamp": "约定格式的时间",
        "boolean": "是否值",
        "time": "时刻",
    }[column.type]
