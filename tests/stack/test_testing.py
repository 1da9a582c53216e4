"""The services that tests use are the real ones."""

from pathlib import Path

import psycopg
import pytest

from govlake.settings import settings
from govlake.stack import engine as sail
from govlake.stack import testing


@pytest.mark.postgres
def test_postgres_has_every_database_and_role(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        databases = {row[0] for row in connection.execute("select datname from pg_database")}
        roles = {row[0] for row in connection.execute("select rolname from pg_roles where rolcanlogin")}
    assert {"govlake", "airflow", "superset"} <= databases
    assert roles == {"postgres", "govlake", "airflow", "superset", "cockpit_reader"}


@pytest.mark.postgres
def test_postgres_refuses_a_wrong_password(postgres: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.replace("govlake:", "govlake:x", 1))


@pytest.mark.engine
def test_engine_answers_a_query(engine: str, home) -> None:
    from pyspark.sql import SparkSession

    assert settings().engine_address() == engine
    assert sail.answers(engine)
    session = SparkSession.builder.remote(engine).create()
    assert session.sql("select 1 + 1 as two").collect()[0].two == 2
    session.stop()


@pytest.mark.cluster
def test_a_cluster_counts_with_both_its_workers(home: Path) -> None:
    from pyspark.sql import SparkSession

    memory = {"spark.executor.memory": "512m"}
    home.mkdir()
    with (
        testing.spark_cluster(home / "cluster", memory_mb=1024) as cluster,
        testing.spark_engine(home, spark_master=cluster.address, spark_conf=memory) as address,
    ):
        session = SparkSession.builder.remote(address).create()
        assert session.range(1000, numPartitions=8).selectExpr("sum(id) AS whole").collect()[0].whole == 499_500
        assert all(list((home / "cluster" / worker).glob("app-*/*")) for worker in ("worker-1", "worker-2"))
        session.stop()
