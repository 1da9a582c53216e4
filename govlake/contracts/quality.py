"""The rules that a contract's `quality` sections spell out, for a column or for the table."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from open_data_contract_standard.model import DataQuality

from govlake.contracts.known import QUALITY
from govlake.contracts.model import Column, Rule, Severity
from govlake.contracts.reading import Reading
from govlake.contracts.rules import HOLD_LIMIT, bad, literal, quote

# The standard's library metrics and the dimension each belongs to where the rule names none.
METRICS = {
    "rowCount": "coverage",
    "duplicateValues": "uniqueness",
    "nullValues": "completeness",
    "missingValues": "completeness",
    "invalidValues": "accuracy",
}
QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
SEVERITIES = ("hold", "quarantine", "warn")
# The standard's own words for severity: an error in a row sets it aside, an error of the whole holds it.
ODCS_SEVERITIES = {"critical": "hold", "warning": "warn", "info": "warn"}
# The standard's seven dimensions as sub-indicators of GB/T 36344-2018; the custom property `gbt` says it exactly.
DIMENSIONS = {
    "accuracy": "0301",
    "completeness": "0201",
    "conformity": "0102",
    "consistency": "0402",
    "coverage": "0202",
    "timeliness": "0502",
    "uniqueness": "0304",
}


def quality_rules(
    reading: Reading,
    where: str,
    qualities: Sequence[DataQuality] | None,
    column: Column | None,
    limit: float | None = HOLD_LIMIT,
) -> list[Rule]:
    """The rules of one quality section; what cannot be read is refused and left out. Texts are no rules."""
    rules = [
        _read(reading, f"{where}.quality", quality, column, limit)
        for quality in qualities or []
        if quality.type != "text"
    ]
    return [rule for rule in rules if rule]


def _read(
    reading: Reading, where: str, quality: DataQuality, column: Column | None, limit: float | None
) -> Rule | None:
    metric = str(quality.metric or quality.rule or "")
    label = str(quality.id or quality.name or metric or "rule")
    where = f"{where}.{label}"
    custom = reading.properties(f"{where}.", quality.customProperties, QUALITY)
    whole = quality.type == "sql" or metric in ("rowCount", "duplicateValues")
    severity = _severity(reading, where, quality, whole)
    base = {
        "id": _identity(label, column),
        "severity": severity,
        "message_en": str(quality.description or label),
        "message_zh": str(custom.get("messageZh") or quality.description or label),
        "dimension": str(custom.get("gbt") or DIMENSIONS.get(quality.dimension or METRICS.get(metric, ""), "")),
        "owner": str(custom.get("owner", "")),
        "column": column.name if column else "",
    }
    if whole:
        return _table_rule(reading, where, quality, metric, column, base)
    defaults = {"quarantine": limit, "hold": 0.0, "warn": None}
    base["limit"] = custom.get("limit", defaults[severity])
    if quality.type == "custom":
        return _condition(reading, where, quality, base)
    return _library(reading, where, quality, metric, column, base)


def _identity(label: str, column: Column | None) -> str:
    plain = re.sub(r"\W+", "_", label.strip()).strip("_").lower()
    return f"{column.name}.{plain}" if column else plain


def _severity(reading: Reading, where: str, quality: DataQuality, whole: bool) -> Severity:
    """A rule about the whole delivery cannot set rows aside: its default is hold."""
    known = tuple(name for name in SEVERITIES if not (whole and name == "quarantine"))
    default = "hold" if whole else "quarantine"
    given = (quality.severity or "error").lower()
    given = default if given == "error" else ODCS_SEVERITIES.get(given, given)
    return cast(Severity, reading.one_of(f"{where}.severity", given, known, default))


def _condition(reading: Reading, where: str, quality: DataQuality, base: Mapping[str, Any]) -> Rule | None:
    condition = quality.implementation
    if (quality.engine or "govlake") != "govlake" or not isinstance(condition, str):
        remedy = "Use `engine: govlake` and, as implementation, a SQL condition that is true for a good row."
        reading.refuse(f"{where}.engine", f"is '{quality.engine}'", remedy)
        return None
    if not condition.strip() or ";" in QUOTED.sub("", condition):
        remedy = "Write a condition such as `closed_at >= opened_at`."
        reading.refuse(f"{where}.implementation", "is not one SQL condition", remedy)
        return None
    return Rule(expression=condition.strip(), kind="logic", **base)


def _table_rule(
    reading: Reading,
    where: str,
    quality: DataQuality,
    metric: str,
    column: Column | None,
    base: Mapping[str, Any],
) -> Rule | None:
    low, high = _bounds(reading, where, quality)
    if low is None and high is None:
        reading.refuse(where, "has no bound", "Add mustBe, mustBeLessThan, mustBeBetween or another must.")
        return None
    if quality.type == "sql":
        if not quality.query:
            reading.refuse(f"{where}.query", "is missing", "Write the SQL query whose one value is judged.")
            return None
        return Rule(kind="metric", metric="sql", query=quality.query, minimum=low, maximum=high, **base)
    named = (quality.arguments or {}).get("properties") or ([column.name] if column else [])
    query = ", ".join(str(name) for name in named)
    return Rule(kind="metric", metric=metric, query=query, minimum=low, maximum=high, **base)


def _library(
    reading: Reading,
    where: str,
    quality: DataQuality,
    metric: str,
    column: Column | None,
    base: dict[str, Any],
) -> Rule | None:
    if metric not in METRICS:
        remedy = f"Use one of {', '.join(METRICS)}, or type custom with engine govlake, or type sql."
        reading.refuse(f"{where}.metric", f"is '{metric}'" if metric else "is missing", remedy)
        return None
    if column is None:
        reading.refuse(where, f"is {metric} of a whole table", "Move it to the column it is about.")
        return None
    _, high = _bounds(reading, where, quality)
    if high and str(quality.unit or "").lower() in ("percent", "%"):
        base["limit"] = high / 100
    expression = _library_expression(metric, column, quality.arguments or {})
    return Rule(expression=expression, kind="logic", **base)


def _library_expression(metric: str, column: Column, arguments: Mapping[str, Any]) -> str:
    if metric in ("nullValues", "missingValues"):
        missing = [literal(column, value) for value in arguments.get("missingValues") or [] if value]
        also = f" AND {column.name} NOT IN ({', '.join(missing)})" if missing else ""
        return f"{column.name} IS NOT NULL{also}"
    if arguments.get("validValues"):
        return f"{column.name} IN ({', '.join(literal(column, v) for v in arguments['validValues'])})"
    if arguments.get("pattern"):
        return f"{column.name} RLIKE {quote(str(arguments['pattern']))}"
    return f"NOT {bad(column)}"


def _bounds(reading: Reading, where: str, quality: DataQuality) -> tuple[float | None, float | None]:
    """Inclusive bounds; a strict one is moved by the smallest step that matters: 1 for counts."""
    step = 1 if quality.metric in ("rowCount", "duplicateValues") else 1e-9
    if quality.mustNotBe is not None or quality.mustNotBeBetween:
        reading.refuse(where, "uses mustNotBe", "Say what must hold: mustBe, mustBeBetween, mustBeLessThan.")
    if quality.mustBe is not None:
        return _number(reading, where, quality.mustBe), _number(reading, where, quality.mustBe)
    if quality.mustBeBetween:
        return float(quality.mustBeBetween[0]), float(quality.mustBeBetween[1])
    low, high = quality.mustBeGreaterOrEqualTo, quality.mustBeLessOrEqualTo
    if quality.mustBeGreaterThan is not None:
        low = quality.mustBeGreaterThan + step
    if quality.mustBeLessThan is not None:
        high = quality.mustBeLessThan - step
    return (None if low is None else float(low)), (None if high is None else float(high))


def _number(reading: Reading, where: str, value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        reading.refuse(f"{where}.mustBe", f"is '{value}'", "It must be a number.")
        return 0.0
