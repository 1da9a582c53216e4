"""From a contract's row rules to Great Expectations.

A rule is compiled from its `arguments` where Great Expectations has the expectation, and from its SQL where
it has not: the gate then judges by other means than the SQL that split the rows, so it can disagree with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from govlake.contracts.model import Column, Rule, Table
from govlake.errors import GateError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

WHOLE_ROW = ("malformed", "empty")  # kinds judged on every row; all others on rows that are neither


def given(column: Column) -> str:
    """Name of the helper column that is null where nothing was delivered, readable or not."""
    return f"_given_{column.name}"


def readable(table: Table, staged: DataFrame) -> DataFrame:
    """The rows that are rows: neither malformed nor empty, with what `required` looks at.

    A value that was delivered but cannot be parsed is wrong, not missing.
    """
    rows = staged.where("_malformed IS NULL AND NOT coalesce(_is_empty, false)")
    wanted = {rule.column for rule in table.row_rules if rule.kind == "required"}
    marks = {given(column): _present(column, rows.columns) for column in table.columns if column.name in wanted}
    return rows.selectExpr("*", *(f"{sql} AS {name}" for name, sql in marks.items()))


def _present(column: Column, staged: Sequence[str]) -> str:
    bad = f"_bad_{column.name}"
    unreadable = f"coalesce({bad}, false)" if bad in staged else "false"
    return f"CASE WHEN `{column.name}` IS NOT NULL OR {unreadable} THEN true END"


def compile_row_rules(table: Table, rules: Sequence[Rule]) -> list[Any]:
    """One expectation per row rule, each with the rule's id in `meta["rule"]`."""
    columns = {column.name: column for column in table.columns}
    return [_compile(rule, columns.get(rule.column)) for rule in rules]


def _compile(rule: Rule, column: Column | None) -> Any:
    from expectations.counted import ExpectRowsToSatisfy

    try:
        native = NATIVE.get(rule.kind) if column or rule.kind in WHOLE_ROW else None
        expectation = native(rule, column) if native else None
        return expectation or ExpectRowsToSatisfy(condition=rule.expression, **_shared(rule))
    except (ValueError, KeyError) as error:
        raise GateError(
            f"The rule {rule.id} cannot be compiled: {str(error).splitlines()[0]}.",
            "Check its bounds and values against the column's type.",
        ) from error


def _shared(rule: Rule) -> dict[str, Any]:
    return {"mostly": 1 - (rule.limit or 0.0), "meta": {"rule": rule.id}}


def _malformed(rule: Rule, _column: Column | None) -> Any:
    from expectations.counted import ExpectCountedNull

    return ExpectCountedNull(column="_malformed", **_shared(rule))


def _empty(rule: Rule, _column: Column | None) -> Any:
    from expectations.counted import ExpectCountedInSet

    return ExpectCountedInSet(column="_is_empty", value_set=[False], **_shared(rule))


def _type(rule: Rule, column: Column) -> Any:
    from expectations.counted import ExpectCountedInSet

    return ExpectCountedInSet(column=f"_bad_{column.name}", value_set=[False], **_shared(rule))


def _required(rule: Rule, column: Column) -> Any:
    from expectations.counted import ExpectCountedNotNull

    return ExpectCountedNotNull(column=given(column), **_shared(rule))


def _enum(rule: Rule, column: Column) -> Any:
    from expectations.counted import ExpectCountedInSet

    values = rule.arguments.get("values")
    if not isinstance(values, Sequence):
        return None
    values = [_value(column, value) for value in values]
    return ExpectCountedInSet(column=column.name, value_set=values, **_shared(rule))


def _range(rule: Rule, column: Column) -> Any:
    from expectations.counted import ExpectCountedBetween

    low, high = rule.arguments.get("minimum"), rule.arguments.get("maximum")
    if low is None and high is None:
        return None
    return ExpectCountedBetween(
        column=column.name, min_value=_value(column, low), max_value=_value(column, high), **_shared(rule)
    )


def _pattern(rule: Rule, column: Column) -> Any:
    from expectations.counted import ExpectCountedRegex

    pattern = str(rule.arguments.get("pattern") or "")
    return ExpectCountedRegex(column=column.name, regex=pattern, **_shared(rule)) if pattern else None


def _length(rule: Rule, column: Column) -> Any:
    from expectations.counted import ExpectCountedLength

    low, high = (_whole(rule.arguments.get(bound)) for bound in ("minimum", "maximum"))
    if low is None and high is None:
        return None
    return ExpectCountedLength(column=column.name, min_value=low, max_value=high, **_shared(rule))


def _standard(rule: Rule, column: Column) -> Any:
    from expectations.counted import ExpectCountedNotInSet

    fault = rule.arguments["fault"]
    return ExpectCountedNotInSet(column=f"_fault_{column.name}", value_set=[fault], **_shared(rule))


NATIVE: dict[str, Callable[[Rule, Any], Any]] = {
    "malformed": _malformed,
    "empty": _empty,
    "type": _type,
    "required": _required,
    "enum": _enum,
    "range": _range,
    "pattern": _pattern,
    "length": _length,
    "standard": _standard,
}


def _whole(value: object) -> int | None:
    return None if value is None else int(str(value))


def _value(column: Column, value: object) -> Any:
    """`value` of the contract in the Python type that compares with the silver column."""
    if value is None or column.type in ("string", "boolean"):
        return value if value is None or column.type == "string" else str(value).lower() == "true"
    if column.type == "date":
        return date.fromisoformat(str(value)[:10])
    if column.type == "timestamp":
        moment = datetime.fromisoformat(str(value))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    number = float(str(value))
    return int(number) if number.is_integer() else number
