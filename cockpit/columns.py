"""Which columns a chart needs, read out of its SQL expressions."""

from collections.abc import Iterator
from typing import Any

from cockpit.charts import form_data
from cockpit.pages import LANGUAGES, Chart
from govlake.errors import CockpitError

PLAIN = ("x_axis", "groupby", "groupbyRows", "groupbyColumns", "all_columns")


def columns_used(chart: Chart) -> set[str]:
    """Every column of the chart's dataset that it reads in one of its languages."""
    found: set[str] = set()
    for language in LANGUAGES:
        form = form_data(chart, language)
        for expression in _expressions(form):
            found |= _columns(chart, expression)
        for key in PLAIN:
            value = form.get(key, [])
            found |= {item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)}
    return found


def _expressions(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "sqlExpression" in value:
            yield value["sqlExpression"]
        for item in value.values():
            yield from _expressions(item)
    elif isinstance(value, list):
        for item in value:
            yield from _expressions(item)


def _columns(chart: Chart, expression: str) -> set[str]:
    import sqlglot
    from sqlglot.expressions import Column

    try:
        parsed = sqlglot.parse_one(f"select {expression}", dialect="postgres")
    except sqlglot.ParseError as error:
        raise CockpitError(
            f"{chart.id}: '{expression}' is not an SQL expression.", "Correct it; put it in quotes."
        ) from error
    return {column.name for column in parsed.find_all(Column)}
