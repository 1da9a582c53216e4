"""What a restatement changed for leaders: lineage, and the values of indicators in two editions."""

from datetime import date

import pytest

from govlake.batch import Batch, Restatement
from govlake.contracts import load_pack
from govlake.indicators.load import load_register
from govlake.ledger import Ledger
from govlake.pipeline import effects
from govlake.settings import PROJECT
from tests.pipeline.conftest import Company, readings

CELL = """CREATE TABLE {0}.kpi_cell (indicator_id text, version int, indicator_zh text, indicator_en text, period text,
    period_start date, period_end date, level text, area_code text, value double precision)"""
DATASET = "transit.card_tap"


def edition(ledger: Ledger, number: int, cells: list[tuple[str, date, float | None]]) -> None:
    """An edition that was published, with these cells of the city by day."""
    schema = f"edition_{number}"
    ledger.query(f"CREATE SCHEMA {schema}")
    ledger.query(CELL.format(schema))
    for indicator, day, value in cells:
        ledger.query(
            f"INSERT INTO {schema}.kpi_cell VALUES (%s, 1, '指标', 'Indicator', 'day', %s, %s, 'city', '990100', %s)",
            [indicator, day, day, value],
        )
    ledger.query(
        """INSERT INTO ledger.editions (edition, schema_name, fingerprint, tables)
        VALUES (%s, %s, %s, '[{"table": "kpi_cell"}]')""",
        [number, schema, schema],
    )
    ledger.query(
        "INSERT INTO ledger.edition_pointer (edition) VALUES (%s) ON CONFLICT (one) DO UPDATE SET edition = %s",
        [number, number],
    )


@pytest.mark.postgres
def test_values_that_differ_between_the_editions_are_told_with_both_values(home: object, ledger: Ledger) -> None:
    register = load_register()
    mine, other = (
        next(i for i in register.indicators if (DATASET in register.marts[i.mart].sources) == wanted)
        for wanted in (True, False)
    )
    pack = load_pack(PROJECT / "contracts")
    batch = Batch(pack.find(DATASET), date(2026, 9, 2))
    ledger.start_batch(batch)
    ledger.record_build("transit", mine.mart, inputs={"tables": {"transit__card_tap": "x"}})
    days = [date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 2)]
    edition(
        ledger, 1, [(mine.id, days[0], 1.0), (mine.id, days[1], 2.0), (mine.id, days[2], 3.0), (other.id, days[1], 4.0)]
    )
    number = ledger.record_restatement(
        Restatement(DATASET, batch.id, rows=1, cells={"paid_fen": 1}, first=days[1], last=days[2], silver_version=7)
    )
    ledger.query("UPDATE ledger.batches SET declared = '{}', status = 'done'")
    assert number and effects.tell({DATASET: 7}) == 0  # the edition was made from silver as it was before
    edition(
        ledger, 2, [(mine.id, days[0], 9.0), (mine.id, days[1], 2.5), (mine.id, days[2], 3.0), (other.id, days[1], 9.0)]
    )
    assert effects.tell({DATASET: 8}) == 1
    assert effects.tell({DATASET: 8}) == 0
    row = ledger.restatement(number)
    assert (row["edition_before"], row["edition_after"], row["marts"], row["cells_changed"]) == (1, 2, [mine.mart], 1)
    assert mine.id in row["indicators"] and other.id not in row["indicators"]
    [cell] = row["indicator_cells"]
    assert (cell["indicator_id"], cell["period_start"], cell["old_value"], cell["new_value"]) == (
        mine.id,
        days[1],
        2.0,
        2.5,
    )


@pytest.mark.engine
@pytest.mark.postgres
def test_an_update_that_reaches_leaders_is_told_with_its_marts(company: Company) -> None:
    day = date(2026, 9, 1)
    company.deliver(day, readings(day))
    company.run()
    assert company.ledger.restatements() == []
    company.deliver(date(2026, 9, 2), readings(day, 1, volume="7", read_at=f"{day} 23:00:00"))
    company.run()
    [row] = company.ledger.restatements()
    assert (row["batch_id"], row["columns"], row["earlier"]) == (
        *("water.reading-20260902", {"volume": 1}, {"water.reading-20260901": 1}),
    )
    assert (row["first_date"], row["last_date"]) == (day, day)
    assert (row["edition_before"], row["edition_after"], row["marts"]) == (1, 2, ["kpi_water_day"])
    assert company.run().published is False
    assert len(company.ledger.restatements()) == 1
