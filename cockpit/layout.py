"""Where things stand on a page: Superset's position tree, made of a banner, headings and rows of charts."""

from typing import Any

from cockpit.pages import GRID, Chart, Language, Page, Row

BANNER_HEIGHT = 15
WORDS = {"zh": ("English", "-en"), "en": ("中文", "")}


def position(
    page: Page, others: list[Page], language: Language, ids: dict[str, str], names: dict[str, str]
) -> dict[str, Any]:
    """The position tree. `ids` and `names` give the uuid and the shown title per chart id."""
    tree: dict[str, Any] = {"DASHBOARD_VERSION_KEY": "v2"}
    tree["ROOT_ID"] = {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]}
    tree["GRID_ID"] = {"type": "GRID", "id": "GRID_ID", "children": [], "parents": ["ROOT_ID"]}
    tree["HEADER_ID"] = {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": page.title[language]}}
    _place_banner(tree, page, others, language)
    for number, row in enumerate(page.rows):
        if row.heading:
            _place_heading(tree, f"HEADER-{number}", row, language)
        _place_row(tree, f"ROW-{number}", row, ids, names)
    return tree


def _place_banner(tree: dict[str, Any], page: Page, others: list[Page], language: Language) -> None:
    word, suffix = WORDS[language]
    links = [f"[{other.title[language]}](/superset/dashboard/{address(other, language)}/)" for other in others]
    links.append(f"[{word}](/superset/dashboard/{page.slug}{suffix}/)")
    subtitle = f"{page.title['en']} — " if language == "zh" else ""
    code = f"# {page.title[language]}\n\n{subtitle}{page.intro[language]}\n\n" + " · ".join(links)
    _row(tree, "ROW-banner", ["MARKDOWN-banner"])
    tree["MARKDOWN-banner"] = {
        "type": "MARKDOWN",
        "id": "MARKDOWN-banner",
        "children": [],
        "parents": ["ROOT_ID", "GRID_ID", "ROW-banner"],
        "meta": {"code": code, "width": GRID, "height": BANNER_HEIGHT},
    }


def address(page: Page, language: Language) -> str:
    """The page's slug in `language`; Chinese has the plain one."""
    return page.slug if language == "zh" else f"{page.slug}-{language}"


def _place_heading(tree: dict[str, Any], name: str, row: Row, language: Language) -> None:
    text = row.heading["en"] if language == "en" else f"{row.heading['zh']} {row.heading['en']}"
    tree[name] = {
        "type": "HEADER",
        "id": name,
        "children": [],
        "parents": ["ROOT_ID", "GRID_ID"],
        "meta": {"text": text, "headerSize": "MEDIUM_HEADER", "background": "BACKGROUND_TRANSPARENT"},
    }
    tree["GRID_ID"]["children"].append(name)


def _place_row(tree: dict[str, Any], name: str, row: Row, ids: dict[str, str], names: dict[str, str]) -> None:
    _row(tree, name, [f"CHART-{chart.id}" for chart in row.charts])
    for chart, width in zip(row.charts, widths(row.charts), strict=True):
        tree[f"CHART-{chart.id}"] = {
            "type": "CHART",
            "id": f"CHART-{chart.id}",
            "children": [],
            "parents": ["ROOT_ID", "GRID_ID", name],
            "meta": {
                "uuid": ids[chart.id],
                "chartId": 0,
                "width": width,
                "height": chart.height,
                "sliceName": names[chart.id],
            },
        }


def widths(charts: tuple[Chart, ...]) -> list[int]:
    """The charts' widths, stretched to the whole grid where a chart was left out."""
    asked = [chart.width for chart in charts]
    stretched = [width * GRID // sum(asked) for width in asked]
    stretched[-1] += GRID - sum(stretched)
    return stretched if sum(asked) != GRID else asked


def _row(tree: dict[str, Any], name: str, children: list[str]) -> None:
    tree[name] = {
        "type": "ROW",
        "id": name,
        "children": children,
        "parents": ["ROOT_ID", "GRID_ID"],
        "meta": {"background": "BACKGROUND_TRANSPARENT"},
    }
    tree["GRID_ID"]["children"].append(name)
