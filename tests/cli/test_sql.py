"""Questions reach lake, marts and ledger, and nothing else."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from govlake import cli, lake
from govlake.editions import Mart, publish
from govlake.errors import LakeError
from govlake.ledger import Ledger
from govlake.question import ask, tables_of


@pytest.fixture
def tables(ledger: Ledger, home: Path) -> Ledger:
    """Three taps in silver, their sum in gold and in an edition."""
    write_deltalake(lake.path("silver", "transit", "tap"), pa.table({"day": [1, 1, 2], "fare_cny": [2.0, 3.0, 4.0]}))
    write_deltalake(lake.path("gold", "transit", "kpi_day"), pa.table({"day": [1, 2], "fare_cny": [5.0, 4.0]}))
    publish([Mart("transit", "kpi_day")])
    return ledger


def test_lake_marts_and_ledger_answer_together(tables: Ledger) -> None:
    found = ask(
        """WITH sums AS (SELECT day, sum(fare_cny) AS fare_cny FROM silver.transit.tap GROUP BY day)
        SELECT s.day, s.fare_cny = m.fare_cny AS equal, s.fare_cny = kpi_day.fare_cny AS same, e.edition
        FROM sums AS s JOIN marts.kpi_day AS m USING (day) JOIN gold.transit.kpi_day USING (day)
        CROSS JOIN ledger.editions AS e ORDER BY day"""
    )
    assert found.rows == [
        {"day": 1, "equal": True, "same": True, "edition": 1},
        {"day": 2, "equal": True, "same": True, "edition": 1},
    ]
    assert found.numbers == {"day", "edition"}


def test_large_answers_are_cut_with_a_note(tables: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.exit_code_of(["sql", "select day from silver.transit.tap order by day", "--limit", "2", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == [{"day": 1}, {"day": 1}]
    assert "Only the first 2 rows" in printed.err
    assert len(ask("select * from silver.transit.tap", limit=0).rows) == 3


@pytest.mark.parametrize(
    "query",
    [
        "delete from ledger.batches",
        "select 1; select 2",
        "insert into silver.transit.tap values (1, 2)",
        "copy (select 1) to 'x.csv'",
        "attach 'x.db'",
        "pragma database_list",
        "",
    ],
)
def test_anything_but_one_select_is_refused(query: str) -> None:
    with pytest.raises(LakeError, match="Only one SELECT"):
        tables_of(query)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("select * from read_csv('/etc/passwd')", "file system operations are disabled"),
        ("select * from '/etc/passwd'", "does not exist"),
        ("select * from silver.transit.tram", "There is no table silver.transit.tram. Known are: silver.transit.tap"),
        ("select * from marts.nothing", "Known are: marts.edition_info, marts.kpi_day"),
        ("select * from elsewhere.tap", "Known are: bronze.<domain>.<table>"),
        ("select (", "This is not SQL"),
        ("select nothing from silver.transit.tap", 'Referenced column "nothing" not found'),
    ],
)
def test_what_cannot_be_reached_is_said(tables: Ledger, query: str, reason: str) -> None:
    with pytest.raises(LakeError) as refused:
        ask(query)
    assert reason in str(refused.value)


def test_json_columns_and_decimals_of_the_ledger_can_be_read(tables: Ledger) -> None:
    [row] = ask("select edition, tables->0->>'table' as first from ledger.editions").rows
    assert row == {"edition": 1, "first": "kpi_day"}
