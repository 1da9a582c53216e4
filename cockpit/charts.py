"""One function per kind of chart: spec in, Superset's form data out. `KINDS` is the list of what a spec may use."""

from collections.abc import Callable, Mapping
from typing import Any

from cockpit.drawings import district_map, intervals
from cockpit.pages import Chart, Language, say
from cockpit.words import TREND
from govlake.errors import CockpitError

INK = {"r": 27, "g": 94, "b": 168, "a": 1}
ALL_TIME = "No filter"
LABEL_BYTES = 63  # PostgreSQL cuts longer column labels


def form_data(chart: Chart, language: Language) -> dict[str, Any]:
    """Superset's `params` of the chart in one language."""
    if chart.kind not in KINDS:
        raise CockpitError(f"{chart.id}: no chart kind is called {chart.kind}.", f"Use {', '.join(KINDS)}.")
    viz_type, build = KINDS[chart.kind]
    options = {**say(dict(chart.options), language), "language": language}
    return {
        "viz_type": viz_type,
        "adhoc_filters": _filters(options),
        "row_limit": options.get("limit", 10000),
        "time_range": ALL_TIME,
        **build(chart, options),
    }


def _kpi(chart: Chart, options: Mapping[str, Any]) -> dict[str, Any]:
    """The newest value, its change on the same day last week, and its course."""
    return {
        "x_axis": options["date"],
        "time_grain_sqla": options.get("grain", "P1D"),
        "metric": _metric(chart, options["metric"], "value"),
        # Days without a value stay in the row, so that seven back is the same day of the week.
        **({} if "grain" in options else {"resample_rule": "1D", "resample_method": "asfreq"}),
        "compare_lag": 7 if "compare" in options else 0,
        "compare_suffix": options.get("compare", ""),
        "subtitle": options.get("unit", ""),
        "subtitle_font_size": 0.125,
        "y_axis_format": options.get("format", ",d"),
        "time_format": options.get("as_of", "%Y-%m-%d"),
        "show_timestamp": True,
        "header_font_size": 0.4,
        "subheader_font_size": 0.125,
        "show_trend_line": True,
        "start_y_axis_at_zero": False,
        "color_picker": INK,
        "rolling_type": "None",
    }


def _number(chart: Chart, options: Mapping[str, Any]) -> dict[str, Any]:
    """One number over all rows."""
    return {
        "metric": _metric(chart, options["metric"], "value"),
        "subtitle": options.get("unit", ""),
        "subtitle_font_size": 0.125,
        "y_axis_format": options.get("format", ",d"),
        "header_font_size": 0.4,
        "conditional_formatting": options.get("colours", []),
    }


def _series(chart: Chart, options: Mapping[str, Any]) -> dict[str, Any]:
    """Lines or bars over a date or a category, one per metric or per value of `series`."""
    by_date = "date" in options
    x_axis = options["date"] if by_date else _column(chart, options["by"])
    legend = "series" in options or len(options["metrics"]) > 1
    return {
        "x_axis": x_axis,
        **({"time_grain_sqla": options.get("grain", "P1D")} if by_date else {"xAxisForceCategorical": True}),
        "metrics": [_metric(chart, metric) for metric in options["metrics"]],
        "groupby": [_column(chart, options["series"])] if "series" in options else [],
        "x_axis_sort_asc": True,
        **({} if by_date else _category_order(options)),
        "x_axis_time_format": options.get("as_of", "%m-%d"),
        "tooltipTimeFormat": "%Y-%m-%d",
        "y_axis_format": options.get("format", ",d"),
        "y_axis_bounds": options.get("bounds", [None, None]),
        "truncateYAxis": "bounds" in options,
        "orientation": options.get("orientation", "vertical"),
        "stack": "Stack" if options.get("stack") else None,
        "show_legend": legend,
        "legendOrientation": "top",
        "legendType": "plain",
        "rich_tooltip": True,
        "show_value": bool(options.get("values")),
        "only_total": True,
        "show_empty_columns": True,
        "color_scheme": "supersetColors",
        "opacity": 0.25,
        # A first day is a single point, which a line alone would not show.
        "markerEnabled": True,
        "markerSize": 4,
        # Several metrics stand as the spec lists them, the values of one column by name.
        **({"sort_series_type": "name", "sort_series_ascending": True} if "series" in options else {}),
        "truncate_metric": True,
        "x_axis_title_margin": 0,
        "y_axis_title_margin": 0,
        "minorTicks": False,
    }


def _trend(chart: Chart, options: Mapping[str, Any]) -> dict[str, Any]:
    """An indicator's course: complete periods, provisional ones apart, the ends of the interval, the target."""
    words = TREND[options["language"]]
    columns = {
        "value": "max(value) filter (where obs_status <> 'P')",
        "provisional": "max(value) filter (where obs_status = 'P')",
        **({"low": "max(low)", "high": "max(high)"} if options.get("interval", True) else {}),
        **({"target": "max(target_green)"} if options.get("target") else {}),
    }
    metrics = [{"label": words[name], "sql": sql} for name, sql in columns.items()]
    drawn = _series(chart, {"format": ",.1f", **options, "date": "period_start", "metrics": metrics})
    return {**drawn, "truncateYAxis": True, "y_axis_bounds": options.get("bounds", [None, None])}


def _category_order(options: Mapping[str, Any]) -> dict[str, Any]:
    """Categories stand by name, so that a comparison does not turn into a ranking, unless `order` says by value."""
    by_value = options.get("order") == "value"
    sideways = options.get("orientation") == "horizontal"
    return {
        "x_axis_sort": options["metrics"][0]["label"] if by_value else options["by"]["label"],
        # A horizontal bar chart counts from below.
        "x_axis_sort_asc": by_value == sideways,
    }


def _table(chart: Chart, options: Mapping[str, Any]) -> dict[str, Any]:
    """Rows as they are, each column an expression with its heading."""
    columns = [_column(chart, column) for column in options["columns"]]
    return {
        "query_mode": "raw",
        "all_columns": columns,
        "order_by_cols": [_order(chart, order) for order in options.get("order", [])],
        "row_limit": options.get("limit", 200),
        "server_pagination": False,
        "page_length": options.get("page", 0),
        "include_search": bool(options.get("search")),
        "show_cell_bars": False,
        "color_pn": False,
        "table_timestamp_format": "%Y-%m-%d %H:%M",
        "column_config": {column["label"]: _cells(column) for column in options["columns"]},
        "conditional_formatting": options.get("colours", []),
        "allow_render_html": False,
    }


def _picture(draw: Callable[[Language], str]) -> Callable[[Chart, Mapping[str, Any]], dict[str, Any]]:
    """A table of one cell that holds an image drawn by the database."""

    def build(chart: Chart, options: Mapping[str, Any]) -> dict[str, Any]:
        column = {"label": "picture", "sql": draw(options["language"])}
        return {**_table(chart, {"columns": [column], "limit": 1}), "allow_render_html": True}

    return build


def _cells(column: Mapping[str, Any]) -> dict[str, Any]:
    """How a table's column is shown, as far as the spec says."""
    asked = {"d3NumberFormat": "format", "columnWidth": "px", "horizontalAlign": "align"}
    return {"showCellBars": False, **{key: column[word] for key, word in asked.items() if word in column}}


def _summary(chart: Chart, options: Mapping[str, Any]) -> dict[str, Any]:
    """A table of groups: `by` columns and metrics."""
    metrics = [_metric(chart, metric) for metric in options["metrics"]]
    return {
        **_table(chart, {**options, "columns": options["by"], "order": []}),
        "query_mode": "aggregate",
        "all_columns": [],
        "groupby": [_column(chart, column) for column in options["by"]],
        "metrics": metrics,
        "timeseries_limit_metric": metrics[0],
        "order_desc": True,
        "column_config": {
            **{column["label"]: _cells(column) for column in options["by"]},
            **{metric["label"]: _cells({"format": ",d", **metric}) for metric in options["metrics"]},
        },
    }


def _matrix(chart: Chart, options: Mapping[str, Any]) -> dict[str, Any]:
    """Rows by columns, one value per cell."""
    return {
        "groupbyRows": [_column(chart, column) for column in options["rows"]],
        "groupbyColumns": [_column(chart, column) for column in options["columns"]],
        "metrics": [_metric(chart, options["metric"], "value")],
        "metricsLayout": "COLUMNS",
        "aggregateFunction": options.get("aggregate", "Sum"),
        "valueFormat": options.get("format", ",d"),
        "date_format": "%m-%d",
        "rowOrder": "key_a_to_z",
        "colOrder": options.get("column_order", "key_a_to_z"),
        "rowTotals": False,
        "colTotals": False,
        "transposePivot": False,
        "combineMetric": False,
        "conditional_formatting": options.get("colours", []),
        # The newest cells are fetched where there are more than `limit`.
        "series_limit_metric": _metric(chart, options["newest"], "newest") if "newest" in options else None,
        "order_desc": True,
    }


def _heatmap(chart: Chart, options: Mapping[str, Any]) -> dict[str, Any]:
    """Two categories and a value as depth of colour."""
    return {
        "x_axis": _column(chart, options["by"]),
        "groupby": _column(chart, options["series"]),
        "metric": _metric(chart, options["metric"], "value"),
        "linear_color_scheme": options.get("scheme", "superset_seq_1"),
        "normalize_across": "heatmap",
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": options.get("sort_y", "alpha_asc"),
        "x_axis_time_format": "%m-%d",
        "y_axis_format": options.get("format", ",d"),
        "value_bounds": options.get("bounds", [None, None]),
        "show_legend": bool(options.get("legend")),
        "show_values": bool(options.get("values")),
        "show_percentage": False,
        "legend_type": "continuous",
        "bottom_margin": "auto",
        "left_margin": "auto",
        "xscale_interval": -1,
        "yscale_interval": -1,
    }


KINDS: dict[str, tuple[str, Callable[[Chart, Mapping[str, Any]], dict[str, Any]]]] = {
    "kpi": ("big_number", _kpi),
    "number": ("big_number_total", _number),
    "line": ("echarts_timeseries_line", _series),
    "smooth": ("echarts_timeseries_smooth", _series),
    "area": ("echarts_area", _series),
    "bar": ("echarts_timeseries_bar", _series),
    "table": ("table", _table),
    "summary": ("table", _summary),
    "matrix": ("pivot_table_v2", _matrix),
    "heatmap": ("heatmap_v2", _heatmap),
    "trend": ("echarts_timeseries_line", _trend),
    "map": ("table", _picture(district_map)),
    "intervals": ("table", _picture(intervals)),
}


def _label(chart: Chart, label: str) -> str:
    if len(label.encode()) > LABEL_BYTES:
        raise CockpitError(
            f"{chart.id}: the label '{label}' is longer than {LABEL_BYTES} bytes.", "Shorten it in the spec."
        )
    return label


def _metric(chart: Chart, metric: Mapping[str, Any] | str, label: str = "") -> dict[str, Any]:
    sql, name = (metric, label) if isinstance(metric, str) else (metric["sql"], metric["label"])
    return {
        "expressionType": "SQL",
        "sqlExpression": sql,
        "label": _label(chart, name),
        "hasCustomLabel": True,
        "optionName": f"metric_{chart.id}_{name}",
    }


def _column(chart: Chart, column: Mapping[str, Any] | str) -> Any:
    """A plain column by its name, or an expression with a heading."""
    if isinstance(column, str):
        return column
    return {"expressionType": "SQL", "sqlExpression": column["sql"], "label": _label(chart, column["label"])}


def _order(chart: Chart, order: str) -> str:
    """`"column"` or `"column desc"` as Superset's table keeps it."""
    name, _, direction = order.partition(" ")
    return f'["{name}", {"false" if direction == "desc" else "true"}]'


def _filters(options: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "where" not in options:
        return []
    return [
        {
            "clause": "WHERE",
            "expressionType": "SQL",
            "sqlExpression": options["where"],
            "filterOptionName": "where",
        }
    ]
