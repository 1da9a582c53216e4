"""Take deliveries that came after their day, or came again corrected, and finish what was cut off.

**Owner:** the platform team.
**Input -> output:** deliveries that are new, changed or unfinished -> a run of the department's
ingestion for their date; silver that was neither published nor held -> a run of the marts.
**When it fails:** clear the task. It only starts other runs and never moves data itself.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import dag, task

from dags.wiring import DEFAULTS, log, pack
from govlake.pipeline import is_settled, pending


@task
def find_pending() -> list[dict[str, Any]]:
    """One run to start per department and date, oldest first, and one of the marts where they are behind."""
    found = sorted({(day, contract.department) for contract in pack().contracts for day in pending(contract)})
    runs = [{"trigger_dag_id": f"ingest_{department}", "conf": {"date": day.isoformat()}} for day, department in found]
    if not is_settled(pack()):
        runs.append({"trigger_dag_id": "marts", "conf": {}})
    log.info("late deliveries: %d run(s) to start", len(runs))
    return runs


@dag(
    schedule="45 * * * *",
    catchup=False,
    max_active_runs=1,
    default_args={**DEFAULTS, "owner": "platform"},
    tags=["ingest"],
    doc_md=__doc__,
)
def late_deliveries() -> None:
    TriggerDagRunOperator.partial(task_id="start_ingestion").expand_kwargs(find_pending())


late_deliveries()
