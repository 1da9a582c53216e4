"""How much arrived, against what usually arrives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from expectations.verdict import number, percent
from govlake.batch import GateResult
from govlake.errors import GateError

HISTORY = 28  # deliveries looked back at
LOOKED_AT = 7 * HISTORY  # so many daily deliveries hold as many of one weekday
ENOUGH = 3  # fewer than this say nothing about what is usual
LOW, HIGH = 0.6, 2.5  # of the usual rows; beyond them the delivery is held
SNAPSHOT_LOW = 0.9  # of the last accepted rows; a snapshot grows, it hardly shrinks


@dataclass(frozen=True)
class Limits:
    """Shares of the usual rows. Outside `low` and `high` is held, nearer than halfway to them is fine."""

    low: float
    high: float

    @property
    def flag_low(self) -> float:
        return (1 + self.low) / 2

    @property
    def flag_high(self) -> float:
        return 1 + (self.high - 1) / 3

    def severity(self, share: float) -> str:
        """hold, warn, or "" where the share is usual."""
        if share < self.low or share > self.high:
            return "hold"
        return "warn" if share < self.flag_low or share > self.flag_high else ""


def limits(custom: Mapping[str, object], snapshot: bool) -> Limits:
    """The contract's own `volumeLow` and `volumeHigh` (shares of the usual rows), or the defaults."""
    low = _share(custom, "volumeLow", SNAPSHOT_LOW if snapshot else LOW)
    high = _share(custom, "volumeHigh", HIGH)
    if not low <= 1 <= high:
        raise GateError(
            f"volumeLow is {low} and volumeHigh is {high}.",
            "They are shares of the usual rows: volumeLow at most 1, volumeHigh at least 1.",
        )
    return Limits(low, high)


def _share(custom: Mapping[str, object], name: str, default: float) -> float:
    value = custom.get(name, default)
    try:
        return float(str(value))
    except ValueError as error:
        raise GateError(f"{name} is '{value}'.", "Write it as a number such as 0.6.") from error


def comparable(rows: Mapping[date, int], day: date, daily: bool) -> list[int]:
    """Rows of earlier deliveries, newest first: those of the same weekday where a daily delivery has enough of them.

    A quiet Sunday is then not held against the week.
    """
    newest = sorted((each for each in rows if each < day), reverse=True)
    same = [each for each in newest if each.weekday() == day.weekday()]
    return [rows[each] for each in (same if daily and len(same) >= ENOUGH else newest)]


def judge_volume(
    gate: str, table: str, rows: int, history: Sequence[int], allowed: Limits, snapshot: bool
) -> GateResult:
    """Rows against the median of up to 28 earlier deliveries (newest first), or a snapshot's last one.

    The median stands a few odd days. Not assessable before three deliveries (one for a snapshot).
    """
    usual = _usual(history, snapshot)
    if usual is None:
        return _unknown(gate, table, rows, len(history))
    severity = allowed.severity(rows / usual)
    against_en = (
        "the last accepted snapshot" if snapshot else f"the usual delivery (median of {len(history[:HISTORY])})"
    )
    against_zh = "上次接收的快照" if snapshot else f"近 {len(history[:HISTORY])} 批的中位数"
    low, high = percent(allowed.flag_low, 1), percent(allowed.flag_high, 1)
    return GateResult(
        gate=gate,
        table=table,
        rule="volume",
        dimension="",
        severity=severity or "warn",
        assessable=True,
        passed=not severity,
        a=rows,
        b=usual,
        message_en=f"{number(rows)} rows, {percent(rows, usual)} of {against_en}, {number(usual)}; "
        f"{low} to {high} is usual",
        message_zh=f"共 {number(rows)} 行，为{against_zh} {number(usual)} 行的 {percent(rows, usual)}；"
        f"通常在 {low} 至 {high} 之间",
    )


def _usual(history: Sequence[int], snapshot: bool) -> float | None:
    known = list(history[:HISTORY])
    if snapshot:
        return known[0] if known and known[0] else None
    return (median(known) or None) if len(known) >= ENOUGH else None


def _unknown(gate: str, table: str, rows: int, known: int) -> GateResult:
    return GateResult(
        gate=gate,
        table=table,
        rule="volume",
        dimension="",
        severity="warn",
        assessable=False,
        passed=True,
        a=rows,
        message_en=f"{number(rows)} rows; {known} earlier deliveries are too few to say what is usual",
        message_zh=f"共 {number(rows)} 行；此前仅 {known} 批，尚不能判断常量",
    )
