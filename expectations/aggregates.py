"""Single values of a frame: SQL aggregates in one pass, and the contract's own queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from govlake.errors import GateError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def measure(frame: DataFrame, name: str, aggregates: Mapping[str, str]) -> dict[str, Any]:
    """The value of every SQL aggregate in `aggregates`, by its name.

    Asked of the engine itself: nothing is expected of the values here, and a suite for them costs six times as much.
    """
    from pyspark.errors import PySparkException

    try:
        row = frame.selectExpr(*(f"{sql} AS `{rule}`" for rule, sql in aggregates.items())).first()
    except PySparkException as error:
        raise GateError(
            f"{name}: {', '.join(aggregates)} could not be evaluated: {str(error).splitlines()[0][:200]}.",
            "Check the rules against the table's columns and types.",
        ) from error
    return {rule: row[place] if row else None for place, rule in enumerate(aggregates)}


def repeats(frame: DataFrame, name: str, columns: Sequence[str], rows: int) -> int:
    """How many of the frame's `rows` have values in `columns` that another row has already.

    Counted by a 64-bit hash, in a pass of its own: beside other aggregates a distinct count costs several times as
    much. A hash may take two keys for one but never overlooks a repeat, so only a find is counted from the values.
    """
    hashed = f"count(DISTINCT xxhash64({', '.join(f'`{column}`' for column in columns)}))"
    distinct = int(measure(frame, f"{name} {', '.join(columns)}", {"distinct": hashed})["distinct"] or 0)
    return _exact_repeats(frame, columns) if distinct < rows else 0


def _exact_repeats(frame: DataFrame, columns: Sequence[str]) -> int:
    groups = frame.select(*columns).groupBy(*columns).count()
    found = groups.where("count > 1").selectExpr("coalesce(sum(count - 1), 0)").first()
    return int(found[0]) if found else 0


def scalar(rule: str, query: str, frames: Mapping[str, DataFrame]) -> float | None:
    """The one value of a query in which `{name}` or `${name}` stands for the frame of that name.

    Raises GateError where the query fails or gives something other than a number.
    """
    from pyspark.errors import PySparkException

    from govlake.engine import session

    for name, frame in frames.items():
        frame.createOrReplaceTempView(f"gate_{name}")
        for placeholder in (f"${{{name}}}", f"{{{name}}}"):
            query = query.replace(placeholder, f"gate_{name}")
    try:
        row = session().sql(query).first()
        return None if row is None or row[0] is None else float(row[0])
    except (PySparkException, ValueError, TypeError) as error:
        raise GateError(
            f"The query of the rule {rule} gives no number: {str(error).splitlines()[0][:200]}.",
            f"Write a query with one row and one numeric column over {', '.join(f'{{{name}}}' for name in frames)}.",
        ) from error


def within(value: float | None, low: float | None, high: float | None) -> bool:
    """Whether a value keeps its bounds; no value breaks none, since it cannot be assessed."""
    return value is None or ((low is None or value >= low) and (high is None or value <= high))
