"""The truths planted in the city are in its rows, and what is planted as no effect is none."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from govlake.sample import city, truths
from govlake.sample.catalogue import rows
from govlake.sample.rhythm import is_bad_day
from govlake.sample.streets import SILENT_STREET, streets

START = date(2026, 5, 3)  # a Sunday


def days(first: date, count: int, step: int = 1) -> list[date]:
    return [first + timedelta(days=step * number) for number in range(count)]


def all_rows(dataset: str, on: Sequence[date]) -> pa.Table:
    """The clean rows of several deliveries."""
    return pa.concat_tables(
        [rows(dataset, day).append_column("day", pa.array([day] * len(rows(dataset, day)))) for day in on]
    )


def ask(question: str, **tables: pa.Table) -> list[tuple[Any, ...]]:
    """Rows of a question over tables."""
    with duckdb.connect() as base:
        for name, table in tables.items():
            base.register(name, table)
        return base.execute(question).fetchall()


def one(question: str, **tables: pa.Table) -> Any:
    return ask(question, **tables)[0][0]


def test_departures_are_late_on_bad_days_in_the_troubled_district() -> None:
    weeks = days(START, 6, 7)
    table = all_rows("transit.departure", weeks)
    stops = rows("transit.stop", date(2026, 4, 30))
    bad = pa.table({"bad": [day for week in weeks for day in days(week - timedelta(6), 7) if is_bad_day(day)]})
    delays = dict(
        ask(
            f"""SELECT (left(area_code, 6) = '{city.TROUBLED}' AND service_date IN (SELECT bad FROM bad)) AS troubled,
            avg(epoch(departed_at) - epoch(planned_at)) FROM departures JOIN stops USING (stop_id) GROUP BY troubled""",
            departures=table,
            stops=stops,
            bad=bad,
        )
    )
    assert delays[True] > delays[False] + 300
    assert 0.04 < one("SELECT avg((departed_at IS NULL)::int) FROM d", d=table) < 0.08


def test_heat_fills_beds_and_leaves_fraud_alone() -> None:
    on = days(START, 84)
    hot = pa.table({"day": on, "hot": [truths.is_hot(day) for day in on]})
    assert 20 < sum(truths.is_hot(day) for day in on) < 64
    beds = all_rows("health.bed_day", on)
    per_day = "SELECT {what} FROM (SELECT day, {sum} AS n FROM t GROUP BY day) JOIN hot USING (day)"
    ratio = "avg(n) FILTER (hot) / avg(n) FILTER (NOT hot)"
    assert 1.2 < one(per_day.format(what=ratio, sum="sum(admissions)"), t=beds, hot=hot) < 1.5
    assert 1.2 < one(per_day.format(what=ratio, sum="sum(emergency_visits)"), t=beds, hot=hot) < 1.5
    fraud = "count(*) FILTER (call_subclass IN ('telecom_fraud', 'other_fraud'))"
    assert 0.9 < one(per_day.format(what=ratio, sum=fraud), t=all_rows("safety.call", on), hot=hot) < 1.1
    weeks = days(START, 12, 7)
    ill = all_rows("health.notifiable_week", weeks)
    hot_weeks = pa.table({"day": weeks, "hot": [truths.is_hot(day) for day in weeks]})
    heat = "sum(cases) FILTER (disease = 'heat_illness' AND week_end_date = day)"
    assert one(per_day.format(what=ratio, sum=heat), t=ill, hot=hot_weeks) > 5
    weather = pa.concat_tables([rows("city.weather", week + timedelta(7)) for week in weeks])
    warm = one("SELECT corr(temp_max_c, hot::int) FROM w JOIN hot ON weather_date = day", w=weather, hot=hot)
    assert warm > 0.3


def test_lifts_are_wanted_where_houses_are_old_and_people_too() -> None:
    segment = pa.table({"area_code": list(streets().code), "own": streets().in_segment})
    assert 5 <= int(streets().in_segment.sum()) <= 30
    factors = {}
    for name, first in (("before", date(2026, 1, 5)), ("after", date(2026, 3, 2))):
        factors[name] = dict(
            ask(
                """SELECT own, count(*) FROM a JOIN segment USING (area_code) JOIN items USING (task_code)
                WHERE item_name LIKE '%加装电梯%' AND applied_at::date = day GROUP BY own""",
                a=all_rows("services.application", days(first, 28)),
                segment=segment,
                items=rows("services.item", date(2026, 3, 31)),
            )
        )
    assert factors["after"][True] > 3 * factors["before"][True]
    assert 0.7 < factors["after"][False] / factors["before"][False] < 1.4


def test_the_reform_shortens_handling_and_longer_hours_do_not() -> None:
    def hours(first: date) -> dict[str, float]:
        table = all_rows("services.application", days(first, 21))
        question = """SELECT left(area_code, 6), median(epoch(finished_at) - epoch(accepted_at)) / 3600 FROM a
            WHERE finished_at IS NOT NULL AND project_type = 'promised' GROUP BY 1"""
        return dict(ask(question, a=table))

    before, after = hours(date(2025, 6, 2)), hours(date(2025, 12, 22))
    codes = [place.code for place in city.DISTRICTS]
    reformed, hours_only = codes[:3], codes[5:]
    assert all(after[code] < 0.85 * before[code] for code in reformed)
    assert 0.88 < sum(after[code] for code in hours_only) / sum(before[code] for code in hours_only) < 1.15


def test_two_places_are_silent_and_in_need() -> None:
    on = days(START, 14)
    people = pa.table({"area_code": list(streets().code), "residents": streets().residents})
    rate = f"""SELECT area_code = '{SILENT_STREET}' OR left(area_code, 6) = '{city.SILENT}' AS silent,
        count(*) * 1000.0 / any_value(total) FROM t JOIN (SELECT *, sum(residents) OVER (PARTITION BY
        area_code = '{SILENT_STREET}' OR left(area_code, 6) = '{city.SILENT}') AS total FROM people)
        USING (area_code) GROUP BY silent"""
    heard = dict(ask(rate, t=all_rows("hotline.contact", on), people=people))
    needed = dict(ask(rate, t=all_rows("safety.call", on), people=people))
    assert heard[True] < 0.4 * heard[False]
    assert needed[True] / heard[True] > 3 * needed[False] / heard[False]


def test_one_department_calls_solved_what_citizens_call_unsolved() -> None:
    weeks = days(START, 4, 7)
    said = dict(
        ask(
            "SELECT org_code, avg((close_kind = 'solved')::int) FROM t GROUP BY org_code",
            t=all_rows("hotline.handling", weeks),
        )
    )
    heard = dict(
        ask(
            "SELECT org_code, avg((resolution = 'solved')::int) FROM t WHERE is_reached GROUP BY org_code",
            t=all_rows("hotline.callback", weeks),
        )
    )
    gaps = {code: said[code] - heard[code] for code in said}
    assert max(gaps, key=lambda code: gaps[code]) == truths.INFLATER
    assert gaps[truths.INFLATER] > 0.3
    assert all(gap < 0.2 for code, gap in gaps.items() if code != truths.INFLATER)


def test_one_clock_drifts_and_no_other() -> None:
    table = rows("transit.vehicle_position", date(2026, 5, 31))
    slow = ask(
        """SELECT vehicle_id FROM t GROUP BY vehicle_id
        HAVING median(epoch(received_at) - epoch(positioned_at)) > 60""",
        t=table,
    )
    assert slow == [(truths.SLOW_CLOCK,)]


def test_the_police_count_more_people_than_the_statistics_bureau() -> None:
    factor = one(
        "SELECT sum(present) / sum(residents) FROM p JOIN s USING (area_code)",
        p=rows("safety.registered_population", date(2026, 6, 30)),
        s=rows("city.population", date(2026, 6, 30)),
    )
    assert 1.05 < factor < 1.07
