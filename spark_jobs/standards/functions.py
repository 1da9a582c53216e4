"""The functions that contracts may call in derived columns, written out as SQL that engines know."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from govlake.contracts.functions import FUNCTIONS, calls
from spark_jobs.standards import area, credit_code, resident_id, working_days

SQL: Mapping[str, Callable[..., str]] = {
    "working_days_after": working_days.after,
    "working_days_between": working_days.between,
    "is_working_day": working_days.is_working_day,
    "area_level": area.level,
    "area_province": lambda code: area.within(code, "province"),
    "area_city": lambda code: area.within(code, "city"),
    "area_county": lambda code: area.within(code, "county"),
    "area_township": lambda code: area.within(code, "township"),
    "resident_birth_date": resident_id.birth_date,
    "resident_sex": resident_id.sex,
    "resident_area": resident_id.area,
    "organisation_of": credit_code.organisation_code,
}
NAMED = re.compile(rf"\b({'|'.join(FUNCTIONS)})\s*\(", re.IGNORECASE)


def written_out(expression: str) -> str:
    """The expression with every call of a contract function replaced by its SQL, inner calls first."""
    if not NAMED.search(expression):
        return expression
    parts, end = [], 0
    for call in calls(expression):
        parts += [expression[end : call.start], f"({SQL[call.name](*(f'({written_out(a)})' for a in call.arguments))})"]
        end = call.end
    return "".join([*parts, expression[end:]])
