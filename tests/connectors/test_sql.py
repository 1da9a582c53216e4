"""The database connector against a real PostgreSQL, and over SQLAlchemy's plain path against SQLite."""

import csv
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from govlake import landing
from govlake.connectors import database, sql
from govlake.connectors.draft import settle
from govlake.contracts import Contract
from govlake.errors import ConnectorError, SettingsError
from govlake.ledger import Ledger
from govlake.settings import settings
from tests.connectors.conftest import Contracts, drafts
from tests.pipeline import servers
from tests.pipeline.servers import Server

MONDAY, TUESDAY, WEDNESDAY = date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 2)
TABLE = """
DROP SCHEMA IF EXISTS desk CASCADE; CREATE SCHEMA desk;
CREATE TABLE desk.ticket (id bigint PRIMARY KEY, topic text, updated_at timestamptz, citizen_phone text);
INSERT INTO desk.ticket VALUES
    (1, '路灯, "坏了"', '2026-08-31 10:00+08', '139'), (2, E'two\nlines', '2026-08-31 23:59:59+08', '138'),
    (3, 'noise', '2026-09-01 00:00:00+08', '137'), (4, '', NULL, '136');
"""


@pytest.fixture
def source(postgres: str) -> Iterator[psycopg.Connection[Any]]:
    """The department's database, as its owner."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute(TABLE.encode())
        yield connection
        connection.execute("DROP SCHEMA IF EXISTS desk CASCADE")


@pytest.fixture
def server(source: psycopg.Connection[Any], home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The contract's server, and the secret that opens it."""
    known = source.info
    monkeypatch.setenv("GOVLAKE_SECRET_DESK_DB", known.password)
    settings.cache_clear()
    return {
        **{"type": "postgresql", "host": "127.0.0.1", "port": known.port, "database": known.dbname, "schema": "desk"},
    }


def contract_of(contracts: Contracts, server: dict[str, Any], delivery: str = "increment", **more: object) -> Contract:
    cursor = {"cursor": "updated_at"} if delivery == "increment" else {}
    return contracts(server, delivery, **{"user": "govlake", "secret": "desk_db", **cursor, **more})


def rows(files: list[Path]) -> list[list[str]]:
    return [row for file in files for row in list(csv.reader(file.open(encoding="utf-8", newline="")))[1:]]


def ids(files: list[Path]) -> list[int]:
    return [int(row[0]) for row in rows(files)]


def taken(contract: Contract, day: date, ledger: Ledger) -> list[int]:
    """Fetch, land and settle a day as the pipeline does; the ids that came."""
    files = landing.find(contract, day)
    found = ids(files)
    landed = landing.land(contract, day, files=files)
    ledger.start_batch(landed.batch, sha256=landed.manifest.sha256)
    settle(contract, day, landed.batch.id)
    return found


def test_a_snapshot_holds_the_agreed_columns_as_they_are(
    contracts: Contracts, server: dict[str, Any], ledger: Ledger
) -> None:
    contract = contract_of(contracts, server, "snapshot")
    landed = landing.land(contract, TUESDAY)
    assert rows(landing.landed_files(landed.batch)) == [
        ["1", '路灯, "坏了"', "2026-08-31 10:00:00"],
        ["2", "two\nlines", "2026-08-31 23:59:59"],
        ["3", "noise", "2026-09-01 00:00:00"],
        ["4", "", ""],
    ]
    assert landed.manifest.declared == {"ticket.csv": {"rows": 4}}
    assert landed.manifest.tables["hotline.ticket"].rows == 4
    port = server["port"]
    assert landed.manifest.source == f"postgresql://127.0.0.1:{port}/{server['database']}/ticket"


def test_an_increment_goes_on_from_what_landed(
    contracts: Contracts, server: dict[str, Any], ledger: Ledger, source: psycopg.Connection[Any]
) -> None:
    contract = contract_of(contracts, server)
    assert taken(contract, MONDAY, ledger) == [1, 2, 4]
    assert ledger.reached(contract.id, TUESDAY) == {"ticket": "2026-08-31T15:59:59+00:00"}
    source.execute("UPDATE desk.ticket SET topic = 'fixed', updated_at = '2026-09-01 12:00+08' WHERE id = 1")
    assert taken(contract, TUESDAY, ledger) == [1, 2, 3, 4]
    source.execute("INSERT INTO desk.ticket VALUES (5, 'late', '2026-09-01 11:59+08', '')")
    assert 5 not in taken(contract, WEDNESDAY, ledger)
    with_overlap = contract_of(contracts, server, overlap="2h")
    assert 5 in ids(landing.find(with_overlap, WEDNESDAY))


def test_the_cursor_moves_only_once_the_delivery_has_landed(
    contracts: Contracts, server: dict[str, Any], ledger: Ledger
) -> None:
    contract = contract_of(contracts, server)
    landing.find(contract, MONDAY)
    assert ledger.reached(contract.id, WEDNESDAY) is None
    assert taken(contract, MONDAY, ledger) == [1, 2, 4]
    assert taken(contract, MONDAY, ledger) == [1, 2, 4]
    history = ledger.query("SELECT logical_date FROM ledger.source_cursors")
    assert [row["logical_date"] for row in history] == [MONDAY]
    with pytest.raises(Exception, match="append-only"):
        ledger.query("DELETE FROM ledger.source_cursors")


def test_a_rerun_is_the_same_batch_and_a_changed_source_the_next_revision(
    contracts: Contracts, server: dict[str, Any], ledger: Ledger, source: psycopg.Connection[Any]
) -> None:
    contract = contract_of(contracts, server, "snapshot")
    first = landing.land(contract, MONDAY)
    source.execute("UPDATE desk.ticket SET topic = topic WHERE id = 1")  # moves the row within the table
    assert landing.land(contract, MONDAY).batch == first.batch
    source.execute("DELETE FROM desk.ticket WHERE id = 3")
    assert landing.land(contract, MONDAY).batch.id.endswith("-r2")


def test_clocks_that_differ_lose_no_row(
    contracts: Contracts, server: dict[str, Any], ledger: Ledger, source: psycopg.Connection[Any]
) -> None:
    """The source's clock is a day behind, then far ahead of ours."""
    contract = contract_of(contracts, server)
    source.execute("UPDATE desk.ticket SET updated_at = '2026-08-30 01:00+08'")
    assert taken(contract, TUESDAY, ledger) == [1, 2, 3, 4]
    source.execute("INSERT INTO desk.ticket VALUES (6, 'behind', '2026-08-31 09:00+08', ''), "
                   "(7, 'ahead', '2026-09-03 09:00+08', '')")  # fmt: skip
    assert 6 in taken(contract, WEDNESDAY, ledger)
    assert 7 in taken(contract, date(2026, 9, 3), ledger)


def test_all_tables_are_read_in_one_state(
    contracts: Contracts, server: dict[str, Any], ledger: Ledger, source: psycopg.Connection[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    write = database.Session.write

    def interrupted(self: database.Session, *arguments: Any) -> None:
        source.execute("DELETE FROM desk.ticket")
        write(self, *arguments)

    monkeypatch.setattr(database.Session, "write", interrupted)
    landed = landing.land(contract_of(contracts, server, "snapshot"), MONDAY)
    assert landed.manifest.tables["hotline.ticket"].rows == 4 == landed.manifest.declared["ticket.csv"]["rows"]


def test_faults_are_sentences_and_leave_nothing(
    contracts: Contracts, server: dict[str, Any], ledger: Ledger, home: Path, monkeypatch: pytest.MonkeyPatch,
    source: psycopg.Connection[Any],
) -> None:  # fmt: skip
    with pytest.raises(ConnectorError, match=r"Hotline Office's database .* cannot be reached or broke off"):
        landing.find(contract_of(contracts, {**server, "port": 9}), MONDAY)
    with pytest.raises(ConnectorError, match="ticket is not there, or govlake may not see it"):
        landing.find(contract_of(contracts, {**server, "schema": "nowhere"}), MONDAY)
    source.execute("ALTER TABLE desk.ticket RENAME COLUMN topic TO subject")
    with pytest.raises(ConnectorError, match="has no column topic; it has id, subject"):
        list(sql.probe(contract_of(contracts, server)))
    monkeypatch.setenv("GOVLAKE_SECRET_DESK_DB", "yesterday's")
    settings.cache_clear()
    with pytest.raises(SettingsError, match="does not let govlake in with the secret desk_db") as caught:
        landing.find(contract_of(contracts, server), MONDAY)
    assert "GOVLAKE_SECRET_DESK_DB" in caught.value.remedy and "yesterday" not in str(caught.value)
    assert drafts(home) == [] and not (home / "landing").exists()


def test_a_changed_column_is_left_to_gate_1(
    contracts: Contracts, server: dict[str, Any], ledger: Ledger, source: psycopg.Connection[Any]
) -> None:
    source.execute("ALTER TABLE desk.ticket RENAME COLUMN topic TO subject")
    landed = landing.land(contract_of(contracts, server), MONDAY)
    assert landed.manifest.tables["hotline.ticket"].missing == ("topic",)


def test_probe_says_what_is_there(contracts: Contracts, server: dict[str, Any], ledger: Ledger) -> None:
    found = list(sql.probe(contract_of(contracts, server)))
    assert "signed in as govlake" in found[0]
    assert "3 of 4 columns are agreed, the newest updated_at is 2026-08-31 16:00:00+00:00" in found[1]


def test_a_cursor_of_the_database_s_own_is_read_and_not_delivered(
    contracts: Contracts, server: dict[str, Any], ledger: Ledger, source: psycopg.Connection[Any]
) -> None:
    source.execute("ALTER TABLE desk.ticket ADD came_in timestamptz")
    source.execute("UPDATE desk.ticket SET came_in = '2026-08-31 12:00+08'::timestamptz + (id || ' h')::interval * 6")
    contract = contract_of(contracts, server, cursor="came_in")
    assert taken(contract, MONDAY, ledger) == [1]
    landed = landing.land(contract, TUESDAY)
    assert rows(landing.landed_files(landed.batch))[0][0] == "1", "the row at the edge is read again"
    assert landed.manifest.tables["hotline.ticket"].rows == 4
    header = landing.landed_files(landed.batch)[0].read_text(encoding="utf-8").splitlines()[0]
    assert header == "id,topic,updated_at"
    assert "the newest came_in is 2026-09-01" in list(sql.probe(contract))[1]


def test_a_day_on_which_nothing_falls_due_is_not_asked_for(
    contracts: Contracts, server: dict[str, Any], ledger: Ledger
) -> None:
    monthly = contract_of(contracts, server, "snapshot")
    monthly = replace(monthly, frequency_days=30, schedule="0 6 1 * *")
    assert sql.dates(monthly, date(2026, 8, 30)) == [date(2026, 7, 31)]
    assert landing.find(monthly, date(2026, 8, 30)) == []
    assert len(landing.find(monthly, MONDAY)) == 1


def test_due_dates_come_from_schedule_and_ledger(contracts: Contracts, server: dict[str, Any], ledger: Ledger) -> None:
    contract = contract_of(contracts, {**server, "port": 9}, since="2026-08-30")  # nobody is asked
    assert sql.dates(contract, TUESDAY) == [date(2026, 8, 30), MONDAY, TUESDAY]
    assert sql.dates(contract_of(contracts, {**server, "port": 9}, "snapshot"), TUESDAY) == [TUESDAY]


def test_a_server_that_dies_in_the_middle_leaves_nothing_and_a_rerun_repairs(
    contracts: Contracts, ledger: Ledger, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory(prefix="govlake-") as folder:
        victim, url = servers.postgres(Path(folder) / "data")
        victim.start()
        try:
            _die_and_return(contracts, home, monkeypatch, victim, url)
        finally:
            victim.stop()


def _die_and_return(contracts: Contracts, home: Path, monkeypatch: Any, victim: Server, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        secret, port, user = connection.info.password, connection.info.port, connection.info.user
        connection.execute("CREATE TABLE ticket (id bigint PRIMARY KEY, topic text, updated_at timestamptz)")
        connection.execute("INSERT INTO ticket SELECT n, repeat('x', 200), now() FROM generate_series(1, 200000) n")
    monkeypatch.setenv("GOVLAKE_SECRET_DESK_DB", secret)
    settings.cache_clear()
    server = {"type": "postgresql", "host": "127.0.0.1", "port": port, "database": "postgres", "schema": "public"}
    contract = contract_of(contracts, server, "snapshot", user=user)
    copy = database.Session._copy

    def deadly(self: database.Session, select: Any, target: Any, what: str) -> None:
        class Target:
            def write(self, block: bytes) -> None:
                if target.tell() > 1 << 20 and not victim.is_dead():
                    victim.stop()
                target.write(block)

        copy(self, select, Target(), what)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(database.Session, "_copy", deadly)
        with pytest.raises(ConnectorError, match="cannot be reached or broke off"):
            landing.find(contract, MONDAY)
    assert drafts(home) == [] and not (home / "landing").exists()
    victim.start()
    assert landing.land(contract, MONDAY).manifest.tables["hotline.ticket"].rows == 200_000


@pytest.mark.usefixtures("home")
def test_the_plain_path_writes_the_same(
    contracts: Contracts, tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Databases other than PostgreSQL are read row by row."""
    import sqlite3

    file = tmp_path / "desk.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE ticket (id INTEGER PRIMARY KEY, topic TEXT, updated_at TIMESTAMP)")
        connection.execute("INSERT INTO ticket VALUES (1, '路灯, \"坏了\"', '2026-08-31 10:00:00'), (2, NULL, NULL)")
    monkeypatch.setitem(database.DRIVERS, "mysql", "sqlite")
    monkeypatch.setenv("GOVLAKE_SECRET_DESK_DB", "")
    monkeypatch.setattr(database, "_url", lambda contract: f"sqlite:///{file}")
    server = {"type": "mysql", "host": "localhost", "port": 3306, "database": "desk"}
    files = landing.find(contract_of(contracts, server), MONDAY)
    assert rows(files) == [["1", '路灯, "坏了"', "2026-08-31 10:00:00"], ["2", "", ""]]
