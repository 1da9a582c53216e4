"""Gate 1: whether what every row needs is there at all, judged on the delivered text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from expectations.validate import validate
from expectations.verdict import number, percent
from govlake.batch import GateResult
from govlake.contracts.model import Column, Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

GATE = "gate_1"
KEY_LIMIT = 0.2  # share of rows without a required value above which the delivery is held
BLANKS = " \\t\\n\\r\\f\u3000\u00a0\u200b\ufeff"


def judge_given(table: Table, bronze: DataFrame, found: Sequence[str]) -> list[GateResult]:
    """For every required column that was delivered: the share of rows that has a value, in one pass.

    Rows that are malformed or hold nothing at all are judged on their own at gate 2.
    """
    wanted = [column for column in table.delivered_columns if column.required and column.name in found]
    if not wanted:
        return []
    from expectations.counted import ExpectCountedNotNull

    suite = [
        ExpectCountedNotNull(column=column.name, mostly=1 - limit_of(table, column), meta={"rule": column.name})
        for column in wanted
    ]
    counted = validate(given(table, bronze, found), f"{table.key} given", suite)
    return [_given(table, column, counted[column.name].unexpected, counted[column.name].rows) for column in wanted]


def given(table: Table, bronze: DataFrame, found: Sequence[str]) -> DataFrame:
    """Rows that hold something, with null for everything that the contract reads as null."""
    named = [column for column in table.delivered_columns if column.name in found]
    values = bronze.where("_malformed IS NULL").selectExpr(
        *(f"{_value(column)} AS `{column.name}`" for column in named)
    )
    return values.where(f"coalesce({', '.join(f'`{column.name}`' for column in named)}) IS NOT NULL")


def _value(column: Column) -> str:
    text = f"btrim(`{column.name}`, '{BLANKS}')"
    nulls = ", ".join(_quote(value) for value in column.null_values) or "''"
    return f"CASE WHEN {text} NOT IN ({nulls}) THEN {text} END"


def _quote(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def limit_of(table: Table, column: Column) -> float:
    """The share of rows that may lack the column's value before the delivery is held; 1 where none is set."""
    limit = next((rule.limit for rule in table.rules if rule.id == f"{column.name}.required"), KEY_LIMIT)
    return 1.0 if limit is None else limit


def _given(table: Table, column: Column, absent: int, rows: int) -> GateResult:
    limit = limit_of(table, column)
    return GateResult(
        gate=GATE,
        table=table.key,
        rule=f"{column.name}.given",
        dimension="0201",
        severity="hold",
        assessable=rows > 0,
        passed=absent <= limit * rows,
        a=rows - absent,
        b=rows,
        message_en=f"{number(absent)} of {number(rows)} rows ({percent(absent, rows)}) have no "
        f"{column.title_en or column.name}; at most {percent(limit, 1)} were agreed",
        message_zh=f"{number(rows)} 行中有 {number(absent)} 行（{percent(absent, rows)}）缺少"
        f"{column.title_zh or column.name}；约定最多 {percent(limit, 1)}",
    )
