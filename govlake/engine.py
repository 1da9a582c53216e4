"""The engine: a Spark Connect address, and everything in which one engine differs from another.

Jobs, gates and dbt write only what every engine accepts. What differs is said here and nowhere else:
how a session is opened and how a Delta table gets a name in the session's catalogue.
"""

from __future__ import annotations

import atexit
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from uuid import uuid4

from govlake.errors import EngineError
from govlake.settings import settings

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from pyspark.sql.connect.session import SparkSession

# Settings of one session. ANSI is off because dbt-spark forces it off; our own casts are all try_cast.
SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
}
MARK = "govlake.session"  # what an engine that was restarted has forgotten
TRIES, PAUSE_MS = 24, 1000  # together about 20 s, the time a supervised engine takes to come back on a busy machine


@dataclass(frozen=True)
class _Opened:
    """The process's session: where it leads, and the mark it left there."""

    spark: SparkSession
    address: str
    mark: str


_opened: _Opened | None = None


def session() -> SparkSession:
    """The process's session on the engine at `settings().engine_address()`, opened at first use.

    Where the engine was restarted since, a new one: names that were registered in the old one are gone. Raises
    EngineError, with the address, when nothing answers there within about 20 s.
    """
    global _opened
    address = settings().engine_address()
    if _opened is None or _opened.address != address or not remembers(_opened.spark):
        _drop(release=False)
        _opened = _open(address)
    return _opened.spark


def _open(address: str) -> _Opened:
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession as AnySession  # its builder also turns pyspark.sql.functions to Connect
    from pyspark.sql.connect.client.retries import DefaultPolicy

    mark, spark = uuid4().hex, None
    # dbt asks for Hive's catalogue with every statement; Apache Spark says each time that it has another.
    warnings.filterwarnings("ignore", "Failed to set spark.sql.catalogImplementation")
    try:
        spark = cast("SparkSession", AnySession.builder.remote(address).create())
        type(spark).__del__ = _stays_open
        # At exit the client asks the engine to forget its ML models, an order the embedded engine does not know.
        atexit.unregister(spark.client._cleanup_ml_cache)
        patience = DefaultPolicy(max_retries=TRIES, initial_backoff=100, backoff_multiplier=2, max_backoff=PAUSE_MS)
        spark.client.set_retry_policies([patience])
        for key, value in {**SESSION, MARK: mark}.items():
            spark.conf.set(key, value)
    except (PySparkException, OSError, RuntimeError) as error:
        _stop(spark, release=False)
        raise unreachable(address, error) from error
    return _Opened(spark, address, mark)


def _stays_open(self: SparkSession) -> None:
    """What a session does that is collected: nothing. The client's own way ends threads that all sessions share; a
    collection can come in one of them, which then waits for itself, and everybody for it, for ever."""


def remembers(spark: SparkSession) -> bool:
    """Whether the engine answers and still knows the session; one that was restarted knows nothing of it."""
    from pyspark.errors import PySparkException

    if spark.is_stopped or _opened is None:
        return False
    policies = spark.client.get_retry_policies()
    spark.client.set_retry_policies([])  # asked once: a new session waits for the engine anyway
    try:
        return spark.conf.get(MARK, "") == _opened.mark
    except PySparkException:
        return False
    finally:
        spark.client.set_retry_policies(policies)


def close() -> None:
    """Close the process's session, if there is one, so that the next call opens a fresh one."""
    _drop(release=True)


def _drop(release: bool) -> None:
    """`release` tells the engine; one that is gone cannot be told, and one that was restarted has forgotten."""
    global _opened
    from pyspark.sql.connect.session import SparkSession

    # Ours by name: a client that heard of a restart counts as closed, is active no more, and yet holds the place of the
    # process's default session, so that the next session never becomes the one that dbt and Great Expectations find.
    _stop(_opened.spark if _opened is not None else None, release)
    _stop(SparkSession.getActiveSession(), release)
    _opened = None


def _stop(spark: SparkSession | None, release: bool) -> None:
    """Close the session and give up its place."""
    if spark is not None:
        spark.client.set_retry_policies([])  # an engine that is gone is not waited for
        spark.release_session_on_close = release
        spark.stop()


@contextmanager
def work() -> Iterator[None]:
    """What the engine refuses, or leaves undone because it died, becomes an EngineError that says so."""
    try:
        yield
    except Exception as error:
        if not type(error).__module__.startswith(("pyspark.errors", "grpc")):
            raise
        raise EngineError(
            f"The engine at {settings().engine_address()} did not do its work: {_reason(error)}.",
            "Run it again; if it repeats, see `govlake logs engine`.",
        ) from error


def unreachable(address: str, error: Exception) -> EngineError:
    """The error for an engine that does not answer."""
    return EngineError(
        f"The engine at {address} does not answer: {_reason(error)}.",
        "Start it with `govlake up`; see `govlake doctor`.",
    )


def _reason(error: Exception) -> str:
    """The first words that say something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    details = [line.removeprefix('details = "').rstrip('"') for line in lines if line.startswith("details = ")]
    return [*details, *lines, type(error).__name__][0].rstrip(".")[:200]


def register(spark: SparkSession, table: DeltaTable, address: str, database: str, name: str) -> None:
    """Give the Delta table at `address` the name `database.name` in this session.

    The columns are stated in full, from the Delta log: an engine that keeps its catalogue in the session
    would otherwise describe the table as empty, and dbt would believe that every column is new.
    """
    partitions = table.metadata().partition_columns
    # Partition columns come last, and are named again: the embedded engine compares by position.
    fields = sorted(table.schema().fields, key=lambda field: field.name in partitions)
    columns = ", ".join(
        f"`{field.name}` {sql_type(field.type)}{'' if field.nullable else ' NOT NULL'}" for field in fields
    )
    partitioned = f"PARTITIONED BY ({', '.join(partitions)})" if partitions else ""
    spark.sql(f"DROP TABLE IF EXISTS {database}.{name}")
    spark.sql(f"CREATE TABLE {database}.{name} ({columns}) USING delta {partitioned} LOCATION '{address}'")


def sql_type(kind: object) -> str:
    """The Spark SQL name of a Delta type."""
    from deltalake.schema import ArrayType, MapType, PrimitiveType, StructType

    if isinstance(kind, PrimitiveType):
        return {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}.get(kind.type, kind.type)
    if isinstance(kind, ArrayType):
        return f"array<{sql_type(kind.element_type)}>"
    if isinstance(kind, MapType):
        return f"map<{sql_type(kind.key_type)},{sql_type(kind.value_type)}>"
    if isinstance(kind, StructType):
        inner = ",".join(f"{field.name}:{sql_type(field.type)}" for field in kind.fields)
        return f"struct<{inner}>"
    return str(kind)
