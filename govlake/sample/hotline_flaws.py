"""What goes wrong with the hotline's deliveries."""

from datetime import timedelta

import numpy as np
import pyarrow as pa

from govlake.sample.edits import (
    BAD_TIME,
    DAY,
    NOWHERE,
    absent,
    added,
    both,
    copied,
    fixed,
    having,
    shifted,
)
from govlake.sample.frame import known
from govlake.sample.plant import Defect, Edit, Flaws, Repeats

HOUR = timedelta(hours=1)


def _unanswered(rows: pa.Table) -> np.ndarray:
    return ~rows["is_answered"].to_numpy()


def _unreached(rows: pa.Table) -> np.ndarray:
    return ~rows["is_reached"].to_numpy()


def _uncontacted(rows: pa.Table) -> np.ndarray:
    return ~known(rows["contacted_at"])


REOPENED: Edit = both(absent("due_at"), absent("closed_at"), fixed(status="open"))
FLAWS = {
    "hotline.ticket": Flaws(
        (
            Defect(
                "closed_before_opened",
                4e-3,
                ("closed_after_opened",),
                edit=shifted("closed_at", "opened_at", -5 * HOUR),
                needs=("closed_at",),
            ),
            Defect("unknown_district", 5e-3, ("district_code.enum",), texts={"district_code": "990199"}),
            Defect("bad_time", 3e-3, ("opened_at.type",), texts={"opened_at": "2026年13月45日"}),
            Defect("missing_text", 4e-3, ("text.required",), texts={"text": ""}),
            Defect("unknown_topic", 3e-3, ("topic.enum",), texts={"topic": "待分类"}),
            Defect(
                "future_open",
                2e-3,
                ("opened_before_update",),
                edit=both(shifted("opened_at", "updated_at", 2 * DAY), REOPENED),
            ),
        ),
        Repeats(duplicate=6e-3, superseded=5e-3, later=both(added(updated_at=60), fixed(topic="sanitation")), empty=6),
    ),
    "hotline.contact": Flaws(
        (
            Defect(
                "bad_time", 2e-3, ("contacted_at.type", "contacted_date.required"), texts={"contacted_at": BAD_TIME}
            ),
            Defect("talked_to_nobody", 3e-3, ("talked_if_answered",), edit=fixed(talk_s=60), where=_unanswered),
            Defect("negative_queue", 3e-3, ("queue_s.range",), edit=fixed(queue_s=-4)),
            Defect("unknown_channel", 3e-3, ("channel.enum",), texts={"channel": "传真"}),
            Defect("unknown_street", 3e-3, ("area_code.area_code_unknown",), texts={"area_code": NOWHERE}),
        ),
        Repeats(duplicate=5e-3, empty=2),
    ),
    "hotline.dispatch": Flaws(
        (
            Defect(
                "signed_too_early",
                2e-3,
                ("signed_after_dispatch",),
                edit=shifted("signed_at", "dispatched_at", -HOUR),
                needs=("signed_at",),
            ),
            Defect("no_reason", 2e-3, ("return_has_reason",), texts={"return_reason": ""}, needs=("returned_at",)),
            Defect("unknown_office", 2e-3, ("org_code.pattern",), texts={"org_code": "街道办"}),
        ),
        Repeats(duplicate=4e-3, empty=1),
    ),
    "hotline.handling": Flaws(
        (
            Defect(
                "closed_before_contact",
                2e-3,
                ("closed_after_contact",),
                edit=shifted("closed_at", "contacted_at", -HOUR),
                needs=("contacted_at",),
            ),
            Defect(
                "nobody_approved",
                2e-3,
                ("extension_approved",),
                edit=both(fixed(extension_days=5), absent("extension_approver")),
            ),
            Defect("unknown_ending", 2e-3, ("close_kind.enum",), texts={"close_kind": "转办"}),
        ),
        Repeats(duplicate=4e-3),
        {"contacted_before_closing": _uncontacted},
    ),
    "hotline.callback": Flaws(
        (
            Defect(
                "answer_of_nobody", 4e-3, ("answer_from_reached",), edit=fixed(rating="satisfied"), where=_unreached
            ),
            Defect("unknown_rating", 4e-3, ("rating.enum",), texts={"rating": "一般"}, needs=("rating",)),
        ),
        Repeats(duplicate=4e-3),
    ),
    "hotline.exclusion": Flaws(
        (
            Defect(
                "approved_too_early", 0.02, ("approved_after_asked",), edit=shifted("approved_at", "applied_at", -DAY)
            ),
            Defect("approved_by_itself", 0.02, ("approved_by_another",), edit=copied("approved_by", "applied_by")),
        ),
        Repeats(duplicate=0.02, empty=1),
    ),
    "hotline.consultation": Flaws(
        (
            Defect(
                "unknown_stance", 0.01, ("stance.enum",), texts={"stance": "赞成"}, where=having("stance", "support")
            ),
            Defect("nobody", 0.01, ("respondent_id.required",), texts={"respondent_id": ""}),
        ),
        Repeats(duplicate=0.03),
    ),
}
