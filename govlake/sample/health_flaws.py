"""What goes wrong with the health commission's deliveries."""

from datetime import timedelta

import numpy as np
import pyarrow as pa

from govlake.sample.edits import NOWHERE, added, cut_by_excel, divided, fixed, having, mistyped, shifted
from govlake.sample.frame import money
from govlake.sample.plant import Defect, Flaws, Repeats

PARTS = tuple(f"income_{name}_cny" for name in ("drug", "check", "lab", "consumable", "service", "health_check"))
PATIENT = "patient_id_no"


def _with_patients(rows: pa.Table) -> np.ndarray:
    return rows["occupied"].to_numpy() > 0


def _in_ten_thousands(rows: pa.Table) -> dict[str, pa.Array]:
    """All amounts ten thousand times too small, and still the sum of their parts."""
    parts = dict(divided(10_000, *PARTS)(rows))
    cents = [part.cast(pa.float64()).to_numpy() * 100 for part in parts.values()]
    return parts | {"income_cny": money(np.round(np.sum(cents, axis=0)))}


def _too_many_appointments(rows: pa.Table) -> dict[str, pa.Array]:
    return {"appointments": pa.array(rows["visits"].to_numpy() + 1)}


FLAWS = {
    "health.institution": Flaws(
        (
            Defect("wrong_organisation_code", 0.04, ("org_uscc.credit_code_form",), texts={"org_uscc": "12345678-9"}),
            Defect("unknown_street", 0.04, ("area_code.area_code_unknown",), texts={"area_code": NOWHERE}),
        ),
        Repeats(empty=1),
    ),
    "health.bed_day": Flaws(
        (
            Defect("balance_broken", 0.02, ("balance_closes",), edit=added(admissions=3)),
            Defect(
                "no_open_bed",
                0.01,
                ("beds_for_patients",),
                warns=("within_extra_beds",),
                edit=fixed(beds_open=0),
                where=_with_patients,
            ),
            Defect(
                "negative_discharges",
                0.01,
                ("discharges.range", "balance_closes"),
                edit=fixed(discharges=-1),
                where=_with_patients,
            ),
            Defect("unknown_ward", 0.01, ("ward.enum",), texts={"ward": "综合科"}),
        ),
        Repeats(duplicate=0.02),
    ),
    "health.outpatient_month": Flaws(
        (
            Defect("in_ten_thousands", 0.02, ("income_is_in_yuan",), edit=_in_ten_thousands),
            Defect("total_is_not_parts", 0.02, ("total_equals_parts",), texts={"income_cny": "99999999.00"}),
            Defect("more_appointments", 0.02, ("appointments_within_visits",), edit=_too_many_appointments),
        ),
        Repeats(empty=1),
    ),
    "health.discharge": Flaws(
        (
            Defect(
                "left_before_coming",
                3e-3,
                ("discharged_after_admission",),
                edit=shifted("admitted_at", "discharged_at", timedelta(hours=3)),
            ),
            Defect("wrong_stay", 3e-3, ("stay_equals_dates",), edit=added(stay_days=5)),
            Defect("cost_is_not_parts", 3e-3, ("total_equals_parts",), texts={"cost_cny": "1.00"}),
            Defect(
                "pregnant_man",
                3e-3,
                ("sex_fits_diagnosis",),
                texts={"main_icd10": "O80.0"},
                where=having("sex", "male"),
            ),
            Defect(
                "wrong_check_digit", 3e-3, (f"{PATIENT}.resident_id_check",), edit=mistyped(PATIENT), needs=(PATIENT,)
            ),
            Defect(
                "cut_by_excel", 3e-3, (f"{PATIENT}.resident_id_excel",), edit=cut_by_excel(PATIENT), needs=(PATIENT,)
            ),
            Defect("old_diagnosis_code", 3e-3, ("main_icd10.pattern",), texts={"main_icd10": "4019"}),
        ),
        Repeats(duplicate=5e-3, empty=2),
    ),
    "health.notifiable_week": Flaws(
        (
            Defect("more_deaths_than_cases", 0.02, ("deaths_within_cases",), edit=fixed(cases=0, deaths=2)),
            Defect("unknown_disease", 0.02, ("disease.enum",), texts={"disease": "不明原因肺炎"}),
        ),
        Repeats(duplicate=0.02),
    ),
    "health.resource_year": Flaws(),
}
