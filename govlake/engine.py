"""The engine: a Spark Connect address, and everything in which one engine differs from another.

Jobs, gates and dbt write only what every engine accepts. What differs is said here and nowhere else:
how a session is opened and how a Delta table gets a name in the session's catalogue.
"""

from __future__ import annotations

import atexit
from pathlib import Path
from typing import TYPE_CHECKING

from govlake.errors import EngineError
from govlake.settings import settings

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

# Settings of one session. ANSI is off because dbt-spark forces it off; our own casts are all try_cast.
SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
}


def session() -> SparkSession:
    """The process's session on the engine at `settings().engine()`, opened at first use.

    Raises EngineError, with the address, when nothing answers there.
    """
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession  # this builder also turns pyspark.sql.functions to Connect

    address = settings().engine()
    try:
        spark = SparkSession.builder.remote(address).getOrCreate()
        for key, value in SESSION.items():
            spark.conf.set(key, value)
        # At exit the client asks the engine to forget its ML models, an order the embedded engine does not know.
        atexit.unregister(spark.client._cleanup_ml_cache)
    except (PySparkException, OSError, RuntimeError) as error:
        raise unreachable(address, error) from error
    return spark


def unreachable(address: str, error: Exception) -> EngineError:
    """The error for an engine that does not answer."""
    reason = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
    return EngineError(
        f"The engine at {address} does not answer: {reason}.",
        "Start it with `govlake up`; see `govlake doctor`.",
    )


def close() -> None:
    """Close the process's session, if there is one, so that the next call opens a fresh one."""
    from pyspark.sql.connect.session import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        active.stop()


def register(spark: SparkSession, path: Path | str, database: str, name: str) -> bool:
    """Give the Delta table at `path` the name `database.name` in this session; False where there is none.

    The columns are stated in full, from the Delta log: an engine that keeps its catalogue in the session
    would otherwise describe the table as empty, and dbt would believe that every column is new.
    """
    from deltalake import DeltaTable
    from deltalake.exceptions import TableNotFoundError

    try:
        table = DeltaTable(str(path))
    except TableNotFoundError:
        return False
    partitions = table.metadata().partition_columns
    # Partition columns come last, and are named again: the embedded engine compares by position.
    fields = sorted(table.schema().fields, key=lambda field: field.name in partitions)
    columns = ", ".join(
        f"`{field.name}` {_spark_type(field.type)}{'' if field.nullable else ' NOT NULL'}" for field in fields
    )
    partitioned = f"PARTITIONED BY ({', '.join(partitions)})" if partitions else ""
    spark.sql(f"CREATE DATABASE IF NOT EXISTS {database}")
    spark.sql(f"DROP TABLE IF EXISTS {database}.{name}")
    spark.sql(f"CREATE TABLE {database}.{name} ({columns}) USING delta {partitioned} LOCATION '{path}'")
    return True


def _spark_type(kind: object) -> str:
    """The Spark SQL name of a Delta type."""
    from deltalake.schema import ArrayType, MapType, PrimitiveType, StructType

    if isinstance(kind, PrimitiveType):
        return {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}.get(kind.type, kind.type)
    if isinstance(kind, ArrayType):
        return f"array<{_spark_type(kind.element_type)}>"
    if isinstance(kind, MapType):
        return f"map<{_spark_type(kind.key_type)},{_spark_type(kind.value_type)}>"
    if isinstance(kind, StructType):
        inner = ",".join(f"{field.name}:{_spark_type(field.type)}" for field in kind.fields)
        return f"struct<{inner}>"
    return str(kind)
