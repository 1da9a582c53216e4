"""What goes wrong with the transport bureau's deliveries."""

from datetime import timedelta

import numpy as np
import pyarrow as pa

from govlake.sample.edits import NOWHERE, added, fixed, mistyped, shifted, swapped
from govlake.sample.frame import known, seconds
from govlake.sample.plant import Defect, Flaws, Repeats

HOUR = timedelta(hours=1)


def _unobserved(rows: pa.Table) -> np.ndarray:
    return ~known(rows["departed_at"])


def _first_stops(rows: pa.Table) -> np.ndarray:
    return rows["stop_seq"].to_numpy() == 1


def _slow(rows: pa.Table) -> np.ndarray:
    return seconds(rows["received_at"]) > seconds(rows["positioned_at"]) + 120


FLAWS = {
    "transit.route": Flaws(
        (
            Defect("wrong_credit_code", 0.03, ("operator_uscc.credit_code_check",), edit=mistyped("operator_uscc")),
            Defect("zero_length", 0.03, ("length_km.range",), texts={"length_km": "0"}),
            Defect("hours_swapped", 0.03, ("first_before_last",), edit=swapped("first_departure", "last_departure")),
        ),
        Repeats(empty=1),
    ),
    "transit.stop": Flaws(
        (
            Defect("swapped_coordinates", 0.01, ("lon.place_swapped",), edit=swapped("lon", "lat")),
            Defect("far_away", 0.01, ("lon.place_outside",), texts={"lon": "116.397", "lat": "39.908"}),
            Defect("unknown_street", 0.01, ("area_code.area_code_unknown",), texts={"area_code": NOWHERE}),
            Defect("nameless", 0.01, ("stop_name.required",), texts={"stop_name": "-"}),
        ),
        Repeats(duplicate=0.02, empty=1),
    ),
    "transit.route_stop": Flaws(
        (
            Defect("no_place", 0.01, ("stop_seq.required",), texts={"stop_seq": ""}),
            Defect("starts_late", 0.01, ("first_stop_at_zero",), texts={"distance_km": "4.5"}, where=_first_stops),
            Defect("unknown_direction", 0.01, ("direction.enum",), texts={"direction": "环行"}),
        ),
        Repeats(duplicate=0.02),
    ),
    "transit.vehicle": Flaws(
        (
            Defect("no_capacity", 0.02, ("rated_capacity.range",), edit=fixed(rated_capacity=0)),
            Defect("unknown_energy", 0.02, ("energy.enum",), texts={"energy": "氢能"}),
            Defect("bad_date", 0.02, ("in_service_date.type",), texts={"in_service_date": "2019-02-30"}),
        ),
        Repeats(empty=1),
    ),
    "transit.departure": Flaws(
        (
            Defect(
                "hours_off",
                5e-4,
                ("near_its_plan",),
                edit=shifted("departed_at", "planned_at", 5 * HOUR),
                needs=("departed_at",),
            ),
            Defect(
                "other_day",
                5e-4,
                ("planned_on_its_day",),
                edit=added(planned_at=86_400, departed_at=86_400),
                needs=("departed_at",),
            ),
            Defect("unknown_stop", 5e-4, ("stop_id.pattern",), texts={"stop_id": "S?"}),
            Defect("negative_boardings", 5e-4, ("boardings.range",), edit=fixed(boardings=-1)),
        ),
        Repeats(duplicate=1e-3, empty=2),
        {"departed_at.departure_observed": _unobserved},
    ),
    "transit.vehicle_position": Flaws(
        (
            Defect("future", 5e-4, ("not_from_the_future",), edit=shifted("received_at", "positioned_at", -HOUR)),
            Defect("jump", 5e-4, ("lon.place_outside",), texts={"lon": "121.500000", "lat": "31.200000"}),
            Defect("negative_speed", 5e-4, ("speed_kmh.range",), edit=fixed(speed_kmh=-3.0)),
        ),
        Repeats(duplicate=3e-3),
        {"clock_on_time": _slow},
    ),
}
