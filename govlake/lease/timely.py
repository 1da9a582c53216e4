"""Work of the engine that begins in time or not at all, by the engine's own clock.

Between the check of the lease and the engine's first look at a table, the process that asked may be stopped for any
time. So the question whether it is too late travels with the work. What begins in time, and is overtaken by another
home's takeover, the tables refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from govlake import lease
from govlake.lease.place import clock

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.connect.session import SparkSession

LATE = "the lease of the lake ended before the engine began"
TRIES = 3
ASK_AGAIN_S = 60.0  # clocks drift, and are set


@dataclass(frozen=True)
class _Offset:
    """What to add to `clock()` for the engine's time of day: never too much, by at most the time of the question."""

    spark: SparkSession
    asked_at: float
    seconds: float


_known: _Offset | None = None


def write(frame: DataFrame, address: str, save: Callable[[DataFrame], None], proven: bool) -> None:
    """Have the engine save `frame` at `address` under the lease; tried again where the engine was too busy to begin.

    `proven` as for `lease.writing`.
    """
    from pyspark.errors import PySparkException

    for trial in range(TRIES):
        try:
            with lease.writing(address, proven):
                save(_in_time(frame))
            return
        except PySparkException as error:
            if LATE not in str(error) or trial == TRIES - 1:
                raise


def _in_time(frame: DataFrame) -> DataFrame:
    from govlake.engine import session

    last = int((lease.hold().good_until() + _offset(session())) * 1e6)
    return frame.where(f"assert_true(unix_micros(current_timestamp()) < {last}, '{LATE}') IS NULL")


def _offset(spark: SparkSession) -> float:
    global _known
    if _known is None or _known.spark is not spark or clock() - _known.asked_at > ASK_AGAIN_S:
        row = spark.sql("SELECT unix_micros(current_timestamp()) AS now").collect()[0]
        answered_at = clock()
        _known = _Offset(spark, answered_at, row["now"] / 1e6 - answered_at)
    return _known.seconds
