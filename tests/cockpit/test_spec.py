"""Dashboard -> chart -> dataset -> column: nothing is drawn that the marts and the ledger's views do not promise."""

import re
from pathlib import Path

import pytest
import yaml

from cockpit.bundle import build
from cockpit.catalogue import Catalogue, described, from_database
from cockpit.charts import KINDS, form_data
from cockpit.columns import columns_used
from cockpit.layout import widths
from cockpit.pages import GRID, LANGUAGES, PARTS, Chart, load_pages
from govlake.ledger import Ledger
from govlake.settings import settings

PROJECT = Path(__file__).parents[2]
DOMAINS = ("transit", "safety", "services", "health", "hotline")
TRUST = yaml.safe_load(PARTS.read_text(encoding="utf-8"))["trust"]["columns"]
CHARTS = [chart for page in load_pages() for chart in page.charts]


def promised() -> Catalogue:
    """Every mart that a dbt model describes, in the project and in the example packs."""
    return described(PROJECT / "dbt_project" / "models" / "marts", *PROJECT.glob("examples/*/dbt/models/marts"))


@pytest.fixture
def catalogue(ledger: Ledger) -> Catalogue:
    """The described marts beside the views of a freshly migrated ledger."""
    views = from_database(settings().postgres(), PROJECT / "dbt_project" / "models" / "marts")
    return Catalogue({**promised().columns, **views.columns}, promised().titles)


@pytest.mark.postgres
def test_every_chart_reads_columns_that_exist(catalogue: Catalogue) -> None:
    used = {chart.id: columns_used(chart) for chart in CHARTS}
    assert [chart.id for chart in CHARTS if not used[chart.id] and chart.options["metric"] != "count(*)"] == []
    gaps = {chart.id: catalogue.missing(chart.dataset, used[chart.id]) for chart in CHARTS}
    assert {chart: gap for chart, gap in gaps.items() if gap} == {}


@pytest.mark.postgres
def test_reader_sees_marts_and_public_views_only(catalogue: Catalogue) -> None:
    assert "ledger_public.delivery_status" in catalogue.columns
    assert {table.partition(".")[0] for table in catalogue.columns} == {"marts", "ledger_public"}


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.id)
def test_chart_speaks_both_languages(chart: Chart) -> None:
    assert chart.kind in KINDS
    for words in (chart.title, *([chart.note] if chart.note else [])):
        assert set(words) == set(LANGUAGES), "a comma ends a word that is not in quotes"
        assert all(words[language].strip() for language in LANGUAGES)
    for language in LANGUAGES:
        assert "{lang}" not in str(form_data(chart, language))


def test_english_pages_hold_no_chinese_words() -> None:
    def is_chinese(text: str) -> bool:
        return any("\u4e00" <= letter <= "\u9fff" for letter in text)

    assert [chart.id for chart in CHARTS if is_chinese(str(form_data(chart, "en")))] == []


def test_rows_fill_the_grid() -> None:
    rows = [row for page in load_pages() for row in page.rows]
    assert rows
    assert [row for row in rows if sum(widths(row.charts)) != GRID] == []


def test_grey_cells_stand_in_the_order_of_the_tiles() -> None:
    """style.css greys the n-th tile by the n-th cell of the hidden table."""
    tiles = [chart for chart in CHARTS if chart.kind == "kpi"]
    hidden = next(chart for chart in CHARTS if chart.id == "grey_tiles")
    style = (PROJECT / "cockpit" / "style.css").read_text(encoding="utf-8")
    for number, (tile, metric) in enumerate(zip(tiles, hidden.options["metrics"], strict=True), start=1):
        assert f"'{tile.options['grey']}'" in metric["sql"]
        assert f'#CHART-grey_tiles + .chart-slice td:nth-child({number})[style*="color"]) #CHART-{tile.id} +' in style


def test_watched_indicators_are_neither_judged_nor_ordered_by_value() -> None:
    page = next(page for page in load_pages() if page.slug == "safety")
    assert len(page.charts) > 5
    assert [chart.id for chart in page.charts if chart.options.get("target")] == []
    assert [chart.id for chart in page.charts if chart.options.get("order") == "value"] == []
    judged = [chart for page in load_pages() for chart in page.charts if chart.id == "lights_by_domain"]
    assert all("use_policy <> 'monitor_only'" in chart.options["where"] for chart in judged) and judged


def test_every_page_of_the_city_begins_with_how_far_it_can_be_trusted() -> None:
    pages = [page for page in load_pages() if page.slug in ("city-overview", *DOMAINS)]
    assert len(pages) == 6
    assert [page.slug for page in pages if page.rows[0].charts[-1].options["columns"] != TRUST] == []


def test_indicators_that_pages_name_are_in_the_register() -> None:
    register = (PROJECT / "dbt_project" / "models" / "marts" / "city" / "dim_kpi.sql").read_text(encoding="utf-8")
    shown = [chart for chart in CHARTS if chart.dataset in ("marts.kpi_shown", "marts.kpi_cell")]
    named = {name for chart in shown for name in re.findall(r"'([a-z]+\.[a-z_0-9]+)'", str(chart.options))}
    assert len(named) > 30
    assert [name for name in named if f"('{name}'," not in register] == []


def test_style_names_only_charts_that_exist() -> None:
    style = (PROJECT / "cockpit" / "style.css").read_text(encoding="utf-8")
    named = {part.split()[0].strip(").") for part in style.split("#CHART-")[1:]}
    assert named <= {chart.id for chart in CHARTS}
    assert "http" not in style and "@import" not in style and "url(" not in style


def test_two_titles_of_one_page_never_share_a_chart() -> None:
    bundle = build(load_pages(), promised_with_views())
    charts, dashboards = bundle.of_kind("charts"), bundle.of_kind("dashboards")
    shown = [
        item["meta"]["uuid"]
        for page in dashboards.values()
        for name, item in page["position"].items()
        if name.startswith("CHART-")
    ]
    assert sorted(shown) == sorted(charts)


def promised_with_views() -> Catalogue:
    """Everything the spec asks for, as if it all existed."""
    columns: dict[str, dict[str, str]] = {}
    for chart in CHARTS:
        columns.setdefault(chart.dataset, {}).update(dict.fromkeys(columns_used(chart), "text"))
    return Catalogue(columns)
