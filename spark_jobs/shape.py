"""The columns that a table of the lake has by its contract, and bringing one there that has others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from govlake import engine, lake
from govlake.contracts.model import SILVER_META, Column, Table
from govlake.errors import ContractError
from govlake.versions import DAY, META
from spark_jobs import parsing

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SILVER = (*SILVER_META, "_occurrence")
KINDS = {"_batch_order": "bigint", "_row_number": "bigint", "_occurrence": "int", DAY: "date"}


def silver_row(table: Table) -> list[str]:
    """The columns of silver, in order and with their types."""
    return business(table) + meta(SILVER)


def history_row(table: Table) -> list[str]:
    """The columns of a history, in order and with their types."""
    return business(table) + meta(META)


def business(table: Table) -> list[str]:
    """The contract's own columns."""
    return [f"CAST(`{c.name}` AS {parsing.silver_type(c)}) AS `{c.name}`" for c in table.columns]


def meta(names: Sequence[str]) -> list[str]:
    """Columns that govlake adds."""
    return [f"CAST({name} AS {KINDS.get(name, 'string')}) AS {name}" for name in names]


def fits(table: Table, address: str) -> bool:
    """Whether the table at `address` has the contract's columns in the contract's types."""
    expected = {c.name: parsing.silver_type(c) for c in table.columns}
    return {name: kind for name, kind in _present(address).items() if not name.startswith("_")} == expected


def widened(table: Table, address: str) -> DataFrame:
    """The rows at `address` with every column of the contract; those it did not have are null."""
    present = lake.columns(address)
    missing = [f"CAST(NULL AS string) AS `{c.name}`" for c in table.columns if c.name not in present]
    return lake.read(address).selectExpr("*", *missing)


def silver_rows(table: Table, address: str) -> DataFrame:
    """The rows of silver at `address` in the contract's columns, also where the contract changed since.

    Raises ContractError where silver lacks a column of the key, or holds values that a column's new type has not.
    """
    if fits(table, address):
        return lake.read(address)
    present = _present(address)
    missing = [c.name for c in table.columns if c.key and c.name not in present]
    if missing:
        raise ContractError(
            f"The key of {table.key} names {', '.join(missing)}, which silver.{table.key} does not have: "
            "no row of silver could be told from a new one.",
            "Keep the column's name (what the department calls it is its `physicalName` or one of its `aliases`), "
            "or give the dataset a new name, so that silver starts anew.",
        )
    for column in table.columns:
        if present.get(column.name) not in (None, parsing.silver_type(column)):
            _refuse_loss(table, address, column, present[column.name])
    return widened(table, address).selectExpr(*silver_row(table))


def _refuse_loss(table: Table, address: str, column: Column, before: str) -> None:
    """Values of `column` that would be gone, or other ones, in its new type."""
    kind = parsing.silver_type(column)
    cast = f"try_cast(`{column.name}` AS {kind})"
    other = f" OR CAST({cast} AS {before}) <> `{column.name}`" if _is_number(before) else ""
    lost = lake.read(address).where(f"`{column.name}` IS NOT NULL AND ({cast} IS NULL{other})").count()
    if lost:
        raise ContractError(
            f"{lost:,} rows of silver.{table.key} hold a {column.name} that is no {column.type}.",
            "Keep the column's type, or let a new column have the new one.",
        )


def _is_number(kind: str) -> bool:
    return kind in ("bigint", "int", "double") or kind.startswith("decimal")


def _present(address: str) -> dict[str, str]:
    """The columns that the table has, with their types as SQL names them; none where there is no table."""
    found = lake.look(address)
    return {field.name: engine.sql_type(field.type) for field in found.schema().fields} if found else {}
