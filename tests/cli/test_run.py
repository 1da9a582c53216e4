"""Which date a delivery by hand is for."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from govlake.cli.run import date_of
from govlake.contracts import Column, Contract, Source, Table

TAPS = Table("transit", "tap", "Taps", "刷卡", "", "", (Column("id", "string", ("id",)),), ())


@pytest.mark.parametrize(
    ("path", "name", "day"),
    [
        ("{inbox}/taps_{date:%Y%m%d}.csv", "taps_20260901.csv", date(2026, 9, 1)),
        ("{inbox}/{date:%Y}/taps_{date:%E%m}*.csv", "taps_11509_final.csv", date(2026, 9, 1)),
        ("{inbox}/taps_{date:%Y%m%d}.csv", "corrected.csv", None),
        ("{inbox}/{date:%Y%m%d}/taps.csv", "taps.csv", None),
    ],
)
def test_the_file_name_says_the_date(path: str, name: str, day: date | None) -> None:
    contract = Contract("transit.tap", "1", "t", "T", "T", "transit", "tap", "T", "T", (TAPS,), Source(path=path))
    assert date_of(Path(name), contract) == (day or datetime.now(ZoneInfo("Asia/Shanghai")).date())
