"""What a snapshot opens, changes and closes, in whatever order deliveries come."""

from datetime import date, timedelta
from typing import Any

import pytest

from govlake import lake
from govlake.batch import Batch, Restated, Restatement
from govlake.contracts import Contract
from govlake.engine import session
from spark_jobs import conform, history, silver
from tests.spark_jobs.conftest import TICKETS, deliver

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("home", "engine")]
BEDS = """
apiVersion: v3.1.0
kind: DataContract
id: health-ward
version: 1.0.0
status: active
domain: health
name: ward
customProperties:
  - {property: delivery, value: snapshot}
servers:
  - {server: drop, type: local, path: "{inbox}/w_{date:%Y%m%d}.csv", format: csv}
schema:
  - name: ward
    properties:
      - {name: ward, primaryKey: true}
      - {name: day, logicalType: date, primaryKey: true}
      - {name: beds, logicalType: integer, logicalTypeOptions: {minimum: 0}}
      - {name: note}
"""
DAYS = [date(2026, 9, 1) + timedelta(days=number) for number in range(5)]
DAY = "2026-08-31"


@pytest.fixture
def wards(write_contract: Any) -> Contract:
    return write_contract(BEDS)


def take(contract: Contract, day: date, rows: list[tuple[str, str | None]], revision: int = 1) -> list[Restatement]:
    """A delivery of (ward, beds) through conform and silver; what it restates."""
    batch = Batch(contract, day, revision)
    deliver(batch, [[ward, DAY, beds, None] for ward, beds in rows])
    conform.run(batch)
    found: list[Restatement] = []
    silver.run(batch, found.append)
    return found


def versions(contract: Contract) -> list[tuple[Any, ...]]:
    """Every version: ward, beds, first day, day after the last, opening and closing delivery."""
    from govlake.versions import select

    address = lake.table_path("history", contract.tables[0])
    lake.read(address).createOrReplaceTempView("changes")
    rows = session().sql(select("changes", list(lake.columns(address)), "`")).collect()
    assert all(row["_is_current"] == (row["_valid_to"] is None) for row in rows)
    short = lambda name: name and name.removeprefix("health.ward-202609")  # noqa: E731
    return sorted(
        ((r.ward, r.beds, r["_valid_from"].day, r["_valid_to"] and r["_valid_to"].day, short(r["_opened_by"]),
          short(r["_closed_by"])) for r in rows), key=str,
    )  # fmt: skip


def test_a_changed_row_opens_a_version_a_missing_one_closes_one_that_comes_back_opens_again(wards: Contract) -> None:
    take(wards, DAYS[0], [("a", "1"), ("b", "2"), ("c", "3")])
    take(wards, DAYS[1], [("a", "1"), ("b", "5")])
    take(wards, DAYS[2], [("a", "1"), ("b", "5")])
    take(wards, DAYS[3], [("a", "1"), ("b", "5"), ("c", "3")])
    assert versions(wards) == [
        ("a", 1, 1, None, "01", None),
        ("b", 2, 1, 2, "01", "02"),
        ("b", 5, 2, None, "02", None),
        ("c", 3, 1, 2, "01", "02"),
        ("c", 3, 4, None, "04", None),
    ]
    assert history.days(wards.tables[0]) == DAYS[:4]


LISTS: dict[date, list[tuple[str, str | None]]] = {
    DAYS[0]: [("a", "1"), ("b", "2")],
    DAYS[1]: [("a", "1"), ("b", "3"), ("c", "7")],
    DAYS[2]: [("a", "4"), ("b", "3")],
    DAYS[3]: [("a", "4"), ("b", "3"), ("c", "7")],
}


@pytest.mark.parametrize("order", [(3, 2, 1, 0), (0, 2, 3, 1), (1, 3, 0, 2)], ids=str)
def test_the_order_in_which_deliveries_come_changes_nothing(wards: Contract, order: tuple[int, ...]) -> None:
    for number in order:
        take(wards, DAYS[number], LISTS[DAYS[number]])
    assert versions(wards) == [
        ("a", 1, 1, 3, "01", "03"),
        ("a", 4, 3, None, "03", None),
        ("b", 2, 1, 2, "01", "02"),
        ("b", 3, 2, None, "02", None),
        ("c", 7, 2, 3, "02", "03"),
        ("c", 7, 4, None, "04", None),
    ]
    current = lake.read(lake.table_path("silver", wards.tables[0])).select("ward", "beds").collect()
    assert sorted(tuple(row) for row in current) == [("a", 4), ("b", 3), ("c", 7)]


def test_a_rerun_changes_nothing_and_a_run_killed_before_silver_is_repaired(
    wards: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(wards, DAYS[0], LISTS[DAYS[0]])
    with monkeypatch.context() as broken:
        broken.setattr(silver, "_replace", lambda *arguments: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            take(wards, DAYS[1], LISTS[DAYS[1]])
    found = take(wards, DAYS[1], LISTS[DAYS[1]])
    assert [restatement.cells for restatement in found] == [{"beds": 1}]
    before = versions(wards)
    assert take(wards, DAYS[1], LISTS[DAYS[1]]) == []
    assert versions(wards) == before
    assert len(before) == 4


def test_a_corrected_delivery_replaces_what_it_had_said(wards: Contract) -> None:
    take(wards, DAYS[0], [("a", "1"), ("b", "2")])
    take(wards, DAYS[1], [("a", "9")])
    take(wards, DAYS[1], [("a", "1"), ("b", "3")], revision=2)
    assert versions(wards) == [("a", 1, 1, None, "01", None), ("b", 2, 1, 2, "01", "02-r2"),
                               ("b", 3, 2, None, "02-r2", None)]  # fmt: skip
    take(wards, DAYS[2], [("a", "1"), ("b", "3")])
    take(wards, DAYS[1], [("a", "1"), ("b", "2")], revision=3)
    assert versions(wards) == [("a", 1, 1, None, "01", None), ("b", 2, 1, 3, "01", "03"),
                               ("b", 3, 3, None, "03", None)]  # fmt: skip


def test_a_row_in_quarantine_keeps_its_last_good_version(wards: Contract) -> None:
    take(wards, DAYS[0], [("a", "1"), ("b", "2")])
    take(wards, DAYS[1], [("a", "1"), ("b", "-1")])
    assert versions(wards) == [("a", 1, 1, None, "01", None), ("b", 2, 1, None, "01", None)]


def test_a_delivery_adds_what_it_changed_and_rewrites_nothing(wards: Contract) -> None:
    many = [(f"w{number:03}", "1") for number in range(200)]
    take(wards, DAYS[0], many)
    address = lake.table_path("history", wards.tables[0])
    table = lake.delta(address)
    assert table is not None
    before = set(table.file_uris())
    take(wards, DAYS[1], [("w000", "2"), *many[2:]])
    table = lake.delta(address)
    assert table is not None and before < set(table.file_uris())
    assert lake.partition_rows(address, "_valid_from") == {"2026-09-01": 201, "2026-09-02": 3}


def test_a_table_that_had_no_history_begins_one_with_what_silver_holds(wards: Contract) -> None:
    import shutil

    take(wards, DAYS[0], [("a", "1"), ("b", "2")])
    take(wards, DAYS[1], [("a", "1"), ("b", "3")])
    shutil.rmtree(lake.table_path("history", wards.tables[0]))
    take(wards, DAYS[2], [("b", "4")])
    assert versions(wards) == [("a", 1, 1, 3, "01", "03"), ("b", 3, 2, 3, "02", "03"), ("b", 4, 3, None, "03", None)]


def test_a_changed_contract_takes_its_history_along(write_contract: Any) -> None:
    take(write_contract(BEDS), DAYS[0], [("a", "1")])
    wider = write_contract(BEDS.replace("{name: note}", "{name: note, logicalType: integer}\n      - {name: floor}"))
    batch = Batch(wider, DAYS[1])
    deliver(batch, [["a", DAY, "1", None, "3"]])
    conform.run(batch)
    silver.run(batch)
    assert versions(wider) == [("a", 1, 1, 2, "01", "02"), ("a", 1, 2, None, "02", None)]


def test_what_a_delivery_restates(wards: Contract) -> None:
    assert take(wards, DAYS[0], [("a", "1"), ("b", "2"), ("c", None), ("d", "4")]) == []
    found = take(wards, DAYS[1], [("a", "1"), ("b", None), ("c", "3"), ("e", "5")])
    sample = Restated({"ward": "b", "day": DAY}, "beds", "2", None, "health.ward-20260901", "drop.csv", 2)
    assert found == [
        Restatement(
            dataset="health.ward", batch_id="health.ward-20260902", rows=1, withdrawn=1, filled=1, cells={"beds": 1},
            earlier={"health.ward-20260901": 2}, first=date(2026, 8, 31), last=date(2026, 8, 31), samples=(sample,),
            silver_version=0,
        )
    ]  # fmt: skip
    assert take(wards, DAYS[2], [("a", "1"), ("b", None), ("c", "3"), ("e", "5"), ("f", "6")]) == []


def test_an_update_by_key_restates_as_well_and_personal_values_are_not_shown(write_contract: Any) -> None:
    text = TICKETS.replace("{name: ticket_no, primaryKey: true}", "{name: ticket_no, primaryKey: true, "
                           "customProperties: [{property: pseudonymise, value: true}]}")  # fmt: skip
    contract = write_contract(text.replace("{name: score,", "{name: score, classification: restricted,"))
    opened, found = "2026-09-07 08:00:00", []
    for day, updated, score in ((DAYS[0], opened, "5"), (DAYS[1], "2026-09-07 09:00:00", "4")):
        batch = Batch(contract, day)
        deliver(batch, [["T1", opened, updated, score, "advice"]])
        conform.run(batch)
        silver.run(batch, found.append)
    assert [(entry.cells, entry.withdrawn, entry.first) for entry in found] == [({"score": 1}, 0, date(2026, 9, 7))]
    shown = found[0].samples[0]
    assert (shown.key, shown.old, shown.new) == ({"ticket_no": "***"}, "***", "***")
    assert lake.delta(lake.table_path("history", contract.tables[0])) is None
