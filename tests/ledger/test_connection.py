"""The ledger survives a lost connection, refuses in one sentence, and lets one run at a time through a lock."""

import threading
import time
from collections.abc import Callable

import psycopg
import pytest

from govlake.batch import Batch
from govlake.errors import LedgerError
from govlake.ledger import Ledger, Row
from govlake.ledger.migrate import newest_version


def test_a_connection_cut_in_between_is_opened_again(ledger: Ledger, batch_of: Callable[..., Batch]) -> None:
    ledger.start_batch(batch_of(), sha256="a")
    with psycopg.connect(ledger.url, autocommit=True) as raw:
        raw.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'govlake'")
    assert len(ledger.batches()) == 1


def test_a_connection_cut_in_the_middle_repeats_the_whole_entry(ledger: Ledger) -> None:
    turns = []

    def work(cursor: psycopg.Cursor[Row]) -> None:
        cursor.execute("INSERT INTO ledger.audit (who, what) VALUES ('run', 'entry')")
        turns.append(cursor.connection.info.backend_pid)
        if len(turns) == 1:
            with psycopg.connect(ledger.url, autocommit=True) as raw:
                raw.execute("SELECT pg_terminate_backend(%s)", [turns[0]])
            cursor.execute("SELECT 1")

    ledger.transact(work)
    assert len(turns) == 2
    assert ledger.query("SELECT count(*) AS n FROM ledger.audit") == [{"n": 1}]


def test_a_server_that_stays_away_is_one_sentence_without_the_password() -> None:
    away = Ledger("postgresql://govlake:sesame@127.0.0.1:1/govlake", patience_s=0.3)
    with pytest.raises(LedgerError, match=r"127.0.0.1:1/govlake does not answer .* `govlake up`") as refused:
        away.batches()
    assert "sesame" not in str(refused.value)


def test_a_database_without_ledger_says_so(postgres: str) -> None:
    elsewhere = Ledger(postgres.rsplit("/", 1)[0] + "/postgres")
    with pytest.raises(LedgerError, match="not set up"):
        elsewhere.batches()
    elsewhere.close()


def test_a_lock_is_held_by_one_and_released_with_its_block(ledger: Ledger) -> None:
    order: list[str] = []

    def second() -> None:
        with ledger.lock("transit.tap-20260901"):
            order.append("second")

    with ledger.lock("transit.tap-20260901"), ledger.lock("transit.tap-20260901"):
        thread = threading.Thread(target=second)
        thread.start()
        with (
            pytest.raises(LedgerError, match="Another run"),
            Ledger(ledger.url).lock("transit.tap-20260901", wait_s=0.05),
        ):
            pass
        time.sleep(0.05)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]


def test_migrating_twice_changes_nothing(ledger: Ledger) -> None:
    assert ledger.migrate() == ledger.version() == newest_version()
