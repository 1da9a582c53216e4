"""Spec to Superset assets: the same spec and the same tables give the same bytes, without ids, times or secrets."""

import hashlib
import io
import json
import uuid
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from cockpit.catalogue import Catalogue
from cockpit.charts import form_data
from cockpit.columns import columns_used
from cockpit.layout import address, position
from cockpit.pages import LANGUAGES, Chart, Language, Page, Row
from cockpit.words import TREND, TREND_COLOURS

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "cockpit.govlake")
DATABASE = "databases/govlake.yaml"
STYLE = Path(__file__).parent / "style.css"
VERSION = "1.0.0"
EPOCH = (2000, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Bundle:
    """The assets by path, which pages they hold, and what was left out because its table or column is missing."""

    assets: dict[str, dict[str, Any]]
    pages: tuple[Page, ...]
    left_out: tuple[str, ...]

    def of_kind(self, kind: str) -> dict[str, dict[str, Any]]:
        """The assets of one kind (datasets, charts, dashboards) by uuid."""
        return {asset["uuid"]: asset for path, asset in self.assets.items() if path.startswith(f"{kind}/")}

    @property
    def fingerprint(self) -> str:
        """What tells this bundle from any other."""
        text = json.dumps(self.assets, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def zipped(self, uri: str) -> bytes:
        """The importable zip, with the address of the marts (and its password) put in at this moment only."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, asset in sorted({**self.assets, DATABASE: _database(uri)}.items()):
                archive.writestr(zipfile.ZipInfo(f"cockpit/{path}", EPOCH), _yaml(asset))
        return target.getvalue()


def build(pages: tuple[Page, ...], catalogue: Catalogue) -> Bundle:
    """Every asset of `pages` whose table and columns `catalogue` knows."""
    shown, left_out = _present(pages, catalogue)
    assets: dict[str, dict[str, Any]] = {
        "metadata.yaml": {"version": VERSION, "type": "assets", "timestamp": "2000-01-01T00:00:00"}
    }
    for table in sorted({chart.dataset for page in shown for chart in page.charts}):
        assets[f"datasets/govlake/{table}.yaml"] = _dataset(table, catalogue)
    for page in shown:
        others = [other for other in shown if other is not page and set(page.roles) <= set(other.roles)]
        for language in LANGUAGES:
            for chart in page.charts:
                assets[f"charts/{chart.id}_{language}.yaml"] = _chart(chart, language)
            name = address(page, language)
            assets[f"dashboards/{name}.yaml"] = _dashboard(page, others, language)
    return Bundle(assets, shown, left_out)


def asset_id(kind: str, name: str) -> str:
    """The uuid of an asset, made of its name alone."""
    return str(uuid.uuid5(NAMESPACE, f"{kind}/{name}"))


def _present(pages: tuple[Page, ...], catalogue: Catalogue) -> tuple[tuple[Page, ...], tuple[str, ...]]:
    """The pages without what cannot be shown, and a line for every chart or whole page left out."""
    shown: list[Page] = []
    left_out: list[str] = []
    for page in pages:
        gaps = {chart.id: catalogue.missing(chart.dataset, columns_used(chart)) for chart in page.charts}
        rows = _keep_headings(
            [replace(row, charts=tuple(chart for chart in row.charts if not gaps[chart.id])) for row in page.rows]
        )
        if rows:
            shown.append(replace(page, rows=tuple(rows)))
            left_out += [f"{chart}: there is no {', '.join(missing)}" for chart, missing in gaps.items() if missing]
        else:
            left_out.append(f"page {page.slug}: none of its data exists here")
    return tuple(shown), tuple(left_out)


def _keep_headings(rows: list[Row]) -> list[Row]:
    """Rows that still hold a chart; a heading moves on to its part's next row, and goes with its last."""
    kept: list[Row] = []
    waiting: Any = {}
    for row in rows:
        waiting = row.heading or waiting
        if row.charts:
            kept.append(replace(row, heading=waiting))
            waiting = {}
    return kept


def _database(uri: str) -> dict[str, Any]:
    return {
        "database_name": "govlake",
        "sqlalchemy_uri": uri,
        "uuid": asset_id("database", "govlake"),
        "expose_in_sqllab": True,
        "allow_dml": False,
        "allow_csv_upload": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "is_managed_externally": True,
        "extra": {"allows_virtual_table_explore": False},
        "version": VERSION,
    }


def _dataset(table: str, catalogue: Catalogue) -> dict[str, Any]:
    schema, _, name = table.partition(".")
    columns = [
        {
            "column_name": column,
            "verbose_name": catalogue.titles.get(f"{table}.{column}"),
            "type": kind.upper(),
            "is_dttm": kind == "date" or kind.startswith("timestamp"),
            "groupby": True,
            "filterable": True,
            "is_active": True,
        }
        for column, kind in catalogue.columns[table].items()
    ]
    return {
        "table_name": name,
        "schema": schema,
        "description": catalogue.titles.get(table),
        "uuid": asset_id("dataset", table),
        "database_uuid": asset_id("database", "govlake"),
        "is_managed_externally": True,
        "columns": columns,
        "metrics": [],
        "version": VERSION,
    }


def _chart(chart: Chart, language: Language) -> dict[str, Any]:
    form = form_data(chart, language)
    return {
        "slice_name": title(chart.title, language),
        "description": chart.note.get(language),
        "viz_type": form["viz_type"],
        "params": form,
        "uuid": asset_id("chart", f"{chart.id}/{language}"),
        "dataset_uuid": asset_id("dataset", chart.dataset),
        "is_managed_externally": True,
        "version": VERSION,
    }


def title(words: Any, language: Language) -> str:
    """The title on a page: on the Chinese page with the English beside it."""
    return words["en"] if language == "en" else f"{words['zh']} {words['en']}"


def _dashboard(page: Page, others: list[Page], language: Language) -> dict[str, Any]:
    name = address(page, language)
    ids = {chart.id: asset_id("chart", f"{chart.id}/{language}") for chart in page.charts}
    names = {chart.id: title(chart.title, language) for chart in page.charts}
    return {
        "dashboard_title": title(page.title, language),
        "description": page.intro[language],
        "slug": name,
        "css": STYLE.read_text(encoding="utf-8"),
        "uuid": asset_id("dashboard", name),
        "position": position(page, others, language, ids, names),
        "metadata": {
            "color_scheme": "supersetColors",
            "label_colors": _colours(page, language),
            "cross_filters_enabled": False,
            "native_filter_configuration": [],
            "refresh_frequency": 0,
        },
        "published": True,
        "is_managed_externally": True,
        "version": VERSION,
    }


def _colours(page: Page, language: Language) -> dict[str, str]:
    """One colour per label over the whole page, so that the same thing always looks the same."""
    colours: dict[str, str] = {}
    for chart in page.charts:
        if chart.kind == "trend":
            colours |= {TREND[language][name]: colour for name, colour in TREND_COLOURS.items()}
        for metric in chart.options.get("metrics", []):
            if "colour" in metric:
                label = metric["label"]
                colours[label[language] if isinstance(label, dict) else label] = metric["colour"]
        for label, colour in chart.options.get("palette", {}).get(language, {}).items():
            colours[label] = colour
    return colours


def _yaml(value: dict[str, Any]) -> str:
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return yaml.dump(value, Dumper=dumper, allow_unicode=True, sort_keys=True, width=110)
