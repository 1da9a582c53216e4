"""The real data sets taken the whole way at once: accounts that close, marts that hold every row, one edition."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from govlake.ledger import Ledger
from govlake.settings import PROJECT, settings

pytestmark = [pytest.mark.engine, pytest.mark.postgres, pytest.mark.open_data]
PACK = str(PROJECT / "examples" / "open_data")
# Landed, new, updated, unchanged, duplicate, superseded, quarantined; a feed's tables together.
ACCOUNTS = {
    "health.city_day-20200216": (9_060, 9_060, 0, 0, 0, 0, 0),
    "health.city_day-20200221": (11_250, 2_328, 1_280, 7_642, 0, 0, 0),
    "health.city_day-20200226": (13_385, 2_261, 11_038, 86, 0, 0, 0),
    "health.city_day-20200312": (19_770, 6_414, 3_069, 10_287, 0, 0, 0),
    "health.city_day-20200319": (22_720, 2_997, 197, 19_526, 0, 0, 0),
    "hotline.message_label-20200612": (1_416, 1_377, 0, 0, 0, 39, 0),
    "hotline.message_like-20200612": (4_326, 4_326, 0, 0, 0, 0, 0),
    "hotline.message_reply-20200612": (2_816, 2_816, 0, 0, 0, 0, 0),
    "hotline.service_request-20111231": (58_251, 58_248, 0, 0, 0, 0, 3),
    "hotline.vote-20241009": (49_997, 49_443, 0, 0, 1, 553, 0),
    "hotline.vote_matrix-20241009": (49_443, 49_443, 0, 0, 0, 0, 0),
    "safety.burglary-20220920": (3_415, 3_415, 0, 0, 0, 0, 0),
    "safety.burglary-20260622": (4_363, 948, 0, 3_415, 0, 0, 0),
    "safety.theft-20260622": (9_857, 7_149, 0, 0, 0, 0, 2_708),
    "timetable.timetable-20160208": (61_784, 61_784, 0, 0, 0, 0, 0),
    "timetable.timetable-20180526": (63_321, 38_089, 52, 25_180, 0, 0, 0),
    "timetable.timetable-20230213": (116_966, 116_738, 226, 0, 2, 0, 0),
    "transit.card_use-20180901": (47_000, 46_999, 0, 0, 1, 0, 0),
    "transit.station_inflow-20200730": (745_200, 745_200, 0, 0, 0, 0, 0),
}
COUNTS = ("landed", "silver_new", "silver_updated", "unchanged", "duplicate", "superseded", "quarantined")
QUARANTINED = {
    ("hotline.service_request", "target_after_opening"): 3,
    ("safety.theft", "row.empty"): 2_705,
    ("safety.theft", "occurred_date.range"): 2,
    ("safety.theft", "hours.required"): 1,
    ("safety.theft", "kind.required"): 1,
    ("safety.theft", "place.required"): 1,
}
TOTALS = {
    "SELECT sum(cities) FROM marts.kpi_ncov_correction_day": 1_280 + 11_038 + 3_069 + 197,
    "SELECT sum(confirmed_cities) FROM marts.kpi_ncov_correction_day": 68 + 4_412 + 70,
    "SELECT sum(opened) FROM marts.kpi_boston_request_month": 58_248,
    "SELECT sum(on_time_n) FROM marts.kpi_boston_request_month": 35_591,
    "SELECT sum(taps) FROM marts.kpi_shenzhen_card_hour": 46_999,
    "SELECT sum(taps) FROM marts.kpi_shenzhen_card_hour WHERE is_of_the_night_before": 411,
    "SELECT sum(departures) FROM marts.kpi_timetable_hour": 61_853,
    "SELECT max(hour) FROM marts.kpi_timetable_hour": 26,
    "SELECT sum(trips) FROM marts.kpi_timetable_route": 4_225,
    "SELECT count(DISTINCT version_date) FROM marts.kpi_timetable_version": 3,
    "SELECT sum(offences) FROM marts.kpi_taipei_offence_month": 4_363 + 7_149,
    "SELECT sum(messages) FROM marts.kpi_message_reply_month": 2_816,
    # Two grains of one count: every half hour is the sum of its two quarters.
    "SELECT sum(boardings) FROM marts.kpi_beijing_station_day": 129_173_554,
    "SELECT sum(boardings_by_quarters) FROM marts.kpi_beijing_station_day": 129_173_554,
    "SELECT sum(half_hours) FROM marts.kpi_beijing_station_day": 276 * 900,
    "SELECT sum(half_hours_equal) FROM marts.kpi_beijing_station_day": 276 * 900,
    # The last vote of each participant is the published one; the publisher's sums count changed votes twice (31,352).
    "SELECT sum(votes) FROM marts.kpi_vtaiwan_comment": 49_443,
    "SELECT sum(votes_told) FROM marts.kpi_vtaiwan_comment": 49_443,
    "SELECT sum(different_n) FROM marts.kpi_vtaiwan_comment": 0,
    "SELECT sum(agree_n) FROM marts.kpi_vtaiwan_comment": 31_029,
}


@pytest.fixture
def home_with_data(home: Path, engine: str, ledger: Ledger) -> Path:
    """A home of its own beside the real data sets."""
    if not settings().open_data.is_dir():
        pytest.skip(f"The real data sets are not in {settings().open_data}; set GOVLAKE_OPEN_DATA to their folder.")
    return home


def govlake(*arguments: str) -> Any:
    """What the command prints as JSON; its exit must be 0."""
    command = [str(Path(sys.executable).parent / "govlake"), *arguments, "--json"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_every_set_reaches_the_edition_and_every_row_is_accounted_for(home_with_data: Path) -> None:
    ran = govlake("run", "--pack", PACK)
    assert (ran["edition"], ran["published"], ran["held"]) == (1, True, False)
    accounts = govlake("accounts")
    assert all(account["closes"] for account in accounts)
    assert summed(accounts) == ACCOUNTS
    reasons = govlake("quarantine", "list")
    assert {(reason["contract_id"], reason["rule"]): reason["rows"] for reason in reasons} == QUARANTINED
    with psycopg.connect(settings().postgres()) as connection:
        found = {query: connection.execute(query).fetchone() for query in TOTALS}
    assert {query: int(row[0]) for query, row in found.items() if row} == TOTALS
    again = govlake("run", "--pack", PACK)
    assert (again["edition"], again["published"]) == (1, False)


def summed(accounts: list[dict[str, Any]]) -> dict[str, tuple[int, ...]]:
    """The accounts by batch, the tables of a batch together."""
    batches: dict[str, tuple[int, ...]] = {}
    for account in accounts:
        before = batches.get(account["batch_id"], (0,) * len(COUNTS))
        batches[account["batch_id"]] = tuple(a + account[key] for a, key in zip(before, COUNTS, strict=True))
    return batches
