"""From a department's database to silver: deleted rows are withdrawn, counts compared, a refusal is an incident."""

from datetime import date
from pathlib import Path

import psycopg
import pytest

from govlake import lake, pipeline
from govlake.errors import SettingsError
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


def test_a_source_that_cannot_be_asked_is_an_incident_until_it_can(
    contracts: Contracts, ledger: Ledger, home: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> list[tuple[str, str, str]]:
        return [(row["contract_id"], row["rule"], row["state"]) for row in ledger.incidents(None)]

    with psycopg.connect(postgres, autocommit=True) as source:
        source.execute("SET client_min_messages = warning")
        source.execute(TABLE.encode())
        known = source.info
        server = {"type": "postgresql", "host": "127.0.0.1", "port": known.port, "database": known.dbname}
        contract = contracts({**server, "schema": "desk"}, "snapshot", user="govlake", secret="desk_db")
        monkeypatch.setenv("GOVLAKE_SECRET_DESK_DB", "yesterday's")
        for day in (MONDAY, MONDAY, TUESDAY):
            with pytest.raises(SettingsError):
                pipeline.ingest_step("land", contract, day)
            assert found() == [("hotline.ticket", "unreachable", "open")], "one, however often it is tried"
        (incident,) = ledger.incidents()
        assert "does not let govlake in" in incident["title_en"] and "热线办" in incident["title_zh"]
        assert len(ledger.incident_events(incident["incident_id"])) == 1
        monkeypatch.setenv("GOVLAKE_SECRET_DESK_DB", known.password)
        assert pipeline.ingest_step("land", contract, TUESDAY).status == "done"
        assert found() == [("hotline.ticket", "unreachable", "closed")]
        source.execute("DROP SCHEMA desk CASCADE")
