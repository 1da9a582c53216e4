"""Read by Airflow at start. The scheduler imports what tasks need before it forks its workers.

A task forked from here finds Great Expectations and Spark's client already loaded: seconds become
milliseconds. Only imports: a channel opened before a fork would be shared by the children, and break.
"""

import ctypes
import os
import signal
import sys

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


if "scheduler" in sys.argv[1:2]:
    import great_expectations  # noqa: F401
    import pyspark.sql.connect.session  # noqa: F401

    if sys.platform == "linux":
        os.register_at_fork(after_in_child=_die_with_parent)
