"""What the transport bureau delivers beside card taps: routes, stops, vehicles, departures, positions."""

from datetime import date, timedelta
from functools import cache

import numpy as np
import pyarrow as pa

from govlake.sample import city, truths
from govlake.sample.frame import NEVER, Order, dates, joined, midnight, moments, money, one_date, picked
from govlake.sample.identity import credit_codes
from govlake.sample.places import shifted_to_gcj02
from govlake.sample.rhythm import is_bad_day, is_workday
from govlake.sample.streets import streets
from govlake.sample.taps import FIRST_STOP, STOPS
from govlake.sample.text import digits

DIRECTIONS = ("up", "down")
KM_A_STOP = 1.3
VEHICLES_A_LINE = 8
# Trips of a line and direction on a workday, and the stops at which the timetable is measured: first, middle, last.
TRIPS, MEASURED = 36, 3
# Two lines are ridden without a timetable: every 8 minutes, at weekends every 12.
FREQUENT, FREQUENT_TRIPS = ("M1", "M2"), 120
FIRST_TRIP_S, LAST_TRIP_S = 6 * 3600, 22 * 3600
UNOBSERVED = 0.06
LATE_S, BAD_LATE_S = (20, 80), 420  # usual mean and spread of delay; what a bad day adds in the troubled district
ENERGIES, ENERGY_SHARES = ("electric", "hybrid", "gas", "diesel"), (0.6, 0.2, 0.15, 0.05)
POSITIONS_FROM_S, POSITIONS = 7 * 3600, 120  # one a minute for two hours of the rush


@cache
def stop_streets() -> np.ndarray:
    """The street of each stop of STOPS, by turns among those of its district."""
    known = streets()
    codes = [place.code for place in city.DISTRICTS]
    found = []
    for number, (_, _, district) in enumerate(STOPS):
        own = np.flatnonzero(known.district == codes.index(district))
        found.append(own[number % len(own)])
    return np.array(found)


def _stop_ids(stops: np.ndarray) -> pa.Array:
    return digits(stops + 1, 5, "S")


def _routes(order: Order) -> pa.Table:
    line, direction = np.divmod(np.arange(2 * len(city.LINES)), 2)
    lines = [city.LINES[at] for at in line]
    return pa.table(
        {
            "route_id": [entry.id for entry in lines],
            "direction": picked(DIRECTIONS, direction),
            "valid_from": one_date(date(2024, 1, 1), len(line)),
            "route_name": [entry.zh for entry in lines],
            "mode": [entry.mode for entry in lines],
            "length_km": money(np.array([round(len(entry.stops) * KM_A_STOP * 100) for entry in lines])),
            "first_departure": pa.array(np.full(len(line), FIRST_TRIP_S)),
            "last_departure": pa.array(np.where(line < len(city.METRO), 23 * 3600, 24 * 3600 + 900)),
            "fare_mode": ["section" if entry.mode == "metro" else "flat" for entry in lines],
            "operator_uscc": credit_codes(np.where(line < len(city.METRO), 1, 2)),
        }
    )


def _stops(order: Order) -> pa.Table:
    """A tenth of the stops is surveyed in shifted coordinates and says so."""
    at = np.arange(len(STOPS))
    rng = np.random.default_rng(98)
    lon = streets().lon[stop_streets()] + rng.normal(0, 0.003, len(at))
    lat = streets().lat[stop_streets()] + rng.normal(0, 0.003, len(at))
    shifted = at % 10 == 3
    far_lon, far_lat = shifted_to_gcj02(lon, lat)
    return pa.table(
        {
            "stop_id": _stop_ids(at),
            "stop_name": [name for _, name, _ in STOPS],
            "lon": pa.array(np.round(np.where(shifted, far_lon, lon), 6)),
            "lat": pa.array(np.round(np.where(shifted, far_lat, lat), 6)),
            "crs": picked(("cgcs2000", "gcj02"), shifted.astype(int)),
            "area_code": picked(streets().code, stop_streets()),
        }
    )


@cache
def _path(line: int, direction: int) -> np.ndarray:
    """Places in STOPS of a line's stops, in the order of travel."""
    own = np.array([at for at, (entry, _, _) in enumerate(STOPS) if entry is city.LINES[line]])
    return own[::-1] if direction else own


def _route_stops(order: Order) -> pa.Table:
    ways = [(line, direction) for line in range(len(city.LINES)) for direction in (0, 1)]
    path = np.concatenate([_path(*way) for way in ways])
    sizes = [len(_path(*way)) for way in ways]
    place = np.concatenate([np.arange(size) for size in sizes])
    return pa.table(
        {
            "route_id": np.repeat([city.LINES[line].id for line, _ in ways], sizes),
            "direction": np.repeat([DIRECTIONS[direction] for _, direction in ways], sizes),
            "stop_seq": pa.array(place + 1),
            "stop_id": _stop_ids(path),
            "distance_km": money(np.round(place * KM_A_STOP * 100)),
        }
    )


def _vehicles(order: Order) -> pa.Table:
    at = np.arange(VEHICLES_A_LINE * len(city.LINES))
    line = at // VEHICLES_A_LINE
    rng = np.random.default_rng(97)
    metro = line < len(city.METRO)
    return pa.table(
        {
            "vehicle_id": digits(at, 5, "V"),
            "plate_no": joined("样Z·", digits(at, 5)),
            "rated_capacity": pa.array(np.where(metro, 1_460, 80)),
            "energy": picked(ENERGIES, np.where(metro, 0, rng.choice(len(ENERGIES), len(at), p=ENERGY_SHARES))),
            "route_id": picked([entry.id for entry in city.LINES], line),
            "operator_uscc": credit_codes(np.where(metro, 1, 2)),
            "in_service_date": dates(np.round(rng.uniform(16_500, 20_000, len(at)))),
        }
    )


def _departures(order: Order) -> pa.Table:
    """Every measured departure of the days; what was not observed has no time."""
    return pa.concat_tables([_departed(day, order.seed) for day in order.days]).combine_chunks()


def _trips(day: date) -> np.ndarray:
    """Trips of each line in one direction."""
    usual = np.array([FREQUENT_TRIPS if entry.id in FREQUENT else TRIPS for entry in city.LINES])
    return usual if is_workday(day) else usual * 2 // 3


def _departed(day: date, seed: int) -> pa.Table:
    rng = np.random.default_rng([seed, day.toordinal(), 21])
    trips = _trips(day)
    shape = (len(city.LINES), 2, trips.max(), MEASURED)
    at = np.stack([axis.ravel() for axis in np.indices(shape)])
    line, direction, trip, place = at[:, at[2] < trips[at[0]]]
    count = len(line)
    paths = [[_path(at, way)[[0, len(_path(at, way)) // 2, -1]] for way in (0, 1)] for at in range(len(city.LINES))]
    stop = np.array(paths)[line, direction, place]
    seq = np.array([[0, len(entry.stops) // 2, len(entry.stops) - 1] for entry in city.LINES])[line, place] + 1
    start = FIRST_TRIP_S + trip * ((LAST_TRIP_S - FIRST_TRIP_S) // trips[line])
    planned = midnight(day) + start + (seq - 1) * 150
    troubled = np.array([district == city.TROUBLED for _, _, district in STOPS])[stop]
    late = np.clip(rng.normal(*LATE_S, count), -90, 900) + np.where(troubled & is_bad_day(day), BAD_LATE_S, 0)
    seen = rng.random(count) >= UNOBSERVED
    ids = joined(picked([entry.id for entry in city.LINES], line), picked(("U", "D"), direction), digits(trip + 1, 3))
    return pa.table(
        {
            "service_date": one_date(day, count),
            "trip_id": ids,
            "stop_seq": pa.array(seq),
            "route_id": picked([entry.id for entry in city.LINES], line),
            "direction": picked(DIRECTIONS, direction),
            "stop_id": _stop_ids(stop),
            "vehicle_id": digits(line * VEHICLES_A_LINE + (trip + direction * 4) % VEHICLES_A_LINE, 5, "V"),
            "is_timepoint": pa.array(np.ones(count, bool)),
            "planned_at": moments(planned),
            "departed_at": moments(np.where(seen, planned + late.astype(np.int64), NEVER)),
            "boardings": pa.array(rng.poisson(np.where(line < len(city.METRO), 60, 9), count)),
        }
    )


def _positions(order: Order) -> pa.Table:
    """Buses on the Wednesday of the week; the one with the slow clock reports earlier times than it should."""
    day = order.day - timedelta(days=(order.day.weekday() - 2) % 7)
    rng = np.random.default_rng([order.seed, day.toordinal(), 22])
    buses = np.arange(len(city.METRO) * VEHICLES_A_LINE, len(city.LINES) * VEHICLES_A_LINE)
    bus, minute = (axis.ravel() for axis in np.indices((len(buses), POSITIONS)))
    vehicle = buses[bus]
    line = vehicle // VEHICLES_A_LINE
    sizes = np.array([len(entry.stops) for entry in city.LINES])
    stop = FIRST_STOP[line] + (minute // 4 + vehicle) % sizes[line]
    true = midnight(day) + POSITIONS_FROM_S + minute * 60 + vehicle % 60
    slow = np.where(vehicle == int(truths.SLOW_CLOCK[1:]), truths.slow_by(day), 0)
    place = stop_streets()[stop]
    count = len(vehicle)
    return pa.table(
        {
            "vehicle_id": digits(vehicle, 5, "V"),
            "positioned_at": moments(true - slow),
            "received_at": moments(true + rng.integers(1, 20, count)),
            "route_id": picked([entry.id for entry in city.LINES], line),
            "lon": pa.array(np.round(streets().lon[place] + rng.normal(0, 0.002, count), 6)),
            "lat": pa.array(np.round(streets().lat[place] + rng.normal(0, 0.002, count), 6)),
            "speed_kmh": pa.array(np.round(np.clip(rng.normal(22, 9, count), 0, 70), 1)),
            "heading_deg": pa.array(rng.integers(0, 360, count)),
        }
    )


ROWS = {
    "transit.route": _routes,
    "transit.stop": _stops,
    "transit.route_stop": _route_stops,
    "transit.vehicle": _vehicles,
    "transit.departure": _departures,
    "transit.vehicle_position": _positions,
}
