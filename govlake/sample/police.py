"""What the public security bureau delivers: calls, responses, cases, registered population, prevention."""

from datetime import date

import numpy as np
import pyarrow as pa

from govlake.sample import truths
from govlake.sample.city import DISTRICTS
from govlake.sample.frame import (
    NEVER,
    Order,
    changed,
    joined,
    known,
    midnight,
    moments,
    one_date,
    picked,
    remembered,
    seconds,
    where,
)
from govlake.sample.identity import phones, resident_ids
from govlake.sample.rhythm import calling_weights, draw, draw_seconds
from govlake.sample.streets import by_district, needing, streets
from govlake.sample.text import digits

CALLS, CASES = 1_200, 36
VALID = 0.2  # the other calls are no incident
LIFE_D = 60
# Kind of incident, its class, share among valid calls.
KINDS = (
    ("burglary", "criminal", 0.03), ("vehicle_theft", "criminal", 0.03), ("pickpocketing", "criminal", 0.02),
    ("telecom_fraud", "criminal", 0.07), ("other_fraud", "criminal", 0.03), ("injury", "public_order", 0.06),
    ("noise", "public_order", 0.12), ("family_dispute", "dispute", 0.2), ("missing_person", "help", 0.06),
    ("other", "traffic", 0.2), ("other", "help", 0.13), ("other", "fire", 0.02), ("other", "other", 0.03),
)  # fmt: skip
CHANNELS, CHANNEL_SHARES = ("phone", "sms", "app", "walk_in"), np.array([0.9, 0.02, 0.05, 0.03])
CAUSES = (
    ("theft", "criminal", 0.26), ("telecom_fraud", "criminal", 0.16), ("other_fraud", "criminal", 0.05),
    ("robbery", "criminal", 0.01), ("injury", "criminal", 0.04), ("drugs", "criminal", 0.02),
    ("assault", "public_order", 0.24), ("gambling", "public_order", 0.08), ("disorder", "public_order", 0.1),
    ("other", "public_order", 0.04),
)  # fmt: skip
CLEARED = {"theft": 0.3, "telecom_fraud": 0.2, "other_fraud": 0.35}
RESULTS, RESULT_SHARES = (
    ("mediated", "case_opened", "handed_over", "nothing_found", "other"),
    np.array([0.35, 0.15, 0.1, 0.2, 0.2]),
)
ACTIVITIES = (("patrol", "hour", 420), ("camera", "device", 160), ("campaign", "event", 4), ("inspection", "visit", 60))


def _place_weights() -> np.ndarray:
    return needing(by_district(tuple(place.ride for place in DISTRICTS)))


@remembered
def calls(day: date, scale: float, seed: int) -> pa.Table:
    """Every call of a day, in order of time."""
    rng = np.random.default_rng([seed, day.toordinal(), 11])
    count = round(CALLS * scale * (1.0 if day.weekday() < 5 else 1.08))
    second = np.sort(draw_seconds(rng, calling_weights(day) + 0.25, count)) + midnight(day)
    street = draw(rng, _place_weights(), count)
    valid = rng.random(count) < VALID
    kind = draw(rng, np.array([share for *_, share in KINDS]), count)
    merged = valid & (rng.random(count) < 0.05) & (np.arange(count) > 10)
    ids = digits(np.arange(1, count + 1), 8, f"{day:%Y%m%d}")
    return pa.table(
        {
            "call_id": ids,
            "called_at": moments(second),
            "received_at": moments(second + rng.integers(5, 60, count)),
            "channel": picked(CHANNELS, draw(rng, CHANNEL_SHARES, count)),
            "call_class": picked([entry[1] for entry in KINDS] + ["other"], np.where(valid, kind, len(KINDS))),
            "call_subclass": where(valid, picked([entry[0] for entry in KINDS], kind)),
            "is_valid": pa.array(valid),
            "caller_id": phones(rng.integers(0, 60_000, count)),
            "address": where(valid, picked([f"{name}某小区" for name in streets().name], street)),
            "lon": where(valid, pa.array(np.round(streets().lon[street] + rng.normal(0, 0.004, count), 6))),
            "lat": where(valid, pa.array(np.round(streets().lat[street] + rng.normal(0, 0.004, count), 6))),
            "area_code": picked(streets().code, street),
            "station_id": picked([code[:9] + "001" for code in streets().code], street),
            "merged_into": where(merged, ids.take(pa.array(np.maximum(np.arange(count) - 7, 0)))),
        }
    )


def _calls(order: Order) -> pa.Table:
    return calls(order.day, order.scale, order.seed)


def _responses(order: Order) -> pa.Table:
    """A unit goes to every valid call that leads; a tenth of the arrivals are never entered."""
    parts = []
    for day in order.days:
        rng = np.random.default_rng([order.seed, day.toordinal(), 12])
        found = calls(day, order.scale, order.seed)
        leads = found["is_valid"].to_numpy() & ~known(found["merged_into"])
        found = found.filter(pa.array(leads)).combine_chunks()
        count = len(found)
        sent = seconds(found["received_at"]) + rng.integers(20, 240, count)
        arrived = sent + (rng.lognormal(6.1, 0.45, count)).astype(np.int64)
        seen = rng.random(count) > 0.1
        result = draw(rng, RESULT_SHARES, count)
        parts.append(
            pa.table(
                {
                    "response_id": joined(found["call_id"].combine_chunks(), "01"),
                    "call_id": found["call_id"],
                    "unit_id": found["station_id"],
                    "dispatched_at": moments(sent),
                    "arrived_at": moments(np.where(seen, arrived, NEVER)),
                    "finished_at": moments(arrived + (rng.lognormal(7.2, 0.5, count)).astype(np.int64)),
                    "officers": pa.array(rng.integers(2, 6, count)),
                    "vehicles": pa.array(rng.integers(1, 3, count)),
                    "result": picked(RESULTS, result),
                    "is_mediated": pa.array(result == 0),
                }
            )
        )
    return pa.concat_tables(parts).combine_chunks()


@remembered
def _opened(day: date, scale: float, seed: int) -> pa.Table:
    """Cases reported on a day with all that will ever happen to them."""
    rng = np.random.default_rng([seed, day.toordinal(), 13])
    count = round(CASES * scale)
    reported = np.sort(draw_seconds(rng, calling_weights(day) + 0.1, count)) + midnight(day)
    cause = draw(rng, np.array([share for *_, share in CAUSES]), count)
    accepted = reported + rng.integers(600, 20_000, count)
    filed = np.where(rng.random(count) < 0.8, accepted + rng.integers(3_600, 7 * 86_400, count), NEVER)
    chance = np.array([CLEARED.get(name, 0.75) for name, *_ in CAUSES])[cause]
    luck, days = rng.random(count), rng.exponential(14, count)
    ended = filed + np.minimum(days, LIFE_D - 12).astype(np.int64) * 86_400 + 7_200
    cleared = np.where((filed != NEVER) & (luck < chance), ended, NEVER)
    withdrawn = np.where((filed != NEVER) & (luck > 0.97), ended, NEVER)
    span = rng.integers(0, 40_000, count)
    return pa.table(
        {
            "case_id": digits(np.arange(1, count + 1), 6, f"A9901{day:%Y%m%d}"),
            "case_type": picked([entry[1] for entry in CAUSES], cause),
            "cause": picked([entry[0] for entry in CAUSES], cause),
            "call_id": where(rng.random(count) < 0.6, digits(rng.integers(1, 900, count), 8, f"{day:%Y%m%d}")),
            "reporter_id_no": resident_ids(rng.integers(0, 200_000, count)),
            "occurred_from_at": moments(reported - span - 3_600),
            "occurred_to_at": moments(reported - 1_800),
            "reported_at": moments(reported),
            "accepted_at": moments(accepted),
            "filed_at": moments(filed),
            "cleared_at": moments(cleared),
            "withdrawn_at": moments(withdrawn),
            "area_code": picked(streets().code, draw(rng, _place_weights(), count)),
        }
    )


EVENTS = ("reported_at", "accepted_at", "filed_at", "cleared_at", "withdrawn_at")


def _cases(order: Order) -> pa.Table:
    rows = changed(_opened, order, LIFE_D, EVENTS)
    times = {name: seconds(rows[name]) for name in EVENTS}
    over = [times[name] != NEVER for name in ("withdrawn_at", "cleared_at", "filed_at")]
    status = picked(("accepted", "filed", "cleared", "withdrawn"), np.select(over, [3, 2, 1]))
    updated = moments(np.max(list(times.values()), axis=0))
    return rows.append_column("status", status).append_column("updated_at", updated)


def _registered(order: Order) -> pa.Table:
    """People per street as the police count them."""
    known_streets = streets()
    rng = order.rng(14)
    present = np.round(known_streets.residents * truths.POLICE_COUNT * rng.normal(1, 0.002, len(known_streets)))
    floating = np.round(present * rng.uniform(0.2, 0.4, len(known_streets)))
    return pa.table(
        {
            "as_of_date": one_date(order.day, len(known_streets)),
            "area_code": list(known_streets.code),
            "households": pa.array(known_streets.households),
            "registered": pa.array((present - floating).astype(np.int64)),
            "floating": pa.array(floating.astype(np.int64)),
            "present": pa.array(present.astype(np.int64)),
        }
    )


def _prevention(order: Order) -> pa.Table:
    rng = order.rng(15)
    street, activity = np.divmod(np.arange(len(streets()) * len(ACTIVITIES)), len(ACTIVITIES))
    usual = np.array([entry[2] for entry in ACTIVITIES])[activity]
    return pa.table(
        {
            "as_of_date": one_date(order.day, len(street)),
            "area_code": picked(streets().code, street),
            "activity": picked([entry[0] for entry in ACTIVITIES], activity),
            "quantity": pa.array(np.round(usual * rng.uniform(0.7, 1.3, len(street)), 1)),
            "unit": picked([entry[1] for entry in ACTIVITIES], activity),
        }
    )


ROWS = {
    "safety.call": _calls,
    "safety.response": _responses,
    "safety.case": _cases,
    "safety.registered_population": _registered,
    "safety.prevention": _prevention,
}
