"""The folder connector: which file is the delivery of which day."""

import os
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from govlake.connectors import connector_of
from govlake.connectors.local import dates, find
from govlake.contracts.model import Contract, Source
from govlake.errors import ContractError

DAY = date(2026, 9, 1)


def contract_of(**source: object) -> Contract:
    return Contract(*("t.rows", "1", "dept", "", "", "t", "rows", "", "", ()), Source(**source))


@pytest.fixture
def inbox(home: Path) -> Path:
    (home / "inbox").mkdir(parents=True)
    return home / "inbox"


def touch(inbox: Path, *names: str) -> None:
    for name in names:
        (inbox / name).parent.mkdir(parents=True, exist_ok=True)
        (inbox / name).touch()


@pytest.mark.parametrize(
    ("path", "name", "day"),
    [
        pytest.param("taps_{date:%Y%m%d}.csv", "taps_20260901.csv", DAY, id="day"),
        pytest.param("taps_{date}.csv", "taps_2026-09-01.csv", DAY, id="ISO by default"),
        pytest.param("{date:%Y}/{date:%m}/taps_{date:%d}.csv", "2026/09/taps_01.csv", DAY, id="folders"),
        pytest.param("{date:%Y%m%d}/taps_{date:%Y%m%d}.csv", "20260901/taps_20260901.csv", DAY, id="twice"),
        pytest.param("er_{date:%Y%m%d}_*.json", "er_20260901_164941.json", DAY, id="wildcard"),
        pytest.param("{date:%E}年{date:%-m}月*.ods", "115年9月各醫院.ods", DAY, id="year of the Republic"),
        pytest.param("taps_{date:%y%j}.csv", "taps_26244.csv", DAY, id="day of the year"),
        pytest.param("{date:%Y%m%d}", "20260901/taps.csv", DAY, id="a folder a day"),
    ],
)
def test_date_fields(inbox: Path, path: str, name: str, day: date) -> None:
    touch(inbox, name, "other.csv")
    contract = contract_of(path=f"{{inbox}}/{path}")
    assert find(contract, day) == [inbox / name]
    assert find(contract, date(2026, 9, 2)) == []
    assert dates(contract) == [day]
    assert dates(contract, date(2026, 8, 31)) == []


def test_unfinished_and_side_files_are_not_deliveries(inbox: Path) -> None:
    touch(inbox, *(f"taps_20260901.csv{end}" for end in ("", ".part", ".tmp", ".uploading", ".rows", ".manifest.json")))
    contract = contract_of(path="{inbox}/taps_{date:%Y%m%d}.csv*")
    assert find(contract, DAY) == [inbox / "taps_20260901.csv"]


def test_deliveries_by_date(inbox: Path) -> None:
    touch(inbox, "old.csv", "new_1.csv", "new_2.csv")
    named = {"2022-01-01": "{inbox}/old.csv", "2026-09-01": "{inbox}/new_*.csv", "2027-01-01": "{inbox}/gone.csv"}
    contract = contract_of(deliveries=named)
    assert find(contract, DAY) == [inbox / "new_1.csv", inbox / "new_2.csv"]
    assert dates(contract) == [date(2022, 1, 1), DAY]


def test_a_fixed_path_is_the_delivery_of_its_last_change(inbox: Path) -> None:
    touch(inbox, "stations.csv")
    changed = datetime(2026, 9, 1, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
    os.utime(inbox / "stations.csv", (changed, changed))
    contract = contract_of(path="{inbox}/stations.csv")
    assert dates(contract) == [DAY]
    assert find(contract, DAY) == [inbox / "stations.csv"]
    assert find(contract, date(2026, 8, 31)) == []


@pytest.mark.usefixtures("home")
def test_faults_of_the_contract_are_said() -> None:
    with pytest.raises(ContractError, match="no known folder"):
        find(contract_of(path="{attic}/x.csv"), DAY)
    with pytest.raises(ContractError, match="date directive '%Q'"):
        find(contract_of(path="{inbox}/x_{date:%Q}.csv"), DAY)
    with pytest.raises(ContractError, match="No connector reads"):
        connector_of(Source(kind="carrier_pigeon"))
