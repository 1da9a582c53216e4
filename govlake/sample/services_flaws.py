"""What goes wrong with the government services bureau's deliveries."""

from datetime import timedelta

import numpy as np
import pyarrow as pa

from govlake.sample.edits import (
    BAD_TIME,
    DAY,
    absent,
    added,
    both,
    cut_by_excel,
    fixed,
    having,
    mistyped,
    shifted,
)
from govlake.sample.frame import is_in, known
from govlake.sample.plant import Defect, Flaws, Repeats

HOUR = timedelta(hours=1)
ABOLISHED = "990101011000"  # a street that ended on 2025-06-30
CODE = "applicant_id_no"


def _asked_though_shared(rows: pa.Table) -> np.ndarray:
    return is_in(rows["source"], "applicant") & known(rows["shareable_from"])


def _by_default(rows: pa.Table) -> np.ndarray:
    return ~rows["is_voluntary"].to_numpy() & (rows["score"].to_numpy() == 5)


FLAWS = {
    "services.item": Flaws(
        (
            Defect("promise_too_long", 0.05, ("promise_within_statute",), edit=fixed(promised_days=90)),
            Defect("no_name", 0.05, ("item_name.required",), texts={"item_name": "无"}),
        ),
    ),
    "services.material": Flaws(
        (Defect("unknown_source", 0.02, ("source.enum",), texts={"source": "网络"}, where=having("source", "shared")),),
        Repeats(duplicate=0.03, empty=1),
        {"not_asked_twice": _asked_though_shared},
    ),
    "services.application": Flaws(
        (
            Defect("bad_time", 2e-3, ("applied_at.type", "applied_date.required"), texts={"applied_at": BAD_TIME}),
            Defect(
                "finished_too_early",
                4e-3,
                ("finished_after_accepted",),
                edit=shifted("finished_at", "accepted_at", -timedelta(minutes=7)),
                needs=("finished_at",),
            ),
            Defect(
                "backdated",
                4e-3,
                ("accepted_after_applied",),
                edit=shifted("accepted_at", "applied_at", -HOUR),
                needs=("accepted_at",),
            ),
            Defect(
                "switched_kind",
                4e-3,
                ("kind_kept",),
                edit=fixed(project_type="promised"),
                where=having("accepted_as", "on_the_spot"),
            ),
            Defect("no_result", 4e-3, ("finished_has_result",), edit=absent("result"), needs=("finished_at",)),
            Defect("wrong_check_digit", 4e-3, (f"{CODE}.resident_id_check",), edit=mistyped(CODE), needs=(CODE,)),
            Defect("cut_by_excel", 4e-3, (f"{CODE}.resident_id_excel",), edit=cut_by_excel(CODE), needs=(CODE,)),
            Defect(
                "wrong_credit_code",
                2e-3,
                ("applicant_uscc.credit_code_check",),
                edit=mistyped("applicant_uscc"),
                needs=("applicant_uscc",),
            ),
            Defect("nobody", 2e-3, ("one_applicant",), edit=both(absent(CODE), absent("applicant_uscc"))),
            Defect("abolished_street", 2e-3, ("area_code.area_code_abolished",), edit=fixed(area_code=ABOLISHED)),
            Defect("future", 2e-3, ("applied_before_update",), edit=shifted("updated_at", "applied_at", -DAY)),
        ),
        Repeats(duplicate=4e-3, superseded=4e-3, later=both(added(updated_at=60), added(supplements=1)), empty=2),
    ),
    "services.application_step": Flaws(
        (
            Defect("negative_duration", 5e-4, ("ended_after_start",), edit=shifted("ended_at", "started_at", -HOUR)),
            Defect("unknown_step", 5e-4, ("step.enum",), texts={"step": "流转"}),
            Defect("no_number", 5e-4, ("step_seq.type",), texts={"step_seq": "第一"}),
        ),
        Repeats(duplicate=1e-3, empty=1),
    ),
    "services.rating": Flaws(
        (
            Defect("rated_too_early", 3e-3, ("rated_after_finish",), edit=shifted("rated_at", "finished_at", -DAY)),
            Defect("sixth_grade", 3e-3, ("score.range",), edit=fixed(score=6)),
            Defect("no_channel", 3e-3, ("channel.required",), texts={"channel": ""}),
        ),
        Repeats(duplicate=5e-3, empty=1),
        {"rated_by_somebody": _by_default},
    ),
    "services.licence": Flaws(
        (
            Defect(
                "expired_before_issue",
                3e-3,
                ("expires_after_issue",),
                texts={"expires_date": "2001-01-01"},
                needs=("expires_date",),
            ),
            Defect(
                "wrong_check_digit",
                3e-3,
                ("holder_id_no.resident_id_check",),
                edit=mistyped("holder_id_no"),
                needs=("holder_id_no",),
            ),
            Defect("unknown_issuer", 3e-3, ("issuer_code.pattern",), texts={"issuer_code": "旧系统"}),
        ),
        Repeats(duplicate=5e-3),
    ),
}
