"""Checks of columns: types and forms, codes and code tables, personal data, derived columns."""

import re

from govlake.contracts import formats, personal, sql
from govlake.contracts.checks.standards import check_calls, check_standard
from govlake.contracts.draft import words
from govlake.contracts.model import Column, Rule, Table
from govlake.contracts.reading import Reading

LETTERS = set("yuMdHhmsSaEXxzZ")
# Words that the engine or YAML takes for something else than a column's name.
RESERVED = {"not", "true", "false", "null", "table", "current_date", "current_timestamp", "current_time"}
RESERVED |= {"no", "yes", "on", "off"}
# Where a row came from, which expressions may use too: a date may stand in the file's name alone.
ORIGIN = ("_source_file", "_row_number")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def check_columns(reading: Reading, table: Table) -> None:
    """Every column of the table; derived ones may use the columns listed before them."""
    known = [*(column.name for column in table.delivered_columns), *ORIGIN]
    for column in table.columns:
        where = f"schema.{table.name}.{column.name}"
        _check_word(reading, where, column)
        _check_formats(reading, where, column)
        _check_codes(reading, where, column, _enum(table, column))
        _check_person(reading, where, table, column)
        check_standard(reading, where, table, column)
        if column.expression:
            _check_derived(reading, where, column, known)
            known.append(column.name)
        if column.decimals is not None and column.type != "number":
            reading.doubt(f"{where}.decimals", f"has no meaning for a {column.type}", "Use logicalType: number.")


def _check_word(reading: Reading, where: str, column: Column) -> None:
    remedy = f"Call it for example {column.name}_value; the delivered header stays its physicalName."
    if column.name in RESERVED:
        reading.refuse(f"{where}.name", "is a word of SQL or YAML and cannot name a column", remedy)
    elif words.AWKWARD.fullmatch(column.name):
        reading.doubt(f"{where}.name", "is a word of SQL that every query would have to quote", remedy)


def _check_formats(reading: Reading, where: str, column: Column) -> None:
    for pattern in column.formats:
        fault = format_fault(pattern, column.type)
        if fault:
            reading.refuse(f"{where}.formats", f"has '{pattern}', {fault[0]}", fault[1])


def format_fault(pattern: str, kind: str) -> tuple[str, str] | None:
    """What is wrong with a date or time pattern for a column of `kind`, and the remedy."""
    if kind == "time" and pattern not in formats.TIMES:
        return "but a time of day is read as hours:minutes:seconds", "Use hms_seconds or clock12, or leave formats out."
    if pattern in formats.NAMED:
        known = formats.TIMES if kind == "time" else formats.MOMENTS
        return None if pattern in known else (f"which is not for a {kind}", f"Use one of {', '.join(known)}.")
    plain = re.sub(r"'[^']*'", "", pattern)
    letters = {letter for letter in plain if letter.isascii() and letter.isalpha()}
    hour = letters & {"H", "h"}
    cases = (
        ("Y" in letters or "D" in letters, "with Y or D (week year, day of year)", "Write yyyy-MM-dd."),
        (bool(letters - LETTERS), f"with the letter {''.join(sorted(letters - LETTERS))}", "Quote plain text: 'T'."),
        ("M" not in letters, "which has no month (mm is minutes)", "Write MM for the month."),
        ("y" not in letters, "which has no year", "Write for example yyyy-MM-dd."),
        ("d" not in letters and kind == "timestamp", "which has no day", "Write for example yyyy-MM-dd HH:mm:ss."),
        (bool(letters & {"m", "s"}) and not hour, "with minutes but no hour", "Write HH:mm; MM is the month."),
        (("h" in letters) != ("a" in letters), "where h and a do not stand together", "Write h:mm:ss a, or H:mm:ss."),
    )
    return next(((problem, remedy) for applies, problem, remedy in cases if applies), None)


def _enum(table: Table, column: Column) -> list[str]:
    rule = next((rule for rule in table.rules if rule.id == f"{column.name}.enum"), None)
    return [str(value) for value in _values(rule)]


def _values(rule: Rule | None) -> list[object]:
    values = rule.arguments.get("values") if rule else None
    return values if isinstance(values, list) else []


def _check_codes(reading: Reading, where: str, column: Column, enum: list[str]) -> None:
    if column.type in ("integer", "number"):
        for value in [*enum, *column.codes.values()]:
            if not NUMBER.fullmatch(value):
                remedy = "Use logicalType: string, or a number."
                reading.refuse(where, f"is a {column.type}, but '{value}' of its code table is not", remedy)
    for old, new in column.codes.items():
        if enum and new not in enum:
            reading.refuse(f"{where}.codes", f"turns '{old}' into '{new}', which enum lacks", "Add it to enum.")
        if old in column.null_values:
            remedy = "List nullValues for the column without it, or take it out of codes."
            reading.refuse(f"{where}.codes", f"translates '{old}', which is null", remedy)
        if old != old.strip():
            reading.refuse(f"{where}.codes", f"has '{old}' with spaces around", "Values are trimmed first: trim it.")
    for value in enum:
        if value in column.null_values:
            remedy = "List nullValues for the column without it, or take it out of enum."
            reading.doubt(f"{where}.enum", f"holds '{value}', which is read as null", remedy)


def _check_person(reading: Reading, where: str, table: Table, column: Column) -> None:
    if column.pseudonymise:
        _check_pseudonym(reading, where, table, column)
        return
    named = personal.by_name([column.name, *column.delivered, column.title_en, column.title_zh])
    if named and not column.classification and not column.expression:
        remedy = "Set pseudonymise: true, or a classification (for example public) to say that it is none."
        reading.doubt(where, f"sounds like personal data ('{named}')", remedy)


def _check_pseudonym(reading: Reading, where: str, table: Table, column: Column) -> None:
    if column.type != "string":
        reading.refuse(f"{where}.logicalType", f"is {column.type}, but a pseudonym is text", "Use string.")
    if column.expression:
        remedy = "Pseudonymise the delivered columns it is made of."
        reading.refuse(f"{where}.pseudonymise", "is set for a derived column", remedy)
    if not column.classification:
        reading.doubt(f"{where}.classification", "is missing", "Say restricted, or what your rules call it.")
    for rule in table.row_rules:
        if rule.column == column.name and rule.kind in ("enum", "pattern", "length", "range"):
            remedy = "Silver holds a keyed hash there: drop the rule."
            reading.refuse(f"{where}.{rule.kind}", "judges a value that is a pseudonym", remedy)


def _check_derived(reading: Reading, where: str, column: Column, known: list[str]) -> None:
    for problem, remedy in sql.faults(column.expression, known, condition=False):
        reading.refuse(f"{where}.transformLogic", problem, remedy)
    check_calls(reading, f"{where}.transformLogic", column.expression)
    if column.codes or column.formats:
        remedy = "Codes and formats are for delivered text: put them on the delivered column."
        reading.doubt(where, "is derived, so its codes and formats have no effect", remedy)
