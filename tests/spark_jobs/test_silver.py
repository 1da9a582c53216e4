"""What becomes of delivered rows: types, reasons, repeats, late rows, corrections, reruns."""

from datetime import date, datetime

import pyarrow as pa
import pytest

from govlake import lake
from govlake.batch import Batch
from govlake.contracts import Contract
from govlake.errors import ContractError
from spark_jobs import repeats, silver
from tests.spark_jobs.conftest import TICKETS, deliver, process, stored

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("home", "engine")]
MONDAY, TUESDAY = date(2026, 9, 7), date(2026, 9, 8)
OPENED = "2026-09-07 08:00:00"
OTHER_KEY = TICKETS.replace("      - {name: ticket_no, primaryKey: true}\n", "").replace(
    "kind,", "kind, primaryKey: true,"
)


@pytest.fixture(
    autouse=True,
    params=[(repeats.LITTLE, repeats.FEW), (repeats.LITTLE, -1), (-1, repeats.FEW)],
    ids=["few rows", "few rows in reach", "many rows"],
)
def _size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All ways of finding repeats give the same: every row looked at twice, and only those that need it."""
    monkeypatch.setattr(repeats, "LITTLE", request.param[0])
    monkeypatch.setattr(repeats, "FEW", request.param[1])


def row(number: str | None, updated: str = OPENED, score: str | None = "5", kind: str = "advice") -> list[str | None]:
    return [number, OPENED, updated, score, kind]


def test_good_rows_are_typed_and_times_are_utc(tickets: Contract) -> None:
    assert process(tickets, MONDAY, [row(" T1　"), row("T2", score=" - ")]) == {"silver_new": 2}
    names = ("ticket_no", "opened_at", "score", "opened_date", "_batch_id")
    opened = datetime(2026, 9, 7)
    assert stored(tickets.tables[0], *names) == [
        ("T1", opened, 5, MONDAY, "hotline.ticket-20260907"),
        ("T2", opened, None, MONDAY, "hotline.ticket-20260907"),
    ]


def test_bad_rows_go_to_quarantine_as_delivered_with_every_reason(tickets: Contract) -> None:
    rows = [row("T1"), [None, "soon", OPENED, "9", "rant"], [None] * 5]
    assert process(tickets, MONDAY, rows) == {"silver_new": 1, "quarantined": 2}
    assert stored(tickets.tables[0], "opened_at", "score", "_row_number", "_reasons", layer="quarantine") == [
        ("soon", "9", 2, ["ticket_no.required", "opened_at.type", "score.range", "kind.enum"]),
        (None, None, 3, ["row.empty"]),
    ]


def test_a_warning_does_not_keep_a_row_out(tickets: Contract) -> None:
    assert process(tickets, MONDAY, [row("T1", updated="2026-09-06 08:00:00")]) == {"silver_new": 1}


def test_repeats_within_a_delivery(tickets: Contract) -> None:
    later = "2026-09-07 09:00:00"
    rows = [row("T1", later, "4"), row("T1"), row("T2"), row("T2")]
    assert process(tickets, MONDAY, rows) == {"silver_new": 2, "superseded": 1, "duplicate": 1}
    assert stored(tickets.tables[0], "ticket_no", "score") == [("T1", 4), ("T2", 5)]


def test_later_deliveries_update_repeat_and_come_too_late(tickets: Contract) -> None:
    process(tickets, MONDAY, [row("T1", "2026-09-07 10:00:00"), row("T2"), row("T3")])
    changes = [row("T1", "2026-09-07 09:00:00", "1"), row("T2"), row("T3", "2026-09-08 10:00:00", "2"), row("T4")]
    expected = {"silver_new": 1, "silver_updated": 1, "unchanged": 1, "superseded": 1}
    assert process(tickets, TUESDAY, changes) == expected
    assert stored(tickets.tables[0], "ticket_no", "score") == [("T1", 5), ("T2", 5), ("T3", 2), ("T4", 5)]


def test_a_late_row_leaves_the_files_of_its_partition_as_they_are(
    tickets: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the engine was lost after it had written, and the write was sent once more."""
    process(tickets, MONDAY, [row("T1"), row("T2")])
    address = lake.table_path("silver", tickets.tables[0])
    before = files(address)
    once = lake.replace_where
    monkeypatch.setattr(lake, "replace_where", lambda *given: [once(*given), once(*given)])
    assert process(tickets, TUESDAY, [row("T3"), ["T4", "2026-09-08 08:00:00", None, "5", "advice"]]) == {
        "silver_new": 2
    }
    assert before < files(address)
    expected = [("T1", MONDAY), ("T2", MONDAY), ("T3", MONDAY), ("T4", TUESDAY)]
    assert stored(tickets.tables[0], "ticket_no", "opened_date") == expected


def files(address: str) -> set[str]:
    """What the table's rows are in."""
    table = lake.delta(address)
    assert table is not None
    return set(table.file_uris())


def test_a_row_that_moves_to_another_partition_leaves_the_old_one(tickets: Contract) -> None:
    process(tickets, MONDAY, [row("T1"), row("T2")])
    moved = ["T1", "2026-09-06 08:00:00", "2026-09-08 08:00:00", "5", "advice"]
    assert process(tickets, TUESDAY, [moved]) == {"silver_updated": 1}
    assert stored(tickets.tables[0], "ticket_no", "opened_date") == [("T1", date(2026, 9, 6)), ("T2", MONDAY)]


def test_a_rerun_counts_the_same_and_writes_nothing(tickets: Contract) -> None:
    first = process(tickets, MONDAY, [row("T1"), row("T1"), row(None)])
    address = lake.table_path("silver", tickets.tables[0])
    before = lake.version(address)
    assert process(tickets, MONDAY, [row("T1"), row("T1"), row(None)]) == first
    assert lake.version(address) == before
    assert len(stored(tickets.tables[0], "ticket_no", layer="quarantine")) == 1


def test_a_corrected_revision_takes_back_what_it_no_longer_holds(tickets: Contract) -> None:
    process(tickets, MONDAY, [row("T1"), row("T2"), row(None)])
    expected = {"unchanged": 1, "silver_new": 1}
    assert process(tickets, MONDAY, [row("T1"), row("T3")], revision=2) == expected
    assert stored(tickets.tables[0], "ticket_no") == [("T1",), ("T3",)]


def test_a_snapshot_withdraws_what_it_no_longer_lists(write_contract) -> None:
    contract = write_contract(TICKETS.replace("orderBy, value: updated_at", "delivery, value: snapshot"))
    process(contract, MONDAY, [row("T1"), row("T2")])
    assert process(contract, TUESDAY, [row("T2"), row("T3")]) == {"unchanged": 1, "silver_new": 1}
    assert stored(contract.tables[0], "ticket_no") == [("T2",), ("T3",)]
    assert process(contract, date(2026, 9, 1), [row("T1"), row("T2")]) == {"unchanged": 1, "superseded": 1}
    assert stored(contract.tables[0], "ticket_no") == [("T2",), ("T3",)]


def test_identical_facts_stand_for_themselves_where_the_contract_says_so(write_contract) -> None:
    text = TICKETS.replace("orderBy, value: updated_at", "occurrence, value: true").replace(", primaryKey: true", "")
    contract = write_contract(text)
    assert process(contract, MONDAY, [row("T1"), row("T1")]) == {"silver_new": 2}
    assert process(contract, TUESDAY, [row("T1"), row("T1"), row("T1")]) == {"unchanged": 2, "silver_new": 1}


def test_a_changed_contract_rewrites_silver_once(tickets: Contract, write_contract) -> None:
    process(tickets, MONDAY, [row("T1")])
    wider = write_contract(
        TICKETS.replace("- {name: kind", "- {name: channel, customProperties: []}\n      - {name: kind")
    )
    silver.migrate(wider.tables[0], lake.table_path("silver", wider.tables[0]))
    assert stored(wider.tables[0], "ticket_no", "channel") == [("T1", None)]


def test_the_log_says_of_a_file_where_it_is_and_whose_rows_it_has(tickets: Contract, write_contract) -> None:
    process(tickets, MONDAY, [row("T1"), row(None)])
    assert told(tickets, "silver") == {"ticket_no", "_batch_id"}
    assert told(tickets, "bronze") == told(tickets, "quarantine") == {"_row_number"}
    other = write_contract(OTHER_KEY)
    assert process(other, TUESDAY, [row("T2", kind="complaint")[1:]]) == {"silver_new": 1}
    assert told(other, "silver") == {"kind", "_batch_id"}
    assert stored(other.tables[0], "kind") == [("advice",), ("complaint",)]


def test_a_key_that_silver_does_not_have_is_refused_in_words(tickets: Contract, write_contract) -> None:
    process(tickets, MONDAY, [row("T1")])
    renamed = write_contract(TICKETS.replace("ticket_no, primaryKey", "number, primaryKey"))
    with pytest.raises(ContractError, match="names number, which silver"):
        process(renamed, TUESDAY, [row("T2")])
    assert stored(tickets.tables[0], "ticket_no") == [("T1",)]
    assert process(tickets, TUESDAY, [row("T2")]) == {"silver_new": 1}


def test_a_column_more_is_no_other_fact_where_there_is_no_key(write_contract) -> None:
    text = TICKETS.replace(", primaryKey: true", "").replace("  - {property: orderBy, value: updated_at}\n", "")
    keyless = write_contract(text)
    assert process(keyless, MONDAY, [row("T1")]) == {"silver_new": 1}
    wider = write_contract(text.replace("- {name: kind", "- {name: channel}\n      - {name: kind"))
    rows = [[*row("T1")[:4], None, "advice"], [*row("T1")[:4], "web", "advice"]]
    assert process(wider, TUESDAY, rows) == {"silver_updated": 1, "silver_new": 1}
    assert stored(wider.tables[0], "ticket_no", "channel") == [("T1", "web"), ("T1", None)]


def test_what_orders_versions_may_be_new(write_contract) -> None:
    """Rows of before have no value to be compared by: the later delivery wins."""
    text = TICKETS.replace("      - {name: updated_at, logicalType: timestamp}\n", "")
    text = text[: text.index("    quality:")].replace("  - {property: orderBy, value: updated_at}\n", "")
    process(write_contract(text), MONDAY, [[*row("T1")[:2], "5", "advice"]])
    assert process(write_contract(TICKETS), TUESDAY, [row("T1", score="4")]) == {"silver_updated": 1}


@pytest.mark.parametrize(("before", "after", "score", "kept"), [
    ("string", "integer", "5", 5),
    ("string", "integer", "five", None),
    ("number", "integer", "5", 5),
    ("number", "integer", "4.5", None),
    ("integer", "number", "5", 5.0),
    ("integer", "string", "5", "5"),
])  # fmt: skip
def test_a_column_gets_another_type_where_no_value_is_lost(
    write_contract, before: str, after: str, score: str, kept: object
) -> None:
    typed = [TICKETS.replace("integer, logicalTypeOptions: {minimum: 1, maximum: 5}", kind) for kind in (before, after)]
    process(write_contract(typed[0]), MONDAY, [row("T1", score=score)])
    changed = write_contract(typed[1])
    if kept is None:
        with pytest.raises(ContractError, match=r"1 rows of silver.hotline.ticket hold a score that is no integer"):
            process(changed, TUESDAY, [row("T2")])
    else:
        assert process(changed, TUESDAY, [row("T2")]) == {"silver_new": 1}
        assert stored(changed.tables[0], "ticket_no", "score")[0] == ("T1", kept)


def told(contract: Contract, layer: str) -> set[str]:
    """Columns whose range the table's log keeps."""
    table = lake.delta(lake.table_path(layer, contract.tables[0]))
    assert table is not None
    known = pa.table(table.get_add_actions(flatten=True))
    ranges = (name.removeprefix("max.") for name in known.column_names if name.startswith("max."))
    return {name for name in ranges if known[f"max.{name}"].null_count < known.num_rows}


def test_a_crash_between_silver_and_the_ledger_is_repaired(tickets: Contract) -> None:
    batch = Batch(tickets, MONDAY)
    process(tickets, date(2026, 9, 6), [row("T1", score="1")])
    first = process(tickets, MONDAY, [row("T1", "2026-09-07 09:00:00"), row("T2")])
    deliver(batch, [row("T1", "2026-09-07 09:00:00"), row("T2")])
    assert first == {"silver_updated": 1, "silver_new": 1}
    assert process(tickets, MONDAY, [row("T1", "2026-09-07 09:00:00"), row("T2")]) == first
