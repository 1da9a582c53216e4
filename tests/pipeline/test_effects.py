"""What a restatement changed for leaders: lineage, and the values of indicators in two editions."""

from datetime import date

import pytest
from psycopg.types.json import Jsonb

from govlake.batch import Batch, Restatement
from govlake.contracts import load_pack
from govlake.indicators.load import load_register
from govlake.indicators.model import Indicator
from govlake.ledger import Ledger
from govlake.pipeline import effects
from govlake.settings import PROJECT
from tests.pipeline.conftest import Company, readings

CELL = """CREATE TABLE {0}.kpi_cell (indicator_id text, version int, indicator_zh text, indicator_en text, period text,
    period_start date, period_end date, level text, area_code text, value double precision, light_reason text)"""
DATASET = "transit.card_tap"
DAYS = (date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 2))


def edition(ledger: Ledger, number: int, cells: list[tuple[str, date, float | None]], *same: str) -> None:
    """An edition that was published, with these cells of the city by day, and marts that no edition changes."""
    schema = f"edition_{number}"
    ledger.query(f"CREATE SCHEMA {schema}")
    ledger.query(CELL.format(schema))
    for indicator, day, value in cells:
        ledger.query(
            f"INSERT INTO {schema}.kpi_cell VALUES (%s, 1, '指标', 'Indicator', 'day', %s, %s, 'city', '990100', %s)",
            [indicator, day, day, value],
        )
    tables = [{"table": "kpi_cell", "sha": schema}, *({"table": name, "sha": "same"} for name in same)]
    ledger.query(
        """INSERT INTO ledger.editions (edition, schema_name, fingerprint, tables)
        VALUES (%s, %s, %s, %s)""",
        [number, schema, schema, Jsonb(tables)],
    )
    ledger.query(
        "INSERT INTO ledger.edition_pointer (edition) VALUES (%s) ON CONFLICT (one) DO UPDATE SET edition = %s",
        [number, number],
    )


@pytest.fixture
def batch(home: object, ledger: Ledger) -> Batch:
    """A delivery of taps that is under way."""
    found = Batch(load_pack(PROJECT / "contracts").find(DATASET), DAYS[2])
    ledger.start_batch(found)
    return found


def indicator(of_taps: bool) -> Indicator:
    """An indicator whose mart is made from taps, or one whose mart is not."""
    register = load_register()
    return next(i for i in register.indicators if (DATASET in register.marts[i.mart].sources) == of_taps)


def restate(ledger: Ledger, batch: Batch) -> int:
    """The taps of the last two days are restated."""
    number = ledger.record_restatement(
        Restatement(DATASET, batch.id, rows=1, cells={"paid_fen": 1}, first=DAYS[1], last=DAYS[2], silver_version=7)
    )
    ledger.query("UPDATE ledger.batches SET declared = '{}', status = 'done'")
    assert number
    return number


@pytest.mark.postgres
@pytest.mark.parametrize(("day_source", "told"), [("", [0, 1]), ("transit__card_tap", [1])], ids=["whole", "by day"])
def test_values_that_differ_between_the_editions_are_told_with_both_values(
    day_source: str, told: list[int], ledger: Ledger, batch: Batch
) -> None:
    """Of a mart that is made day by day, those of the restated days."""
    mine, other = indicator(of_taps=True), indicator(of_taps=False)
    for mart in (mine.mart, "kpi_cell"):
        inputs = {"tables": {"transit__card_tap": "x"}, "day_source": day_source}
        ledger.record_build("transit", mart, inputs=inputs)
    before = [(mine.id, day, value) for day, value in zip(DAYS, (1.0, 2.0, 3.0), strict=True)]
    edition(ledger, 1, [*before, (other.id, DAYS[1], 4.0)], mine.mart)
    number = restate(ledger, batch)
    assert effects.tell({DATASET: 7}) == 0  # the edition was made from silver as it was before
    after = [(mine.id, day, value) for day, value in zip(DAYS, (9.0, 2.5, 3.0), strict=True)]
    edition(ledger, 2, [*after, (other.id, DAYS[1], 9.0)], mine.mart)
    assert effects.tell({DATASET: 8}) == 1
    assert effects.tell({DATASET: 8}) == 0
    row = ledger.restatement(number)
    assert (row["edition_before"], row["edition_after"], row["marts"]) == (1, 2, ["kpi_cell"])
    assert (row["indicators"], row["cells_changed"]) == ([mine.id], len(told))
    values = [(DAYS[0], 1.0, 9.0), (DAYS[1], 2.0, 2.5)]
    assert [(cell["period_start"], cell["old_value"], cell["new_value"]) for cell in row["indicator_cells"]] == [
        values[place] for place in told
    ]


@pytest.mark.postgres
def test_a_value_that_is_gone_is_told_and_one_that_was_never_shown_is_not(ledger: Ledger, batch: Batch) -> None:
    """What is held is kept back and not restated."""
    mine = indicator(of_taps=True)
    ledger.record_build("transit", mine.mart, inputs={"tables": {"transit__card_tap": "x"}})
    edition(ledger, 1, [(mine.id, DAYS[0], None), (mine.id, DAYS[1], 2.0), (mine.id, DAYS[2], 3.0)])
    number = restate(ledger, batch)
    edition(ledger, 2, [(mine.id, DAYS[0], 1.0), (mine.id, DAYS[2], None)])
    ledger.query("UPDATE edition_2.kpi_cell SET light_reason = 'held' WHERE value IS NULL")
    assert effects.tell({DATASET: 8}) == 1
    [cell] = ledger.restatement(number)["indicator_cells"]
    assert (cell["period_start"], cell["old_value"], cell["new_value"]) == (DAYS[1], 2.0, None)


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
