"""Gate 3: what must hold for the marts of a domain before leaders see them.

A suite is one YAML per domain, in `expectations/suites/` or, for a pack's own marts, in `<pack>/dbt/expectations/`:

    kpi_transit_day:                      # the model
      - id: fares_add_up                  # every row satisfies a condition ...
        holds: due_cny - discount_cny = revenue_cny
        en: Due minus discount is revenue
        zh: 应付减优惠等于实付
      - id: days_are_whole                # ... or one query over any models lies between bounds ...
        query: select count(*) from {kpi_transit_day} d ...
        minimum: 0
        maximum: 0
      - id: known_modes                   # ... or any Great Expectation by name.
        expect: ExpectColumnValuesToBeInSet
        arguments: {column: mode, value_set: [metro, bus]}

`severity` is hold (the default) or warn, `dimension` the GB/T 36344 sub-indicator.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from expectations.aggregates import scalar, within
from expectations.validate import Found, validate
from expectations.verdict import number, percent, span
from govlake import lake
from govlake.batch import GateResult
from govlake.errors import GateError
from govlake.settings import settings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

GATE = "gate_3"
SUITES = Path(__file__).parent / "suites"
SUBJECTS = ("holds", "query", "expect")


@dataclass(frozen=True)
class Check:
    """One thing that must hold for a mart: a row condition, a query with bounds, or a named expectation."""

    id: str
    en: str
    zh: str
    holds: str = ""
    query: str = ""
    expect: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    severity: str = "hold"
    dimension: str = "0402"


def by_domain(models: Sequence[str]) -> dict[str, list[str]]:
    """Models named `<domain>.<model>`, by domain."""
    domains: dict[str, list[str]] = {}
    for name in models:
        domain, _, model = name.partition(".")
        if not model:
            raise GateError(f"The mart '{name}' has no domain.", "Name it <domain>.<model>.")
        domains.setdefault(domain, []).append(model)
    return domains


def suite_of(domain: str) -> dict[str, list[Check]]:
    """The checks of a domain's models; none where nobody wrote any. Raises GateError with file and check."""
    checks: dict[str, list[Check]] = {}
    for folder in (SUITES, settings().pack / "dbt" / "expectations"):
        file = folder / f"{domain}.yaml"
        if file.exists():
            for model, entries in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).items():
                checks.setdefault(model, []).extend(read_check(file, model, entry) for entry in entries)
    return checks


def read_check(file: Path, model: str, entry: dict[str, Any]) -> Check:
    """One entry of a suite. Raises GateError with file and check where it cannot be read."""
    where = f"{file.name}: {model}.{entry.get('id', '?')}"
    if sum(1 for subject in SUBJECTS if entry.get(subject)) != 1:
        raise GateError(f"{where} does not say what must hold.", f"Give it one of {', '.join(SUBJECTS)}.")
    if entry.get("query") and entry.get("minimum") is None and entry.get("maximum") is None:
        raise GateError(f"{where} has no bound.", "Give its query a minimum, a maximum or both.")
    try:
        return Check(**entry)
    except TypeError as error:
        raise GateError(f"{where} cannot be read: {error}.", "See the top of expectations/marts.py.") from error


def judge_domain(domain: str, models: Iterable[str]) -> list[GateResult]:
    """Every measure over the domain's marts: none of them emptied, and its suite."""
    suite = suite_of(domain)
    results: list[GateResult] = []
    for model in models:
        address = lake.path("gold", domain, model)
        if lake.look(address) is None:
            raise GateError(f"The mart {domain}.{model} does not exist.", "Build the marts before gate 3.")
        rows = lake.rows(address)
        results.append(judge_emptied(f"{domain}.{model}", rows, _shown_rows(model)))
        if rows:
            results += judge_model(domain, model, suite.get(model, []))
    return results


def judge_model(domain: str, model: str, checks: Sequence[Check]) -> list[GateResult]:
    """The checks of one mart, all its row conditions in one pass."""
    frame = lake.read(lake.path("gold", domain, model))
    rows = [check for check in checks if not check.query]
    found = validate(frame, f"{domain}.{model}", [_expectation(check) for check in rows], "BASIC") if rows else {}
    results = [_judge_rows(f"{domain}.{model}", check, found[check.id]) for check in rows]
    for check in checks:
        if check.query:
            value = scalar(f"{model}.{check.id}", check.query, _frames(domain, check.query))
            results.append(_judge_value(f"{domain}.{model}", check, value))
    return results


def _expectation(check: Check) -> Any:
    import great_expectations.expectations as gxe

    from expectations.counted import ExpectRowsToSatisfy

    if check.holds:
        return ExpectRowsToSatisfy(condition=check.holds, meta={"rule": check.id})
    try:
        return getattr(gxe, check.expect)(**check.arguments, meta={"rule": check.id})
    except (AttributeError, ValueError, TypeError) as error:
        raise GateError(
            f"The check {check.id} names {check.expect} with {check.arguments}: {str(error).splitlines()[0]}.",
            "Use the name and the arguments of an expectation of Great Expectations.",
        ) from error


def _frames(domain: str, query: str) -> dict[str, DataFrame]:
    """The gold tables of the domain that a query names in braces."""
    known = [name for where, name in lake.find("gold") if where == domain]
    return {name: lake.read(lake.path("gold", domain, name)) for name in known if f"{{{name}}}" in query}


def _shown_rows(model: str) -> int:
    """Rows of the mart in the edition that leaders see."""
    from govlake.ledger import ledger

    shown = ledger().current_edition()
    return sum(int(entry["rows"]) for entry in (shown or {}).get("tables", []) if entry["table"] == model)


def judge_emptied(mart: str, rows: int, shown: int) -> GateResult:
    """An empty mart never replaces one that shows something; before the first edition it is only said."""
    return GateResult(
        gate=GATE,
        table=mart,
        rule="not_empty",
        dimension="0202",
        severity="hold" if shown else "warn",
        assessable=True,
        passed=rows > 0,
        a=rows,
        message_en=f"{number(rows)} rows; the edition on show has {number(shown)}",
        message_zh=f"共 {number(rows)} 行；当前发布版本为 {number(shown)} 行",
    )


def _judge_rows(mart: str, check: Check, found: Found) -> GateResult:
    counted = found.rows > 0
    failing = (
        f"{number(found.unexpected)} of {number(found.rows)} rows ({percent(found.unexpected, found.rows)}) do not"
    )
    failing_zh = f"{number(found.rows)} 行中有 {number(found.unexpected)} 行不符合"
    observed = "" if found.observed is None else f"found {found.observed}"
    return GateResult(
        gate=GATE,
        table=mart,
        rule=check.id,
        dimension=check.dimension,
        severity=check.severity,
        assessable=True,
        passed=found.success,
        a=found.rows - found.unexpected if counted else None,
        b=found.rows if counted else None,
        message_en=f"{check.en}: {failing if counted else observed or found.success}",
        message_zh=f"{check.zh}：{failing_zh if counted else observed or found.success}",
    )


def _judge_value(mart: str, check: Check, value: float | None) -> GateResult:
    bounds_en, bounds_zh = span(check.minimum, check.maximum)
    return GateResult(
        gate=GATE,
        table=mart,
        rule=check.id,
        dimension=check.dimension,
        severity=check.severity,
        assessable=value is not None,
        passed=within(value, check.minimum, check.maximum),
        a=value,
        b=check.maximum if check.minimum is None else check.minimum,
        direction="down" if check.minimum is None else "up",
        message_en=f"{check.en}: found {number(value)}, must be {bounds_en}",
        message_zh=f"{check.zh}：实际为 {number(value)}，{bounds_zh}",
    )
