"""Every row is accounted for: a sum that does not close is refused by the ledger and by the database itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govlake.batch import Account, Batch
from govlake.contracts import Contract
from govlake.contracts.model import Mode
from govlake.errors import LedgerError
from govlake.ledger import Ledger, QuarantineReason
from govlake.ledger.evidence import PARTS

BatchOf = Callable[..., Batch]


def test_an_account_that_does_not_close_is_refused_with_its_numbers(ledger: Ledger, batch_of: BatchOf) -> None:
    ledger.start_batch(batch_of(), sha256="a", landed_rows={"transit.tap": 5})
    with pytest.raises(LedgerError, match=r"landed 5, bronze 5, accounted for 4 \(silver_new 3,.*quarantined 1\)"):
        ledger.record_account(Account("transit.tap-20260901", "transit.tap", 5, 5, 3, quarantined=1))


def test_the_database_itself_refuses_an_open_sum(ledger: Ledger, batch_of: BatchOf) -> None:
    ledger.start_batch(batch_of(), sha256="a", landed_rows={"transit.tap": 5})
    with psycopg.connect(ledger.url) as raw, pytest.raises(psycopg.errors.CheckViolation, match="account_closes"):
        raw.execute(
            """INSERT INTO ledger.batch_accounts (batch_id, dataset, attempt, landed, bronze, silver_new,
                silver_updated, unchanged, duplicate, superseded, quarantined, verdict)
            VALUES ('transit.tap-20260901', 'transit.tap', 1, 5, 5, 4, 0, 0, 0, 0, 0, 'pass')"""
        )


@pytest.mark.parametrize("status", ["done", "held"])
def test_a_batch_cannot_end_before_its_rows_are_accounted_for(ledger: Ledger, batch_of: BatchOf, status: str) -> None:
    batch = batch_of()
    ledger.start_batch(batch, sha256="a", landed_rows={"transit.tap": 5})
    with pytest.raises(LedgerError, match=r"transit.tap: 5 rows declared, no account"):
        ledger.set_status(batch.id, status)
    ledger.record_account(Account(batch.id, "transit.tap", 4, 4, 4))
    with pytest.raises(LedgerError, match=r"5 rows declared, 4 accounted for"):
        ledger.set_status(batch.id, status)
    ledger.record_account(Account(batch.id, "transit.tap", 5, 5, 4, quarantined=1, verdict="flag"))
    assert ledger.set_status(batch.id, status)["status"] == status


def test_the_account_of_an_earlier_attempt_does_not_count(ledger: Ledger, batch_of: BatchOf) -> None:
    batch = batch_of()
    ledger.start_batch(batch, sha256="a", landed_rows={"transit.tap": 2})
    ledger.record_account(Account(batch.id, "transit.tap", 2, 2, 2))
    assert ledger.start_batch(batch, sha256="a", landed_rows={"transit.tap": 2})["attempts"] == 2
    with pytest.raises(LedgerError, match="no account"):
        ledger.set_status(batch.id, "done")


def test_the_latest_account_counts_and_unfinished_batches_show_as_open(ledger: Ledger, batch_of: BatchOf) -> None:
    first, second, third = batch_of(), batch_of(date(2026, 9, 2)), batch_of(date(2026, 9, 3))
    ledger.start_batch(first, sha256="a", landed_rows={"transit.tap": 2})
    ledger.record_account(Account(first.id, "transit.tap", 2, 2, 2))
    ledger.record_account(Account(first.id, "transit.tap", 2, 2, 1, duplicate=1, verdict="flag"))
    ledger.start_batch(second, sha256="b", landed_rows={"transit.tap": 7})
    ledger.start_batch(third, sha256="c")
    ledger.set_status(third.id, "unreadable", "hold", "Not a zip", "不是压缩包")
    found = [
        (row["batch_id"], row["landed"], row["duplicate"], row["closes"], row["verdict"]) for row in ledger.accounts()
    ]
    assert found == [
        ("transit.tap-20260901", 2, 1, True, "flag"),
        ("transit.tap-20260902", 7, 0, False, ""),
        ("transit.tap-20260903", 0, 0, True, "hold"),
    ]


def test_other_bytes_for_a_known_batch_are_refused(ledger: Ledger, batch_of: BatchOf) -> None:
    ledger.start_batch(batch_of(), sha256="a")
    with pytest.raises(LedgerError, match="other bytes"):
        ledger.start_batch(batch_of(), sha256="b")
    ledger.start_batch(batch_of(revision=2), sha256="b")
    assert [row["revision"] for row in ledger.batches("transit.tap", date(2026, 9, 1))] == [1, 2]


def test_history_counts_finished_batches_once_per_date(ledger: Ledger, batch_of: BatchOf) -> None:
    for day, revision, rows, status in [(1, 1, 10, "held"), (1, 2, 11, "done"), (2, 1, 12, "done"), (3, 1, 13, "done")]:
        batch = batch_of(date(2026, 9, day), revision)
        ledger.start_batch(batch, sha256=f"{day}{revision}", landed_rows={"transit.tap": rows})
        ledger.record_account(Account(batch.id, "transit.tap", rows, rows, rows))
        ledger.set_status(batch.id, status)
    assert ledger.history_counts("transit.tap", date(2026, 9, 3)) == [12, 11]
    assert ledger.history_counts("transit.tap", date(2026, 9, 30), limit=1) == [13]


def test_quarantine_shows_the_latest_causes_and_hides_the_rows_from_readers(ledger: Ledger, batch_of: BatchOf) -> None:
    batch = batch_of()
    ledger.start_batch(batch, sha256="a")
    old = QuarantineReason("fare.range", 9, 0.9)
    new = QuarantineReason("tap_id.required", 2, 0.2, "Card is missing", "缺少卡号", "transport", [{"id": None}])
    ledger.record_quarantine(batch.id, "transit.tap", [old])
    ledger.record_quarantine(batch.id, "transit.tap", [new])
    rows = ledger.quarantine(batch_id=batch.id)
    assert [(row["rule"], row["rows"], row["message_zh"]) for row in rows] == [("tap_id.required", 2, "缺少卡号")]
    assert "sample_rows" not in rows[0]


@pytest.mark.parametrize(
    ("mode", "day", "revision", "left"),
    [("increment", 1, 2, 0), ("increment", 2, 1, 1), ("snapshot", 2, 1, 0)],
    ids=["a corrected delivery", "another day's delivery", "a newer snapshot"],
)
def test_quarantine_is_past_when_a_later_delivery_answers_for_it(
    ledger: Ledger, contract: Contract, mode: Mode, day: int, revision: int, left: int
) -> None:
    kept = replace(contract, tables=tuple(replace(table, mode=mode) for table in contract.tables))
    first, later = Batch(kept, date(2026, 9, 1)), Batch(kept, date(2026, 9, day), revision)
    ledger.start_batch(first, sha256="a", landed_rows={})
    ledger.record_quarantine(first.id, "transit.tap", [QuarantineReason("held", 5, 1.0)])
    ledger.set_status(first.id, "held", "hold")
    ledger.start_batch(later, sha256="b", landed_rows={})
    assert len(ledger.quarantine()) == 1
    ledger.set_status(later.id, "done", "pass")
    assert len(ledger.quarantine()) == left
    newest = {row["batch_id"]: row["is_newest"] for row in ledger.query("SELECT * FROM ledger_public.deliveries")}
    assert newest == {first.id: day != 1, later.id: True}


counts = st.integers(min_value=0, max_value=1_000_000)


@given(st.tuples(counts, counts, counts, counts, counts, counts), st.integers(-3, 3), st.integers(-3, 3))
def test_closing_means_landed_equals_bronze_equals_the_sum_of_its_parts(
    parts: tuple[int, ...], lost_before: int, lost_after: int
) -> None:
    bronze = sum(parts) + lost_after
    account = Account("b", "d", bronze + lost_before, bronze, **dict(zip(PARTS, parts, strict=True)))
    assert account.closes == (lost_before == 0 and lost_after == 0)


def test_earlier_accounts_are_the_latest_of_finished_batches(ledger: Ledger, batch_of: BatchOf) -> None:
    for day, revision, rows in ((1, 1, 10), (2, 1, 20), (2, 2, 21), (3, 1, 30), (4, 1, 40)):
        batch = batch_of(date(2026, 9, day), revision)
        ledger.start_batch(batch, sha256=batch.id, landed_rows={"transit.tap": rows})
        for new in (0, rows):  # the second account is of the same attempt, and counts
            ledger.record_account(Account(batch.id, "transit.tap", rows, rows, new, unchanged=rows - new))
        ledger.set_status(batch.id, "held" if day == 3 else "done")

    def found(before: int, most: int) -> list[tuple[int, int]]:
        rows = ledger.earlier_accounts("transit.tap", "transit.tap", date(2026, 9, before), most)
        return [(row["logical_date"].day, row["silver_new"]) for row in rows]

    assert found(4, 9) == [(1, 10), (2, 20), (2, 21)]
    assert found(5, 2) == [(2, 21), (4, 40)]
    assert found(1, 9) == []
    assert ledger.earlier_accounts("transit.tap", "transit.other", date(2026, 9, 4), 9) == []
