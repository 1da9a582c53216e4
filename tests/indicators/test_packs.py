"""A city's own indicators stand beside the project's: read, checked, and built into the same cells."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from govlake import lake
from govlake.indicators import check, load_register
from govlake.indicators.models import generated
from govlake.ledger import Ledger
from govlake.settings import PROJECT
from spark_jobs.marts import build
from tests.dbt_project.silver import tap, write_taps

DBT = PROJECT / "dbt_project"
BOOK = """
domain: ferry
owner: port
marts:
  {mart}: {{period: day, date: {date}}}
indicators:
  - id: ferry.taps
    name_zh: 轮渡刷卡
    name_en: Taps at the piers
    cockpit_area: sense
    definition_zh: 刷卡次数
    definition_en: Taps of the day.
    kind: count
    mart: {mart}
    numerator: {numerator}
    unit_zh: 次
    unit_en: taps
    direction: none
    cells: {{day: [city]}}
    interval: none
    use_policy: internal
    caveat_zh: 含出站。
    caveat_en: Taps on leaving are counted too.
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack that brings one indicator of a new domain, made of a mart of the project."""
    return write_book(tmp_path / "port", BOOK.format(mart="kpi_transit_city_day", date="tap_date", numerator="taps"))


def write_book(pack: Path, text: str) -> Path:
    folder = pack / "dbt" / "indicators"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ferry.yaml").write_text(text, encoding="utf-8")
    return pack


def test_a_packs_indicators_stand_behind_those_of_the_project(pack: Path) -> None:
    alone, both = load_register(DBT), load_register(DBT, [pack])
    assert [i.id for i in both.indicators] == [*(i.id for i in alone.indicators), "ferry.taps"]
    assert check(both) == []
    files = {path.name: text for path, text in generated(both, DBT).items()}
    assert "'ferry.taps', 1," in files["int_city__ferry_cells.sql"]
    assert "'int_city__ferry_cells'" in files["int_city__cells.sql"]
    assert "'port'" in next(line for line in files["dim_kpi.sql"].splitlines() if "ferry.taps" in line)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            BOOK.format(mart="kpi_transit_city_day", date="tap_date", numerator="docks"), "no column docks", id="column"
        ),
        pytest.param(BOOK.format(mart="kpi_ferry_day", date="day", numerator="taps"), "does not exist", id="mart"),
        pytest.param(
            BOOK.format(mart="kpi_transit_city_day", date="month", numerator="taps"),
            "describes kpi_transit_city_day unlike another book",
            id="two descriptions",
        ),
        pytest.param(
            BOOK.format(mart="kpi_transit_city_day", date="tap_date", numerator="boardings"),
            "has the computation of transit.boardings",
            id="defined already",
        ),
    ],
)
def test_the_lint_bites_across_books(tmp_path: Path, text: str, problem: str) -> None:
    found = [str(finding) for finding in check(load_register(DBT, [write_book(tmp_path / "port", text)]))]
    assert any(problem in finding for finding in found), found


def test_a_domain_of_two_books_is_built_once(tmp_path: Path) -> None:
    text = BOOK.format(mart="kpi_transit_city_day", date="tap_date", numerator="taps")
    pack = write_book(tmp_path / "port", text.replace("ferry", "transit"))
    register = load_register(DBT, [pack])
    assert check(register) == []
    (transit,) = [book for book in register.domains() if book.domain == "transit"]
    assert [i.owner for i in transit.indicators if i.id in ("transit.taps", "transit.boardings")] == [
        "transport",
        "port",
    ]


@pytest.mark.engine
@pytest.mark.postgres
@pytest.mark.usefixtures("home", "engine")
def test_a_packs_indicator_has_its_cells_beside_all_others(pack: Path, ledger: Ledger) -> None:
    shutil.copytree(PROJECT / "contracts" / "transit", pack / "transit")
    write_taps(tap(1, "2026-09-01 08:00"), tap(2, "2026-09-01 09:00", card_id="b", tap_type="metro_in", line_id="M1"))
    report = build(packs=[pack])
    assert [(m.name, m.message) for m in report.with_status("failed")] == []
    assert [(check.name, check.message_en) for check in report.failed_checks] == []
    table = lake.delta(lake.path("gold", "city", "kpi_cell"))
    assert table is not None
    cells = {row["indicator_id"]: row for row in table.to_pyarrow_table().to_pylist() if row["period"] == "day"}
    assert (cells["ferry.taps"]["value"], cells["ferry.taps"]["domain"]) == (2.0, "ferry")
    assert cells["ferry.taps"]["period_start"] == date(2026, 9, 1)
    assert cells["transit.boardings"]["value"] == 2.0
