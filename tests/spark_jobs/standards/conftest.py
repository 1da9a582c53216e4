"""Many values, one query: an expression over a column of literals."""

from collections.abc import Sequence

from hypothesis import HealthCheck, settings

from govlake.engine import session

# An example is a frame of many values, judged by one query; a few such examples are as good as hundreds of values.
MANY = settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[
        HealthCheck.large_base_example,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,  # the engine's address is the same for all examples
    ],
)


def evaluated(expression: str, rows: Sequence[object], schema: str = "v string") -> list[object]:
    """The value of `expression` for each of `rows` (single values, or tuples as the schema has them), in order."""
    tuples = [(place, *row) if isinstance(row, tuple) else (place, row) for place, row in enumerate(rows)]
    frame = session().createDataFrame(tuples, f"place int, {schema}")
    return [row.found for row in frame.selectExpr("place", f"{expression} AS found").orderBy("place").collect()]
