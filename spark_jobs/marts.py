"""Silver to gold: dbt builds the marts in this process, on this process's session, and only what must be built.

Names are given to the lake's tables first (the embedded engine's catalogue lives in the session), then dbt runs, then
every model's rows, seconds and inputs go to the ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govlake import content, lake, lease, versions
from govlake.batch import Outcome, Verdict
from govlake.contracts import Pack, load_pack
from govlake.engine import register, remembers, session
from govlake.errors import EngineError
from govlake.ledger import Ledger, ledger
from govlake.settings import settings
from spark_jobs import dbt_runner, facts
from spark_jobs.mart_checks import GOOD, CheckResult, checks
from spark_jobs.mart_plan import Mart, Plan, is_history, make_plan, source_path

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession


@dataclass(frozen=True)
class ModelResult:
    """What became of one mart. `status`: built, unchanged, failed, or absent where an input does not exist."""

    name: str
    domain: str
    status: str
    rows: int = 0
    seconds: float = 0.0
    days: int | None = None  # how many days were replaced; None = the whole mart
    message: str = ""


@dataclass(frozen=True)
class BuildReport:
    """Every mart and test of one build."""

    models: tuple[ModelResult, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    def with_status(self, status: str) -> list[ModelResult]:
        return [model for model in self.models if model.status == status]

    @property
    def failed_checks(self) -> list[CheckResult]:
        return [check for check in self.checks if not check.passed]

    @property
    def verdict(self) -> Verdict:
        return "hold" if self.with_status("failed") or self.failed_checks else "pass"

    @property
    def line(self) -> str:
        """The build in one line."""
        counts = [(len(self.with_status(status)), status) for status in ("built", "unchanged", "failed", "absent")]
        shown = ", ".join(f"{count} {status}" for count, status in counts if count)
        rows = sum(model.rows for model in self.with_status("built"))
        failed = f", {len(self.failed_checks)} tests failed" if self.failed_checks else ""
        return f"marts: {shown or 'none'}; {rows:,} rows in those built; {len(self.checks)} tests{failed}"


def run(domains: Sequence[str] | None = None, packs: Sequence[Path] | None = None, force: bool = False) -> Outcome:
    """Build the marts of `domains` (all where None) for the home's pack or `packs`."""
    report = build(domains, packs, force)
    status = "held" if report.verdict == "hold" else "done" if report.with_status("built") else "nothing_new"
    return Outcome(status, report.line, report.verdict, {"report": report})


def build(
    domains: Sequence[str] | None = None, packs: Sequence[Path] | None = None, force: bool = False
) -> BuildReport:
    """Build what must be built. One build at a time: a second one waits for the first.

    Where neither silver nor the project changed since a sound build, not even dbt is started.
    """
    loaded = [load_pack(folder, strict=False) for folder in packs or [settings().pack]]
    book = ledger()
    with book.lock("marts"):
        facts.refresh(book)
        cursor = f"marts.{'+'.join(sorted(domains)) if domains else 'all'}.{'+'.join(p.path.name for p in loaded)}"
        inputs = [dbt_runner.code(loaded), variables(loaded), silver_state()]
        if not force and book.cursor(cursor) == state_of(inputs):
            return BuildReport(tuple(_kept(domains)))
        report = _build(book, loaded, domains, force)
        if report.verdict == "pass":
            book.set_cursor(cursor, state_of(inputs))
    return report


def _build(book: Ledger, packs: Sequence[Pack], domains: Sequence[str] | None, force: bool) -> BuildReport:
    project = dbt_runner.compose(packs)
    manifest = dbt_runner.parse(project)
    plan = make_plan(manifest, book, domains, force)
    if not plan.build:
        return BuildReport(tuple(_skipped(plan)))
    spark = session()
    for mart in plan.whole:
        lake.begin(mart.address, mart.log_keeps)
    name_tables(spark, plan)
    touched = {"absent": plan.absent, "touched": plan.days, "day_columns": plan.day_columns}
    touched["log_keeps"] = {mart.name: mart.log_keeps for mart in plan.whole}
    with lease.writing("the marts"):
        results = dbt_runner.build(project, manifest, plan.selection, variables(packs) | touched)
    if any(str(result.status) not in GOOD for result in results) and not remembers(spark):
        raise EngineError("The engine was lost while the marts were built.", "Build them again.")
    report = _report(plan, results, tuple(checks(spark, results)))
    _record(book, plan, report)
    return report


def silver_state() -> dict[str, str]:
    """Fingerprint of every table of silver and history."""
    return {
        f"{layer}.{domain}.{name}": content.fingerprints(lake.path(layer, domain, name)).get(content.ALL, "")
        for layer in ("silver", versions.LAYER)
        for domain, name in lake.find(layer)
    }


def state_of(inputs: Sequence[Any]) -> str:
    """One hash for the inputs and the marts there are now: a mart that was deleted is built again."""
    gold = {f"{domain}.{name}": lake.identity(lake.path("gold", domain, name)) for domain, name in lake.find("gold")}
    return hashlib.md5(repr([*inputs, gold]).encode(), usedforsecurity=False).hexdigest()


def variables(packs: Sequence[Pack]) -> dict[str, Any]:
    """What the project's models may ask: where the lake is, the city's clock, how many days a delivery covers."""
    covered = {
        f"{table.domain}__{table.name}": contract.frequency_days
        for pack in packs
        for contract in pack.contracts
        for table in contract.tables
        if contract.frequency_days > 1
    }
    return {"lake": lake.root(), "timezone": settings().timezone, "covered_days": covered}


def name_tables(spark: SparkSession, plan: Plan) -> None:
    """Give the session's catalogue the silver tables that the plan reads, and the marts as they are now."""
    for database in ("silver", "gold", versions.LAYER):
        spark.sql(f"CREATE DATABASE IF NOT EXISTS {database}")
    for source in sorted({source for mart in plan.build for source in mart.reads}):
        if is_history(source):
            name_versions(spark, source)
        else:
            name_table(spark, source_path(source), "silver", source)
    for mart in plan.marts:
        if not name_table(spark, mart.address, "gold", mart.name):
            spark.sql(f"DROP TABLE IF EXISTS gold.{mart.name}")


def name_table(spark: SparkSession, address: str, database: str, name: str) -> bool:
    """Give the table at `address` its name, where there is one."""
    found = lake.look(address)
    if found is not None:
        register(spark, found, address, database, name)
    return found is not None


def name_versions(spark: SparkSession, source: str) -> None:
    """Give the versions of a snapshot's rows their name: a view of the changes that the lake keeps."""
    name_table(spark, source_path(source), versions.LAYER, source)
    query = versions.select(f"{versions.LAYER}.{source}", list(lake.columns(source_path(source))), "`")
    spark.sql(f"CREATE OR REPLACE VIEW silver.{source} AS {query}")


def _skipped(plan: Plan) -> list[ModelResult]:
    kept = [ModelResult(m.name, m.domain, "unchanged", lake.rows(m.address)) for m in plan.unchanged]
    return kept + [ModelResult(name, "", "absent") for name in plan.absent if name.startswith(("dim_", "fct_", "kpi_"))]


def _kept(domains: Sequence[str] | None) -> list[ModelResult]:
    marts = [(domain, name) for domain, name in lake.find("gold") if domains is None or domain in domains]
    return [
        ModelResult(name, domain, "unchanged", lake.rows(lake.path("gold", domain, name))) for domain, name in marts
    ]


def _report(plan: Plan, results: Sequence[Any], found: tuple[CheckResult, ...]) -> BuildReport:
    by_name = {result.node.name: result for result in results if result.node.resource_type == "model"}
    models = [_model(mart, by_name.get(mart.name), plan) for mart in plan.build]
    seconds = {name: round(result.execution_time, 2) for name, result in by_name.items()}
    return BuildReport((*models, *_skipped(plan)), found, seconds)


def _model(mart: Mart, result: Any, plan: Plan) -> ModelResult:
    days = len(plan.days[mart.name]) if mart.name in plan.days else None
    if result is None or str(result.status) != "success":
        words = " ".join(str(result.message if result is not None else "dbt did not reach it").split())[:400]
        return ModelResult(mart.name, mart.domain, "failed", days=days, message=words)
    rows = lake.rows(mart.address)
    return ModelResult(mart.name, mart.domain, "built", rows, round(result.execution_time, 2), days)


def _record(book: Ledger, plan: Plan, report: BuildReport) -> None:
    """Remember what sound marts were built from; one that failed, or whose test failed, is built again next time."""
    unsound = {name for check in report.failed_checks for name in check.models}
    marts = {mart.name: mart for mart in plan.build}
    for model in report.with_status("built"):
        mart = marts[model.name]
        inputs = plan.state[mart.name] | {"gold": lake.identity(mart.address)}
        book.record_build(
            mart.domain,
            mart.name,
            rows=model.rows,
            seconds=model.seconds,
            inputs={} if mart.name in unsound else inputs,
            verdict="hold" if mart.name in unsound else "pass",
            detail={"days": model.days},
        )
