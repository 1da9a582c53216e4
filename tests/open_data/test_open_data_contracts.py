"""The contracts of the real data sets, against the published files: every row read, no column lost."""

from datetime import date
from pathlib import Path

import pytest

from govlake import landing
from govlake.contracts import load_pack
from govlake.contracts.lint import check
from govlake.contracts.model import Contract
from govlake.readers import survey
from govlake.settings import PROJECT, settings

PACK = PROJECT / "examples" / "open_data"
ROWS = {
    ("hotline.service_request", "2011-12-31"): 58_251,
    ("transit.card_use", "2018-09-01"): 37_000 + 10_000,
    ("timetable.timetable", "2016-02-08"): 61_784,
    ("timetable.timetable", "2018-05-26"): 63_321,
    ("timetable.timetable", "2023-02-13"): 116_966,
    ("safety.burglary", "2022-09-20"): 3_415,
    ("safety.burglary", "2026-06-22"): 4_363,
    ("safety.theft", "2026-06-22"): 3_856 + 2_580 + 637 + 25 + 54 + 2_705,
    ("health.city_day", "2020-02-16"): 9_060,
    ("health.city_day", "2020-02-21"): 11_250,
    ("health.city_day", "2020-02-26"): 13_385,
    ("health.city_day", "2020-03-12"): 19_770,
    ("health.city_day", "2020-03-19"): 22_720,
    ("hotline.message_reply", "2020-06-12"): 2_816,
    ("hotline.message_like", "2020-06-12"): 4_326,
    ("hotline.message_label", "2020-06-12"): 495 + 921,
    ("hotline.vote", "2024-10-09"): 49_997,
    ("hotline.vote_matrix", "2024-10-09"): 49_443,
    ("transit.station_inflow", "2020-07-30"): 276 * 1_800 + 276 * 900,
}
PHANTOM_ROWS = {"hotline.message_label": 64_707}
ENCODINGS = {("safety.burglary", "2022-09-20"): "utf-8", ("safety.burglary", "2026-06-22"): "cp950"}


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    folder = settings().open_data
    if not folder.is_dir():
        pytest.skip(f"The real data sets are not in {folder}; set GOVLAKE_OPEN_DATA to their folder.")
    return {contract.id: contract for contract in load_pack(PACK).contracts}


def test_the_pack_passes_the_lint() -> None:
    files, findings = check(PACK)
    assert files and [str(finding) for finding in findings] == []


@pytest.mark.open_data
def test_every_delivery_is_found(contracts: dict[str, Contract]) -> None:
    found = {(name, day.isoformat()) for name, contract in contracts.items() for day in landing.dates(contract)}
    assert found == set(ROWS)


@pytest.mark.open_data
@pytest.mark.parametrize(("name", "day"), ROWS, ids=[" ".join(key) for key in ROWS])
def test_every_row_and_column_is_read(contracts: dict[str, Contract], name: str, day: str) -> None:
    contract = contracts[name]
    files: list[Path] = landing.find(contract, date.fromisoformat(day))
    read = {table.key: survey(files, table, contract.source) for table in contract.tables}
    assert sum(tally.rows for _, tally in read.values()) == ROWS[name, day]
    assert sum(tally.malformed for _, tally in read.values()) == 0
    assert sum(tally.blank_rows_dropped for _, tally in read.values()) == PHANTOM_ROWS.get(name, 0)
    assert {key: header.missing for key, (header, _) in read.items() if header.missing} == {}
    assert {key: header.unknown for key, (header, _) in read.items() if header.unknown} == {}
    if (name, day) in ENCODINGS:
        assert {header.encoding for header, _ in read.values()} == {ENCODINGS[name, day]}


@pytest.mark.open_data
def test_a_renamed_column_is_recognised(contracts: dict[str, Contract]) -> None:
    contract = contracts["timetable.timetable"]
    header, _ = survey(landing.find(contract, date(2023, 2, 13)), contract.table("stop"), contract.source)
    assert header.renamed == {"stop_url": "plc_url"}
