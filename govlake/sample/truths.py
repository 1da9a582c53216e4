"""Truths planted in the city beside those of its rhythm, as functions of date and place alone.

They are what an analysis of the lake has to find, or has to reject. docs/sample_city.md lists them all.
"""

from datetime import date

import numpy as np

from govlake.sample.city import DISTRICTS
from govlake.sample.streets import streets

# Three hot weeks each summer, and one hot week in four at other times, so that every history of two months has some.
SUMMER = (6, 7, 8)
HOT_C, USUAL_C = 36.5, (6, 8, 13, 19, 24, 28, 31, 31, 27, 21, 15, 9)
HEAT_ADMISSIONS = 1.35
# The lift retrofit: from this day on, owners in streets with old housing and many seniors apply, others do not.
LIFTS_FROM, LIFTS_FACTOR = date(2026, 3, 1), 5.0
# A reform with a true effect, introduced district by district, a month apart: handling takes a third less.
REFORM_FROM = tuple(date(2025, 9 + month, 1) if month < 4 else date(2026, month - 3, 1) for month in range(8))
REFORM_PACE = 0.67
# A programme without any effect, introduced in the opposite order: longer opening hours.
HOURS_FROM = REFORM_FROM[::-1]
# One department reports what it only explained as solved, and spares itself the call to the citizen.
INFLATER = "99HOUSING"
# One clock on board loses so many seconds a day and is put right on the first of a month.
SLOW_CLOCK, SLOW_S_A_DAY = "V00042", 9
# The police count more people than the statistics bureau.
POLICE_COUNT = 1.06


def is_hot(day: date) -> bool:
    """Whether the day lies in a hot week (Monday to Sunday)."""
    week = day.toordinal() // 7  # ordinal 1 was a Monday, so weeks begin on Sundays here: shifted by one below
    week = (day.toordinal() - 1) // 7
    return week % 4 == 1 or (day.month in SUMMER and week % 4 in (1, 2, 3))


def temperature(day: date) -> float:
    """The day's usual highest temperature, 5 degrees more in a hot week."""
    usual = USUAL_C[day.month - 1]
    return usual + 5 if is_hot(day) else float(usual)


def admissions(day: date) -> float:
    """How many times the usual number of patients come."""
    return HEAT_ADMISSIONS if is_hot(day) else 1.0


def lift_applications(day: date) -> np.ndarray:
    """How many times more lift applications come from each street."""
    factors = np.ones(len(streets()))
    return np.where(streets().in_segment, LIFTS_FACTOR, factors) if day >= LIFTS_FROM else factors


def handling_pace(day: date) -> np.ndarray:
    """How long handling takes in each street's district, against before the reform."""
    begun = np.array([day >= start for start in REFORM_FROM])
    assert len(begun) == len(DISTRICTS)
    return np.where(begun, REFORM_PACE, 1.0)[streets().district]


def slow_by(day: date) -> int:
    """Seconds by which the slow clock is behind on `day`."""
    return SLOW_S_A_DAY * (day.day - 1)
