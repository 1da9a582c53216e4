"""The city's rhythm, and the truths planted in it, as functions of the date alone."""

from datetime import date, timedelta

import numpy as np

from govlake.sample.city import TROUBLED

DAY_S = 86_400
# Every third week the troubled district has three bad days (ordinals modulo 21).
BAD_DAYS = (10, 11, 12)
CYCLE = 21


def is_workday(day: date) -> bool:
    return day.weekday() < 5


def ridership(day: date) -> float:
    """How much of a usual workday's ridership the date has."""
    return 1.0 if is_workday(day) else 0.72


def is_bad_day(day: date) -> bool:
    """A day on which the troubled district loses half of its riders."""
    return day.toordinal() % CYCLE in BAD_DAYS


def district_ridership(day: date, district: str) -> float:
    return 0.5 if district == TROUBLED and is_bad_day(day) else 1.0


def transport_calls(day: date, district: str) -> float:
    """How many times more people of the district call about transport: after a bad day, for five days."""
    after = any(is_bad_day(day - timedelta(days=lag)) for lag in range(1, 6))
    return 5.0 if district == TROUBLED and after else 1.0


def boarding_weights(day: date) -> np.ndarray:
    """Weight of each minute of the day for starting a trip: two rush hours on workdays, one hill at weekends."""
    minute = np.arange(1440) / 60
    if is_workday(day):
        hills = 1.0 * _hill(minute, 7.9, 0.75) + 0.85 * _hill(minute, 18.1, 1.0) + 0.28 * _hill(minute, 13, 4.5)
    else:
        hills = 0.6 * _hill(minute, 11, 2.4) + 0.7 * _hill(minute, 16.5, 2.8)
    return np.where((minute >= 5.5) & (minute < 22.75), hills + 0.03, 0.0)


def calling_weights(day: date) -> np.ndarray:
    """Weight of each minute of the day for calling the hotline."""
    minute = np.arange(1440) / 60
    return _hill(minute, 10, 1.8) + 0.8 * _hill(minute, 15.5, 2.2) + 0.15 * _hill(minute, 20.5, 1.2) + 0.02


def draw_seconds(rng: np.random.Generator, weights: np.ndarray, count: int) -> np.ndarray:
    """Seconds since midnight, drawn by the weights of their minutes."""
    edges = np.cumsum(weights) / weights.sum()
    minutes = np.searchsorted(edges, rng.random(count), side="right")
    return minutes * 60 + rng.integers(0, 60, count)


def draw(rng: np.random.Generator, weights: np.ndarray, count: int) -> np.ndarray:
    """Positions drawn by weight."""
    edges = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(edges, rng.random(count), side="right"), len(weights) - 1)


def _hill(x: np.ndarray, centre: float, width: float) -> np.ndarray:
    return np.exp(-0.5 * ((x - centre) / width) ** 2)
