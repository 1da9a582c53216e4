"""What goes wrong with the public security bureau's deliveries."""

from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from govlake.sample.edits import (
    BAD_TIME,
    DAY,
    NOWHERE,
    absent,
    added,
    both,
    copied,
    cut_by_excel,
    fixed,
    having,
    mistyped,
    shifted,
    swapped,
)
from govlake.sample.frame import known, moments, seconds
from govlake.sample.plant import Defect, Flaws, Repeats


def _filed_too_early(rows: pa.Table) -> dict[str, pa.Array]:
    return {"filed_at": moments(seconds(rows["reported_at"]) - 7_200)}


def _too_many_households(rows: pa.Table) -> dict[str, pa.Array]:
    return {"households": pc.call_function("add", [rows["present"].combine_chunks(), pa.scalar(1)])}


CALL_FLAWS = Flaws(
    (
        Defect("bad_time", 4e-4, ("called_at.type", "called_date.required"), texts={"called_at": BAD_TIME}),
        Defect("future_call", 8e-4, ("called_before_received",), edit=shifted("called_at", "received_at", DAY)),
        Defect(
            "unknown_class",
            8e-4,
            ("call_class.enum",),
            texts={"call_class": "待定"},
            where=lambda rows: ~known(rows["call_subclass"]),
        ),
        Defect("unknown_street", 8e-4, ("area_code.area_code_unknown",), texts={"area_code": NOWHERE}),
        Defect("no_station", 8e-4, ("station_id.required",), texts={"station_id": ""}),
        Defect("swapped_coordinates", 8e-4, ("lon.place_swapped",), edit=swapped("lon", "lat"), needs=("lon",)),
        Defect("merged_into_itself", 8e-4, ("not_merged_into_itself",), edit=copied("merged_into", "call_id")),
        Defect(
            "fraud_as_dispute",
            2e-3,
            warns=("fraud_is_a_crime",),
            edit=fixed(call_class="dispute"),
            where=having("call_subclass", "telecom_fraud", "other_fraud"),
        ),
    ),
    Repeats(duplicate=2e-3, superseded=1e-3, later=added(received_at=90), empty=2),
)
RESPONSE_FLAWS = Flaws(
    (
        Defect(
            "arrived_before_sent",
            2e-3,
            ("arrived_after_dispatch",),
            edit=shifted("arrived_at", "dispatched_at", -timedelta(minutes=11)),
            needs=("arrived_at",),
        ),
        Defect(
            "ended_too_early",
            2e-3,
            ("finished_after_arrival",),
            edit=shifted("finished_at", "arrived_at", -timedelta(minutes=1)),
            needs=("arrived_at",),
        ),
        Defect("no_officers", 1e-3, ("officers.range",), edit=fixed(officers=0)),
        Defect("unknown_result", 1e-3, ("result.enum",), texts={"result": "9"}),
    ),
    Repeats(duplicate=2e-3, empty=1),
    {"arrived_at.arrival_known": lambda rows: ~known(rows["arrived_at"])},
)
CASE_FLAWS = Flaws(
    (
        Defect(
            "filed_too_early", 0.01, ("filed_after_report",), edit=_filed_too_early, where=having("status", "filed")
        ),
        Defect(
            "cleared_too_early",
            0.01,
            ("cleared_after_filing",),
            edit=shifted("cleared_at", "filed_at", -DAY),
            needs=("cleared_at",),
        ),
        Defect(
            "cleared_without_time",
            0.01,
            ("cleared_has_time",),
            edit=absent("cleared_at"),
            where=having("status", "cleared"),
        ),
        Defect("occurred_backwards", 0.01, ("occurred_in_order",), edit=swapped("occurred_from_at", "occurred_to_at")),
        Defect("wrong_check_digit", 0.01, ("reporter_id_no.resident_id_check",), edit=mistyped("reporter_id_no")),
        Defect("cut_by_excel", 0.01, ("reporter_id_no.resident_id_excel",), edit=cut_by_excel("reporter_id_no")),
        Defect("unknown_cause", 0.01, ("cause.enum",), texts={"cause": "未知"}),
    ),
    Repeats(duplicate=0.02, superseded=0.02, later=both(added(updated_at=60), fixed(cause="other"))),
)
REGISTERED_FLAWS = Flaws(
    (
        Defect("total_is_not_parts", 0.02, ("present_equals_parts",), edit=added(present=1_000)),
        Defect("more_households_than_people", 0.02, ("people_for_households",), edit=_too_many_households),
    ),
    Repeats(empty=1),
)
PREVENTION_FLAWS = Flaws(
    (
        Defect(
            "wrong_unit",
            0.01,
            ("unit_fits_activity",),
            edit=fixed(unit="event"),
            where=having("activity", "patrol"),
        ),
        Defect("negative_quantity", 0.01, ("quantity.range",), edit=fixed(quantity=-5.0)),
    ),
    Repeats(duplicate=0.01),
)
FLAWS = {
    "safety.call": CALL_FLAWS,
    "safety.response": RESPONSE_FLAWS,
    "safety.case": CASE_FLAWS,
    "safety.registered_population": REGISTERED_FLAWS,
    "safety.prevention": PREVENTION_FLAWS,
}
