"""Build the marts when silver changed, judge them, and publish them as one edition.

**Owner:** the coordinating unit.
**Input -> output:** silver tables -> domain and coordination marts -> the edition that leaders see -> cockpit assets.
**When a build or gate 3 is held:** leaders keep the last good edition; the incident names the model and the numbers.
**When a task fails:** clear it. Publishing re-points all views in one transaction, so a half edition is never seen.
"""

from __future__ import annotations

from airflow.sdk import AssetAny, chain, dag, task

from dags.wiring import DEFAULTS, pack, silver_asset, told
from govlake.pipeline import publish_step


def step(name: str):
    """One step of publication as a task."""

    @task(task_id=name)
    def run() -> str:
        return told(lambda: publish_step(name, pack())).line

    return run()


@dag(
    schedule=AssetAny(*(silver_asset(table) for table in pack().tables())),
    catchup=False,
    max_active_runs=1,
    default_args={**DEFAULTS, "owner": "coordination"},
    tags=["marts"],
    doc_md=__doc__,
)
def marts() -> None:
    build, gate_3, publish, cockpit = (step(name) for name in ("build", "gate_3", "publish", "cockpit"))
    chain(build, gate_3, publish, cockpit)


marts()
