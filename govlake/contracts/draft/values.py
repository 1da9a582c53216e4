"""What the values of one column are: type, date patterns, range of a code table, nulls, personal data."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from govlake.contracts import personal
from govlake.contracts.columns import NULL_VALUES
from govlake.contracts.draft import shapes

# Share of the values that must be of a type before the column is; the others will be quarantined.
ENOUGH = 0.95
NULL_LIKE = re.compile(
    r"[-—－_/\\.?？*#]+|#N/A|#REF!|NIL|nil|none|NONE|未填|未填写|待补|暂无|null值|\(null\)|<null>", re.I
)
DATED = re.compile(r"日期|时间|時間|年月|日$|date|time|_at$|day|month|period|timestamp", re.I)
IDENTIFIER = re.compile(
    r"(^|_)(id|no|code|number|num|key|uid|uuid|zip|postcode)(_|$)|[编編][号號碼码]|代[码碼号號]|[号號]$", re.I
)
MONEY = re.compile(r"amount|fee|price|cost|paid|cny|money|金[额額]|费|費|价|價|元", re.I)
LONGEST_ENUM, LONGEST_VALUE, TIMES_EACH, RAREST = 10, 24, 20, 3
MOST_DIGITS, CODE_DIGITS = 18, 5


@dataclass(frozen=True)
class Values:
    """A column's profile. `misfits` are values that are not of the type, with how often each occurs."""

    type: str = "string"
    formats: tuple[str, ...] = ()
    rows: int = 0
    filled: int = 0
    distinct: int = 0
    enum: tuple[str, ...] = ()
    null_values: tuple[str, ...] = ()
    read_as_null: Mapping[str, int] | None = None
    misfits: tuple[tuple[str, int], ...] = ()
    decimals: int | None = None
    zoned: bool = False
    ambiguous: bool = False
    is_row_number: bool = False
    person: str = ""
    longest: int = 0
    days: int = 0

    @property
    def required(self) -> bool:
        return self.rows > 0 and self.filled == self.rows

    @property
    def unique(self) -> bool:
        return self.required and self.distinct == self.rows


def profile(header: str, name: str, cells: Counter[str], rows: int, in_order: bool) -> Values:
    """The profile of a column whose cells, cleaned, occur as counted; `in_order` says that they are 1, 2, 3, ..."""
    counted = Counter({value: times for value, times in cells.items() if value not in NULL_VALUES})
    nulls = tuple(sorted(value for value in counted if NULL_LIKE.fullmatch(value)))
    for value in nulls:
        del counted[value]
    filled = sum(counted.values())
    told = {value: cells[value] for value in NULL_VALUES if value and cells.get(value)}
    kind, formats, misfits, ambiguous = _typed(header, name, counted, filled)
    return Values(
        type=kind,
        formats=formats,
        rows=rows,
        filled=filled,
        distinct=len(counted),
        enum=_enum(kind, name, header, counted),
        null_values=nulls,
        read_as_null=told,
        misfits=misfits,
        decimals=_decimals(header, name, counted) if kind == "number" else None,
        zoned=any("XXX" in pattern for pattern in formats),
        ambiguous=ambiguous,
        is_row_number=in_order and kind in ("integer", "string"),
        person=personal.by_name([name, header]) or personal.by_value(_some(counted)),
        longest=max(map(len, counted), default=0),
        days=len({re.split(r"[ T]", value)[0] for value in counted}) if kind in ("date", "timestamp") else 0,
    )


def _some(counted: Counter[str]) -> list[str]:
    return [value for value, _ in counted.most_common(500)]


def _typed(header: str, name: str, counted: Counter[str], filled: int) -> tuple[str, tuple[str, ...], tuple, bool]:
    """Type, patterns, values that do not fit, and whether day and month could be swapped."""
    if not filled:
        return "string", (), (), False
    if _is_boolean(counted):
        return "boolean", (), (), False
    dated = bool(DATED.search(header) or DATED.search(name))
    patterns, found, ambiguous = _moments(counted, filled, dated)
    if found:
        return found, patterns, _misfits(counted, lambda value: _reads(value, patterns)), ambiguous
    if _share(counted, filled, lambda value: bool(shapes.TIME.fullmatch(value))) >= ENOUGH:
        return "time", (), _misfits(counted, lambda value: bool(shapes.TIME.fullmatch(value))), False
    number = _number(header, name, counted, filled, dated)
    if number == "excel":
        return "date", ("excel",), (), False
    if number in ("epoch_s", "epoch_ms"):
        return "timestamp", (number,), (), False
    if number:
        return number, (), _misfits(counted, lambda value: _is_of(value, number)), False
    return "string", (), (), False


def _share(counted: Counter[str], filled: int, test) -> float:
    return sum(times for value, times in counted.items() if test(value)) / filled


def _misfits(counted: Counter[str], test) -> tuple[tuple[str, int], ...]:
    return tuple((value, times) for value, times in counted.most_common() if not test(value))


def _is_boolean(counted: Counter[str]) -> bool:
    found = {value.lower() for value in counted}
    return len(found) == 2 and found in shapes.TRUE_FALSE


def _moments(counted: Counter[str], filled: int, dated: bool) -> tuple[tuple[str, ...], str, bool]:
    """Date patterns, the most frequent first, where nearly all values are dates."""
    patterns: Counter[str] = Counter()
    if not any(shapes.moment(value) or _YEAR_MONTH.fullmatch(value) for value in _some(counted)):
        return (), "", False
    for value, times in counted.items():
        pattern = shapes.moment(value)
        # Plain digits are a date of the Republic only where most of them can be, or the header says so.
        if pattern:
            patterns[pattern] += times
    plain = sum(times for value, times in counted.items() if value.isdigit() and shapes.moment(value) == "roc")
    if plain and not dated and (plain < ENOUGH * filled or not _are_roc_days(counted)):
        patterns["roc"] -= plain
        patterns = +patterns
    if dated and _share(counted, filled, lambda value: bool(_YEAR_MONTH.fullmatch(value))) >= ENOUGH:
        return ("yyyyMM",), "date", False
    if sum(patterns.values()) < ENOUGH * filled:
        return (), "", False
    months = [pattern for pattern in patterns if pattern in ("yyyy-MM", "yyyy/MM")]
    for pattern in months if len(months) < len(patterns) else ():
        del patterns[pattern]  # a month among days is a day that was not written out
    ordered, ambiguous = _day_first(patterns, counted)
    kind = "timestamp" if any("m" in pattern for pattern in ordered) or _has_roc_time(counted) else "date"
    return tuple(ordered), kind, ambiguous


def _are_roc_days(counted: Counter[str]) -> bool:
    """Seven digits that are always a day, and many of them; six are as likely the code of a district."""
    return len(counted) >= 5 and all(len(value) == 7 for value in counted)


_YEAR_MONTH = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])")
_SWAPPABLE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}")


def _day_first(patterns: Counter[str], counted: Counter[str]) -> tuple[list[str], bool]:
    """Patterns with month and day in the order that the values prove; and whether they prove none."""
    ordered = [pattern for pattern, _ in patterns.most_common()]
    if not any(pattern.startswith("M") for pattern in ordered):
        return ordered, False
    pairs = [found for value in counted if (found := _SWAPPABLE.match(value))]
    first = max((int(found[1]) for found in pairs), default=0)
    second = max((int(found[2]) for found in pairs), default=0)
    if first > 12:
        ordered = [re.sub(r"^M([/.-])d", r"d\1M", pattern) for pattern in ordered]
    return ordered, first <= 12 and second <= 12


def _has_roc_time(counted: Counter[str]) -> bool:
    return any(re.search(r"[時时]|日 ?\d|:\d", value) for value in _some(counted) if shapes.is_roc(value))


def _reads(value: str, patterns: tuple[str, ...]) -> bool:
    if "yyyyMM" in patterns:
        return bool(_YEAR_MONTH.fullmatch(value))
    found = shapes.moment(value)
    return found in patterns or (bool(found) and found[0] == "M")


def _number(header: str, name: str, counted: Counter[str], filled: int, dated: bool) -> str:
    """integer, number, excel, epoch_s, epoch_ms, or "" where the values are codes or texts."""
    plain = [value.translate(shapes.FULL_WIDTH) for value in counted]
    digits = [value.lstrip("+-") for value in plain]
    coded = any(len(value) > 1 and value.startswith("0") and value.isdigit() for value in digits)
    if dated and all(re.fullmatch(r"1\d{9}", value) for value in plain):
        return "epoch_s"
    if dated and all(re.fullmatch(r"1\d{12}", value) for value in plain):
        return "epoch_ms"
    if dated and all(re.fullmatch(r"[2-5]\d{4}(\.\d+)?", value) for value in plain):
        return "excel"
    if coded or IDENTIFIER.search(name) or IDENTIFIER.search(header) or personal.by_name([name, header]):
        return ""
    if all(value.isdigit() for value in digits) and _are_codes(digits):
        return ""
    for kind in ("integer", "number"):
        if _share(counted, filled, lambda value, kind=kind: _is_of(value, kind)) >= ENOUGH:
            return kind
    return ""


def _are_codes(digits: list[str]) -> bool:
    """Digits that no column of numbers would show: too many, or always equally many."""
    lengths = set(map(len, digits))
    return max(lengths) > MOST_DIGITS or (len(lengths) == 1 and min(lengths) >= CODE_DIGITS and len(digits) > 10)


def _is_of(value: str, kind: str) -> bool:
    plain = value.translate(shapes.FULL_WIDTH)
    if kind == "integer":
        return bool(shapes.INTEGER.fullmatch(plain))
    return bool(shapes.NUMBER.fullmatch(plain)) and not plain.endswith("%")


def _decimals(header: str, name: str, counted: Counter[str]) -> int | None:
    """Digits behind the point of an amount of money, which is kept exactly."""
    if not (MONEY.search(header) or MONEY.search(name)):
        return None
    digits = max((len(value.partition(".")[2]) for value in counted if "." in value), default=0)
    return max(digits, 2) if digits <= 4 else None


def _enum(kind: str, name: str, header: str, counted: Counter[str]) -> tuple[str, ...]:
    """The values of a short list, where each occurs often enough to be a code and not chance."""
    if kind != "string" or IDENTIFIER.search(name) or personal.by_name([name, header]):
        return ()
    few = 2 <= len(counted) <= LONGEST_ENUM and max(map(len, counted), default=0) <= LONGEST_VALUE
    often = sum(counted.values()) >= TIMES_EACH * len(counted) and min(counted.values(), default=0) >= RAREST
    return tuple(value for value, _ in counted.most_common()) if few and often else ()
