"""From a department's database to silver: a snapshot whose deleted rows are withdrawn, counts compared at gate 1."""

from datetime import date
from pathlib import Path

import psycopg
import pytest

from govlake import lake
from govlake.ledger import Ledger
from govlake.pipeline.run import ingest
from govlake.settings import settings
from tests.connectors.conftest import Contracts

MONDAY, TUESDAY = date(2026, 8, 31), date(2026, 9, 1)
TABLE = """
DROP SCHEMA IF EXISTS desk CASCADE; CREATE SCHEMA desk;
CREATE TABLE desk.ticket (id bigint PRIMARY KEY, topic text, updated_at timestamptz);
INSERT INTO desk.ticket SELECT n, '路灯', '2026-08-31 10:00+08' FROM generate_series(1, 20) n;
"""


def test_rows_that_are_gone_at_the_source_are_withdrawn(
    contracts: Contracts, engine: str, ledger: Ledger, home: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(postgres, autocommit=True) as source:
        source.execute("SET client_min_messages = warning")
        source.execute(TABLE.encode())
        known = source.info
        monkeypatch.setenv("GOVLAKE_SECRET_DESK_DB", known.password)
        settings.cache_clear()
        server = {"type": "postgresql", "host": "127.0.0.1", "port": known.port, "database": known.dbname}
        contract = contracts({**server, "schema": "desk"}, "snapshot", user="govlake", secret="desk_db")
        lines: list[str] = []
        assert ingest(contract, MONDAY, progress=lines.append).status == "done", lines
        source.execute("DELETE FROM desk.ticket WHERE id = 20")
        source.execute("UPDATE desk.ticket SET topic = '积水' WHERE id = 1")
        assert ingest(contract, TUESDAY, progress=lines.append).status == "done", lines
        source.execute("DROP SCHEMA desk CASCADE")
    table = lake.delta(lake.path("silver", "hotline", "ticket"))
    assert table is not None
    rows = table.to_pyarrow_table().select(["ticket_id", "topic", "updated_at"]).to_pylist()
    topics = {row["ticket_id"]: row["topic"] for row in rows}
    assert sorted(topics) == list(range(1, 20)) and topics[1] == "积水" and topics[2] == "路灯"
    assert {f"{row['updated_at']:%Y-%m-%d %H:%M}" for row in rows} == {"2026-08-31 02:00"}
    judged = ledger.query("SELECT a, b, passed, assessable FROM ledger.gate_results WHERE rule = 'declared'")
    assert [(row["a"], row["b"], row["passed"], row["assessable"]) for row in judged] == [
        (20, 20, True, True),
        (19, 19, True, True),
    ]
