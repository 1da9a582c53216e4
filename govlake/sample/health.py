"""What the health commission delivers: institutions, hospital days, outpatient months, discharges, diseases."""

from datetime import date, timedelta
from functools import cache

import numpy as np
import pyarrow as pa

from govlake.sample import truths
from govlake.sample.city import DISTRICTS
from govlake.sample.frame import DAY_S, Order, dates, midnight, moments, money, one_date, picked, where
from govlake.sample.identity import credit_codes, resident_ids
from govlake.sample.rhythm import draw, is_workday
from govlake.sample.streets import needing, streets
from govlake.sample.text import digits

WARDS = ("internal", "surgery", "obstetrics", "paediatrics", "emergency", "rehabilitation")
WARD_SHARES = np.array([0.3, 0.26, 0.14, 0.12, 0.08, 0.1])
STAY_D = np.array([8.0, 9.0, 5.0, 6.0, 3.0, 15.0])  # usual days of stay
# Institutions per district: one general hospital, one of another kind, a community centre.
LEVELS = (("tertiary", "general_hospital", 900), ("secondary", "tcm_hospital", 320), ("primary", "community_centre", 0))
KINDS_EN = ("General Hospital", "Hospital of Chinese Medicine", None)  # a community centre has no English name
ROUTES, ROUTE_SHARES = ("outpatient", "emergency", "other_institution", "other"), np.array([0.6, 0.33, 0.05, 0.02])
WAYS, WAY_SHARES = (
    ("doctors_order", "transfer", "to_community", "against_advice", "death"),
    (0.88, 0.04, 0.05, 0.02, 0.01),
)
PAYMENTS = ("urban_employee", "urban_resident", "full_self", "commercial")
DIAGNOSES = (("I10", "I63.9", "E11.9", "J18.9"), ("K35.9", "S72.0", "C34.9"), ("O80.0", "O34.2"), ("J06.9", "A08.0"),
    ("T67.0", "R57.9"), ("I69.3", "M17.9"))  # fmt: skip
OUTSIDE_SHARES = np.array([0.28, 0.2, 0.16, 0.12, 0.18, 0.06])  # of income: drugs, checks, lab, consumables, service
DISEASES = (("influenza", 40), ("hand_foot_mouth", 18), ("hepatitis_b", 9), ("tuberculosis", 5), ("dengue", 0.3))
HEAT_CASES = 1.5, 30.0  # heat illness per district and week, usual and hot


@cache
def institutions() -> dict[str, np.ndarray]:
    """Columns of the institutions: district, level, street, beds."""
    district, level = np.divmod(np.arange(len(DISTRICTS) * len(LEVELS)), len(LEVELS))
    rng = np.random.default_rng(96)
    first = np.array([np.flatnonzero(streets().district == at)[0] for at in range(len(DISTRICTS))])
    people = np.array([streets().residents[streets().district == at].sum() for at in range(len(DISTRICTS))])
    need = np.array([needing(np.ones(len(streets())))[streets().district == at].mean() for at in range(len(DISTRICTS))])
    size = (people / people.mean() * need)[district]
    beds = np.round(np.array([entry[2] for entry in LEVELS])[level] * size * rng.uniform(0.9, 1.1, len(level)), -1)
    return {
        "district": district,
        "level": level,
        "street": first[district] + level,
        "beds": beds.astype(np.int64),
        "visits": np.array([900, 350, 260])[level] * size,
    }


def _codes(at: np.ndarray) -> pa.Array:
    return digits(at + 1, 7, "99")


def _institutions(order: Order) -> pa.Table:
    known = institutions()
    at = np.arange(len(known["level"]))
    kinds = ("综合医院", "中医院", "社区卫生服务中心")
    named = [(DISTRICTS[number], level) for number, level in zip(known["district"], known["level"], strict=True)]
    return pa.table(
        {
            "org_code": _codes(at),
            "org_uscc": credit_codes(at + 50),
            "org_name": [f"样例市{place.zh}{kinds[level]}" for place, level in named],
            "org_name_en": [KINDS_EN[level] and f"{place.en} {KINDS_EN[level]}" for place, level in named],
            "org_level": picked([entry[0] for entry in LEVELS], known["level"]),
            "org_type": picked([entry[1] for entry in LEVELS], known["level"]),
            "area_code": picked(streets().code, known["street"]),
            "beds_authorised": pa.array(np.round(known["beds"] * 0.9).astype(np.int64)),
            "beds_actual": pa.array(known["beds"]),
            "opened_date": dates(4_000 + at * 311),
        }
    )


def _ward_days() -> tuple[np.ndarray, np.ndarray]:
    """Institution and ward of every row of a hospital day: community centres have no beds and two wards."""
    at, ward = np.divmod(np.arange(len(institutions()["level"]) * len(WARDS)), len(WARDS))
    kept = (institutions()["level"][at] < 2) | np.isin(ward, (0, 3))
    return at[kept], ward[kept]


def _occupied(day: date, seed: int) -> np.ndarray:
    """Patients at the end of a day in each ward."""
    at, ward = _ward_days()
    rng = np.random.default_rng([seed, day.toordinal(), 41])
    beds = _beds(at, ward)
    share = 0.82 + 0.06 * (truths.admissions(day) > 1) - 0.05 * (not is_workday(day)) + rng.normal(0, 0.03, len(at))
    return np.round(beds * share).astype(np.int64)


def _beds(at: np.ndarray, ward: np.ndarray) -> np.ndarray:
    return np.round(institutions()["beds"][at] * WARD_SHARES[ward]).astype(np.int64)


def _bed_days(order: Order) -> pa.Table:
    """Admissions follow the heat; discharges are what closes the balance of the day."""
    day = order.day
    at, ward = _ward_days()
    rng = order.rng(42)
    beds = _beds(at, ward)
    before, after = _occupied(day - timedelta(days=1), order.seed), _occupied(day, order.seed)
    usual = beds * 0.82 / STAY_D[ward] * (1.0 if is_workday(day) else 0.7)
    coming = np.maximum(rng.poisson(usual * truths.admissions(day)), after - before)
    moved = rng.poisson(0.4, len(at)) * (beds > 0)
    deaths = np.minimum(rng.poisson(beds * 4e-4), before + coming - after)
    leaving = before + coming - after - deaths
    visits = institutions()["visits"][at] * WARD_SHARES[ward] * (1.0 if is_workday(day) else 0.55)
    emergency = ward == WARDS.index("emergency")
    return pa.table(
        {
            "report_date": one_date(day, len(at)),
            "org_code": _codes(at),
            "ward": picked(WARDS, ward),
            "beds_open": pa.array(beds),
            "occupied_before": pa.array(before),
            "admissions": pa.array(coming),
            "transfers_in": pa.array(moved),
            "discharges": pa.array(leaving),
            "transfers_out": pa.array(moved),
            "deaths": pa.array(deaths),
            "occupied": pa.array(after),
            "discharged_bed_days": pa.array(np.round(leaving * STAY_D[ward]).astype(np.int64)),
            "outpatient_visits": pa.array(np.where(emergency, 0, rng.poisson(visits))),
            "emergency_visits": pa.array(rng.poisson(visits * np.where(emergency, 1.0, 0.04) * truths.admissions(day))),
        }
    )


def _outpatient_months(order: Order) -> pa.Table:
    at, ward = _ward_days()
    rng = order.rng(43)
    visits = rng.poisson(institutions()["visits"][at] * WARD_SHARES[ward] * 26) + 1
    emergency = np.where(ward == WARDS.index("emergency"), visits, visits // 25)
    cents = np.round(visits * rng.uniform(18_000, 32_000, len(at)))
    parts = np.round(np.outer(OUTSIDE_SHARES, cents)).astype(np.int64)
    names = ("drug", "check", "lab", "consumable", "service", "health_check")
    return pa.table(
        {
            "month_end_date": one_date(order.day, len(at)),
            "org_code": _codes(at),
            "ward": picked(WARDS, ward),
            "visits": pa.array(visits),
            "emergency_visits": pa.array(emergency),
            "appointments": pa.array(np.round(visits * rng.uniform(0.4, 0.7, len(at))).astype(np.int64)),
            "income_cny": money(parts.sum(axis=0)),
            **{f"income_{name}_cny": money(part) for name, part in zip(names, parts, strict=True)},
        }
    )


def _discharges(order: Order) -> pa.Table:
    """A tenth of the discharges of the week, record by record: age, stay, diagnosis and cost belong together."""
    rng = order.rng(44)
    own, ward = _ward_days()
    chances = _beds(own, ward) / STAY_D[ward]
    count = round(900 * order.scale)
    pick = draw(rng, chances.astype(float), count)
    at, ward = own[pick], ward[pick]
    left = midnight(order.first) + np.sort(rng.integers(8 * 3600, len(order.days) * DAY_S, count))
    stay = np.maximum(np.round(rng.gamma(2.5, STAY_D[ward] / 2.5)), 0).astype(np.int64)
    came = left - stay * DAY_S - rng.integers(1_800, 7_200, count)
    nights = left // DAY_S - came // DAY_S
    female = np.where(ward == WARDS.index("obstetrics"), True, rng.random(count) < 0.5)
    child = ward == WARDS.index("paediatrics")
    infant = child & (rng.random(count) < 0.25)
    age = np.where(
        child, rng.integers(1, 14, count), np.where(ward == 2, rng.integers(20, 42, count), rng.integers(18, 95, count))
    )
    diagnosis = [DIAGNOSES[kind][number % len(DIAGNOSES[kind])] for kind, number in zip(ward, pick, strict=True)]
    cents = np.round(np.outer([0.3, 0.2, 0.22, 0.2, 0.08], 80_000 + nights * rng.integers(60_000, 160_000, count)))
    names = ("drug", "check", "service", "consumable", "other")
    thirtieths = pa.array([f"{month} {part}/30" for month, part in zip(age % 12, age % 29 + 1, strict=True)])
    return pa.table(
        {
            "org_code": _codes(at),
            "record_no": digits(np.arange(1, count + 1), 6, f"{order.day:%y%m%d}"),
            "admission_times": pa.array(rng.integers(1, 4, count)),
            "patient_id_no": where(~infant, resident_ids(rng.integers(0, 200_000, count))),
            "sex": picked(("male", "female"), female.astype(int)),
            "age_years": where(~infant, pa.array(age)),
            "age_months": where(infant, thirtieths),
            "admitted_at": moments(came),
            "discharged_at": moments(left),
            "admission_route": picked(ROUTES, draw(rng, ROUTE_SHARES, count)),
            "payment": picked(PAYMENTS, rng.integers(0, len(PAYMENTS), count)),
            "discharge_way": picked(WAYS, draw(rng, np.array(WAY_SHARES), count)),
            "main_icd10": diagnosis,
            "stay_days": pa.array(np.maximum(nights, 1)),
            "cost_cny": money(cents.sum(axis=0)),
            **{f"cost_{name}_cny": money(part) for name, part in zip(names, cents, strict=True)},
        }
    )


def _notifiable(order: Order) -> pa.Table:
    """The week, and the week before as it is known now: a tenth more cases were reported late."""
    weeks = [(order.day - timedelta(days=7), 1.1), (order.day, 1.0)]
    return pa.concat_tables([_ill(day, factor, order) for day, factor in weeks]).combine_chunks()


def _ill(day: date, late: float, order: Order) -> pa.Table:
    rng = np.random.default_rng([order.seed, day.toordinal(), 45])
    names = [name for name, _ in DISEASES] + ["heat_illness"]
    district, disease = np.divmod(np.arange(len(DISTRICTS) * len(names)), len(names))
    usual = np.array([*(mean for _, mean in DISEASES), HEAT_CASES[truths.is_hot(day)]])[disease]
    weight = np.array([place.ride for place in DISTRICTS])[district]
    cases = rng.poisson(usual * weight * 1.0)
    return pa.table(
        {
            "week_end_date": one_date(day, len(district)),
            "district_code": picked([place.code for place in DISTRICTS], district),
            "disease": picked(names, disease),
            "cases": pa.array(np.ceil(cases * late).astype(np.int64)),
            "deaths": pa.array((cases > 20) * (rng.random(len(district)) < 0.02).astype(np.int64)),
            "reported_at": moments(np.full(len(district), midnight(order.day) + DAY_S + 9 * 3600)),
        }
    )


def _resources(order: Order) -> pa.Table:
    known = streets()
    people = np.bincount(known.district, known.residents)
    return pa.table(
        {
            "as_of_date": one_date(order.day, len(DISTRICTS)),
            "district_code": [place.code for place in DISTRICTS],
            "physicians": pa.array(np.round(people * 0.0033).astype(np.int64)),
            "nurses": pa.array(np.round(people * 0.0039).astype(np.int64)),
            "beds": pa.array(np.bincount(institutions()["district"], institutions()["beds"]).astype(np.int64)),
            "population_used": pa.array(np.round(people * 1.03).astype(np.int64)),
        }
    )


ROWS = {
    "health.institution": _institutions,
    "health.bed_day": _bed_days,
    "health.outpatient_month": _outpatient_months,
    "health.discharge": _discharges,
    "health.notifiable_week": _notifiable,
    "health.resource_year": _resources,
}
