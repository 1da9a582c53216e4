"""The register of indicators can be read, is right, and everything that is made from it is as it says."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from govlake.contracts import load_pack
from govlake.errors import IndicatorError
from govlake.indicators import Indicator, Register, load_register
from govlake.indicators.lint import check
from govlake.indicators.load import read_book
from govlake.indicators.model import DOMAINS, Book
from govlake.indicators.models import generated
from govlake.indicators.pages import pages
from govlake.settings import PROJECT

DBT = PROJECT / "dbt_project"


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register(DBT)


def changed(register: Register, which: str, /, **fields: Any) -> Register:
    """The register with one indicator changed."""
    books = []
    for book in register.books:
        entries = [Indicator.model_validate(i.model_dump() | fields) if i.id == which else i for i in book.indicators]
        books.append(Book.model_validate(book.model_dump() | {"indicators": [i.model_dump() for i in entries]}))
    return Register(tuple(books), register.marts)


def test_nothing_is_wrong_with_the_register(register: Register) -> None:
    """Every column exists, and no indicator is defined twice: not by id, name or computation."""
    assert [str(finding) for finding in check(register)] == []


def test_every_domain_has_at_least_eight_indicators(register: Register) -> None:
    assert [book.domain for book in register.books] == list(DOMAINS)
    assert {book.domain: len(book.indicators) for book in register.books if len(book.indicators) < 8} == {}


def test_what_follows_from_the_register_is_committed(register: Register) -> None:
    files = generated(register, DBT)
    assert len(files) == len(DOMAINS) + 4
    stale = [path.name for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `govlake indicators build`"


def test_public_security_is_only_watched(register: Register) -> None:
    found = [indicator for indicator in register.indicators if indicator.id.startswith("safety.")]
    assert found
    for indicator in found:
        assert not indicator.is_rankable and indicator.target is None, indicator.id
        assert all("street" not in levels for levels in indicator.cells.values()), indicator.id


@pytest.mark.parametrize(
    ("id", "fields", "problem"),
    [
        pytest.param("transit.completion", {"numerator": "trips_done"}, "has no column trips_done", id="column"),
        pytest.param("transit.completion", {"mart": "kpi_transit_nowhere"}, "does not exist", id="mart"),
        pytest.param(
            "transit.completion", {"mart": "kpi_hotline_day"}, "The book says nothing", id="mart of another book"
        ),
        pytest.param("transit.completion", {"cells": {"month": ["street"]}}, "knows no street", id="level"),
        pytest.param("transit.senior_share", {"cells": {"day": ["city"]}}, "cannot be made of the months", id="period"),
        pytest.param("transit.completion", {"interval": "none"}, "Only a share has a Wilson", id="interval"),
        pytest.param("transit.excess_wait", {"kind": "rate"}, "can have another taken off", id="second ratio"),
        pytest.param("transit.completion", {"denominator": ""}, "do not go together", id="denominator"),
        pytest.param("transit.completion", {"minimum_denominator": 0}, "how small a denominator", id="minimum"),
        pytest.param(
            "health.beds_per_1000", {"cells": {"year": ["city"], "month": ["city"]}}, "stock", id="population"
        ),
        pytest.param("safety.mediation", {"use_policy": "rankable"}, "watched, never ranked", id="ranking the police"),
        pytest.param(
            "safety.mediation", {"target": {"kind": "plan", "green": 1}}, "has no target", id="watched target"
        ),
        pytest.param("transit.completion", {"direction": "none"}, "no better side", id="direction"),
        pytest.param("transit.completion", {"direction": "down"}, "better side of green", id="thresholds"),
        pytest.param("transit.completion", {"supersedes": "transit.gone"}, "nobody knows", id="successor"),
        pytest.param("transit.completion", {"effective_to": "2025-01-01"}, "ends before it begins", id="dates"),
        pytest.param("transit.completion", {"name_zh": "x", "definition_zh": "x"}, "no Chinese", id="language"),
        pytest.param("transit.completion", {"name_en": "Punctuality"}, "has the name of", id="name twice"),
        pytest.param(
            "health.cost_per_visit_all", {"denominator": "visits"}, "has the computation of", id="defined twice"
        ),
        pytest.param("transit.completion", {"overview": 1}, "has the place on the first page of", id="place twice"),
        pytest.param("services.online", {"overview": 99}, "shows days of the whole city", id="first page of months"),
        pytest.param("transit.punctuality", {"overview": 99}, "is of one delivery", id="first page of many"),
        pytest.param("transit.completion", {"id": "bus.completion"}, "does not begin with its domain", id="id"),
    ],
)
def test_the_lint_bites(register: Register, id: str, fields: dict[str, Any], problem: str) -> None:
    found = [str(finding) for finding in check(changed(register, id, **fields))]
    assert any(problem in finding for finding in found), found


def test_a_misspelt_field_is_named(tmp_path: Path) -> None:
    book = yaml.safe_load((DBT / "indicators" / "transit.yaml").read_text(encoding="utf-8"))
    book["indicators"][0]["use_polizy"] = "public"
    file = tmp_path / "transit.yaml"
    file.write_text(yaml.safe_dump(book, allow_unicode=True), encoding="utf-8")
    with pytest.raises(IndicatorError, match=r"transit\.yaml: transit\.punctuality\.use_polizy"):
        read_book(file)


def test_the_pages_are_what_register_and_contracts_say(register: Register) -> None:
    found = pages(register, load_pack(PROJECT / "contracts"), PROJECT / "docs")
    assert len(found) == len(DOMAINS) + 1
    stale = [path.name for path, text in found.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `govlake indicators docs`"


def test_the_reference_explains_every_field() -> None:
    text = (PROJECT / "docs" / "indicators.md").read_text(encoding="utf-8")
    assert [name for name in Indicator.model_fields if f"`{name}`" not in text] == []
