"""The functions that derived columns may call beside those of SQL: names, arguments, and where they stand.

The SQL that each becomes is in `spark_jobs/standards/`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# Arguments by function. Days are dates of local time.
FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "working_days_after": ("day", "number"),
    "working_days_between": ("first", "last"),
    "is_working_day": ("day",),
    "area_level": ("code",),
    "area_province": ("code",),
    "area_city": ("code",),
    "area_county": ("code",),
    "area_township": ("code",),
    "resident_birth_date": ("number",),
    "resident_sex": ("number",),
    "resident_area": ("number",),
    "organisation_of": ("code",),
}
# Those whose answer is null outside the calendar of working days.
OF_THE_CALENDAR = ("working_days_after", "working_days_between", "is_working_day")
TOKEN = re.compile(
    rf"(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`)"
    rf"|(?<!\w)(?P<name>{'|'.join(FUNCTIONS)})\s*\(|(?P<open>[(\[])|(?P<close>[)\]])|(?P<comma>,)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Call:
    """One call in a text: from `start` to before `end`, with the texts of its arguments."""

    name: str
    start: int
    end: int
    arguments: tuple[str, ...]


def calls(expression: str) -> Iterator[Call]:
    """The outermost calls of contract functions in an expression. A call that is never closed is left out."""
    end = 0
    for found in TOKEN.finditer(expression):
        if found["name"] and found.start() >= end:
            call = _call(expression, found)
            if call:
                end = call.end
                yield call


def all_calls(expression: str) -> Iterator[Call]:
    """Every call, those inside of others too."""
    for call in calls(expression):
        yield call
        for argument in call.arguments:
            yield from all_calls(argument)


def _call(expression: str, found: re.Match[str]) -> Call | None:
    depth, begin, arguments = 1, found.end(), []
    for token in TOKEN.finditer(expression, found.end()):
        depth += bool(token["open"] or token["name"]) - bool(token["close"])
        if depth == 0 or (depth == 1 and token["comma"]):
            arguments.append(expression[begin : token.start()].strip())
            begin = token.end()
        if depth == 0:
            given = tuple(arguments) if any(arguments) else ()
            return Call(found["name"].lower(), found.start(), token.end(), given)
    return None
