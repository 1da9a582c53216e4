"""Keep the lake fit: put small files together, shorten logs, delete what no version needs, remove leftovers.

**Owner:** the platform team.
**Input -> output:** every table of the lake -> the same rows in fewer files. No mart is built, no edition appears.
**When it fails:** clear the task. It may be stopped anywhere; the next run does what is left.
"""

from __future__ import annotations

from airflow.sdk import dag, task

from dags.wiring import DEFAULTS, log
from govlake.maintenance.maintain import maintain as do_round


@task
def keep_fit() -> int:
    """One round over all tables; returns how many needed something."""
    rows = do_round(progress=lambda line: log.info("%s", line))
    return sum(row["status"] == "done" for row in rows)


@dag(
    schedule="30 3 * * 0",
    catchup=False,
    max_active_runs=1,
    default_args={**DEFAULTS, "owner": "platform"},
    tags=["maintenance"],
    doc_md=__doc__,
)
def maintain() -> None:
    keep_fit()


maintain()
