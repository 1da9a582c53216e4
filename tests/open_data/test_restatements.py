"""Five growing lists of infections, each of which rewrites the ones before: every rewritten value is traced."""

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from govlake import versions
from govlake.contracts import load_pack
from govlake.contracts.model import Table
from govlake.ledger import Ledger
from govlake.pipeline.run import ingest
from govlake.question import ask
from govlake.settings import PROJECT, settings

pytestmark = [pytest.mark.engine, pytest.mark.postgres, pytest.mark.open_data]
PACK = PROJECT / "examples" / "open_data"
KEY = ["日期", "省", "市"]
NAMES = {"日期": "report_date", "省": "province", "市": "city"}
DAYS = ["2020-02-16", "2020-02-21", "2020-02-26", "2020-03-12", "2020-03-19"]
Cell = tuple[str, str, str, str, str, str]  # day, province, city, column, old value, new value


def published(day: str) -> pd.DataFrame:
    """The list as it was published, by key; its days written in one way and its figures as whole numbers."""
    file = settings().open_data / "health" / f"nCov_china_{day[5:7]}{day[8:]}.csv"
    rows = pd.read_csv(file, encoding="utf-8-sig", dtype=str)
    rows["日期"] = pd.to_datetime(rows["日期"], format="mixed").dt.strftime("%Y-%m-%d")
    figures = rows.set_index(KEY).astype(float)
    assert figures.index.is_unique and not figures.isna().to_numpy().any()
    return figures.astype(int)


def rewritten(older: pd.DataFrame, newer: pd.DataFrame, headers: dict[str, str]) -> set[Cell]:
    """Values that the older list states and the newer one states otherwise, by comparing the files."""
    both = older.index.intersection(newer.index)
    before, after = older.loc[both].stack(), newer.loc[both].stack()
    changed = before.index[before != after.reindex(before.index)]
    return {(*key[:3], headers[key[3]], str(before[key]), str(after[key])) for key in changed}


@pytest.fixture
def table(home: Path, engine: str, ledger: Ledger) -> Table:
    """The table once all five lists are in silver."""
    if not settings().open_data.is_dir():
        pytest.skip(f"The real data sets are not in {settings().open_data}; set GOVLAKE_OPEN_DATA to their folder.")
    pack = load_pack(PACK)
    ledger.register_pack(pack)
    contract = pack.find("health.city_day")
    for day in DAYS:
        outcome = ingest(contract, date.fromisoformat(day), progress=lambda line: None)
        assert outcome.status == "done", outcome.line
    return contract.tables[0]


def batch(day: str) -> str:
    return f"health.city_day-{day.replace('-', '')}"


def test_every_rewritten_value_is_traced_and_every_list_can_be_had_again(table: Table, ledger: Ledger) -> None:
    lists = {day: published(day) for day in DAYS}
    headers = {column.delivered[0]: column.name for column in table.columns}
    records = {row["batch_id"]: row for row in ledger.restatements("health.city_day")}
    assert set(records) == {batch(day) for day in DAYS[1:]}
    numbers = []
    for older, newer in pairwise(DAYS):
        expected = rewritten(lists[older], lists[newer], headers)
        traced = versions.cells(table, batch(newer))
        assert {cell_of(cell) for cell in traced} == expected
        assert len(traced) == len(expected) == records[batch(newer)]["cells"]
        assert records[batch(newer)]["withdrawn"] == len(lists[older].index.difference(lists[newer].index))
        numbers.append(len(expected))
        for cell in traced[:: len(traced) // 5]:
            # Stated by the list that is named, and by every one after it up to the one that states it otherwise.
            states = [day for day in DAYS if cell["earlier"] <= batch(day) < cell["later"]]
            key, header = cell_of(cell)[:3], next(name for name in headers if headers[name] == cell["column"])
            assert states[-1] == older and cell["later"] == batch(newer)
            assert {lists[day].loc[key, header] for day in states} == {int(cell["old"])}
            assert lists[newer].loc[key, header] == int(cell["new"])
    assert numbers == [1_665, 37_877, 3_970, 246]
    check_lists(table, lists)


def cell_of(cell: dict[str, Any]) -> Cell:
    return (*(cell["key"][NAMES[name]] for name in KEY), cell["column"], cell["old"], cell["new"])


def check_lists(table: Table, lists: dict[str, pd.DataFrame]) -> None:
    """What was valid on the day of a delivery is the list that was published."""
    for day in DAYS:
        names = ", ".join(column.name for column in table.columns)
        when = f"_valid_from <= DATE '{day}' AND coalesce(_valid_to > DATE '{day}', true)"
        answer = ask(f"SELECT {names} FROM history.health.city_day WHERE {when}", limit=0)
        valid = pd.DataFrame(answer.rows).rename(columns={c.name: c.delivered[0] for c in table.columns})
        valid["日期"] = valid["日期"].astype(str)
        pd.testing.assert_frame_equal(valid.set_index(KEY).sort_index(), lists[day].sort_index(), check_like=True)
