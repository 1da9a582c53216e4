"""The code table of administrative divisions: a CSV file beside the contract, one row per version of a code.

Columns: `code`, and as far as known `name`, `valid_from`, `valid_to` (ISO dates, both days included, empty: open)
and `predecessor`, the code that this one replaced. Other columns are for people.
"""

import csv
import re
from datetime import date

from govlake.contracts.model import Area
from govlake.contracts.reading import Reading

# Six digits, or twelve that say more than the first six.
NORMAL = re.compile("[0-9]{6}(?!0{6})([0-9]{6})?")
COLUMNS = ("code", "name", "valid_from", "valid_to", "predecessor")


def read_areas(reading: Reading, where: str, name: str) -> tuple[Area, ...]:
    """The divisions in the file `name`, which lies at the contract or at a path from there."""
    file = reading.file.parent / name
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reading.refuse(where, f"is '{name}', which cannot be read ({error})", "Name a CSV file in UTF-8.")
        return ()
    if not rows or "code" not in rows[0]:
        reading.refuse(where, f"is '{name}', which has no column code", f"Its columns are {', '.join(COLUMNS)}.")
        return ()
    return tuple(_area(reading, f"{where} row {number}", row) for number, row in enumerate(rows, 2))


def _area(reading: Reading, where: str, row: dict[str, str | None]) -> Area:
    code, name, first, last, predecessor = ((row.get(column) or "").strip() for column in COLUMNS)
    for value in (code, *([predecessor] if predecessor else [])):
        if not NORMAL.fullmatch(value):
            remedy = "Write 6 digits down to the county (990101) and 12 below it (990101001000)."
            reading.refuse(where, f"has the code '{value}'", remedy)
    for day in (first, last):
        if day and not _is_day(day):
            reading.refuse(where, f"has the day '{day}'", "Write it as 2024-01-31.")
            return Area(code, name)
    if first and last and first > last:
        reading.refuse(where, f"is valid from {first} to {last}", "Swap the two days.")
    return Area(code, name, first or Area.valid_from, last or Area.valid_to, predecessor)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
