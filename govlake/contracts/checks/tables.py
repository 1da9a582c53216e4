"""Checks of a table: its grain, key, order, partitions, titles."""

from collections import Counter

from govlake.contracts import sql
from govlake.contracts.checks.delivery import is_chinese
from govlake.contracts.model import Column, Table
from govlake.contracts.reading import Reading

ORDERED = ("timestamp", "date", "integer", "number", "time")


def check_table(reading: Reading, table: Table) -> None:
    """Report what is wrong with a table: its words, its key and its partitions."""
    where = f"schema.{table.name}"
    _check_words(reading, where, table)
    _check_key(reading, where, table)
    _check_partitions(reading, where, table)
    _check_headers(reading, where, table)


def _check_words(reading: Reading, where: str, table: Table) -> None:
    if not table.grain:
        remedy = "Say what one row is in dataGranularityDescription, for example One row per tap."
        reading.doubt(where, "does not state its grain", remedy)
    if not is_chinese(table.title_zh):
        reading.doubt(f"{where}.titleZh", "is missing", "Give the table a Chinese title.")
    silent = [column.name for column in table.columns if not is_chinese(column.title_zh)]
    if silent:
        problem = f"has no Chinese title for {_some(silent)}"
        reading.doubt(f"{where}.properties", problem, "Add titleZh: reasons in Chinese name the column by it.")


def _check_key(reading: Reading, where: str, table: Table) -> None:
    key = [column for column in table.columns if column.key]
    if not key and table.order_by:
        remedy = "Mark the columns of the key with primaryKey: true, or leave orderBy out."
        reading.refuse(f"{where}.orderBy", "orders versions of a row, but no key says which rows are one", remedy)
    if not key and not table.occurrence:
        remedy = "Mark it with primaryKey: true; or set occurrence: true if equal rows are different facts."
        reading.doubt(where, "names no key, so a whole row is its key and equal rows are one", remedy)
    for column in key:
        if column.optional_in_file:
            remedy = "A key column must be delivered: take optional or primaryKey away."
            reading.refuse(f"{where}.{column.name}", "is part of the key and optional in the file", remedy)
    _check_order(reading, where, table)


def _check_order(reading: Reading, where: str, table: Table) -> None:
    column = next((column for column in table.columns if column.name == table.order_by), None)
    if column and column.type not in ORDERED:
        remedy = "Order by a time, a date or a number."
        reading.refuse(f"{where}.orderBy", f"is {column.name}, which is a {column.type}", remedy)
    if column and column.pseudonymise:
        reading.refuse(f"{where}.orderBy", f"is {column.name}, a pseudonym", "Order by a time, a date or a number.")


def _check_partitions(reading: Reading, where: str, table: Table) -> None:
    partitions = [column for column in table.columns if column.partition]
    key = set(table.key_columns)
    for column in partitions:
        field_name = f"{where}.{column.name}.partitioned"
        if column.type in ("timestamp", "number", "time") or column.pseudonymise:
            remedy = "Partition by a date, or by a code with few values."
            reading.refuse(field_name, f"is set for a {column.type} with many values", remedy)
        elif not _follows(column, key):
            remedy = "Partition by a column of the key, or one derived from it; or accept reading the whole table."
            reading.doubt(field_name, "is set, but the key does not say in which partition a row lies", remedy)


def _follows(column: Column, key: set[str]) -> bool:
    """Whether the key alone decides the column's value."""
    return column.name in key or bool(column.expression and sql.names(column.expression) <= key)


def _check_headers(reading: Reading, where: str, table: Table) -> None:
    headers = Counter(header for column in table.delivered_columns for header in set(column.delivered))
    for header, times in headers.items():
        if times > 1:
            remedy = "Each delivered header belongs to one column (physicalName, aliases)."
            reading.refuse(f"{where}.properties", f"has {times} columns for the header '{header}'", remedy)


def _some(names: list[str], shown: int = 8) -> str:
    rest = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + rest
