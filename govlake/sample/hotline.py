"""What the hotline delivers beside tickets: contacts, dispatches, handling, callbacks, exclusions, consultations."""

import numpy as np
import pyarrow as pa

from govlake.sample import city, truths
from govlake.sample.frame import NEVER, Order, is_in, joined, midnight, moments, picked, seconds, where
from govlake.sample.identity import phones
from govlake.sample.rhythm import calling_weights, draw, draw_seconds, is_workday
from govlake.sample.streets import by_district, heard, streets
from govlake.sample.text import digits
from govlake.sample.tickets import HANDLERS, ticket_rows

CONTACTS = 620
CHANNELS, CHANNEL_SHARES = (
    ("phone", "wechat", "web", "app", "mailbox", "leader_board"),
    np.array([0.74, 0.12, 0.06, 0.05, 0.02, 0.01]),
)
ANSWERED, ON_SPOT = 0.96, 0.53
RETURNED = 0.08  # of first dispatches
REASONS, REASON_SHARES = ("area", "ownership", "duty"), np.array([0.3, 0.25, 0.45])
CENTRE = "99SERVICE"
CLOSINGS, CLOSING_SHARES = ("solved", "explained", "pending"), np.array([0.62, 0.33, 0.05])
EXCLUSIONS, EXCLUSION_SHARES = ("malicious", "beyond_duty", "policy", "repeat"), np.array([0.1, 0.4, 0.3, 0.2])
POLICIES = ("P202601", "P202603", "P202607")
STANCES, STANCE_SHARES = ("support", "oppose", "ask", "neutral"), np.array([0.55, 0.18, 0.17, 0.1])
SAID = {"support": "支持，希望尽快实施", "oppose": "费用分摊不合理", "ask": "低楼层如何补偿", "neutral": "没有意见"}


def _contacts(order: Order) -> pa.Table:
    """Every contact of the day; those answered and not settled on the spot become the day's tickets, by number."""
    day = order.day
    rng = order.rng(51)
    count = round(CONTACTS * order.scale * (1.0 if is_workday(day) else 0.6))
    street = draw(rng, heard(by_district(tuple(place.call for place in city.DISTRICTS))), count)
    channel = draw(rng, CHANNEL_SHARES, count)
    phone = channel == 0
    answered = ~phone | (rng.random(count) < ANSWERED)
    spot = answered & (rng.random(count) < ON_SPOT)
    number = np.cumsum(answered & ~spot)
    queue = np.minimum(rng.exponential(np.where(answered, 9, 70)), 3_000).astype(np.int64)
    return pa.table(
        {
            "contact_id": digits(np.arange(1, count + 1), 8, f"{day:%Y%m%d}"),
            "contacted_at": moments(np.sort(draw_seconds(rng, calling_weights(day), count)) + midnight(day)),
            "channel": picked(CHANNELS, channel),
            "queue_s": where(phone, pa.array(queue)),
            "is_answered": pa.array(answered),
            "talk_s": where(phone & answered, pa.array(rng.integers(30, 900, count))),
            "caller_id": phones(rng.integers(0, 40_000, count)),
            "is_on_spot": where(answered, pa.array(spot)),
            "ticket_id": where(answered & ~spot, digits(number, 6, f"{day:%Y%m%d}")),
            "area_code": where(answered, picked(streets().code, street)),
        }
    )


def _tickets(order: Order, event: str) -> pa.Table:
    """Tickets to which the event happened on one of the order's days, as they stood that evening."""
    found = []
    for day in order.days:
        rows = ticket_rows(Order(day, day, order.scale, order.seed))
        when = seconds(rows[event])
        found.append(rows.filter(pa.array((when >= midnight(day)) & (when != NEVER))))
    return pa.concat_tables(found).combine_chunks()


def _dispatches(order: Order) -> pa.Table:
    """One dispatch of every ticket; some come back and go to another one."""
    rows = _tickets(order, "opened_at")
    rng = order.rng(52)
    count = len(rows)
    back = rng.random(count) < RETURNED
    at = np.concatenate([np.arange(count), np.flatnonzero(back)])
    again = np.arange(len(at)) >= count
    returned = np.concatenate([back, np.zeros(back.sum(), bool)])
    sent = seconds(rows["opened_at"])[at] + rng.integers(300, 7_200, len(at)) + again * 30_000
    topic = np.array([HANDLERS.index(code) for code in rows["org_code"].to_pylist()])[at]
    org = np.where(returned, (topic + 3) % len(HANDLERS), topic)
    return pa.table(
        {
            "ticket_id": rows["ticket_id"].combine_chunks().take(pa.array(at)),
            "dispatch_seq": pa.array(1 + again.astype(np.int64)),
            "org_code": picked(HANDLERS, org),
            "dispatched_at": moments(sent),
            "signed_at": moments(np.where(returned, NEVER, sent + rng.integers(300, 14_400, len(at)))),
            "returned_at": moments(np.where(returned, sent + rng.integers(3_600, 20_000, len(at)), NEVER)),
            "return_reason": where(returned, picked(REASONS, draw(rng, REASON_SHARES, len(at)))),
            "adjudicated_by": where(again, picked([CENTRE], np.zeros(len(at), int))),
        }
    )


def _handlings(order: Order) -> pa.Table:
    """What the departments say of the tickets closed; the inflater calls everything solved and rarely calls anybody."""
    rows = _tickets(order, "closed_at")
    rng = order.rng(53)
    count = len(rows)
    inflated = is_in(rows["org_code"], truths.INFLATER)
    kind = np.where(inflated & (rng.random(count) < 0.97), 0, draw(rng, CLOSING_SHARES, count))
    contacted = rng.random(count) < np.where(inflated, 0.35, 0.95)
    closed, opened = seconds(rows["closed_at"]), seconds(rows["opened_at"])
    extended = np.where(rng.random(count) < 0.06, rng.integers(3, 15, count), 0)
    return pa.table(
        {
            "ticket_id": rows["ticket_id"].combine_chunks(),
            "handle_seq": pa.array(np.ones(count, np.int64)),
            "org_code": rows["org_code"].combine_chunks(),
            "contacted_at": moments(np.where(contacted, opened + ((closed - opened) * 0.4).astype(np.int64), NEVER)),
            "is_onsite": pa.array(rng.random(count) < 0.3),
            "plan_text": picked(["已核实并处理", "已向市民解释政策", "已列入计划"], kind),
            "closed_at": rows["closed_at"].combine_chunks(),
            "extension_days": pa.array(extended),
            "extension_approver": where(extended > 0, joined("U99", digits(rng.integers(0, 90, count), 4))),
            "close_kind": picked(CLOSINGS, kind),
        }
    )


def _callbacks(order: Order) -> pa.Table:
    rows = _tickets(order, "called_back_at")
    rng = order.rng(54)
    count = len(rows)
    reached = is_in(rows["callback"], "reached")
    excluded = rng.random(count) < np.where(np.array([order.day.day > 24]), 0.05, 0.02)
    return pa.table(
        {
            "ticket_id": rows["ticket_id"].combine_chunks(),
            "callback_seq": pa.array(np.ones(count, np.int64)),
            "org_code": rows["org_code"].combine_chunks(),
            "called_at": rows["called_back_at"].combine_chunks(),
            "is_reached": pa.array(reached),
            "is_responded": where(reached, pa.array(rng.random(count) < 0.93)),
            "resolution": rows["resolution"].combine_chunks(),
            "rating": rows["rating"].combine_chunks(),
            "reason_text": where(is_in(rows["resolution"], "unsolved"), picked(["问题未处理"], np.zeros(count, int))),
            "is_excluded": pa.array(excluded),
        }
    )


def _exclusions(order: Order) -> pa.Table:
    """Tickets left out of assessment, most of them asked for in the last days of the month."""
    rng = order.rng(55)
    count = round(160 * order.scale)
    late = rng.random(count) < 0.6
    day = np.where(late, len(order.days) - 1 - rng.integers(0, 5, count), rng.integers(0, len(order.days), count))
    asked = midnight(order.first) + np.sort(day) * 86_400 + rng.integers(32_400, 61_200, count)
    opened = midnight(order.first) // 86_400 + np.sort(day) - 4
    dates = [str(np.datetime64(int(number), "D")).replace("-", "") for number in opened]
    return pa.table(
        {
            "ticket_id": joined(pa.array(dates), digits(np.arange(1, count + 1), 6)),
            "applied_by": picked(HANDLERS[:-1], rng.integers(0, len(HANDLERS) - 1, count)),
            "reason_class": picked(EXCLUSIONS, draw(rng, EXCLUSION_SHARES, count)),
            "applied_at": moments(asked),
            "approved_by": picked([CENTRE], np.zeros(count, int)),
            "approved_at": moments(asked + rng.integers(3_600, 90_000, count)),
        }
    )


def _consultations(order: Order) -> pa.Table:
    """Answers to a policy; in streets with old housing and many seniors more of them support the lifts."""
    rng = order.rng(56)
    count = round(400 * order.scale)
    street = draw(rng, heard(by_district(tuple(place.call for place in city.DISTRICTS))), count)
    willing = streets().in_segment[street] & (rng.random(count) < 0.6)
    stance = np.where(willing, 0, draw(rng, STANCE_SHARES, count))
    said = [SAID[name] for name in STANCES]
    span = len(order.days) * 86_400 - 1
    return pa.table(
        {
            "response_id": digits(np.arange(1, count + 1), 6, f"Q{order.day:%Y%m%d}"),
            "policy_id": picked(POLICIES, rng.integers(0, len(POLICIES), count)),
            "respondent_id": digits(rng.integers(0, 40_000, count), 8, "W99"),
            "respondent_group": picked(
                ("resident", "enterprise", "organisation"), draw(rng, np.array([0.9, 0.07, 0.03]), count)
            ),
            "stance": picked(STANCES, stance),
            "answer_text": picked(said, stance),
            "responded_at": moments(midnight(order.first) + np.sort(rng.integers(0, span, count))),
            "area_code": picked(streets().code, street),
        }
    )


ROWS = {
    "hotline.ticket": ticket_rows,
    "hotline.contact": _contacts,
    "hotline.dispatch": _dispatches,
    "hotline.handling": _handlings,
    "hotline.callback": _callbacks,
    "hotline.exclusion": _exclusions,
    "hotline.consultation": _consultations,
}
