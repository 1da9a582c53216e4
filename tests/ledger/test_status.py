"""How things stand: what is held, how old the last good delivery is, what is overdue."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from govlake.batch import Account, Batch
from govlake.contracts import Contract, Pack
from govlake.ledger import Ledger


def deliver(ledger: Ledger, batch: Batch, status: str = "done") -> None:
    ledger.start_batch(batch, sha256=batch.id, landed_rows={"transit.tap": 1}, fetched_at=datetime.now(UTC))
    held = status == "held"
    ledger.record_account(Account(batch.id, "transit.tap", 1, 1, 0 if held else 1, quarantined=int(held)))
    ledger.set_status(
        batch.id, status, "hold" if held else "pass", "No column 'id'" if held else "", "缺列" if held else ""
    )


def test_a_held_delivery_shows_why_and_how_old_the_last_good_one_is(
    ledger: Ledger, batch_of: Callable[..., Batch]
) -> None:
    today = date.today()
    deliver(ledger, batch_of(today - timedelta(days=3)))
    deliver(ledger, batch_of(today - timedelta(days=1)), "held")
    [row] = ledger.delivery_status()
    assert (row["status"], row["held"], row["reason_en"], row["reason_zh"]) == ("held", True, "No column 'id'", "缺列")
    assert row["last_good_date"] == today - timedelta(days=3)
    assert row["age_days"] in (3, 4)  # the department's own calendar day decides
    [held] = ledger.held_datasets()
    assert (held["dataset"], held["since"]) == ("transit.tap", today - timedelta(days=1))
    deliver(ledger, batch_of(today - timedelta(days=1), 2))
    assert ledger.held_datasets() == []


def test_overdue_is_told_in_both_languages(ledger: Ledger, batch_of: Callable[..., Batch]) -> None:
    deliver(ledger, batch_of(date(2026, 1, 1)))
    [row] = ledger.delivery_status()
    assert row["overdue"] is True
    assert row["reason_en"] == "Overdue since 2026-01-03 08:00"
    assert row["reason_zh"] == "2026-01-03 08:00起逾期未交"


def test_a_pack_makes_its_datasets_known_and_retires_those_it_dropped(ledger: Ledger, contract: Contract) -> None:
    ledger.register_pack(Pack(Path("city"), (contract,)))
    ledger.register_pack(Pack(Path("city"), (contract,)))
    [row] = ledger.delivery_status()
    assert (row["status"], row["title_zh"], row["department_zh"]) == ("awaited", "刷卡", "交通局")
    ledger.register_pack(Pack(Path("city"), ()))
    assert ledger.delivery_status() == []
