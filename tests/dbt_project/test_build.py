"""The marts are built from silver by dbt on a real engine: right numbers, only what changed, nothing twice."""

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from govlake import lake
from govlake.batch import Batch
from govlake.contracts import load_pack
from govlake.engine import session
from govlake.ledger import Ledger
from govlake.settings import PROJECT
from spark_jobs.mart_checks import checks
from spark_jobs.marts import BuildReport, build
from tests.dbt_project.silver import tap, ticket, write_taps, write_tickets

pytestmark = [pytest.mark.engine, pytest.mark.postgres]

# What can be made of taps and tickets alone.
MARTS = {
    *("dim_date", "dim_district", "dim_district_shape", "dim_kpi", "dim_line", "dim_topic"),
    *("fct_delivery", "kpi_cell", "kpi_city_overview", "kpi_department_quality", "kpi_hotline_day"),
    *("kpi_hotline_topic_week", "kpi_shown", "kpi_transit_city_day", "kpi_transit_day", "kpi_transit_hour"),
}


@pytest.fixture
def city(home: Path, engine: str, ledger: Ledger) -> Ledger:
    """Two days of taps and tickets in silver, and an empty ledger."""
    write_taps(
        tap(1, "2026-09-01 07:59"),
        tap(2, "2026-09-01 08:00", card_id="b", card_kind="senior", paid_fen=0),
        tap(3, "2026-09-01 08:30", tap_type="metro_in", line_id="M1", due_fen=0, paid_fen=0),
        tap(4, "2026-09-01 08:50", tap_type="metro_out", line_id="M1", due_fen=300, paid_fen=285),
        tap(5, "2026-09-02 23:59", card_id="c"),
        tap(6, "2026-09-05 09:00"),
    )
    write_tickets(
        ticket(1, "2026-09-01 09:00", topic="transport", closed_at=None),
        ticket(2, "2026-09-01 10:00", closed_at=None, district_code="990102"),
        ticket(3, "2026-09-02 09:00", ticket_type="advice"),
    )
    return ledger


def gold(domain: str, name: str, *columns: str) -> list[tuple]:
    table = lake.delta(lake.path("gold", domain, name))
    assert table is not None
    rows = table.to_pyarrow_table().select(list(columns)).to_pylist()
    return sorted(tuple(row.values()) for row in rows)


def status(report: BuildReport) -> dict[str, str]:
    return {model.name: model.status for model in report.models}


def made(report: BuildReport) -> set[str]:
    return {model.name for model in report.with_status("built")}


def versions() -> dict[str, int]:
    return {f"{domain}.{name}": lake.version(lake.path("gold", domain, name)) for domain, name in lake.find("gold")}


def test_builds_every_mart_with_the_right_numbers(city: Ledger) -> None:
    report = build()
    assert [m.name for m in report.with_status("failed")] + [c.name for c in report.failed_checks] == []
    assert made(report) == MARTS and set(status(report).values()) == {"built", "absent"}
    assert report.verdict == "pass" and {mart for check in report.checks for mart in check.models} >= MARTS
    day = date(2026, 9, 1)
    columns = ("tap_date", "line_id", "taps", "boardings", "riders", "senior_boardings", "revenue_cny", "discount_cny")
    assert gold("transit", "kpi_transit_day", *columns)[:2] == [
        (day, "B101", 2, 2, 2, 1, Decimal("1.90"), Decimal("2.10")),
        (day, "M1", 2, 1, 1, 0, Decimal("2.85"), Decimal("0.15")),
    ]
    hours = gold("transit", "kpi_transit_hour", "tap_date", "hour", "mode", "taps", "boardings", "exits", "is_workday")
    assert hours == [
        (day, 7, "bus", 1, 1, 0, True),
        (day, 8, "bus", 1, 1, 0, True),
        (day, 8, "metro", 2, 1, 1, True),
        (date(2026, 9, 2), 23, "bus", 1, 1, 0, True),
        (date(2026, 9, 5), 9, "bus", 1, 1, 0, False),
    ]
    assert gold("transit", "kpi_transit_city_day", "tap_date", "riders")[0] == (day, 2)
    opened = gold("hotline", "kpi_hotline_day", "date", "district_en", "opened", "opened_transport", "overdue_open")
    assert opened == [
        (day, "Binhe", 1, 0, 0),
        (day, "Zhongshu", 1, 1, 0),
        (date(2026, 9, 2), "Binhe", 0, 0, 0),
        (date(2026, 9, 2), "Zhongshu", 1, 0, 0),
    ]
    overview = gold("city", "kpi_city_overview", "date", "indicator_id", "value")
    assert (day, "transit.boardings", 3.0) in overview and (day, "hotline.opened", 2.0) in overview
    assert (day, "hotline.on_time", None) in overview, "nothing was due: unknown, not zero"
    cells = gold(
        "city", "kpi_cell", "indicator_id", "period", "period_start", "area_code", "value", "light", "use_policy"
    )
    assert ("transit.boardings", "day", day, "990100", 3.0, "none", "public") in cells
    assert ("transit.boardings", "month", day, "990100", 5.0, "none", "public") in cells


def test_a_rerun_changes_nothing_and_one_by_force_gives_the_same(city: Ledger) -> None:
    build()
    before = versions()
    columns = ("tap_date", "district_code", "line_id", "taps", "revenue_cny")
    taps = gold("transit", "kpi_transit_day", *columns)
    assert set(status(build()).values()) == {"unchanged"}
    assert versions() == before
    assert made(build(force=True)) == MARTS
    assert gold("transit", "kpi_transit_day", *columns) == taps


def test_only_touched_days_are_built(city: Ledger) -> None:
    build()
    write_taps(tap(5, "2026-09-02 23:59", card_id="c"), tap(7, "2026-09-02 12:00", card_id="d"))
    report = build()
    days = {model.name: model.days for model in report.with_status("built")}
    by_day = {"kpi_transit_day": 1, "kpi_transit_hour": 1, "kpi_transit_city_day": 1}
    assert days == by_day | {"kpi_city_overview": None, "kpi_cell": None, "kpi_shown": None}
    assert gold("transit", "kpi_transit_city_day", "tap_date", "taps") == [
        (date(2026, 9, 1), 4),
        (date(2026, 9, 2), 2),
        (date(2026, 9, 5), 1),
    ]
    overview = gold("city", "kpi_city_overview", "date", "indicator_id", "value")
    assert (date(2026, 9, 2), "transit.boardings", 2.0) in overview


@pytest.mark.parametrize(
    ("wrong", "said"), [({"paid_fen": 900}, "revenue_cny exceeds due_cny"), ({"line_id": None}, "line_id is empty")]
)
def test_a_bad_day_is_found_where_only_that_day_is_built(city: Ledger, wrong: dict[str, Any], said: str) -> None:
    assert build().verdict == "pass"
    write_taps(tap(5, "2026-09-02 23:59", **wrong))
    report = build()
    assert {model.days for model in report.models if model.name == "kpi_transit_day"} == {1}
    assert report.verdict == "hold"
    assert (said, 1) in [(check.message_en, check.failures) for check in report.failed_checks]


def test_a_test_that_failed_stays_failed_where_its_query_finds_nothing_again(engine: str) -> None:
    node = SimpleNamespace(
        resource_type="test",
        name="sound_kpi_x",
        depends_on=SimpleNamespace(nodes=["macro.govlake.test_sound", "model.govlake.kpi_x"]),
        test_metadata=SimpleNamespace(name="sound"),
        compiled_code="select 1 as `never_null day` where 1 > 2",
    )
    failed = SimpleNamespace(node=node, status="fail", failures=1, message="Got 1 result")
    [found] = checks(session(), [failed])
    assert (found.name, found.models, found.passed, found.failures) == ("sound_kpi_x", ("kpi_x",), False, 1)


def test_a_city_without_hotline_has_its_other_marts(home: Path, engine: str, ledger: Ledger) -> None:
    write_taps(tap(1, "2026-09-01 08:00"))
    report = build()
    assert report.verdict == "pass"
    assert MARTS - made(report) == {"dim_topic", "kpi_hotline_day", "kpi_hotline_topic_week"}
    indicators = {name for (name,) in gold("city", "kpi_city_overview", "indicator_id")}
    assert indicators == {f"transit.{name}" for name in ("boardings", "riders", "revenue", "discount_rate")}


def test_bad_silver_holds_the_marts_until_it_is_corrected(city: Ledger) -> None:
    write_taps(tap(5, "2026-09-02 23:59", paid_fen=900))
    report = build()
    assert report.verdict == "hold"
    found = {check.name: (check.failures, check.message_zh) for check in report.failed_checks}
    assert found["kpi_transit_day part_of_whole revenue_cny due_cny"] == (1, "revenue_cny 大于 due_cny")
    assert found["kpi_transit_day never_negative discount_cny"] == (1, "discount_cny 为负数")
    assert not any("never_null" in name or "unique" in name for name in found)
    assert build().verdict == "hold", "an unsound mart is not taken for built"
    write_taps(tap(5, "2026-09-02 23:59"))
    assert build().verdict == "pass"


def test_a_held_delivery_greys_its_date_and_says_why(city: Ledger) -> None:
    pack = load_pack(PROJECT / "contracts")
    city.register_pack(pack)
    batch = Batch(pack.find("hotline.ticket"), date(2026, 9, 3))
    city.start_batch(batch)
    city.set_status(batch.id, "unreadable", "hold", "The zip is truncated", "压缩包不完整")
    build()
    columns = ("date", "indicator_id", "value", "verdict", "is_grey", "reason_zh", "is_latest")
    grey = [row for row in gold("city", "kpi_city_overview", *columns) if row[4]]
    assert (date(2026, 9, 3), "hotline.opened", None, "hold", True, "压缩包不完整", False) in grey
    assert {row[0] for row in grey} == {date(2026, 9, 3)}
    assert gold("coordination", "fct_delivery", "batch_id", "status", "verdict", "is_current") == [
        (batch.id, "unreadable", "hold", True)
    ]
    quality = gold("coordination", "kpi_department_quality", "department", "deliveries_due", "held_now")
    assert quality == [("hotline", 1, 1)]


def ranged(domain: str, name: str) -> set[str]:
    """Columns of which the mart's log says the least value in each file; of every file it says the rows."""
    table = lake.delta(lake.path("gold", domain, name))
    assert table is not None
    files = pa.table(table.get_add_actions(flatten=True))
    assert None not in files["num_records"].to_pylist()
    return {column.removeprefix("min.") for column in files.column_names if column.startswith("min.")}


def test_a_log_says_of_marts_only_by_which_day_files_are_found(city: Ledger) -> None:
    found = {"kpi_transit_day": {"tap_date"}, "kpi_transit_hour": {"tap_date"}, "kpi_transit_city_day": {"tap_date"}}
    address = lake.path("gold", "transit", "kpi_transit_day")
    build()
    before = lake.read(address).toArrow()
    write_deltalake(f"{address}.new", before)
    shutil.rmtree(address)
    Path(f"{address}.new").rename(address)
    assert ranged("transit", "kpi_transit_day") > {"taps", "tap_date"}, "as it was made before"

    assert "kpi_transit_day" in made(build())
    assert {name: ranged(domain, name) for domain, name in lake.find("gold") if ranged(domain, name)} == found
    write_taps(tap(5, "2026-09-02 23:59", card_id="c"), tap(7, "2026-09-02 08:00"))
    assert {model.name: model.days for model in build().models}["kpi_transit_day"] == 1
    assert ranged("transit", "kpi_transit_day") == {"tap_date"}


def test_a_mart_whose_columns_changed_is_replaced(city: Ledger) -> None:
    """As after an update of the project: the home holds the mart as an older version made it."""
    address = lake.path("gold", "transit", "kpi_transit_hour")
    write_deltalake(address, pa.schema([pa.field("gone", pa.string(), nullable=False)]).empty_table())
    assert build().verdict == "pass"
    assert {"tap_date", "taps"} <= set(_columns(address)) and "gone" not in _columns(address)


def _columns(address: str) -> list[str]:
    table = lake.delta(address)
    assert table is not None
    return [field.name for field in table.schema().fields]
