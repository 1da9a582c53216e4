"""Hotline tickets: what becomes of every ticket opened on a day, and how it stands at the end of a later day."""

from datetime import date

import numpy as np
import pyarrow as pa

from govlake.sample import city, truths
from govlake.sample.frame import (
    DAY_S,
    NEVER,
    Order,
    changed,
    joined,
    midnight,
    moments,
    picked,
    remembered,
    seconds,
    where,
)
from govlake.sample.rhythm import calling_weights, draw, draw_seconds, is_workday, transport_calls
from govlake.sample.streets import by_district, heard, streets
from govlake.sample.text import digits

DAILY = 300
# No ticket changes later than this after it was opened.
LIFE_D = 35
CHANNELS = ("phone", "wechat", "web", "app")
CHANNEL_SHARES = np.array([0.72, 0.15, 0.08, 0.05])
URGENCIES = ("urgent", "general", "complex")
URGENCY_SHARES = np.array([0.06, 0.74, 0.20])
LIMIT_S = np.array([24, 7 * 24, 15 * 24]) * 3600
# Median hours to close; the silent district takes longer.
MEDIAN_H = np.array([7, 50, 120])
SLOW = 3.0
KINDS = ("complaint", "report", "advice", "help", "suggestion", "thanks")
OTHER_SHARES = np.array([0.52, 0.33, 0.13, 0.02])
CALLBACKS = ("reached", "unreachable", "refused")
CALLBACK_SHARES = np.array([0.58, 0.33, 0.09])
RESOLUTIONS = ("solved", "partly", "unsolved")
RATINGS = ("very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied")
# Who has to act on each topic of city.TOPICS.
HANDLERS = ("99TRANSP1", "99CITYADM", "99CITYADM", "99WATER01", "99HOUSING", "99SOCIAL1", "99EDUCAT1", "99HEALTH1",
    "99SERVICE")  # fmt: skip
TEXTS = tuple(text for topic in city.TOPICS for text in topic[4])
FIRST_TEXT = np.cumsum([0, *(len(topic[4]) for topic in city.TOPICS)])


@remembered
def opened_on(day: date, scale: float, seed: int) -> pa.Table:
    """Every ticket opened on `day` with all that will ever happen to it, in order of opening."""
    rng = np.random.default_rng([seed, day.toordinal(), 3])
    weights = _mix(day)
    count = round(DAILY * scale * (1.0 if is_workday(day) else 0.6) * weights.sum() / _usual_weight())
    topic, street = np.divmod(draw(rng, weights.ravel(), count), len(streets()))
    district = streets().district[street]
    luck = rng.random((4, count))
    opened = np.sort(draw_seconds(rng, calling_weights(day), count)) + midnight(day)
    urgency = draw(rng, URGENCY_SHARES, count)
    due = opened + LIMIT_S[urgency]
    silent = np.array([place.code == city.SILENT for place in city.DISTRICTS])[district]
    hours = MEDIAN_H[urgency] * rng.lognormal(0.0, 0.75, count) * np.where(silent, SLOW, 1.0)
    closed = opened + (np.minimum(hours, (LIFE_D - 6) * 24) * 3600).astype(np.int64)
    called = (
        (closed // DAY_S + 1 + (luck[0] * 3).astype(np.int64)) * DAY_S + 9 * 3600 + (luck[1] * 28_800).astype(np.int64)
    )
    never = luck[2] > 0.985
    callback = draw(rng, CALLBACK_SHARES, count)
    solved, grade = _answers(silent, topic, closed > due, luck)
    answered = ~never & (callback == 0)
    return pa.table(
        {
            "ticket_id": digits(np.arange(1, count + 1), 6, f"{day:%Y%m%d}"),
            "opened_at": moments(opened),
            "caller_id": digits(rng.integers(0, 40_000, count), 8, "000"),
            "channel": picked(CHANNELS, draw(rng, CHANNEL_SHARES, count)),
            "ticket_type": picked(KINDS, _kinds(topic, district, luck, draw(rng, OTHER_SHARES, count))),
            "topic": picked([entry[1] for entry in city.TOPICS], topic),
            "district_code": picked([place.code for place in city.DISTRICTS], district),
            "area_code": picked(streets().code, street),
            "urgency": picked(URGENCIES, urgency),
            "text": _texts(topic, district, luck),
            "due_at": moments(due),
            "closed_at": moments(np.where(never, NEVER, closed)),
            "called_back_at": moments(np.where(never, NEVER, called)),
            "callback": where(~never, picked(CALLBACKS, callback)),
            "resolution": where(answered, picked(RESOLUTIONS, solved)),
            "rating": where(answered, picked(RATINGS, grade)),
            "org_code": picked(HANDLERS, topic),
        }
    )


def ticket_rows(order: Order) -> pa.Table:
    """What changed on the order's day, as it stood when the day ended."""
    events = ("opened_at", "closed_at", "called_back_at")
    rows = changed(opened_on, order, LIFE_D, events)
    times = {name: seconds(rows[name]) for name in events}
    for name in ("callback", "resolution", "rating"):
        column = where(times["called_back_at"] != NEVER, rows[name].combine_chunks())
        rows = rows.set_column(rows.column_names.index(name), name, column)
    status = picked(("open", "closed"), (times["closed_at"] != NEVER).astype(int))
    updated = moments(np.max(list(times.values()), axis=0))
    return rows.append_column("status", status).append_column("updated_at", updated)


def _mix(day: date) -> np.ndarray:
    """Weight of each topic and street on `day`."""
    heard_of = heard(by_district(tuple(place.call for place in city.DISTRICTS)))
    weights = np.outer([topic[2] for topic in city.TOPICS], heard_of)
    louder = np.array([transport_calls(day, place.code) for place in city.DISTRICTS])[streets().district]
    weights[[topic[1] for topic in city.TOPICS].index("transport")] *= louder
    return weights


def _usual_weight() -> float:
    return sum(district.call for district in city.DISTRICTS) * sum(topic[2] for topic in city.TOPICS)


def _kinds(topic: np.ndarray, district: np.ndarray, luck: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Complaints and reports by the topic's share; more of them about transport in the troubled district."""
    troubled = np.array([place.code == city.TROUBLED for place in city.DISTRICTS])[district]
    transport = np.array([entry[1] == "transport" for entry in city.TOPICS])[topic]
    complains = luck[0] < np.maximum(np.array([entry[3] for entry in city.TOPICS])[topic], 0.7 * (troubled & transport))
    return np.where(complains, (luck[1] >= 0.85).astype(int), other + 2)


def _answers(
    silent: np.ndarray, topic: np.ndarray, late: np.ndarray, luck: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What the caller says when called back: speed and result both count, and they are not the same thing."""
    noise = np.array([entry[1] == "noise" for entry in city.TOPICS])[topic]
    inflated = np.array([code == truths.INFLATER for code in HANDLERS])[topic]
    quality = 0.86 - 0.30 * late - 0.28 * silent - 0.06 * noise - 0.35 * inflated
    solved = (luck[3] >= quality).astype(int) + (luck[3] >= quality + 0.08)
    mood = luck[2] * 0.5 + luck[3] * 0.5 - np.where(solved == 0, 0.15, -0.1) + 0.15 * late
    return solved, np.searchsorted([0.2, 0.48, 0.62, 0.85], mood)


def _texts(topic: np.ndarray, district: np.ndarray, luck: np.ndarray) -> pa.Array:
    """What was said: one of the topic's sentences, its gaps filled with a place, a line or a number."""
    sentence = FIRST_TEXT[topic] + (luck[3] * np.diff(FIRST_TEXT)[topic]).astype(int)
    places = [place.zh.removesuffix("区") + spot for place in city.DISTRICTS for spot in city.PLACES]
    place = picked(places, district * len(city.PLACES) + (luck[1] * len(city.PLACES)).astype(int))
    line = picked([entry.zh for entry in city.LINES], (luck[2] * len(city.LINES)).astype(int))
    number = picked([str(value) for value in range(2, 22)], (luck[0] * 20).astype(int))
    fills = {"place": place, "line": line, "n": number}
    nothing = picked([""], np.zeros(len(topic), int))
    pieces = [_pieces(text) for text in TEXTS]
    width = max(len(found) for found in pieces)
    parts: list[pa.Array | str] = []
    for at in range(width):
        found = [entry[at] if at < len(entry) else ("", "") for entry in pieces]
        parts.append(picked([words for words, _ in found], sentence))
        for name, values in fills.items():
            here = np.array([gap == name for _, gap in found])[sentence]
            parts.append(where(here, values).fill_null("") if here.any() else nothing)
    return joined(*parts)


def _pieces(text: str) -> list[tuple[str, str]]:
    """A sentence as words, each with the name of the gap behind them."""
    found, rest = [], text
    while rest:
        words, _, rest = rest.partition("{")
        gap, _, rest = rest.partition("}")
        found.append((words, gap))
    return found
