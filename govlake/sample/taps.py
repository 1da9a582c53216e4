"""Card taps of one day as arrays: trips first, then the rows that the gates and validators report for them."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from govlake.sample import city
from govlake.sample.rhythm import boarding_weights, district_ridership, draw, draw_seconds

CARD_KINDS = ("普通卡", "学生卡", "老年卡", "爱心卡")
CARD_SHARES = np.array([0.74, 0.12, 0.11, 0.03])
PAID_SHARE = np.array([0.95, 0.5, 0.0, 0.0])
TAP_TYPES = ("地铁入站", "地铁出站", "巴士")
METRO_IN, METRO_OUT, BUS_TAP = range(3)
METRO_SHARE = 0.56
BUS_FARE = 200
STOPS = tuple((line, name, district) for line in city.LINES for name, district in line.stops)
LINE_OF_STOP = np.array([city.LINES.index(stop[0]) for stop in STOPS])
FIRST_STOP = np.array([next(at for at, stop in enumerate(STOPS) if stop[0] is line) for line in city.LINES])
DISTRICT_OF_STOP = np.array([[d.code for d in city.DISTRICTS].index(stop[2]) for stop in STOPS])
RIDE = {district.code: district.ride for district in city.DISTRICTS}


@dataclass
class Taps:
    """Rows as columns. `second` and `uploaded` count from the day's local midnight; money is in fen."""

    day: date
    number: np.ndarray
    second: np.ndarray
    card: np.ndarray
    kind: np.ndarray
    type: np.ndarray
    stop: np.ndarray
    due: np.ndarray
    paid: np.ndarray
    uploaded: np.ndarray

    def __len__(self) -> int:
        return len(self.number)

    @property
    def settled(self) -> np.ndarray:
        """Days after the tap on which it is settled: taps after 22:00 belong to the next business day."""
        return (self.second >= 22 * 3600).astype(np.int64)

    def take(self, picks: np.ndarray) -> "Taps":
        columns = {name: value[picks] for name, value in vars(self).items() if name != "day"}
        return Taps(self.day, **columns)


def make_taps(day: date, rows: int, seed: int, part: int = 0, first: int = 1, pool: int = 0) -> Taps:
    """Exactly `rows` taps of `day`, sorted by time. Parts of one day are independent of each other.

    `first` is the number of the first row; `pool` is the number of cards in use (by default in proportion).
    """
    rng = np.random.default_rng([seed, day.toordinal(), 1, part])
    metro = int(rows * METRO_SHARE / (1 + METRO_SHARE))
    bus = rows - 2 * metro
    board = draw(rng, _stop_weights(day, "metro"), metro)
    line = LINE_OF_STOP[board]
    stops_of_line = np.array([len(entry.stops) for entry in city.LINES])[line]
    alight = FIRST_STOP[line] + rng.integers(0, stops_of_line)
    stop = np.concatenate([board, alight, draw(rng, _stop_weights(day, "bus"), bus)])
    start = draw_seconds(rng, boarding_weights(day), metro + bus)
    ride = 240 + np.abs(alight - board) * 150 + rng.integers(0, 240, metro)
    card = rng.integers(0, pool or max(rows * 2 // 5, 1), metro + bus)
    kind = draw(np.random.default_rng([seed, 7]), CARD_SHARES, 1009)[card % 1009]
    fare = 200 + np.abs(alight - board) // 3 * 100
    due = np.concatenate([np.zeros(metro, np.int64), fare, np.full(bus, BUS_FARE)])
    trip = np.concatenate([np.arange(metro), np.arange(metro), np.arange(metro, metro + bus)])
    second = start[trip] + np.concatenate([np.zeros(metro, np.int64), ride, np.zeros(bus, np.int64)])
    second = np.minimum(second, 86_399)
    order = np.argsort(second, kind="stable")
    upload_delay = np.where(trip < metro, 60, 600) + rng.integers(0, 1800, rows)
    taps = Taps(
        day=day,
        number=np.arange(rows),
        second=second,
        card=card[trip],
        kind=kind[trip],
        type=np.repeat([METRO_IN, METRO_OUT, BUS_TAP], [metro, metro, bus]),
        stop=stop,
        due=due,
        paid=np.floor(due * PAID_SHARE[kind[trip]]).astype(np.int64),
        uploaded=second + upload_delay,
    ).take(order)
    taps.number = np.arange(first, first + rows)
    return taps


def _stop_weights(day: date, mode: str) -> np.ndarray:
    """Weight of each stop: its line's, its district's, and what the day does to the district."""
    return np.array(
        [
            line.weight * RIDE[district] * district_ridership(day, district) / len(line.stops)
            if line.mode == mode
            else 0.0
            for line, _, district in STOPS
        ]
    )
