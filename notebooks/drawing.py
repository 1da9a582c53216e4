"""How every picture looks: Chinese and Latin letters, one style, the finding as the title, few lines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from govlake.errors import GovlakeError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

INK, GREY, PALE = "#22313f", "#8a949e", "#e4e8eb"
BLUE, ORANGE, GREEN, RED = "#1f6f8b", "#d9822b", "#3a7d44", "#b03a2e"
# Families that hold Chinese letters, the first that is installed is used.
FAMILIES = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Zen Hei", "SimHei")
STYLE: dict[Any, Any] = {
    "figure.dpi": 110,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.unicode_minus": False,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "font.size": 10,
    "legend.frameon": False,
}


def axes(title_zh: str, title_en: str, foot: str, height: float = 4.8) -> "Axes":
    """An empty picture under its finding, with its source at the foot. Raises GovlakeError without a Chinese font."""
    import matplotlib.pyplot as plt

    plt.rcParams.update({**STYLE, "font.family": [_family(), "DejaVu Sans"]})
    figure, place = plt.subplots(figsize=(9, height), layout="constrained")
    place.use_sticky_edges = False
    figure.suptitle(f"{title_zh}\n{title_en}", x=0.01, ha="left", fontsize=13, fontweight="bold", linespacing=1.4)
    figure.supxlabel(foot, x=0.01, ha="left", fontsize=8, color=GREY)
    return place


def show() -> None:
    """The picture, below the cell."""
    import matplotlib.pyplot as plt

    plt.show()


def _family() -> str:
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    found = [family for family in FAMILIES if family in known]
    if not found:
        raise GovlakeError(
            "No Chinese font is installed, so the pictures would show boxes.",
            "Install one, for example the system's package fonts-noto-cjk, and delete matplotlib's cache of fonts.",
        )
    return found[0]


def dots(place: "Axes", cells: "pd.DataFrame", labels: Sequence[str], colours: Sequence[str]) -> None:
    """One dot per cell from top to bottom, with its interval where the register gives one, and its value beside it."""
    for row, (cell, colour) in enumerate(zip(cells.to_dict("records"), colours, strict=True)):
        if cell["low"] == cell["low"] and cell["low"] is not None:
            place.plot([cell["low"], cell["high"]], [row, row], color=colour, linewidth=2.2, solid_capstyle="butt")
        place.plot(cell["value"], row, "o", color=colour, markersize=7)
        left = cell["value"] if cell["low"] is None or cell["low"] != cell["low"] else cell["low"]
        text = f"{cell['value']:.{cell['decimals']}f}"
        place.annotate(
            text, (left, row), (-6, 0), textcoords="offset points", ha="right", va="center", fontsize=9, color=colour
        )
    place.set_yticks(range(len(labels)), labels)
    place.invert_yaxis()
    place.margins(x=0.06, y=0.08)
    place.tick_params(axis="y", length=0)
    place.spines["left"].set_visible(False)


def limit(place: "Axes", value: float, label: str, colour: str = GREY) -> None:
    """A vertical line that says what it stands for."""
    place.axvline(value, color=colour, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    place.annotate(label, (value, 1), (0, 2), xycoords=("data", "axes fraction"), textcoords="offset points",
                   ha="center", va="bottom", fontsize=8, color=colour)  # fmt: skip


def legend(place: "Axes") -> None:
    """What the colours mean, above the picture, where nothing is drawn."""
    place.legend(loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=3, borderaxespad=0.2, fontsize=9)


def say(zh: str, en: str) -> None:
    """The answer in words, Chinese first."""
    from IPython.display import Markdown, display

    display(Markdown(f"**答案 Answer.** {zh}\n\n{en}"))


def named(cell: Any) -> str:
    """An area or a thing in both languages."""
    return f"{cell['area_zh']} {cell['area_en']}"


def table(place: "Axes", values: "pd.DataFrame", rows: Sequence[str], columns: Sequence[str]) -> None:
    """Numbers in a grid, darker where they are greater; what is not known stays blank."""
    grid = values.to_numpy(float)
    place.imshow(grid, cmap="Oranges", aspect="auto", vmin=0)
    strong = 0.6 * max(values.max().max(), 1)
    for row, column in ((row, column) for row in range(len(rows)) for column in range(len(columns))):
        if grid[row, column] == grid[row, column]:
            colour = "white" if grid[row, column] > strong else INK
            place.text(
                column,
                row,
                f"{grid[row, column]:,.{0 if grid[row, column] >= 100 else 1}f}",
                ha="center",
                va="center",
                color=colour,
            )
    place.set_xticks(range(len(columns)), columns)
    place.set_yticks(range(len(rows)), rows)
    place.tick_params(length=0)
    for spine in place.spines.values():
        spine.set_visible(False)
