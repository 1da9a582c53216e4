"""Every notebook answers its question from the published marts: one picture, computed words, no output kept."""

import ast
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from govlake.errors import EditionError
from govlake.settings import PROJECT
from notebooks import edition as door
from notebooks import show

NOTEBOOKS = show.notebooks()
NAMES = [file.stem for file in NOTEBOOKS]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
running = [pytest.mark.engine, pytest.mark.postgres]


def outputs(notebook: Any, kind: str) -> list[Any]:
    return [output["data"][kind] for output in every_output(notebook) if kind in output.get("data", {})]


def every_output(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def test_there_is_one_for_each_domain_and_one_on_data_quality() -> None:
    assert NAMES == ["health", "hotline", "quality", "safety", "services", "transit"]


def test_no_output_is_committed() -> None:
    """Notebooks are scripts of cells; a file that could hold outputs is not kept at all."""
    listed = subprocess.run(["git", "ls-files", "-z", "*.ipynb"], cwd=PROJECT, capture_output=True, check=True)
    assert listed.stdout == b""


@pytest.mark.parametrize("file", NOTEBOOKS, ids=NAMES)
def test_it_asks_one_question_in_both_languages_of_gold_alone(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    head = text.partition("\n\n")[0]
    assert head.count("# # ") == 1 and head.count("Question.") == 1 and head.count("Data.") == 1
    assert CHINESE.search(head) and re.search(r"[A-Za-z]{4} [a-z]{2}", head)
    assert text.count("drawing.axes(") == text.count("drawing.show()") == text.count("drawing.say(") == 1
    tables = re.findall(r"(?:FROM|JOIN)\s+([\w.]+)", text)
    assert all(table.startswith("marts.") for table in tables), tables
    imported = {node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    assert imported == {"notebooks"}


def test_public_safety_is_shown_for_the_whole_city_and_never_ranked() -> None:
    text = (show.FOLDER / "safety.py").read_text(encoding="utf-8")
    assert "monitor_only" in text
    assert not re.search(r"district|street|ordered|sort_values|dim_org|station", text)


@pytest.mark.parametrize("name", NAMES)
class TestExecuted:
    """What each notebook shows when it is run."""

    pytestmark = running

    def test_it_shows_one_picture_whose_letters_are_all_there(self, name: str, shown: dict[str, Any]) -> None:
        assert not isinstance(shown[name], Exception), shown[name]
        pictures = outputs(shown[name], "image/png")
        assert len(pictures) == 1 and len(pictures[0]) > 20_000
        said = [output["text"] for output in every_output(shown[name]) if output["output_type"] == "stream"]
        assert said == [], "a letter without a glyph, or another warning"

    def test_its_answer_is_in_words_and_numbers(self, name: str, shown: dict[str, Any]) -> None:
        (answer,) = outputs(shown[name], "text/markdown")
        chinese, english = answer.split("\n\n")
        assert CHINESE.search(chinese) and re.search(r"\d", chinese)
        assert not CHINESE.search(english) and re.search(r"\d", english)
        assert "nan" not in answer.lower()


class TestTheDoor:
    """Notebooks read as the role that may only read."""

    pytestmark = running

    def test_nothing_can_be_written(self, edition: int) -> None:
        assert door.shown().startswith(f"版本 Edition {edition} ")
        for question in ("DELETE FROM marts.dim_area", "CREATE TABLE marts.x (a int)", "SELECT 1 FROM ledger.batches"):
            with pytest.raises(EditionError, match="The question was refused"):
                door.ask(question)

    def test_what_is_not_there_is_said_in_a_sentence(self, edition: int) -> None:
        with pytest.raises(EditionError, match=r"lacks a mart .*kpi_nothing"):
            door.ask("SELECT * FROM marts.kpi_nothing")
        with pytest.raises(EditionError, match=r"no value of transit\.boardings by day"):
            door.cells(["transit.boardings"], "day", "city")

    def test_what_may_not_be_ranked_keeps_the_order_of_its_codes(self, edition: int) -> None:
        internal = door.ordered(door.cells(["services.default_rating"], "month", "district"))
        assert list(internal["area_code"]) == sorted(internal["area_code"])
        rankable = door.ordered(door.cells(["transit.punctuality"], "month", "district"))
        assert list(rankable["value"]) == sorted(rankable["value"], reverse=True)

    def test_a_page_needs_nothing_from_outside(self, shown: dict[str, Any]) -> None:
        page = show.page(shown["transit"], "transit")
        assert "data:image/png;base64," in page and "http" not in page
