"""The sample city by Sail and by Apache Spark: every table, account, gate and mart is the same, whoever made it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from govlake import lake
from govlake.contracts import load_pack
from govlake.sample.deliver import deliver
from govlake.settings import PROJECT, settings
from spark_jobs import dbt_runner, mart_plan, marts
from tests.engines import content
from tests.engines.conftest import Place, make_twin, place

pytestmark = [pytest.mark.long, pytest.mark.engine, pytest.mark.postgres]
FIRST, SCALE = date(2026, 9, 1), 0.05
PACK = PROJECT / "contracts"
DAILY = ("transit.card_tap", "hotline.ticket")  # delivered on the days after the first as well


@dataclass(frozen=True)
class Cities:
    """The city by Sail from the first day to the last, and by each engine until the last day."""

    undisturbed: Place
    by_sail: Place
    by_spark: Place


def before_first_run(city: Place) -> None:
    """On the first day everybody delivers; the second day's taps have no keys."""
    deliver(city.home, FIRST, SCALE)
    deliver(city.home, FIRST + timedelta(1), SCALE, spoiled="null_keys", only=DAILY)


def first_days(city: Place, engine: str) -> None:
    """A good day and one that is held; then its correction and another day."""
    before_first_run(city)
    assert city.run(engine, until=FIRST + timedelta(1)).held
    for age in (1, 2):
        deliver(city.home, FIRST + timedelta(age), SCALE, only=DAILY)
    assert city.run(engine).published


@pytest.fixture(scope="module")
def cities(sail: str, spark: str) -> Iterator[Cities]:
    """Three days in each city; all deliveries arrived at the same moment in all of them."""
    with place(PACK) as undisturbed, place(PACK) as by_sail, place(PACK) as by_spark:
        first_days(undisturbed, sail)
        for twin, engine in ((by_sail, sail), (by_spark, spark)):
            make_twin(undisturbed, twin)
            first_days(twin, engine)
        yield Cities(undisturbed, by_sail, by_spark)


def test_both_engines_make_the_same_of_everything(cities: Cities, sail: str) -> None:
    by_sail, by_spark = cities.undisturbed.content(sail), cities.by_spark.content(sail)
    layers = {name.split("/")[0] for name in by_sail if "/" in name}
    assert {"bronze", "silver", "quarantine", "gold"} <= layers
    relations = {name for name, (_, rows) in by_sail.items() if rows and "." in name}
    assert {
        "ledger_public.batch_accounts",
        "ledger_public.gate_results",
        "ledger_public.quarantine_reasons",
    } <= relations
    assert content.differences(by_sail, by_spark) == []


def test_every_mart_that_has_its_inputs_is_compared(cities: Cities, sail: str) -> None:
    city = cities.by_spark
    held = city.content(sail)
    with city.on(sail):
        packs = [load_pack(PACK)]
        manifest = dbt_runner.parse(dbt_runner.compose(packs), marts.variables(packs))
        built = mart_plan.marts(manifest, mart_plan.absent(manifest, set(lake.find("silver"))))
    assert len(built) >= 12
    for mart in built:
        assert held[f"gold/{mart.domain}/{mart.name}"][1], mart.name
        assert f"marts.{mart.name}" in held


def test_each_engine_continues_what_the_other_began(cities: Cities, sail: str, spark: str) -> None:
    last = FIRST + timedelta(3)
    deliver(cities.undisturbed.home, last, SCALE, only=DAILY)
    cities.undisturbed.run(sail)
    expected = cities.undisturbed.content(sail)
    for city, engine in ((cities.by_spark, sail), (cities.by_sail, spark)):
        make_twin(cities.undisturbed, city)
        assert city.run(engine).published
        assert content.differences(expected, city.content(sail)) == []


@pytest.mark.open_data
def test_both_engines_make_the_same_of_the_real_data_sets(sail: str, spark: str) -> None:
    assert settings().open_data.is_dir(), "The real data sets are missing; set GOVLAKE_OPEN_DATA to their folder."
    with place(PROJECT / "examples" / "open_data") as by_sail, place(by_sail.pack) as by_spark:
        by_sail.run(sail)
        (by_sail.home / "inbox").mkdir(exist_ok=True)
        make_twin(by_sail, by_spark)
        by_spark.run(spark)
        one, other = by_sail.content(sail), by_spark.content(sail)
        assert len(one) > 40
        assert content.differences(one, other) == []
