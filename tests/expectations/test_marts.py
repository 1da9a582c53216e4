"""Gate 3: identities of marts, written as suites."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from expectations import gates, marts
from govlake import lake
from govlake.errors import GateError
from govlake.ledger import Ledger
from govlake.settings import PROJECT, settings
from tests.expectations.test_rows import failed, results

SUITE = """
kpi_day:
  - {id: parts, holds: bus + metro = total, en: Parts are the total, zh: 分项之和等于总量}
  - {id: share, holds: on_time_n <= on_time_d, en: No share above 1, zh: 比率不超过1, dimension: "040202"}
  - id: same
    query: SELECT (SELECT sum(total) FROM {kpi_day}) - (SELECT sum(total) FROM {kpi_hour})
    minimum: 0
    maximum: 0
    severity: warn
    en: Days equal hours
    zh: 日小时一致
  - {id: modes, expect: ExpectColumnValuesToBeInSet, arguments: {column: kind, value_set: [all]}, en: Kinds, zh: 类别}
  - id: kinds
    expect: ExpectColumnUniqueValueCountToBeBetween
    arguments: {column: kind, max_value: 1}
    en: One kind
    zh: 仅一类
"""
DAY = {
    "bus": [1, 2],
    "metro": [3, 4],
    "total": [4, 6],
    "on_time_n": [1, 0],
    "on_time_d": [1, 0],
    "kind": ["all", "all"],
}


@pytest.fixture
def gold(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack with one suite, and the table it compares with."""
    monkeypatch.setenv("GOVLAKE_PACK", str(home.parent / "city"))
    settings.cache_clear()
    folder = settings().pack / "dbt" / "expectations"
    folder.mkdir(parents=True)
    (folder / "play.yaml").write_text(SUITE, encoding="utf-8")
    write("kpi_hour", {"total": [10]})


def write(model: str, columns: Mapping[str, Sequence[object]]) -> None:
    from deltalake import write_deltalake

    write_deltalake(lake.path("gold", "play", model), pa.table(dict(columns)), mode="overwrite")


@pytest.mark.engine
@pytest.mark.postgres
@pytest.mark.parametrize(
    ("spoiled", "broken", "verdict"),
    [
        ({}, [], "pass"),
        ({"bus": [1, 3]}, ["parts"], "hold"),
        ({"on_time_n": [2, 0]}, ["share"], "hold"),
        ({"metro": [3, 5], "total": [4, 7]}, ["same"], "flag"),
        ({"kind": ["all", "odd"]}, ["kinds", "modes"], "hold"),
    ],
    ids=["good", "parts", "share", "two marts", "expectations"],
)
def test_an_identity_bites(
    spoiled: dict[str, list[object]],
    broken: list[str],
    verdict: str,
    engine: str,
    ledger: Ledger,
    gold: None,
) -> None:
    write("kpi_day", {**DAY, **spoiled})
    outcome = gates.gate_3(["play.kpi_day"])
    assert (failed(outcome), outcome.verdict) == (broken, verdict)
    assert outcome.status == ("held" if verdict == "hold" else "done")
    assert len(ledger.gate_results("gold.play")) == 6


@pytest.mark.engine
@pytest.mark.postgres
def test_the_sentence_says_how_many_rows(engine: str, ledger: Ledger, gold: None) -> None:
    write("kpi_day", {**DAY, "bus": [1, 3]})
    outcome = gates.gate_3(["play.kpi_day"])
    assert results(outcome)["parts"].message_en == "Parts are the total: 1 of 2 rows (50 %) do not"
    assert outcome.detail["domains"] == {"play": "hold"}


def test_an_empty_mart_never_replaces_a_full_one() -> None:
    assert [(marts.judge_emptied("p.m", 0, shown).severity) for shown in (9, 0)] == ["hold", "warn"]
    assert marts.judge_emptied("p.m", 1, 9).passed


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"id": "a", "en": "", "zh": ""}, "does not say what must hold"),
        ({"id": "a", "en": "", "zh": "", "query": "select 1"}, "has no bound"),
        ({"id": "a", "en": "", "zh": "", "holds": "x", "unknown": 1}, "cannot be read"),
    ],
    ids=["nothing", "no bound", "unknown word"],
)
def test_a_suite_that_cannot_be_read_names_file_and_check(entry: dict[str, object], said: str) -> None:
    with pytest.raises(GateError, match=f"play.yaml: kpi_day.a.*{said}"):
        marts.read_check(Path("play.yaml"), "kpi_day", entry)


def test_every_suite_of_the_project_can_be_read() -> None:
    files = sorted(marts.SUITES.glob("*.yaml"))
    domains = {folder.name for folder in (PROJECT / "dbt_project" / "models" / "marts").iterdir()}
    assert domains and {file.stem for file in files} == domains, "every domain that has marts has a suite"
    assert all(marts.suite_of(file.stem) for file in files)
