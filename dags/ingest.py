"""Bring one department's deliveries into the lake.

**Owner:** the department that delivers; the platform team looks after the run.
**Input -> output:** the files that the department's contracts name -> landing, bronze, silver and quarantine.
**When a delivery is held:** nothing is broken. The gate's log and the cockpit say why; what is shown stays the last
good edition; the corrected delivery closes the incident. Steps after the gate are skipped.
**When a task fails:** read its one line. Clear the task to run it again: a rerun gives the same result.
"""

from __future__ import annotations

from itertools import groupby

from airflow.sdk import MultipleCronTriggerTimetable, chain, dag, task, task_group

from dags.wiring import DAY, DEFAULTS, logical_day, pack, silver_asset, told
from govlake.contracts import Contract
from govlake.pipeline import ingest_step


def step(name: str, contract: Contract):
    """One step of a delivery as a task; the last one says that silver changed."""
    outlets = [silver_asset(table) for table in contract.tables] if name == "silver" else []

    @task(task_id=name, outlets=outlets)
    def run() -> str:
        return told(lambda: ingest_step(name, contract, logical_day(contract)), last=name == "silver").line

    return run


def delivery(contract: Contract) -> None:
    """One contract's way from landing to silver."""

    @task_group(group_id=contract.name, tooltip=contract.title_en)
    def way() -> None:
        land, bronze, gate_1, conform, gate_2, silver = (
            step(name, contract)() for name in ("land", "bronze", "gate_1", "conform", "gate_2", "silver")
        )
        chain(land, bronze, gate_1, conform, gate_2, silver)

    way()


def department_dag(department: str, contracts: list[Contract]) -> None:
    """The DAG of one department: its deliveries side by side."""
    first = contracts[0]
    timetable = MultipleCronTriggerTimetable(*sorted({c.schedule for c in contracts}), timezone=first.timezone)

    @dag(
        dag_id=f"ingest_{department}",
        dag_display_name=f"Ingest: {first.department_en} {first.department_zh}",
        schedule=timetable,
        catchup=False,
        max_active_runs=1,
        params={"date": DAY},
        default_args={**DEFAULTS, "owner": department},
        tags=["ingest", department],
        doc_md=__doc__,
    )
    def ingest() -> None:
        for contract in contracts:
            delivery(contract)

    ingest()


for name, group in groupby(sorted(pack().contracts, key=lambda c: (c.department, c.id)), lambda c: c.department):
    department_dag(name, list(group))
