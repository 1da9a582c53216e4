"""The compact spec read into pages, rows and charts. Words come in Chinese and English, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from govlake.errors import CockpitError

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
SPEC = Path(__file__).parent / "spec"
PARTS = Path(__file__).parent / "parts.yaml"
GRID = 12


@dataclass(frozen=True)
class Chart:
    """One chart: what it shows (`kind`, `dataset`, `options`) and where (`width` of 12, `height` in 8 px)."""

    id: str
    kind: str
    dataset: str
    title: Mapping[str, str]
    width: int
    height: int
    note: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """Charts side by side, with a heading above them where a new part of the page begins."""

    charts: tuple[Chart, ...]
    heading: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """One page in two languages. `roles` may open it; `optional` pages appear only when a chart of theirs does."""

    slug: str
    title: Mapping[str, str]
    intro: Mapping[str, str]
    roles: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def charts(self) -> list[Chart]:
        return [chart for row in self.rows for chart in row.charts]


def load_pages(timezone: str = "UTC", folder: Path = SPEC) -> tuple[Page, ...]:
    """Every page of the spec, in the order of the file names; `{timezone}` in it becomes the city's own."""
    pages = tuple(_page(file, timezone) for file in sorted(folder.glob("*.yaml")))
    if not pages:
        raise CockpitError(f"{folder} holds no page.", "Add one YAML file per page.")
    ids = [chart.id for page in pages for chart in page.charts]
    twice = sorted({chart_id for chart_id in ids if ids.count(chart_id) > 1})
    if twice:
        raise CockpitError(f"{folder}: chart ids are used twice: {', '.join(twice)}.", "Rename one of each.")
    return pages


def say(value: Any, language: Language) -> Any:
    """`value` in one language: a {zh, en} pair is picked, `{lang}` in a text is filled in, lists are walked."""
    if isinstance(value, Mapping):
        if set(value) == set(LANGUAGES):
            return say(value[language], language)
        return {key: say(item, language) for key, item in value.items()}
    if isinstance(value, list):
        return [say(item, language) for item in value]
    return value.replace("{lang}", language) if isinstance(value, str) else value


def _page(file: Path, timezone: str) -> Page:
    try:
        raw, parts = _read(file, timezone), _read(PARTS, timezone)
        rows = tuple(
            Row(
                charts=tuple(_chart(file, _with_part(chart, parts), row) for chart in row["charts"]),
                heading=row.get("heading", {}),
            )
            for row in raw["rows"]
        )
        return Page(raw["slug"], raw["title"], raw["intro"], tuple(raw["roles"]), rows)
    except yaml.YAMLError as error:
        raise CockpitError(f"{file.name} is not valid YAML: {error}.", "Correct it there.") from error
    except KeyError as error:
        raise CockpitError(f"{file.name}: {error.args[0]} is missing.", "See docs/cockpit.md.") from error


def _read(file: Path, timezone: str) -> dict[str, Any]:
    text = file.read_text(encoding="utf-8").replace("{timezone}", timezone)
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _with_part(raw: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """The chart with what the part that it is `like` says, as far as it does not say so itself."""
    return {**parts[raw["like"]], **raw} if "like" in raw else raw


def _chart(file: Path, raw: dict[str, Any], row: dict[str, Any]) -> Chart:
    known = {"like", "id", "kind", "dataset", "title", "width", "height", "note"}
    try:
        return Chart(
            id=raw["id"],
            kind=raw["kind"],
            dataset=raw["dataset"],
            title=raw["title"],
            width=int(raw["width"]),
            height=int(raw.get("height", row.get("height", 40))),
            note=raw.get("note", {}),
            options={key: value for key, value in raw.items() if key not in known},
        )
    except KeyError as error:
        raise CockpitError(
            f"{file.name}: the chart {raw.get('id', '?')} has no {error.args[0]}.", "See docs/cockpit.md."
        ) from error
