"""Corrected deliveries of several departments in a whole city: what they changed for leaders is told, all of it."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from govlake import pipeline
from govlake.ledger import Ledger
from govlake.sample import catalogue, formats
from govlake.sample.deliver import deliver, file_of

pytestmark = [pytest.mark.engine, pytest.mark.postgres]
DAY, BEFORE, NEXT, SCALE = date(2026, 9, 1), date(2026, 8, 31), date(2026, 9, 2), 0.05
SUNDAY = date(2026, 8, 30)
CITY = (
    *("city.area", "city.population", "city.weather", "health.bed_day", "health.institution", "hotline.callback"),
    *("hotline.contact", "hotline.ticket", "safety.call", "safety.response", "services.rating", "transit.card_tap"),
)
CONTACT_MART = "kpi_hotline_contact_day"
CONTACTS = ("hotline.connection", "hotline.on_spot", "hotline.within_15_s")
DOMAINS = {
    "transit.card_tap": ("transit",),
    "safety.response": ("safety",),
    "health.institution": ("health",),
    "hotline.callback": ("hotline",),
}
CELL = "indicator_id, version, period, period_start, level, area_code"
CHANGED = f"""
SELECT {CELL}, o.value AS old_value, n.value AS new_value
FROM edition_{{}}.kpi_cell AS o LEFT JOIN edition_{{}}.kpi_cell AS n USING ({CELL})
WHERE o.value IS NOT NULL AND o.value IS DISTINCT FROM n.value
"""
Rows = list[dict[str, str]]
Cell = tuple[Any, ...]


def test_every_value_that_corrections_changed_is_told_and_no_other(home: Path, engine: str, ledger: Ledger) -> None:
    deliver(home, DAY, SCALE, only=CITY)
    deliver(home, SUNDAY, SCALE, only=("safety.call",))  # which the week's responses answer
    deliver(home, BEFORE, SCALE, only=("transit.card_tap",))
    publish(ledger, 1)

    # Next day's contacts come with the corrections: their month grows, and that is no restatement.
    deliver(home, NEXT, SCALE, only=("hotline.contact",))
    correct_taps(home)
    correct(home, "safety.response", SUNDAY, responses)
    correct(home, "health.institution", BEFORE, institutions)
    correct(home, "hotline.callback", SUNDAY, callbacks)
    publish(ledger, 2)
    changed = differences(ledger, 1)
    grown = {cell for cell in changed if cell[0] in CONTACTS}
    assert grown
    check(ledger, changed - grown, DOMAINS)
    days = {cell[3] for cell in changed if cell[0] == "transit.boardings" and cell[2] == "day"}
    assert days == {BEFORE, DAY}  # a tap went from one day to the other
    assert [cell for cell in changed if cell[5] == "990108" and cell[-1] is None]  # a district without institutions

    correct(home, "hotline.ticket", DAY, tickets)
    publish(ledger, 3)
    changed = differences(ledger, 2)
    check(ledger, changed, {"hotline.ticket": ("hotline", "transit")})
    told = {(cell[0], *cell[2:4]) for cell in changed}
    assert ("hotline.on_time", "day", DAY) in told  # of a ticket of August
    assert {name for name, *_ in told if name.startswith("transit")} == {"transit.requests"}


def publish(ledger: Ledger, edition: int) -> None:
    """Take what was delivered; `edition` is the one that holds it."""
    report = pipeline.run(catalogue.pack(), progress=lambda line: None)
    assert report.published and not report.failed and not report.held, [row["line"] for row in report.rows]
    current = ledger.current_edition()
    assert current and current["edition"] == edition


def differences(ledger: Ledger, before: int) -> set[Cell]:
    """Cells that had a value in the edition and have another one, or none, in the next."""
    return {tuple(row.values()) for row in ledger.query(CHANGED.format(before, before + 1))}


def check(ledger: Ledger, changed: set[Cell], domains: dict[str, tuple[str, ...]]) -> None:
    """Corrections of these datasets tell the cells, each those of the domains that alone are made from it."""
    assert changed and {cell[0].split(".")[0] for cell in changed} == {
        name for part in domains.values() for name in part
    }
    edition = max(row["edition"] for row in ledger.editions())
    newest = [row for row in ledger.restatements() if row["edition_after"] == edition]
    assert {row["dataset"] for row in newest} == set(domains)
    differing = different_marts(ledger, edition - 1)
    for found in newest:
        row = ledger.restatement(found["restatement_id"])
        mine = {cell for cell in changed if cell[0].startswith(domains[row["dataset"]])}
        told = {
            tuple(cell[name] for name in (*CELL.split(", "), "old_value", "new_value"))
            for cell in row["indicator_cells"]
        }
        assert told == mine
        assert (row["cells_changed"], row["indicators"]) == (len(mine), sorted({cell[0] for cell in mine}))
        others = {
            name for name in differing if name.startswith(tuple(f"kpi_{word}_" for word in domains[row["dataset"]]))
        }
        assert {"kpi_cell", *others} - {CONTACT_MART} <= set(row["marts"]) <= differing


def different_marts(ledger: Ledger, before: int) -> set[str]:
    """Marts of which the next edition holds other rows."""
    found = set()
    for mart in ledger.editions()[0]["tables"]:
        one, other = (f"(SELECT * FROM edition_{number}.{mart['table']})" for number in (before, before + 1))
        if ledger.query(f"({one} EXCEPT ALL {other}) UNION ALL ({other} EXCEPT ALL {one})"):
            found.add(mart["table"])
    return found


def correct(home: Path, dataset: str, day: date, edit: Callable[[Rows], Iterable[dict[str, str]]]) -> None:
    """Deliver once more for the day, with other rows."""
    contract = catalogue.pack().find(dataset)
    made = catalogue.delivery(dataset, day, SCALE)
    texts = pa.Table.from_pylist(list(edit(made.texts.to_pylist())), made.texts.schema)
    formats.write(file_of(home / "inbox", dataset, day), texts, contract.source, contract.title_zh)


def correct_taps(home: Path) -> None:
    """The first ride on a bus was on the day before."""
    file = file_of(home / "inbox", "transit.card_tap", DAY)
    lines = file.read_text(encoding="gb18030").splitlines()
    place = next(n for n, line in enumerate(lines) if ",巴士," in line)
    cells = lines[place].split(",")
    cells[1] = cells[1].replace(str(DAY), str(BEFORE))
    file.write_text("\n".join([*lines[:place], ",".join(cells), *lines[place + 1 :], ""]), encoding="gb18030")


def responses(rows: Rows) -> Iterable[dict[str, str]]:
    """Whoever mediated arrived when it was over, and the last response of all did not take place."""
    for row in rows[:-1]:
        yield row | {"到达现场时间": row["处警结束时间"]} if row["是否调解"] == "是" else row


def institutions(rows: Rows) -> Iterable[dict[str, str]]:
    """Those of one district belong to its neighbour."""
    for row in rows:
        yield row | {"所属街道代码": row["所属街道代码"].replace("990108", "990107")}


def tickets(rows: Rows) -> Iterable[dict[str, str]]:
    """What was due today was due two days ago, and everything opened today is about transport."""
    for row in rows:
        topic = "公共交通" if row["受理时间"].startswith(str(DAY)) else row["诉求类别"]
        yield row | {"办结期限": row["办结期限"].replace(str(DAY), str(SUNDAY)), "诉求类别": topic}


def callbacks(rows: Rows) -> Iterable[dict[str, str]]:
    """What was not solved is."""
    for row in rows:
        yield row | {"solved": "已解决"} if row["solved"] == "未解决" else row
