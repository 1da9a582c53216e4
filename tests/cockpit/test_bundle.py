"""The bundle: the same bytes every time, no secret in it, and whole pages where a mart is missing."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from cockpit.bundle import DATABASE, Bundle, asset_id, build
from cockpit.catalogue import Catalogue
from cockpit.charts import form_data
from cockpit.pages import Chart, Page, Row, load_pages, say
from govlake.errors import CockpitError

URI = "postgresql+psycopg2://cockpit_reader:a-secret@127.0.0.1:5432/govlake"
ROUTES = Catalogue(
    {"marts.routes": {"day": "date", "mode": "text", "trips": "bigint"}}, {"marts.routes.day": "日期 Day"}
)


def bar(chart_id: str, width: int = 6, dataset: str = "marts.routes", sql: str = "sum(trips)") -> Chart:
    return Chart(
        id=chart_id,
        kind="bar",
        dataset=dataset,
        title={"zh": "班次", "en": "Trips"},
        width=width,
        height=40,
        options={"date": "day", "metrics": [{"sql": sql, "label": {"zh": "班次", "en": "Trips"}}]},
    )


def page(*rows: Row) -> tuple[Page, ...]:
    words = {"zh": "线路", "en": "Routes"}
    return (Page("routes", words, words, ("leader",), rows),)


def layout(bundle: Bundle) -> dict[str, dict]:
    dashboard = next(d for d in bundle.of_kind("dashboards").values() if d["slug"] == "routes")
    return dashboard["position"]


def test_ids_are_made_of_names_alone() -> None:
    assert asset_id("chart", "trips/zh") == "f59d847e-b85d-586a-81a7-27f6dfadc537"


def test_same_spec_gives_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib; from cockpit.bundle import build; from cockpit.catalogue import described; "
        "from cockpit.pages import load_pages; from pathlib import Path; "
        "bundle = build(load_pages(), described(Path('dbt_project/models/marts'))); assert bundle.pages; "
        f"print(hashlib.sha256(bundle.zipped({URI!r})).hexdigest())"
    )
    root = Path(__file__).parents[2]
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
            cwd=root,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_address_and_password_enter_the_zip_alone() -> None:
    bundle = build(load_pages(), Catalogue({}))
    assert "a-secret" not in str(bundle.assets) and "postgresql" not in str(bundle.assets)
    with zipfile.ZipFile(io.BytesIO(build(page(Row((bar("a"),))), ROUTES).zipped(URI))) as archive:
        holding = [name for name in archive.namelist() if b"a-secret" in archive.read(name)]
        assert holding == [f"cockpit/{DATABASE}"]
        assert not yaml.safe_load(archive.read(holding[0]))["allow_dml"]


def test_missing_mart_leaves_its_charts_out_and_the_page_whole() -> None:
    words = {"zh": "甲", "en": "One"}
    bundle = build(
        page(
            Row((bar("lost", dataset="marts.tickets"),), heading=words),
            Row((bar("kept", width=4), bar("gone", width=8, sql="sum(late)"))),
        ),
        ROUTES,
    )
    assert bundle.left_out == ("lost: there is no marts.tickets", "gone: there is no marts.routes.late")
    position = layout(bundle)
    assert position["CHART-kept"]["meta"]["width"] == 12
    headings = [item["meta"]["text"] for name, item in position.items() if name.startswith("HEADER-")]
    assert headings == ["甲 One"]
    assert next(iter(bundle.of_kind("datasets").values()))["table_name"] == "routes"


def test_page_without_charts_is_no_page() -> None:
    bundle = build(page(Row((bar("lost", dataset="marts.tickets"),))), ROUTES)
    assert bundle.pages == () and bundle.of_kind("dashboards") == {}
    assert bundle.left_out == ("page routes: none of its data exists here",)


def test_dataset_is_the_table_itself() -> None:
    dataset = next(iter(build(page(Row((bar("a"),))), ROUTES).of_kind("datasets").values()))
    assert "sql" not in dataset
    assert dataset["columns"][0] == {
        "column_name": "day",
        "verbose_name": "日期 Day",
        "type": "DATE",
        "is_dttm": True,
        "groupby": True,
        "filterable": True,
        "is_active": True,
    }


def test_words_are_picked_by_language() -> None:
    spec = {"label": {"zh": "区", "en": "District"}, "sql": "district_{lang}", "limit": 3}
    assert say(spec, "zh") == {"label": "区", "sql": "district_zh", "limit": 3}
    assert say([spec], "en") == [{"label": "District", "sql": "district_en", "limit": 3}]


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        (Chart("a", "cake", "marts.routes", {}, 6, 40), "no chart kind is called cake"),
        (bar("a", sql="sum(trips"), "not an SQL expression"),
    ],
    ids=["kind", "sql"],
)
def test_spec_error_names_chart_and_value(chart: Chart, said: str) -> None:
    with pytest.raises(CockpitError, match=said):
        build(page(Row((chart,))), ROUTES)


def test_label_longer_than_postgresql_allows_is_refused() -> None:
    chart = Chart(
        "a", "bar", "marts.routes", {}, 6, 40, options={"date": "day", "metrics": [{"sql": "1", "label": "很" * 22}]}
    )
    with pytest.raises(CockpitError, match="longer than 63 bytes"):
        form_data(chart, "zh")
