"""Going back: the edition before is shown in one step and stays until new content comes."""

from collections.abc import Callable
from datetime import date

import pytest

from govlake.batch import Batch
from govlake.contracts import Column, Contract, Source, Table
from govlake.editions import Mart, list_editions, publish, rollback, show
from govlake.errors import EditionError
from govlake.ledger import Ledger

Gold = Callable[..., Mart]


def values(ledger: Ledger) -> list[int]:
    return [row["n"] for row in ledger.query("SELECT n FROM marts.kpi_n")]


@pytest.fixture
def put_out(gold: Gold) -> Callable[[int], int | None]:
    def write(n: int) -> int | None:
        edition = publish([gold("kpi_n", {"n": [n]})])
        return edition.edition if edition else None

    return write


def test_rolling_back_holds_until_new_content_comes(ledger: Ledger, put_out: Callable[[int], int | None]) -> None:
    assert (put_out(1), put_out(2)) == (1, 2)
    assert rollback(who="coordinator").edition == 1
    assert (values(ledger), show().edition) == ([1], 1)
    assert put_out(2) is None  # the content that was rolled back does not return by itself
    assert values(ledger) == [1]
    assert put_out(3) == 3
    assert values(ledger) == [3]
    assert [(edition.edition, edition.current) for edition in list_editions()] == [(3, True), (2, False), (1, False)]
    [entry] = ledger.query("SELECT who, detail FROM ledger.audit")
    assert entry == {"who": "coordinator", "detail": {"from": 2, "to": 1}}


def test_going_back_to_a_named_edition_and_forward_again(ledger: Ledger, put_out: Callable[[int], int | None]) -> None:
    for n in (1, 2, 3):
        put_out(n)
    assert rollback(1).edition == 1
    assert rollback(3).current is True
    assert values(ledger) == [3]
    assert rollback(3).edition == 3  # already shown


def test_there_is_nothing_before_the_first(ledger: Ledger, put_out: Callable[[int], int | None]) -> None:
    with pytest.raises(EditionError, match="No edition has been published yet"):
        rollback()
    put_out(1)
    with pytest.raises(EditionError, match="no kept edition before 1"):
        rollback()
    with pytest.raises(EditionError, match="There is no edition 9"):
        show(9)


def test_the_shown_edition_tells_what_is_held_now(ledger: Ledger, put_out: Callable[[int], int | None]) -> None:
    table = Table("transit", "tap", "Taps", "刷卡", "", "", (Column("id", "string", ("id",)),), ())
    contract = Contract(
        "transit.tap", "1", "transport", "Transport", "交通局", "transit", "tap", "T", "刷", (table,), Source()
    )
    put_out(1)
    batch = Batch(contract, date(2026, 9, 2))
    ledger.start_batch(batch, sha256="a")
    ledger.set_status(batch.id, "unreadable", "hold", "Not a zip file", "不是压缩包")
    assert [(entry["dataset"], entry["reason_zh"]) for entry in show().held] == [("transit.tap", "不是压缩包")]
    put_out(2)
    assert list_editions()[1].held == []  # as it stood when it was published
    assert show(2).held[0]["since"] == date(2026, 9, 2)
    [info] = ledger.query("SELECT held_datasets, held_en, held_zh FROM marts.edition_info")
    assert tuple(info.values()) == (1, "Taps: Not a zip file", "刷卡:不是压缩包")
