"""Hotline tickets: what became of every ticket opened on a day, and how it stood at the end of a later day."""

from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import numpy as np

from govlake.sample import city
from govlake.sample.rhythm import calling_weights, draw, draw_seconds, is_workday, transport_calls

DAILY = 300
# No ticket changes later than this after it was opened.
LIFE_D = 35
CHANNELS = ("电话", "微信", "网站", "手机应用")
CHANNEL_SHARES = np.array([0.72, 0.15, 0.08, 0.05])
URGENCIES = ("紧急", "普通", "复杂")
URGENCY_SHARES = np.array([0.06, 0.74, 0.20])
LIMIT_H = np.array([24, 7 * 24, 15 * 24])
# Median hours to close; the silent district takes longer.
MEDIAN_H = np.array([7, 50, 120])
SLOW = 3.0
OTHER_TYPES = ("咨询", "求助", "建议", "表扬")
OTHER_SHARES = np.array([0.52, 0.33, 0.13, 0.02])
CALLBACKS = ("已回访", "无法联系", "拒绝评价")
CALLBACK_SHARES = np.array([0.58, 0.33, 0.09])
RESOLUTIONS = ("已解决", "部分解决", "未解决")
RATINGS = ("非常满意", "满意", "基本满意", "不满意", "非常不满意")


@dataclass
class Ticket:
    """One ticket with all that will ever happen to it. None = it never happens."""

    number: str
    opened: datetime
    caller: str
    channel: str
    type: str
    topic: str
    district: str
    urgency: str
    text: str
    due: datetime
    closed: datetime | None
    called_back: datetime | None
    callback: str
    resolution: str
    rating: str

    def at(self, moment: datetime) -> "Ticket":
        """The ticket as it stood at `moment`."""
        state = Ticket(**{field.name: getattr(self, field.name) for field in fields(self)})
        if state.called_back is None or state.called_back > moment:
            state.called_back, state.callback, state.resolution, state.rating = None, "", "", ""
        if state.closed is None or state.closed > moment:
            state.closed = None
        return state

    def changed(self, day: date) -> bool:
        """Whether something happened to the ticket on `day`."""
        return any(event is not None and event.date() == day for event in (self.opened, self.closed, self.called_back))

    @property
    def updated(self) -> datetime:
        return max(event for event in (self.opened, self.closed, self.called_back) if event is not None)


@lru_cache(maxsize=64)
def opened_on(day: date, scale: float, seed: int) -> list[Ticket]:
    """Every ticket opened on `day`, in order of opening."""
    rng = np.random.default_rng([seed, day.toordinal(), 3])
    pairs, weights = _mix(day)
    usual = sum(weights) / _usual_weight()
    count = round(DAILY * scale * (1.0 if is_workday(day) else 0.6) * usual)
    chosen = draw(rng, np.array(weights), count)
    seconds = np.sort(draw_seconds(rng, calling_weights(day), count))
    midnight = datetime.combine(day, time())
    draws = {
        "channel": draw(rng, CHANNEL_SHARES, count),
        "urgency": draw(rng, URGENCY_SHARES, count),
        "other": draw(rng, OTHER_SHARES, count),
        "callback": draw(rng, CALLBACK_SHARES, count),
        "pace": rng.lognormal(0.0, 0.75, count),
        "luck": rng.random((count, 4)),
        "caller": rng.integers(0, 40_000, count),
    }
    return [
        _ticket(
            f"{day:%Y%m%d}{at + 1:06d}",
            midnight + timedelta(seconds=int(seconds[at])),
            pairs[chosen[at]],
            {name: values[at] for name, values in draws.items()},
        )
        for at in range(count)
    ]


def _mix(day: date) -> tuple[list[tuple[city.District, tuple]], list[float]]:
    """District and topic pairs with their weights on `day`."""
    pairs = [(district, topic) for district in city.DISTRICTS for topic in city.TOPICS]
    weights = [
        district.call * topic[2] * (transport_calls(day, district.code) if topic[1] == "transport" else 1.0)
        for district, topic in pairs
    ]
    return pairs, weights


def _usual_weight() -> float:
    return sum(district.call for district in city.DISTRICTS) * sum(topic[2] for topic in city.TOPICS)


def _ticket(number: str, opened: datetime, pair: tuple[city.District, tuple], drawn: dict) -> Ticket:
    district, (topic, code, _, complaining, texts) = pair
    luck = drawn["luck"]
    urgency = int(drawn["urgency"])
    hours = float(MEDIAN_H[urgency] * drawn["pace"]) * (SLOW if district.code == city.SILENT else 1.0)
    closed = opened + timedelta(seconds=int(min(hours, (LIFE_D - 6) * 24) * 3600))
    called_back = datetime.combine(closed.date() + timedelta(days=1 + int(luck[0] * 3)), time(9)) + timedelta(
        minutes=int(luck[1] * 480)
    )
    due = opened + timedelta(hours=int(LIMIT_H[urgency]))
    never = luck[2] > 0.985
    callback = CALLBACKS[int(drawn["callback"])]
    resolution, rating = _answer(district.code, code, closed > due, luck) if callback == CALLBACKS[0] else ("", "")
    complains = luck[0] < complaining or (code == "transport" and district.code == city.TROUBLED and luck[0] < 0.7)
    return Ticket(
        number=number,
        opened=opened,
        caller=f"000{int(drawn['caller']):08d}",
        channel=CHANNELS[int(drawn["channel"])],
        type=("投诉" if luck[1] < 0.85 else "举报") if complains else OTHER_TYPES[int(drawn["other"])],
        topic=topic,
        district=district.code,
        urgency=URGENCIES[urgency],
        text=_text(texts, district, luck),
        due=due,
        closed=None if never else closed,
        called_back=None if never else called_back,
        callback="" if never else callback,
        resolution="" if never else resolution,
        rating="" if never else rating,
    )


def _answer(district: str, topic: str, late: bool, luck: np.ndarray) -> tuple[str, str]:
    """What the caller says when called back: speed and result both count, and they are not the same thing."""
    quality = 0.86 - 0.30 * late - (0.28 if district == city.SILENT else 0.0) - (0.06 if topic == "noise" else 0.0)
    solved = 0 if luck[3] < quality else 1 if luck[3] < quality + 0.08 else 2
    mood = luck[2] * 0.5 + luck[3] * 0.5 - (0.15 if solved == 0 else -0.1) + 0.15 * late
    grade = sum(mood > limit for limit in (0.2, 0.48, 0.62, 0.85))
    return RESOLUTIONS[solved], RATINGS[grade]


def _text(texts: tuple[str, ...], district: city.District, luck: np.ndarray) -> str:
    place = district.zh.removesuffix("区") + city.PLACES[int(luck[1] * len(city.PLACES))]
    line = city.LINES[int(luck[2] * len(city.LINES))].zh
    return texts[int(luck[3] * len(texts))].format(place=place, line=line, n=2 + int(luck[0] * 20))
