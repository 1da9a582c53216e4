"""dbt's cursor over the process's session, with one journey to the engine per query.

dbt-spark's own asks the engine twice for every result, for its columns and then for its rows, and the engine opens the
tables of the query each time. Rows name their columns, so where there are rows the first question is not needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dbt.adapters.spark import session

Description = tuple[str, Any, int | None, int | None, int | None, int | None, bool]


class OneJourney(session.Cursor):
    """A cursor whose columns are those of the rows it fetched; only of a result without rows the engine is asked."""

    @property
    def description(self) -> Sequence[Description]:
        """Name of each column, and its type where the engine was asked."""
        rows = self.fetchall()
        if not rows:
            return super().description
        return [(name, None, None, None, None, None, True) for name in rows[0].__fields__]


def install() -> None:
    """Have dbt's connections use it from now on."""
    session.Cursor = OneJourney
