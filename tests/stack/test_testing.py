"""The services that tests use are the real ones."""

import psycopg
import pytest

from govlake.settings import settings
from govlake.stack import engine as sail


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
