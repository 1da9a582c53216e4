"""Checks of rules: SQL that parses over columns that exist, patterns, bounds, messages in both languages."""

import re

from govlake.contracts import functions, sql
from govlake.contracts.checks.columns import ORIGIN
from govlake.contracts.checks.delivery import is_chinese
from govlake.contracts.model import Rule, Table
from govlake.contracts.reading import Reading


def check_rules(reading: Reading, table: Table) -> None:
    """Every rule of the table, implied or spelled out."""
    names = [column.name for column in table.columns]
    meta = [f"_bad_{column.name}" for column in table.delivered_columns if column.type != "string"]
    meta += [f"_fault_{name}" for name in table.judged_columns]
    known = [*names, *meta, *ORIGIN, "_is_empty", "_malformed"]
    for rule in table.rules:
        where = f"schema.{table.name}.quality.{rule.id}"
        if rule.expression:
            _check_condition(reading, where, rule, known)
        else:
            _check_metric(reading, where, rule, names)
        if rule.kind in ("logic", "metric"):
            _check_messages(reading, where, rule)
        _check_bounds(reading, where, rule)


def _check_condition(reading: Reading, where: str, rule: Rule, known: list[str]) -> None:
    if rule.kind == "pattern":
        try:
            re.compile(str(rule.arguments.get("pattern", "")))
        except re.error as error:
            field_name = where.replace(".quality.", ".")
            reading.refuse(field_name, f"is no regular expression ({error})", "Correct the pattern.")
    for problem, remedy in sql.faults(rule.expression, known, condition=True):
        reading.refuse(where, problem, remedy)
    for call in functions.all_calls(rule.expression):
        remedy = "Derive a column with it (transformLogic), and judge that column."
        reading.refuse(where, f"calls {call.name}, which only derived columns may", remedy)


def _check_metric(reading: Reading, where: str, rule: Rule, names: list[str]) -> None:
    if rule.metric == "sql":
        fault = sql.query_fault(rule.query)
        if fault:
            reading.refuse(f"{where}.query", fault, "Write one SELECT over {table} that gives one number.")
        elif "{table}" not in rule.query and "{object}" not in rule.query:
            reading.doubt(f"{where}.query", "does not name {table}", "Write FROM {table}: the table that is judged.")
        return
    for name in [part.strip() for part in rule.query.split(",") if part.strip()]:
        if name not in names:
            reading.refuse(f"{where}.arguments.properties", f"names {name}", f"Use one of {', '.join(names)}.")
    if rule.metric == "duplicateValues" and not rule.query:
        reading.refuse(f"{where}.arguments", "names no columns", "Add arguments: {properties: [column, ...]}.")


def _check_messages(reading: Reading, where: str, rule: Rule) -> None:
    if not is_chinese(rule.message_zh):
        reading.doubt(f"{where}.messageZh", "is missing", "Say in Chinese what must hold.")
    plain = re.sub(r"\W+", "_", rule.message_en).lower()
    if is_chinese(rule.message_en) or plain == rule.id.rpartition(".")[2]:
        reading.doubt(f"{where}.description", "is missing", "Say in English what must hold.")


def _check_bounds(reading: Reading, where: str, rule: Rule) -> None:
    low, high = rule.minimum, rule.maximum
    if rule.kind in ("range", "length"):
        low, high = rule.arguments.get("minimum"), rule.arguments.get("maximum")
    if low is not None and high is not None and _is_above(low, high):
        reading.refuse(where, f"has a minimum of {low} above its maximum of {high}", "Swap them.")


def _is_above(low: object, high: object) -> bool:
    if isinstance(low, int | float) and isinstance(high, int | float):
        return low > high
    return str(low) > str(high)
