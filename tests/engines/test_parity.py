"""The sample city by Sail and by Apache Spark: every table, account, gate and mart is the same, whoever made it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from govlake.contracts import load_pack
from govlake.sample.deliver import deliver
from govlake.settings import PROJECT, settings
from spark_jobs import dbt_runner, mart_plan
from tests.engines import content
from tests.engines.conftest import Place, make_twin, place

pytestmark = [pytest.mark.engine, pytest.mark.postgres]
FIRST, SCALE = date(2026, 9, 1), 0.05
PACK = PROJECT / "contracts"
DAILY = ("transit.card_tap", "hotline.ticket")  # delivered on the days after the first as well
CONTINUED = {
    FIRST + timedelta(1): "transit.card_tap",
    FIRST + timedelta(2): "hotline.ticket",
    date(2026, 9, 30): "transit.route_stop",
}
GOES_ON = (
    "silver/transit/card_tap",
    "silver/hotline/ticket",
    "history/transit/route_stop",
    "gold/transit/kpi_transit_day",
)
# Nineteen tables each, and nothing that the first version of the timetable does not have.
LATER_TIMETABLES = ("gtfs_bart.zip", "gtfs_bart-new.zip")


@dataclass(frozen=True)
class Cities:
    """The city as each engine began it, and what both held then."""

    by_sail: Place
    by_spark: Place
    begun: tuple[content.Content, content.Content]


@pytest.fixture(scope="module")
def cities(sail: str, spark: str) -> Iterator[Cities]:
    """On the first day everybody delivers; the second day's taps have no keys, and are held in both cities.

    All deliveries arrived at the same moment in both.
    """
    with place(PACK) as by_sail, place(PACK) as by_spark:
        deliver(by_sail.home, FIRST, SCALE)
        deliver(by_sail.home, date(2026, 8, 30), SCALE, only=("safety.call",))  # which the week's responses answer
        deliver(by_sail.home, FIRST + timedelta(1), SCALE, spoiled="null_keys", only=DAILY)
        assert by_sail.run(sail).held
        make_twin(by_sail, by_spark)
        assert by_spark.run(spark).held
        yield Cities(by_sail, by_spark, (by_sail.content(sail), by_spark.content(sail)))


@pytest.mark.cluster
def test_both_engines_make_the_same_of_everything(cities: Cities) -> None:
    by_sail, by_spark = cities.begun
    layers = {name.split("/")[0] for name in by_sail if "/" in name}
    assert {"bronze", "silver", "quarantine", "gold"} <= layers
    relations = {name for name, (_, rows) in by_sail.items() if rows and "." in name}
    assert {
        "ledger_public.batch_accounts",
        "ledger_public.gate_results",
        "ledger_public.quarantine_reasons",
    } <= relations
    assert content.differences(by_sail, by_spark) == []


@pytest.mark.cluster
def test_every_mart_that_has_its_inputs_is_compared(cities: Cities, sail: str) -> None:
    held = cities.begun[1]
    with cities.by_spark.on(sail):
        packs = [load_pack(PACK)]
        manifest = dbt_runner.parse(dbt_runner.compose(packs))
        built = mart_plan.marts(manifest, mart_plan.absent(manifest, mart_plan.readable()))
    assert len(built) >= 12
    for mart in built:
        assert held[f"gold/{mart.domain}/{mart.name}"][1], mart.name
        assert f"marts.{mart.name}" in held


@pytest.mark.cluster
def test_each_engine_continues_what_the_other_began(cities: Cities, sail: str, spark: str) -> None:
    """The held day is corrected, tickets of another one change earlier ones, and a list comes anew: new partitions,
    replaced ones, a history that goes on, and days of marts."""
    for when, dataset in CONTINUED.items():
        deliver(cities.by_sail.home, when, SCALE, only=(dataset,))
    assert cities.by_sail.run(spark).published
    make_twin(cities.by_sail, cities.by_spark)
    assert cities.by_spark.run(sail).published
    by_spark, by_sail = cities.by_sail.content(sail), cities.by_spark.content(sail)
    for table in GOES_ON:
        assert by_spark[table] != cities.begun[0][table], table
    assert content.differences(by_sail, by_spark) == []


@pytest.fixture
def open_data(tmp_path: Path) -> str:
    """The folder of the real data sets without later timetables."""
    given = settings().open_data
    if not given.is_dir():
        pytest.skip(f"The real data sets are not in {given}; set GOVLAKE_OPEN_DATA to their folder.")
    shutil.copytree(
        given, tmp_path / "data", copy_function=os.symlink, ignore=shutil.ignore_patterns(*LATER_TIMETABLES)
    )
    return str(tmp_path / "data")


@pytest.mark.long
@pytest.mark.open_data
def test_both_engines_make_the_same_of_the_real_data_sets(sail: str, spark: str, open_data: str) -> None:
    pack = PROJECT / "examples" / "open_data"
    given = {"compiled": True, "GOVLAKE_OPEN_DATA": open_data}
    with place(pack, **given) as by_sail, place(pack, **given) as by_spark:
        by_sail.run(sail)
        (by_sail.home / "inbox").mkdir(exist_ok=True)
        make_twin(by_sail, by_spark)
        by_spark.run(spark)
        one, other = by_sail.content(sail), by_spark.content(sail)
        assert len([name for name in one if name.startswith("silver/")]) > 25
        assert content.differences(one, other) == []
