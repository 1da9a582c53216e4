"""What must hold for a table's accepted rows as a whole: one of each key, and the contract's own measures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from expectations.aggregates import measure, repeats, scalar, within
from expectations.days import business_day, day_measures, judge_days
from expectations.verdict import number, percent, span
from govlake.batch import Batch, GateResult
from govlake.contracts.model import Rule, Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

GATE = "gate_2"
ACCEPTED = ("silver_new", "silver_updated", "unchanged")
GOOD = (*ACCEPTED, "duplicate", "superseded")
KEY = "key.unique"
MOST_REJECTED = 0.5  # share of a batch's rows in quarantine, for all reasons together


def judge_accepted(batch: Batch, table: Table, staged: DataFrame) -> list[GateResult]:
    """Every measure over the table's accepted rows, in one pass but for repeats and the contract's own queries."""
    accepted = staged.where(outcome_in(ACCEPTED))
    key = [*table.key_columns, *(["_occurrence"] if "_occurrence" in staged.columns else [])]
    day = business_day(table)
    aggregates = {"rows": "count(*)", **(day_measures(batch, day) if day else {})}
    found = measure(accepted, f"{table.key} accepted", aggregates)
    rows = int(found["rows"] or 0)
    again = repeats(accepted, table.key, key, rows)
    rules = [judge_metric(table, rule, _value(table, rule, staged, rows), rows) for rule in table.table_rules]
    return [judge_key(table, key, again, rows), *rules, *judge_days(batch, table, found)]


def outcome_in(outcomes: Iterable[str]) -> str:
    """SQL for the staged rows of these outcomes."""
    return f"_outcome IN ({', '.join(repr(outcome) for outcome in outcomes)})"


def columns(rule: Rule) -> list[str]:
    """The columns whose repeats a rule counts."""
    return [name.strip() for name in rule.query.split(",") if name.strip()]


def _value(table: Table, rule: Rule, staged: DataFrame, rows: int) -> float | None:
    """What the rule measures over the accepted rows; repeats of the key over all good ones, as delivered."""
    accepted = staged.where(outcome_in(ACCEPTED))
    if rule.metric == "rowCount":
        return rows
    if rule.metric != "duplicateValues":
        return scalar(rule.id, rule.query, {"table": accepted, "object": accepted})
    if not set(table.key_columns) <= set(columns(rule)):
        return repeats(accepted, table.key, columns(rule), rows)
    delivered = staged.where(outcome_in(GOOD))
    return repeats(delivered, table.key, columns(rule), delivered.count())


def judge_metric(table: Table, rule: Rule, value: float | None, rows: int) -> GateResult:
    """A rule of the contract about the table as a whole, against its bounds."""
    bounds_en, bounds_zh = span(rule.minimum, rule.maximum)
    down = rule.minimum is None or rule.metric == "duplicateValues"
    whole = float(rows) if rule.metric == "duplicateValues" else None
    return GateResult(
        gate=GATE,
        table=table.key,
        rule=rule.id,
        dimension=rule.dimension or ("0303" if rule.metric == "duplicateValues" else ""),
        severity="warn" if rule.severity == "warn" else "hold",
        assessable=value is not None,
        passed=within(value, rule.minimum, rule.maximum),
        a=value,
        b=whole if whole is not None else rule.maximum if rule.minimum is None else rule.minimum,
        direction="down" if down else "up",
        message_en=f"{rule.message_en}: found {number(value)}, agreed is {bounds_en}",
        message_zh=f"{rule.message_zh}：实际为 {number(value)}，{bounds_zh}",
        owner=rule.owner,
    )


def judge_key(table: Table, key: Sequence[str], again: int, rows: int) -> GateResult:
    """Among the rows that go to silver, no key may come twice."""
    shown = ", ".join(column for column in key if column != "_occurrence")
    return GateResult(
        gate=GATE,
        table=table.key,
        rule=KEY,
        dimension="0304",
        severity="hold",
        assessable=rows > 0,
        passed=again == 0,
        a=rows - again,
        b=rows,
        message_en=f"{number(again)} of {number(rows)} accepted rows repeat a key ({shown})",
        message_zh=f"接收的 {number(rows)} 行中有 {number(again)} 行主键重复（{shown}）",
    )


def judge_rejected(table: Table, outcomes: dict[str, int], empty: int) -> GateResult:
    """How much of the batch is in quarantine for all reasons together; rows that hold nothing are not counted."""
    rows = sum(outcomes.values()) - empty
    rejected = max(outcomes.get("quarantined", 0) - empty, 0)
    limit = max([MOST_REJECTED, *(rule.limit for rule in table.row_rules if rule.limit)])
    return GateResult(
        gate=GATE,
        table=table.key,
        rule="quarantined",
        dimension="0305",
        severity="hold",
        assessable=rows > 0,
        passed=rejected <= limit * rows,
        a=rejected,
        b=rows,
        direction="down",
        message_en=f"{number(rejected)} of {number(rows)} rows ({percent(rejected, rows)}) are in quarantine; "
        f"above {percent(limit, 1)} the delivery is held",
        message_zh=f"{number(rows)} 行中有 {number(rejected)} 行（{percent(rejected, rows)}）被隔离；"
        f"超过 {percent(limit, 1)} 则暂缓接收",
    )
