"""Read by Airflow at start. What forks for a living imports first what its children need.

A task forked from the scheduler finds Great Expectations and Spark's client already loaded: seconds become
milliseconds. The same for the DAG processor and what contracts are read with. Only imports: a channel
opened before a fork would be shared by the children, and break. Only third parties: our own code is read
by each child anew, so that a change needs no restart.
"""

import ctypes
import logging
import os
import signal
import sys
from importlib import import_module

__all__: list[str] = []

PR_SET_PDEATHSIG = 1
# The scheduler forks workers, a worker forks tasks; what a task forks is the task's own business.
GENERATIONS = 2
_generation = 0


def _die_with_parent() -> None:
    """A killed scheduler takes its workers with it, and they their tasks.

    The restarted scheduler runs those tasks again, and two writers at one table are worse than a task
    begun anew.
    """
    global _generation
    _generation += 1
    if _generation <= GENERATIONS:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


PRELOADED = {
    "scheduler": (
        "great_expectations",
        "pyspark.sql.connect.session",
        "pyarrow.csv",
        "pyarrow.dataset",
        "duckdb",
        "deltalake",
        "psycopg",
        "dbt.cli.main",
        "dbt.task.build",
        "dbt.adapters.spark",
        "open_data_contract_standard.model",
        "pydantic_settings",
    ),
    "dag-processor": ("open_data_contract_standard.model", "pydantic_settings", "psycopg"),
}
# A task's log says what it did; these say how libraries do it.
CHATTY = ("great_expectations", "sqlglot", "py4j", "alembic", "httpx")
_service = sys.argv[1] if len(sys.argv) > 1 else ""

for _module in PRELOADED.get(_service, ()):
    import_module(_module)
for _name in CHATTY:
    logging.getLogger(_name).setLevel(logging.WARNING)

if _service == "scheduler" and sys.platform == "linux":
    os.register_at_fork(after_in_child=_die_with_parent)
