"""What the statistics bureau and the meteorological bureau deliver: streets, residents, weather."""

import numpy as np
import pyarrow as pa

from govlake.sample import truths
from govlake.sample.city import DISTRICTS
from govlake.sample.edits import NOWHERE, added, fixed, having, swapped
from govlake.sample.frame import EPOCH, Order, dates, money, one_date
from govlake.sample.plant import Defect, Flaws, Repeats
from govlake.sample.streets import streets

YOUNG, RAINY = 0.13, 0.3  # share of residents under 15; share of days with rain


def _areas(order: Order) -> pa.Table:
    known = streets()
    places = [DISTRICTS[number] for number in known.district]
    return pa.table(
        {
            "area_code": list(known.code),
            "area_name": list(known.name),
            "district_code": [place.code for place in places],
            "district_name": [place.zh for place in places],
            "urban_rural_class": list(known.urban_rural_class),
            "area_km2": money(np.round(known.area_km2 * 100)),
            "households": pa.array(known.households),
            "old_housing_pct": pa.array(known.old_housing_pct),
            "senior_pct": pa.array(known.senior_pct),
            "lon": pa.array(known.lon),
            "lat": pa.array(known.lat),
        }
    )


def _population(order: Order) -> pa.Table:
    """Residents grow by half a percent a year; the police count more people (truths.POLICE_COUNT)."""
    known = streets()
    residents = np.round(known.residents * 1.005 ** ((order.day - EPOCH).days / 365 - 56)).astype(np.int64)
    old = np.round(residents * known.senior_pct / 100).astype(np.int64)
    young = np.round(residents * YOUNG).astype(np.int64)
    return pa.table(
        {
            "as_of_date": one_date(order.day, len(known)),
            "area_code": list(known.code),
            "definition": ["resident"] * len(known),
            "under_15": pa.array(young),
            "aged_15_59": pa.array(residents - old - young),
            "aged_60_up": pa.array(old),
            "residents": pa.array(residents),
        }
    )


def _weather(order: Order) -> pa.Table:
    rng = order.rng(61)
    count = len(order.days)
    warmest = np.round([truths.temperature(day) for day in order.days] + rng.normal(0, 1.2, count), 1)
    return pa.table(
        {
            "weather_date": dates(np.array([(day - EPOCH).days for day in order.days])),
            "temp_max_c": pa.array(warmest),
            "temp_min_c": pa.array(np.round(warmest - rng.uniform(5, 10, count), 1)),
            "rain_mm": pa.array(np.round(np.where(rng.random(count) < RAINY, rng.exponential(9, count), 0), 1)),
        }
    )


ROWS = {"city.area": _areas, "city.population": _population, "city.weather": _weather}
FLAWS = {
    "city.area": Flaws(
        (
            Defect(
                "wrong_district",
                0.01,
                ("street_of_its_district",),
                edit=fixed(district_code="990108"),
                where=having("district_code", "990101"),
            ),
        ),
        Repeats(empty=1),
    ),
    "city.population": Flaws(
        (
            Defect("total_is_not_parts", 0.02, ("total_equals_parts",), edit=added(residents=10)),
            Defect("unknown_street", 0.01, ("area_code.area_code_unknown",), texts={"area_code": NOWHERE}),
        ),
        Repeats(duplicate=0.02),
    ),
    "city.weather": Flaws((Defect("swapped", 0.1, ("min_below_max",), edit=swapped("temp_min_c", "temp_max_c")),)),
}
