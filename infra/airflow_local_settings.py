"""Read by Airflow at start. The scheduler imports what tasks need before it forks its workers.

A task forked from here finds Great Expectations and Spark's client already loaded: seconds become
milliseconds. Only imports: a channel opened before a fork would be shared by the children, and break.
"""

import sys

__all__: list[str] = []

if "scheduler" in sys.argv[1:2]:
    import pyspark.sql.connect.session  # noqa: F401
