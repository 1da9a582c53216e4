"""Checks of standards: that a column can conform to the one it names, and how contract functions are called."""

from datetime import date

from govlake.contracts.functions import FUNCTIONS, OF_THE_CALENDAR, all_calls, calls
from govlake.contracts.model import Column, Table
from govlake.contracts.reading import Reading

AREA_PROPERTIES = ("levels", "areas", "valid_on", "replace_abolished")
NAMES = {"areas": "codeTable", "valid_on": "validOn", "replace_abolished": "abolished"}


def check_standard(reading: Reading, where: str, table: Table, column: Column) -> None:
    """Report what keeps a column from conforming to its standard, and options that have no effect."""
    if column.standard:
        _check_column(reading, where, column)
    if column.standard != "area_code":
        for name in AREA_PROPERTIES:
            if getattr(column, name):
                remedy = "Set standard: area_code, or take it away."
                reading.refuse(f"{where}.{NAMES.get(name, name)}", "is about area codes", remedy)
    else:
        _check_area(reading, where, table, column)
    if column.fold_width and column.type != "string":
        remedy = "Take it away: numbers, dates and times are always read in full width too."
        reading.doubt(f"{where}.fullwidth", f"has no meaning for a {column.type}", remedy)
    for value in column.sentinels:
        if not _fits(value, column.type):
            remedy = "Days are written as 1900-01-01, numbers in digits; for other texts use nullValues."
            reading.refuse(f"{where}.sentinels", f"has '{value}', which is no {column.type}", remedy)


def _check_column(reading: Reading, where: str, column: Column) -> None:
    if column.type != "string":
        remedy = "Use logicalType: string: codes lose leading zeros and digits as numbers."
        reading.refuse(f"{where}.standard", f"is {column.standard}, but the type is {column.type}", remedy)
    if column.expression:
        remedy = "Set it for the delivered column that it is made of."
        reading.refuse(f"{where}.standard", "is set for a derived column", remedy)
    if column.standard == "resident_id" and not column.pseudonymise:
        remedy = "Set pseudonymise: true; it is judged before it is hashed."
        reading.doubt(f"{where}.standard", "is resident_id, and the number would be readable in silver", remedy)
    if column.standard == "area_code" and column.pseudonymise:
        remedy = "Take pseudonymise away: a division is no person."
        reading.refuse(f"{where}.pseudonymise", "is set for an area code", remedy)


def _check_area(reading: Reading, where: str, table: Table, column: Column) -> None:
    if column.valid_on:
        day = next((other for other in table.columns if other.name == column.valid_on), None)
        if day is None or day.type != "date":
            remedy = "Name a column with logicalType: date; of a time, derive its local day first."
            reading.refuse(f"{where}.validOn", f"is '{column.valid_on}', which is no date here", remedy)
    if (column.valid_on or column.replace_abolished) and not column.areas:
        reading.refuse(f"{where}.codeTable", "is missing", "Name the code table that says when a code is valid.")


def _fits(value: str, kind: str) -> bool:
    try:
        if kind in ("date", "timestamp"):
            return date.fromisoformat(value).isoformat() == value
        return kind == "string" or (kind in ("integer", "number") and float(value) == float(value))
    except ValueError:
        return False


def check_calls(reading: Reading, where: str, expression: str) -> None:
    """Contract functions are called with their arguments, and those of the calendar stand by themselves."""
    outer = list(calls(expression))
    whole = len(outer) == 1 and expression.strip() == expression[outer[0].start : outer[0].end]
    for call in all_calls(expression):
        wanted = FUNCTIONS[call.name]
        if len(call.arguments) != len(wanted) or not all(call.arguments):
            remedy = f"Write {call.name}({', '.join(wanted)})."
            reading.refuse(where, f"calls {call.name} with {len(call.arguments)} arguments", remedy)
        if call.name in OF_THE_CALENDAR and not (whole and call == outer[0]):
            remedy = "Give it a derived column of its own, and use that column here."
            reading.refuse(where, f"holds more than the call of {call.name}", remedy)
