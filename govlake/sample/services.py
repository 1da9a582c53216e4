"""What the government services bureau delivers: items, papers, applications with steps and ratings, licences."""

from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa

from govlake.sample import truths
from govlake.sample.city import DISTRICTS
from govlake.sample.frame import (
    DAY_S,
    NEVER,
    Order,
    changed,
    dates,
    joined,
    midnight,
    moments,
    one_date,
    picked,
    remembered,
    seconds,
    where,
)
from govlake.sample.identity import credit_codes, resident_ids
from govlake.sample.rhythm import calling_weights, draw, draw_seconds, is_workday
from govlake.sample.streets import by_district, streets
from govlake.sample.text import digits

APPLICATIONS, WEEKEND = 420, 0.3
LIFE_D = 45
# Name, kind, department, statutory and promised working days, on the spot, visits, online depth, who it serves, weight.
ITEMS = (
    ("营业执照设立登记", "confirmation", "99MARKET1", 15, 3, False, 1, 4, "enterprise", 8),
    ("食品经营许可", "permit", "99MARKET1", 20, 8, False, 1, 3, "enterprise", 5),
    ("既有住宅加装电梯规划许可", "permit", "99PLAN001", 30, 15, False, 2, 3, "person", 2),
    ("建筑工程施工许可", "permit", "99HOUSING", 15, 5, False, 1, 3, "enterprise", 3),
    ("商品房预售许可", "permit", "99HOUSING", 10, 5, False, 1, 3, "enterprise", 1),
    ("道路运输证核发", "permit", "99TRANSP1", 20, 7, False, 1, 3, "enterprise", 4),
    ("居住证办理", "confirmation", "99POLICE1", 15, 5, False, 1, 3, "person", 14),
    ("户口迁移", "confirmation", "99POLICE1", 20, 5, False, 1, 2, "person", 6),
    ("社会保障卡补换", "public_service", "99SOCIAL1", 15, 0, True, 0, 4, "person", 16),
    ("养老保险关系转移", "public_service", "99SOCIAL1", 45, 15, False, 0, 4, "person", 7),
    ("医保异地就医备案", "public_service", "99SOCIAL1", 10, 0, True, 0, 4, "person", 15),
    ("医师执业注册", "permit", "99HEALTH1", 20, 5, False, 0, 4, "person", 3),
    ("公共场所卫生许可", "permit", "99HEALTH1", 20, 5, False, 1, 3, "enterprise", 3),
    ("最低生活保障给付", "payment", "99CIVIL01", 45, 22, False, 1, 2, "person", 4),
    ("婚姻登记预约", "public_service", "99CIVIL01", 1, 0, True, 1, 3, "person", 6),
    ("残疾人补贴申请", "payment", "99CIVIL01", 30, 15, False, 0, 4, "person", 3),
    # Listed, and not applied for: handlers of tickets whose other services the sample leaves out.
    ("大型户外广告设置许可", "permit", "99CITYADM", 20, 7, False, 1, 3, "enterprise", 0),
    ("取水许可", "permit", "99WATER01", 45, 15, False, 1, 3, "enterprise", 0),
    ("民办学校设立审批", "permit", "99EDUCAT1", 60, 20, False, 1, 3, "enterprise", 0),
    ("政府信息公开申请", "public_service", "99SERVICE", 20, 10, False, 0, 4, "person", 0),
)  # fmt: skip
LIFTS = 2  # the place of the lift retrofit among them
NAMES = {
    "99MARKET1": ("市场监督管理局", "Market Regulation Bureau"),
    "99PLAN001": ("规划和自然资源局", "Planning and Resources Bureau"),
    "99HOUSING": ("住房和城乡建设局", "Housing and Construction Bureau"),
    "99TRANSP1": ("交通运输局", "Transport Bureau"),
    "99POLICE1": ("公安局", "Public Security Bureau"),
    "99SOCIAL1": ("人力资源和社会保障局", "Labour and Social Security Bureau"),
    "99HEALTH1": ("卫生健康委员会", "Health Commission"),
    "99CIVIL01": ("民政局", "Civil Affairs Bureau"),
    "99CITYADM": ("城市管理局", "City Administration Bureau"),
    "99WATER01": ("水务局", "Water Bureau"),
    "99EDUCAT1": ("教育局", "Education Bureau"),
    "99SERVICE": ("政务服务管理局", "Government Services Bureau"),
}
CHANNELS, CHANNEL_SHARES = ("window", "web", "app", "terminal"), np.array([0.34, 0.36, 0.26, 0.04])
RESULTS, RESULT_SHARES = ("approved", "rejected", "withdrawn"), np.array([0.93, 0.05, 0.02])
STEPS, STEP_SHARES = ("accept", "review", "decide", "deliver"), np.array([0.1, 0.55, 0.25, 0.1])
PAPERS = ("申请表", "身份证明", "场地证明", "委托书", "承诺书")
SHARED_BY = {"身份证明": "公安局", "场地证明": "规划和自然资源局"}
LICENCES = (("business", "99MARKET1"), ("food", "99MARKET1"), ("road_transport", "99TRANSP1"),
    ("physician", "99HEALTH1"), ("residence", "99POLICE1"))  # fmt: skip
SCORES = np.array([0.02, 0.03, 0.1, 0.25, 0.6])


@cache
def task_codes() -> list[str]:
    """The 31 digits of each item."""
    return [f"99{1_000_000 + number * 7:029d}" for number in range(len(ITEMS))]


def _column(place: int) -> np.ndarray:
    return np.array([entry[place] for entry in ITEMS])


def _items(order: Order) -> pa.Table:
    count = len(ITEMS)
    days = ["workday"] * count
    return pa.table(
        {
            "task_code": task_codes(),
            "task_version": pa.array(np.ones(count, np.int64)),
            "catalog_code": [f"{99_000 + number:012d}" for number in range(count)],
            "item_name": [entry[0] for entry in ITEMS],
            "task_type": [entry[1] for entry in ITEMS],
            "dept_code": [entry[2] for entry in ITEMS],
            "dept_name": [NAMES[entry[2]][0] for entry in ITEMS],
            "dept_name_en": [NAMES[entry[2]][1] for entry in ITEMS],
            "statutory_days": pa.array(_column(3)),
            "statutory_unit": days,
            "promised_days": pa.array(_column(4)),
            "promised_unit": days,
            "project_type": ["on_the_spot" if entry[5] else "promised" for entry in ITEMS],
            "visits": pa.array(_column(6)),
            "is_online": pa.array(_column(7) > 1),
            "online_depth": pa.array(_column(7)),
            "serves": [entry[8] for entry in ITEMS],
            "status": ["active"] * count,
            "valid_from": one_date(date(2024, 1, 1), count),
            "valid_to": pa.nulls(count, pa.date32()),
        }
    )


def _materials(order: Order) -> pa.Table:
    item, paper = np.divmod(np.arange(len(ITEMS) * len(PAPERS)), len(PAPERS))
    asked = (item + paper) % 3 != 0
    names = [PAPERS[at] for at in paper]
    return pa.table(
        {
            "task_code": picked(task_codes(), item),
            "material_seq": pa.array(paper + 1),
            "material_name": names,
            "source": picked(("shared", "applicant"), asked.astype(int)),
            "is_required": pa.array(paper < 3),
            "shareable_from": pa.array([SHARED_BY.get(name) for name in names], pa.utf8()),
        }
    )


@remembered
def _opened(day: date, scale: float, seed: int) -> pa.Table:
    """Applications made on a day with all that will ever happen to them."""
    rng = np.random.default_rng([seed, day.toordinal(), 31])
    usual = by_district(tuple(place.ride for place in DISTRICTS))
    weights = np.outer(_column(9).astype(float), usual / usual.sum())
    weights[LIFTS] *= truths.lift_applications(day)
    level = weights.sum() / _column(9).sum()
    count = round(APPLICATIONS * scale * level * (1.0 if is_workday(day) else WEEKEND))
    item, street = np.divmod(draw(rng, weights.ravel(), count), len(streets()))
    channel = draw(rng, CHANNEL_SHARES, count) if is_workday(day) else rng.integers(1, 3, count)
    applied = np.sort(draw_seconds(rng, calling_weights(day), count)) + midnight(day)
    accepted = applied + np.where(channel == 0, rng.integers(60, 900, count), rng.integers(600, DAY_S, count))
    on_spot, promise = _column(5)[item], _column(4)[item]
    pace = rng.lognormal(-0.75, 0.55, count) * truths.handling_pace(day)[street]
    finished = accepted + np.where(on_spot, rng.integers(300, 5_400, count), promise * 1.4 * pace * DAY_S + 7_200)
    finished = np.minimum(finished.astype(np.int64), accepted + (LIFE_D - 2) * DAY_S)
    person = _column(8)[item] == "person"
    who = rng.integers(0, 200_000, count)
    supplements = (rng.random(count) < 0.08).astype(np.int64)
    return pa.table(
        {
            "application_id": digits(np.arange(1, count + 1), 10, f"{day:%Y%m%d}"),
            "task_code": picked(task_codes(), item),
            "dept_code": picked([entry[2] for entry in ITEMS], item),
            "applicant_type": picked([entry[8] for entry in ITEMS], item),
            "applicant_id_no": where(person, resident_ids(who)),
            "applicant_uscc": where(~person, credit_codes(who % 30_000 + 100)),
            "channel": picked(CHANNELS, channel),
            "applied_at": moments(applied),
            "accepted_at": moments(accepted),
            "promised_at": moments(accepted + np.ceil(promise * 1.4).astype(np.int64) * DAY_S + DAY_S),
            "finished_at": moments(finished),
            "accepted_as": picked(("promised", "on_the_spot"), on_spot.astype(int)),
            "project_type": picked(("promised", "on_the_spot"), on_spot.astype(int)),
            "result": picked(RESULTS, draw(rng, RESULT_SHARES, count)),
            "visits": pa.array(np.where(channel == 0, _column(6)[item] + supplements, 0)),
            "supplements": pa.array(supplements),
            "special_days": pa.array(np.where(rng.random(count) < 0.03, rng.integers(1, 20, count), 0)),
            "area_code": picked(streets().code, street),
        }
    )


EVENTS = ("applied_at", "accepted_at", "finished_at")


def _applications(order: Order) -> pa.Table:
    rows = changed(_opened, order, LIFE_D, EVENTS)
    times = {name: seconds(rows[name]) for name in EVENTS}
    done, taken = times["finished_at"] != NEVER, times["accepted_at"] != NEVER
    result = rows["result"].combine_chunks()
    rows = rows.set_column(rows.column_names.index("result"), "result", where(done, result))
    status = picked(("applied", "accepted", "finished"), np.select([done, taken], [2, 1]))
    updated = moments(np.max(list(times.values()), axis=0))
    return rows.append_column("status", status).append_column("updated_at", updated)


def _finished(order: Order) -> pa.Table:
    """Applications that were finished on the order's days."""
    days = [_applications(Order(day, day, order.scale, order.seed)) for day in order.days]
    found = pa.concat_tables(days)
    return found.filter(found["finished_at"].is_valid()).combine_chunks()


def _steps(order: Order) -> pa.Table:
    """Four steps of every application that was finished in the week, one behind the other."""
    done = _finished(order)
    at, step = np.divmod(np.arange(len(done) * len(STEPS)), len(STEPS))
    start, end = seconds(done["accepted_at"])[at], seconds(done["finished_at"])[at]
    edges = np.concatenate([[0.0], np.cumsum(STEP_SHARES)])
    begun = start + ((end - start) * edges[step]).astype(np.int64)
    ended = start + ((end - start) * edges[step + 1]).astype(np.int64)
    rng = order.rng(32)
    return pa.table(
        {
            "application_id": done["application_id"].combine_chunks().take(pa.array(at)),
            "step_seq": pa.array(step + 1),
            "step": picked(STEPS, step),
            "dept_code": done["dept_code"].combine_chunks().take(pa.array(at)),
            "actor_id": digits(rng.integers(1, 600, len(at)), 5, "U99"),
            "started_at": moments(begun),
            "ended_at": moments(ended),
        }
    )


def _ratings(order: Order) -> pa.Table:
    """A third of those served rate; another third is entered as very satisfied by nobody."""
    done = _finished(order)
    rng = order.rng(33)
    luck = rng.random(len(done))
    done = done.filter(pa.array(luck < 0.66)).combine_chunks()
    count, voluntary = len(done), luck[luck < 0.66] < 0.33
    end = seconds(done["finished_at"])
    score = np.where(voluntary, draw(rng, SCORES, count) + 1, 5)
    ids = done["application_id"].combine_chunks()
    return pa.table(
        {
            "rating_id": digits(np.arange(1, count + 1), 8, f"R{order.day:%Y%m%d}"),
            "application_id": ids,
            "finished_at": done["finished_at"].combine_chunks(),
            "rated_at": moments(end + np.where(voluntary, rng.integers(60, 90_000, count), 1)),
            "channel": picked(("window", "web", "app", "sms"), rng.integers(0, 4, count)),
            "score": pa.array(score),
            "comment_text": where(voluntary & (score < 3), picked(["等候时间长", "材料要求不清楚"], score % 2)),
            "device_id": joined("D", digits(rng.integers(0, 40, count), 4)),
            "is_voluntary": pa.array(voluntary),
            "appeal_status": picked(("none", "open"), (voluntary & (score == 1)).astype(int)),
        }
    )


def _licences(order: Order) -> pa.Table:
    rng = order.rng(34)
    count = round(900 * order.scale)
    kind = rng.integers(0, len(LICENCES), count)
    person = kind >= 3
    who = rng.integers(0, 200_000, count)
    first = (order.first - date(1970, 1, 1)).days
    issued = first + np.sort(rng.integers(0, len(order.days), count))
    return pa.table(
        {
            "licence_no": digits(np.arange(1, count + 1), 6, f"L99{order.day:%Y%m}"),
            "licence_type": picked([entry[0] for entry in LICENCES], kind),
            "holder_type": picked(("legal_person", "person"), person.astype(int)),
            "holder_id_no": where(person, resident_ids(who)),
            "holder_uscc": where(~person, credit_codes(who % 30_000 + 100)),
            "issued_date": dates(issued),
            "expires_date": where(kind != 0, dates(issued + 1_826)),
            "issuer_code": picked([entry[1] for entry in LICENCES], kind),
            "status": picked(("valid", "revoked"), (rng.random(count) < 0.03).astype(int)),
        }
    )


ROWS = {
    "services.item": _items,
    "services.material": _materials,
    "services.application": _applications,
    "services.application_step": _steps,
    "services.rating": _ratings,
    "services.licence": _licences,
}
