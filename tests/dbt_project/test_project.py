"""The project as text: it parses, names are unique, every mart is documented in both languages, sources are true."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from govlake.contracts import load_pack
from govlake.sample import city
from govlake.sample.city import DISTRICTS, LINES
from govlake.settings import PROJECT, settings
from spark_jobs import dbt_runner, dbt_sources

OPEN_DATA = PROJECT / "examples" / "open_data"
MODELS = PROJECT / "dbt_project" / "models"
ELSEWHERE = "sc://127.0.0.1:1"  # nobody asks this engine


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GOVLAKE_HOME", str(tmp_path_factory.mktemp("home")))
        environment.setenv("GOVLAKE_ENGINE_URL", ELSEWHERE)
        settings.cache_clear()
        packs = [load_pack(PROJECT / "contracts"), load_pack(OPEN_DATA)]
        yield dbt_runner.parse(dbt_runner.compose(packs))
    settings.cache_clear()


def test_a_file_that_says_what_it_should_is_left_alone(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOVLAKE_ENGINE_URL", ELSEWHERE)
    settings.cache_clear()
    shutil.copytree(OPEN_DATA, tmp_path / "open_data")
    city, pack = load_pack(PROJECT / "contracts"), load_pack(tmp_path / "open_data")
    project = dbt_runner.compose([city, pack])
    before = times(project)
    own = sorted((pack.path / "dbt" / "models").rglob("*.sql"))
    for file in own:
        os.utime(file, (1, 1))
    own[0].write_text("select 1 as one\n")
    own[1].unlink()
    dbt_runner.compose([city, pack])
    after = times(project)
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert {Path(name).name for name in changed} == {file.name for file in own[:2]}
    assert [name for name in after if name.endswith(f"/{own[1].name}")] == []
    (home / "run" / "dbt" / "models" / "stray.sql").write_text("select 1")
    assert times(dbt_runner.compose([city, pack])) == after


def times(project: Path) -> dict[str, int]:
    """When each model was written."""
    files = [file for file in (project / "models").rglob("*") if file.is_file()]
    return {file.relative_to(project).as_posix(): file.stat().st_mtime_ns for file in files}


def test_every_model_has_a_name_of_its_own_and_a_description(manifest: Any) -> None:
    models = [node for node in manifest.nodes.values() if node.resource_type == "model"]
    assert len(models) > 15
    names = [node.alias for node in models]
    assert len(names) == len(set(names)), "dbt shares one session: two models of one name overwrite each other"
    assert [node.name for node in models if not node.description] == []


def test_every_mart_says_its_grain_and_names_its_columns_in_both_languages(manifest: Any) -> None:
    found = [node for node in manifest.nodes.values() if node.config.materialized == "mart"]
    assert len(found) >= 10
    for node in found:
        assert "one row per" in " ".join(node.description.lower().split()), node.name
        assert {"title_zh", "title_en", "grain", "domain", "sources"} <= set(node.config.meta), node.name
        assert node.config.meta["domain"] == node.fqn[-2], node.name
        assert set(node.config.meta["grain"]) <= set(node.columns), node.name
        for column in node.columns.values():
            assert {"zh", "en"} <= set(column.config.meta), f"{node.name}.{column.name}"
            assert column.data_type, f"{node.name}.{column.name}"


def test_the_built_in_sources_are_those_of_the_contracts() -> None:
    written = (PROJECT / "dbt_project" / dbt_sources.BUILT_IN).read_text(encoding="utf-8")
    assert written == dbt_sources.text(load_pack(PROJECT / "contracts")), "run python -m spark_jobs.dbt_sources"


def test_the_calendar_of_working_days_is_the_announced_one() -> None:
    written = (PROJECT / "dbt_project" / dbt_sources.CALENDAR).read_text(encoding="utf-8")
    assert written == dbt_sources.calendar(), "run python -m spark_jobs.dbt_sources"


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("city/dim_district", [word for d in DISTRICTS for word in (d.code, d.zh, d.en)]),
        ("transit/dim_line", [word for line in LINES for word in (line.id, line.zh)]),
        ("hotline/dim_topic", [word for topic in city.TOPICS for word in (topic[0], topic[1])]),
    ],
)
def test_the_citys_names_are_those_of_its_deliveries(model: str, words: list[str]) -> None:
    text = (MODELS / "marts" / f"{model}.sql").read_text(encoding="utf-8")
    assert [word for word in words if f"'{word}'" not in text] == []


def test_each_model_has_its_description_beside_it() -> None:
    files = sorted(MODELS.rglob("*.sql"))
    assert files
    for file in files:
        described = yaml.safe_load(file.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
        assert [model["name"] for model in described] == [file.stem]


def test_every_condition_of_a_suite_is_about_columns_of_its_mart(manifest: Any) -> None:
    columns = {node.name: set(node.columns) for node in manifest.nodes.values() if node.resource_type == "model"}
    conditions = [
        (model, entry["id"], entry["holds"])
        for file in sorted((PROJECT / "expectations" / "suites").glob("*.yaml"))
        for model, entries in yaml.safe_load(file.read_text(encoding="utf-8")).items()
        for entry in entries
        if "holds" in entry
    ]
    assert len(conditions) > 20
    for model, name, holds in conditions:
        words = set(re.findall(r"\b[a-z]\w*", re.sub(r"'[^']*'", " ", holds))) - {"abs"}
        assert words <= columns[model], f"{model}.{name}"
