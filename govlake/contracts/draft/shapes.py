"""What a cell looks like: a number, a date in one of its many forms, a truth value, a text. And where the header is."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from math import ceil

BLANKS = " \t\n\r\f\u3000\u00a0\u200b\ufeff"
FULL_WIDTH = str.maketrans("０１２３４５６７８９：／－．，＋", "0123456789:/-.,+")
INTEGER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.0+)?")
NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?\.?\d+([eE][+-]?\d+)?%?")
YEAR = re.compile(r"(19|20)\d{2}")
TIME = re.compile(r"\d{1,3}:[0-5]\d(:[0-5]\d)?")
DAYS = (
    (re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"), "yyyy-M-d"),
    (re.compile(r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})"), "yyyy/M/d"),
    (re.compile(r"(?P<y>\d{4})\.(?P<m>\d{1,2})\.(?P<d>\d{1,2})"), "yyyy.M.d"),
    (re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日"), "yyyy年M月d日"),
    (re.compile(r"(?P<y>(19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])"), "yyyyMMdd"),
    (re.compile(r"(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>\d{4})"), "M/d/yyyy"),
    (re.compile(r"(?P<a>\d{1,2})-(?P<b>\d{1,2})-(?P<y>\d{4})"), "M-d-yyyy"),
    (re.compile(r"(?P<a>\d{1,2})\.(?P<b>\d{1,2})\.(?P<y>\d{4})"), "M.d.yyyy"),
    (re.compile(r"\d{1,2}-(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d{4}", re.I), "d-MMM-yyyy"),
    (re.compile(r"(?P<y>(19|20)\d{2})-(?P<m>0[1-9]|1[0-2])"), "yyyy-MM"),
    (re.compile(r"(?P<y>(19|20)\d{2})/(?P<m>0[1-9]|1[0-2])"), "yyyy/MM"),
)
CLOCK = re.compile(
    r"(?P<sep>[ T]?)(?P<h>\d{1,2}):(?P<min>\d{2})(:(?P<s>\d{2})(\.(?P<f>\d{1,9}))?)?"
    r"(?P<ap> ?[AaPp][Mm])?(?P<z> ?(Z|[+-]\d{2}:\d{2}))?"
)
COMPACT = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])[0-5]\d([0-5]\d)?")
ROC = (
    re.compile(r"(?P<y>0?\d{2,3})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])"),
    re.compile(
        r"(?P<y>\d{2,3})[年./-](?P<m>\d{1,2})[月./-](?P<d>\d{1,2})日?"
        r"( ?\d{1,2}[時时:]\d{1,2}(分(\d{1,2}秒)?|:\d{1,2})?)?"
    ),
)
LATEST_ROC_YEAR = 150
TRUE_FALSE = ({"true", "false"}, {"t", "f"}, {"yes", "no"}, {"y", "n"}, {"是", "否"})


def clean(cell: str) -> str:
    """The cell without outer white space, its digits in half width."""
    return cell.strip(BLANKS)


def moment(text: str) -> str:
    """The pattern that reads `text` as a date or a time, "roc", or "" where it is none."""
    plain = text.translate(FULL_WIDTH)
    if COMPACT.fullmatch(plain):
        return "yyyyMMddHHmmss" if len(plain) == 14 else "yyyyMMddHHmm"
    for pattern, written in DAYS:
        found = pattern.match(plain)
        if found and _exists(found.groupdict()):
            clock = _clock(plain[found.end() :])
            if clock is not None:
                return written + clock
    return "roc" if is_roc(plain) else ""


def is_roc(text: str) -> bool:
    """Whether `text` can be a day of the Republic's calendar, in which 2025 is 114."""
    for pattern in ROC:
        found = pattern.fullmatch(text)
        if found and 1 <= int(found["y"]) <= LATEST_ROC_YEAR:
            return _exists({"y": str(int(found["y"]) + 1911), "m": found["m"], "d": found["d"]})
    return False


def _clock(rest: str) -> str | None:
    """The pattern of the time behind a day; "" for none, None for something else."""
    if not rest:
        return ""
    found = CLOCK.fullmatch(rest)
    if not found:
        return None
    hour = "h" if found["ap"] else "H"
    text = {" ": " ", "T": "'T'", "": ""}[found["sep"]] + f"{hour}:mm"
    text += ":ss" if found["s"] else ""
    text += "." + "S" * len(found["f"]) if found["f"] else ""
    text += (" a" if found["ap"].startswith(" ") else "a") if found["ap"] else ""
    text += (" XXX" if found["z"].startswith(" ") else "XXX") if found["z"] else ""
    return text


def _exists(parts: dict[str, str | None]) -> bool:
    """Whether the day of a pattern's groups is in the calendar; month and day may stand in either order."""
    year, month, day = parts.get("y"), parts.get("m"), parts.get("d") or "1"
    if parts.get("a"):
        first, second = int(str(parts["a"])), int(str(parts["b"]))
        month, day = (str(first), str(second)) if first <= 12 else (str(second), str(first))
    if not year or not month:
        return True
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def kind(text: str) -> str:
    """What a cell holds: year, number, time, moment or text."""
    if YEAR.fullmatch(text):
        return "year"
    if NUMBER.fullmatch(text):
        return "number"
    if TIME.fullmatch(text):
        return "time"
    return "moment" if moment(text) else "text"


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """The 1-based row that names the columns, below any title rows; 0 where no row does."""
    filled = [sum(1 for cell in row if clean(str(cell))) for row in rows]
    usual = Counter(width for width in filled if width).most_common(1)
    if not usual:
        return 1
    enough = max(min(2, usual[0][0]), ceil(0.6 * usual[0][0]))
    first = next(index for index, width in enumerate(filled) if width >= enough)
    body = [row for row in rows[first + 1 : first + 200] if any(row)]
    return first + 1 if _names_columns(rows[first], body) else 0


def _names_columns(row: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether `row` is of another kind than the rows below it."""
    cells = [clean(str(cell)) for cell in row]
    score = 0
    for position, cell in enumerate(cells):
        below = [clean(str(other[position])) for other in body if position < len(other)]
        kinds = Counter(kind(value) for value in below if value)
        if not cell or not kinds:
            continue
        usual = kinds.most_common(1)[0][0]
        if usual != "text":
            score += 1 if kind(cell) != usual else -1
        elif cell in below:
            score -= 1
    named = [cell for cell in cells if cell]
    distinct = len(set(named)) == len(named) and all(len(cell) <= 60 for cell in named)
    return score > 0 or (score == 0 and distinct and all(kind(cell) in ("text", "year") for cell in named))
