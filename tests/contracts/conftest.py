"""A good contract to spoil: one change per test, so that one fault is caught at a time."""

import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from govlake.contracts.document import PlainLoader
from govlake.settings import settings

GOOD = Path(__file__).with_name("good.yaml")
Spoil = Callable[[dict[str, Any]], object]


@pytest.fixture
def document() -> dict[str, Any]:
    """The good contract as YAML data."""
    return yaml.load(GOOD.read_text(encoding="utf-8"), PlainLoader)


@pytest.fixture
def written(tmp_path: Path, document: dict[str, Any]) -> Callable[..., Path]:
    """Writes the good contract after a change; returns the file."""

    def write(spoil: Spoil | None = None, name: str = "taps.yaml") -> Path:
        data = deepcopy(document)
        if spoil:
            spoil(data)
        file = tmp_path / "transport" / name
        file.parent.mkdir(exist_ok=True)
        shutil.copy(GOOD.with_name("area.csv"), file.parent)
        file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
        return file

    return write


@pytest.fixture
def open_data() -> Path:
    """The folder of real data sets next to the project."""
    folder = settings().open_data
    if not folder.is_dir():
        pytest.skip(f"the open data sets are not at {folder}")
    return folder


def column(data: dict[str, Any], name: str) -> dict[str, Any]:
    """The column `name` of the good contract's table."""
    return next(entry for entry in data["schema"][0]["properties"] if entry["name"] == name)


def rule(data: dict[str, Any], name: str) -> dict[str, Any]:
    """The table rule `name` of the good contract."""
    return next(entry for entry in data["schema"][0]["quality"] if entry["id"] == name)


def put(entry: dict[str, Any], name: str, value: object) -> None:
    """Set a custom property, replacing the one of that name."""
    kept = [custom for custom in entry.get("customProperties", []) if custom["property"] != name]
    entry["customProperties"] = [*kept, {"property": name, "value": value}]
