"""The rules that a table's schema implies: split, emptiness, types, required, ranges, code tables, forms.

Row rules become SQL over silver columns that is false for a bad row. A row whose value is null passes every
rule but `required`: absence and wrongness are different faults with different owners.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from open_data_contract_standard.model import SchemaProperty

from govlake.contracts.model import Column, Rule
from govlake.contracts.standards import calendar_rules, standard_rules

# Share of rows failing one rule above which the whole batch is held, unless the rule says otherwise.
HOLD_LIMIT = 0.2
KIND_EN = {
    "integer": "a whole number",
    "number": "a number",
    "date": "a date in the agreed form",
    "timestamp": "a time in the agreed form",
    "boolean": "yes or no",
    "time": "a time of day",
}
KIND_ZH = {
    "integer": "整数",
    "number": "数值",
    "date": "约定格式的日期",
    "timestamp": "约定格式的时间",
    "boolean": "是否值",
    "time": "时刻",
}
MALFORMED = Rule(
    "row.malformed",
    "quarantine",
    "The row cannot be split into the agreed columns",
    "该行无法按约定的列拆分",
    "_malformed IS NULL",
    kind="malformed",
    limit=HOLD_LIMIT,
    dimension="010102",
)
EMPTY = Rule(
    "row.empty",
    "quarantine",
    "The row is completely empty",
    "整行为空",
    "NOT _is_empty",
    kind="empty",
    dimension="0202",
)


def implied_rules(
    columns: Sequence[Column],
    entries: Sequence[SchemaProperty],
    customs: Sequence[Mapping[str, Any]],
    limit: float | None,
) -> list[Rule]:
    """Rules every table has, and those that follow from types and options of its columns.

    `limit` is the table's own; a column's custom property `limit` wins over it.
    """
    rules = [replace(MALFORMED, limit=limit), EMPTY]
    for column, entry, custom in zip(columns, entries, customs, strict=True):
        shared = {
            "column": column.name,
            "limit": _share(custom.get("limit", limit)),
            "owner": str(custom.get("owner", "")),
        }
        rules += [replace(rule, **shared) if rule.expression else rule for rule in _of_column(column, entry)]
    return rules


def _of_column(column: Column, entry: SchemaProperty) -> Iterator[Rule]:
    options = entry.logicalTypeOptions or {}
    if column.type != "string" and not column.expression:
        yield _type(column)
    if column.required:
        yield _required(column)
    if options.get("minimum") is not None or options.get("maximum") is not None:
        yield _range(column, options.get("minimum"), options.get("maximum"))
    if options.get("exclusiveMinimum") is not None or options.get("exclusiveMaximum") is not None:
        yield _open_range(column, options.get("exclusiveMinimum"), options.get("exclusiveMaximum"))
    if entry.enum:
        yield _enum(column, [str(value.value) for value in entry.enum])
    if options.get("pattern"):
        yield _pattern(column, str(options["pattern"]))
    if options.get("minLength") is not None or options.get("maxLength") is not None:
        yield _length(column, options.get("minLength"), options.get("maxLength"))
    yield from standard_rules(column)
    yield from calendar_rules(column)
    if entry.unique and not entry.primaryKey:
        yield _unique(column)


def _type(column: Column) -> Rule:
    return _rule(
        column,
        "type",
        f"{column.title_en} is not {KIND_EN[column.type]}",
        f"{column.title_zh}不是{KIND_ZH[column.type]}",
        f"NOT _bad_{column.name}",
        "010101",
    )


def _required(column: Column) -> Rule:
    return _rule(
        column,
        "required",
        f"{column.title_en} is missing",
        f"缺少{column.title_zh}",
        f"{column.name} IS NOT NULL OR {bad(column)}",
        "0201",
    )


def _range(column: Column, low: object, high: object) -> Rule:
    span_en = f"at most {high}" if low is None else f"at least {low}" if high is None else f"between {low} and {high}"
    span_zh = f"应不大于{high}" if low is None else f"应不小于{low}" if high is None else f"应在{low}至{high}之间"
    return _rule(
        column,
        "range",
        f"{column.title_en} must be {span_en}",
        f"{column.title_zh}{span_zh}",
        _compare(column, (">=", low), ("<=", high)),
        "0301",
        {"minimum": _bound(column, low), "maximum": _bound(column, high)},
    )


def _open_range(column: Column, low: object, high: object) -> Rule:
    words_en = [f"above {low}" if low is not None else "", f"below {high}" if high is not None else ""]
    words_zh = [f"应大于{low}" if low is not None else "", f"应小于{high}" if high is not None else ""]
    rule = _rule(
        column,
        "open_range",
        f"{column.title_en} must be {' and '.join(word for word in words_en if word)}",
        f"{column.title_zh}{'且'.join(word for word in words_zh if word)}",
        _compare(column, (">", low), ("<", high)),
        "0301",
    )
    return replace(rule, kind="logic")


def _enum(column: Column, values: list[str]) -> Rule:
    shown = ", ".join(values[:6]) + (" ..." if len(values) > 6 else "")
    return _rule(
        column,
        "enum",
        f"{column.title_en} is not in the code table ({shown})",
        f"{column.title_zh}不在代码表内({shown})",
        f"{column.name} IN ({', '.join(literal(column, value) for value in values)})",
        "0105",
        {"values": [typed(column, value) for value in values]},
    )


def _pattern(column: Column, pattern: str) -> Rule:
    return _rule(
        column,
        "pattern",
        f"{column.title_en} is not written as agreed",
        f"{column.title_zh}书写格式不符合约定",
        f"{column.name} RLIKE {quote(pattern)}",
        "0302",
        {"pattern": pattern},
    )


def _length(column: Column, shortest: object, longest: object) -> Rule:
    parts = [
        f"length({column.name}) >= {shortest}" if shortest is not None else "",
        f"length({column.name}) <= {longest}" if longest is not None else "",
    ]
    return _rule(
        column,
        "length",
        f"{column.title_en} has the wrong length",
        f"{column.title_zh}长度不符",
        " AND ".join(part for part in parts if part),
        "010103",
        {"minimum": shortest, "maximum": longest},
    )


def _unique(column: Column) -> Rule:
    return Rule(
        f"{column.name}.unique",
        "hold",
        f"{column.title_en} must not repeat",
        f"{column.title_zh}不得重复",
        kind="metric",
        metric="duplicateValues",
        query=column.name,
        minimum=0.0,
        maximum=0.0,
        dimension="0304",
    )


def _rule(
    column: Column,
    kind: str,
    message_en: str,
    message_zh: str,
    expression: str,
    dimension: str,
    arguments: Mapping[str, object] | None = None,
) -> Rule:
    return Rule(
        f"{column.name}.{kind}",
        "quarantine",
        message_en,
        message_zh,
        expression,
        kind=kind,
        dimension=dimension,
        arguments=arguments or {},
    )


def bad(column: Column) -> str:
    """SQL that is true where the delivered text could not be read as the column's type."""
    return "false" if column.expression or column.type == "string" else f"_bad_{column.name}"


def literal(column: Column, value: object) -> str:
    """`value` as a SQL literal of the column's type; a time of day is seconds since midnight."""
    if column.type in ("date", "timestamp"):
        return f"{column.type.upper()} {quote(str(value))}"
    if column.type == "time" and ":" in str(value):
        hours, minutes, seconds = (int(part) for part in f"{value}:0:0".split(":")[:3])
        return str(hours * 3600 + minutes * 60 + seconds)
    return str(value) if column.type in ("integer", "number", "boolean", "time") else quote(str(value))


def typed(column: Column, value: str) -> object:
    """`value` as Python has it for the column's type; text where it is not of that type (the lint says so)."""
    kinds = {"integer": int, "number": float}
    try:
        return kinds.get(column.type, str)(value)
    except ValueError:
        return value


def quote(value: str) -> str:
    """`value` as a SQL text literal."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _compare(column: Column, *bounds: tuple[str, object]) -> str:
    return " AND ".join(
        f"{column.name} {operator} {literal(column, value)}" for operator, value in bounds if value is not None
    )


def _bound(column: Column, value: object) -> object:
    return int(literal(column, value)) if column.type == "time" and value is not None else value


def _share(value: object) -> float | None:
    return None if value is None else float(str(value))
