"""Row rules: what each one found, whether the split found the same, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.compile import WHOLE_ROW, compile_row_rules, readable
from expectations.validate import Found, validate
from expectations.verdict import number, percent
from govlake.batch import GateResult
from govlake.contracts.model import Rule, Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

GATE = "gate_2"


def judge_rows(table: Table, staged: DataFrame) -> list[GateResult]:
    """One measure per row rule, and one that says whether the split counted the same failures."""
    found = count_failures(table, staged)
    split = split_counts(staged)
    measures = [judge_rule(table, rule, found[rule.id]) for rule in table.row_rules]
    return [*measures, judge_agreement(table, {rule: each.unexpected for rule, each in found.items()}, split)]


def count_failures(table: Table, staged: DataFrame) -> dict[str, Found]:
    """What Great Expectations counts for every row rule, in two passes: all rows, and those that can be read."""
    whole = [rule for rule in table.row_rules if rule.kind in WHOLE_ROW]
    values = [rule for rule in table.row_rules if rule.kind not in WHOLE_ROW]
    found = validate(staged, f"{table.key} rows", compile_row_rules(table, whole)) if whole else {}
    if values:
        suite = compile_row_rules(table, values)
        found |= validate(readable(table, staged), f"{table.key} values", suite)
    return found


def split_counts(staged: DataFrame) -> dict[str, int]:
    """How many rows the split marked, by rule id."""
    rules = staged.selectExpr("explode(concat(_reasons, _warnings)) AS rule")
    return {row["rule"]: int(row["count"]) for row in rules.groupBy("rule").count().collect()}


def judge_rule(table: Table, rule: Rule, found: Found) -> GateResult:
    """Failures of one rule against its limit: above it the batch is held, below it its rows are set aside."""
    failing, rows = found.unexpected, found.rows
    limit = rule.limit if rule.limit is not None or rule.severity != "hold" else 0.0
    held = limit is not None and failing > limit * rows
    below = "quarantine" if rule.severity == "hold" else rule.severity
    agreed = failing > 0 and limit is not None
    return GateResult(
        gate=GATE,
        table=table.key,
        rule=rule.id,
        dimension=rule.dimension,
        severity="hold" if held else below,
        assessable=rows > 0,
        passed=failing == 0,
        a=rows - failing,
        b=rows,
        message_en=f"{number(failing)} of {number(rows)} rows ({percent(failing, rows)}): {rule.message_en}"
        + (f"; at most {percent(limit or 0, 1)} were agreed" if agreed else ""),
        message_zh=f"{number(rows)} 行中有 {number(failing)} 行（{percent(failing, rows)}）：{rule.message_zh}"
        + (f"；约定最多 {percent(limit or 0, 1)}" if agreed else ""),
        owner=rule.owner,
    )


def judge_agreement(table: Table, gate: dict[str, int], split: dict[str, int]) -> GateResult:
    """Rules for which the split and the gate counted the same rows. One disagreement holds the batch."""
    rules = sorted(gate.keys() | split.keys())
    odd = [rule for rule in rules if gate.get(rule, 0) != split.get(rule, 0)]
    shown_en = "; ".join(f"{rule}: split {split.get(rule, 0):,}, gate {gate.get(rule, 0):,}" for rule in odd)
    shown_zh = "；".join(f"{rule}：分流 {split.get(rule, 0):,} 行、关口 {gate.get(rule, 0):,} 行" for rule in odd)
    said_en = f"disagree on {shown_en}" if odd else f"agree on {len(rules)} rules"
    said_zh = f"计数不一致：{shown_zh}" if odd else f"在 {len(rules)} 条规则上计数一致"
    return GateResult(
        gate=GATE,
        table=table.key,
        rule="split.agrees",
        dimension="",
        severity="hold",
        assessable=bool(rules),
        passed=not odd,
        a=len(rules) - len(odd),
        b=len(rules),
        message_en=f"The split and the gate {said_en}",
        message_zh=f"分流与关口{said_zh}",
    )
