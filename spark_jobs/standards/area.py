"""Administrative divisions (行政区划代码): six digits of GB/T 2260, nine of GB/T 10114, twelve of statistics.

2 digits of the province, 2 of the city, 2 of the county, 3 of the township, 3 of the village; zeros where a part
does not apply. Whether a code exists, and on which day, only a code table says; codes are abolished and replaced
every year.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from govlake.contracts.model import Area
from govlake.contracts.standards import LEVELS
from spark_jobs.standards.resident_id import REGIONS
from spark_jobs.standards.text import bind, quote
from spark_jobs.standards.text import code as plain

DIGITS = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}


def code(text: str) -> str:
    """The code in its normal form: 6 digits down to the county, 12 below. A number's `.0` is taken away.

    990101000000 and 990101000 are 990101; the township 990101001 is 990101001000.
    """
    digits = f"regexp_replace({plain(text)}, '[.]0+$', '')"
    nine = "digits RLIKE '^[0-9]{9}$'"
    long = bind(digits, "digits", f"CASE WHEN {nine} THEN concat(digits, '000') ELSE digits END")
    return f"regexp_replace({long}, '^([0-9]{{6}})000000$', '$1')"


def level(number: str) -> str:
    """province, city, county, township or village, by a code in its normal form; null where it is no code."""
    return (
        f"CASE WHEN {number} RLIKE '^[0-9]{{2}}0000$' THEN 'province' WHEN {number} RLIKE '^[0-9]{{4}}00$' THEN 'city' "
        f"WHEN {number} RLIKE '^[0-9]{{6}}$' THEN 'county' WHEN {number} RLIKE '^[0-9]{{9}}000$' THEN 'township' "
        f"WHEN {number} RLIKE '^[0-9]{{12}}$' THEN 'village' END"
    )


def within(number: str, above: str) -> str:
    """The code of the division of level `above` in which a code lies; null where it is itself of a higher level."""
    digits = DIGITS[above]
    deep = ", ".join(f"'{name}'" for name in LEVELS if DIGITS[name] >= digits)
    width = 6 if digits <= 6 else 12
    return f"CASE WHEN {level(number)} IN ({deep}) THEN rpad(substr({number}, 1, {digits}), {width}, '0') END"


def fault(number: str, levels: Sequence[str] = (), table: Sequence[Area] = ()) -> str:
    """The first thing that is wrong with a code in its normal form; null where nothing is.

    `form`: no code of a division; `level`: not of the agreed `levels`; `unknown`: on no day in the `table`.
    """
    regions = ", ".join(f"'{region}'" for region in REGIONS)
    form = f"{number} RLIKE '^[0-9]{{6}}([0-9]{{6}})?$' AND substr({number}, 1, 2) IN ({regions})"
    cases = f"WHEN {number} IS NULL THEN NULL WHEN NOT ({form}) THEN 'form' "
    if levels:
        cases += f"WHEN {level(number)} NOT IN ({', '.join(quote(name) for name in levels)}) THEN 'level' "
    if table:
        cases += f"WHEN {number} NOT IN ({_codes(table)}) THEN 'unknown' "
    return f"CASE {cases}END"


def abolished(number: str, table: Sequence[Area], day: str) -> str:
    """The fault `abolished` where a code is in the `table`, but was not valid on `day`, SQL of a date."""
    valid = [
        f"({day} >= DATE '{first}' AND {day} <= DATE '{last}' AND {number} IN ({_codes(list(areas))}))"
        for (first, last), areas in groupby(sorted(table, key=_span), key=_span)
    ]
    known = f"{number} IN ({_codes(table)})"
    return f"CASE WHEN {day} IS NOT NULL AND {known} AND NOT ({' OR '.join(valid)}) THEN 'abolished' END"


def _span(area: Area) -> tuple[str, str]:
    return area.valid_from, area.valid_to


def _codes(areas: Sequence[Area]) -> str:
    return ", ".join(quote(code) for code in sorted({area.code for area in areas}))


def successor(number: str, table: Sequence[Area]) -> str:
    """The code that took an abolished one's place; itself where it is valid still or was divided among several."""
    following: dict[str, list[str]] = {}
    for area in table:
        if area.predecessor:
            following.setdefault(area.predecessor, []).append(area.code)
    current = {area.code for area in table if area.valid_to == Area.OPEN}

    def newest(code: str) -> str:
        seen = {code}
        while code not in current and len(following.get(code, [])) == 1 and following[code][0] not in seen:
            code = following[code][0]
            seen.add(code)
        return code

    moved = {code: newest(code) for code in following if newest(code) != code}
    cases = " ".join(f"WHEN {quote(old)} THEN {quote(new)}" for old, new in sorted(moved.items()))
    return f"CASE {number} {cases} ELSE {number} END" if cases else number
