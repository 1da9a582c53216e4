"""The hotline centre's daily delivery: a zip with one UTF-8 CSV of the tickets that changed on the day."""

import csv
import io
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from govlake.sample.tickets import LIFE_D, Ticket, opened_on

ENCODING = "utf-8"
MEMBER = "工单.csv"
HEADERS = (
    *("工单编号", "受理时间", "来电号码", "受理渠道", "诉求类型", "诉求类别", "区划代码", "紧急程度", "诉求内容"),
    *("办结期限", "办结时间", "工单状态", "回访时间", "回访结果", "解决情况", "满意度", "更新时间"),
)
# Defects in every delivery, whatever its size, and the rules of the contract that each of them breaks.
COUNTS = {
    "closed_before_opened": 3,
    "unknown_district": 4,
    "bad_time": 2,
    "missing_text": 3,
    "unknown_topic": 2,
    "future_open": 1,
    "duplicate": 5,
    "superseded": 4,
    "empty": 6,
}
RULES = {
    "closed_before_opened": ("closed_after_opened",),
    "unknown_district": ("district_code.enum",),
    "bad_time": ("opened_at.type",),
    "missing_text": ("text.required",),
    "unknown_topic": ("topic.enum",),
    "future_open": ("opened_before_update",),
    "empty": ("row.empty",),
}


def ticket_rows(day: date, scale: float, seed: int) -> tuple[list[list[str]], dict[str, int]]:
    """The delivery's data rows as text, and how many of each defect they hold."""
    end = datetime.combine(day, time.max)
    cohorts = [opened_on(day - timedelta(days=age), scale, seed) for age in range(LIFE_D, -1, -1)]
    changed = [ticket.at(end) for cohort in cohorts for ticket in cohort if ticket.changed(day)]
    rows = [_row(ticket) for ticket in changed]
    answers = {"opened": len(cohorts[-1]), "updates": len(changed) - len(cohorts[-1])}
    return rows, answers | _plant(rows, changed, day, seed)


def csv_bytes(headers: list[str], rows: list[list[str]], encoding: str = ENCODING) -> bytes:
    """Headers and rows as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def zip_bytes(content: bytes, member: str = MEMBER) -> bytes:
    """A zip of one file; the same content makes the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(member, (2000, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def write_tickets(path: Path, day: date, scale: float, seed: int) -> dict[str, int]:
    """Write the day's delivery; returns how many of each defect it has."""
    rows, answers = ticket_rows(day, scale, seed)
    path.write_bytes(zip_bytes(csv_bytes(list(HEADERS), rows)))
    return answers


def _row(ticket: Ticket) -> list[str]:
    return [
        *(ticket.number, _moment(ticket.opened), ticket.caller, ticket.channel, ticket.type, ticket.topic),
        *(ticket.district, ticket.urgency, ticket.text, _moment(ticket.due), _moment(ticket.closed)),
        *("办理中" if ticket.closed is None else "已办结", _moment(ticket.called_back), ticket.callback),
        *(ticket.resolution, ticket.rating, _moment(ticket.updated)),
    ]


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"


def _plant(rows: list[list[str]], tickets: list[Ticket], day: date, seed: int) -> dict[str, int]:
    """Spoil rows in place, append repeats, and count; every defect gets rows of its own."""
    rng = np.random.default_rng([seed, day.toordinal(), 4])
    at = {header: place for place, header in enumerate(HEADERS)}
    order = [int(pick) for pick in rng.permutation(len(rows))]
    closed = [pick for pick in order if tickets[pick].closed is not None]
    picks = {"closed_before_opened": closed[: COUNTS["closed_before_opened"]]}
    free = [pick for pick in order if pick not in picks["closed_before_opened"]]
    for name, count in COUNTS.items():
        if name not in ("closed_before_opened", "empty"):
            picks[name], free = free[:count], free[count:]
    early = timedelta(hours=5)
    for pick in picks["closed_before_opened"]:
        rows[pick][at["办结时间"]] = _moment(tickets[pick].opened - early)
    for pick in picks["future_open"]:
        rows[pick][at["受理时间"]] = _moment(tickets[pick].updated + timedelta(days=2))
        rows[pick][at["办结期限"]] = rows[pick][at["办结时间"]] = ""
        rows[pick][at["工单状态"]] = "办理中"
    for name, header, value in (
        ("unknown_district", "区划代码", "990199"),
        ("bad_time", "受理时间", f"{day:%Y}年13月45日"),
        ("missing_text", "诉求内容", ""),
        ("unknown_topic", "诉求类别", "待分类"),
    ):
        for pick in picks[name]:
            rows[pick][at[header]] = value
    rows += [list(rows[pick]) for pick in picks["duplicate"]]
    rows += [_corrected(rows[pick], tickets[pick], at) for pick in picks["superseded"]]
    rows += [[""] * len(HEADERS) for _ in range(COUNTS["empty"])]
    return {name: len(found) for name, found in picks.items()} | {"empty": COUNTS["empty"]}


def _corrected(row: list[str], ticket: Ticket, at: dict[str, int]) -> list[str]:
    """The ticket once more, with its topic put right a minute later."""
    again = list(row)
    again[at["诉求类别"]] = "市容环卫" if row[at["诉求类别"]] != "市容环卫" else "其他"
    again[at["更新时间"]] = _moment(ticket.updated + timedelta(minutes=1))
    return again
