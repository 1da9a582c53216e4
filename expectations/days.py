"""Whether a delivery is of the days it should be of. It only ever flags: an odd date is not a wrong one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from expectations.verdict import number, percent
from govlake.batch import Batch, GateResult
from govlake.contracts.model import Column, Table

GATE = "gate_2"


def business_day(table: Table) -> Column | None:
    """The column that says which day a row belongs to: the date the table is partitioned or ordered by."""
    dated = [column for column in table.columns if column.type in ("date", "timestamp")]
    return next(
        (column for column in dated if column.partition),
        next((column for column in dated if column.name == table.order_by), None),
    )


def window(batch: Batch) -> tuple[date, date]:
    """Days that belong to a delivery: one period before its logical date to one day after it."""
    days = timedelta(days=max(batch.contract.frequency_days, 1))
    return batch.logical_date - days, batch.logical_date + timedelta(days=1)


def day_measures(batch: Batch, day: Column) -> dict[str, str]:
    """SQL aggregates: the newest day, how many rows have one, how many are within the delivery's window."""
    zone = day.timezone or batch.contract.timezone
    value = f"`{day.name}`" if day.type == "date" else f"CAST(from_utc_timestamp(`{day.name}`, '{zone}') AS date)"
    first, last = window(batch)
    return {
        "day.newest": f"CAST(max({value}) AS string)",
        "day.known": f"count({value})",
        "day.near": f"count(CASE WHEN {value} BETWEEN DATE '{first}' AND DATE '{last}' THEN 1 END)",
    }


def judge_days(batch: Batch, table: Table, found: Mapping[str, Any]) -> list[GateResult]:
    """How fresh the newest row is and, for an increment, how many rows are of the delivery's days.

    `found` holds the day measures; without them, or without a dated row, nothing can be assessed.
    """
    day = business_day(table)
    if day is None or not found.get("day.known"):
        return [_unknown(table)]
    fresh = _fresh(batch, table, day, date.fromisoformat(str(found["day.newest"])[:10]))
    if table.mode == "snapshot":
        return [fresh]
    return [fresh, _near(batch, table, int(found["day.near"]), int(found["day.known"]))]


def _fresh(batch: Batch, table: Table, day: Column, newest: date) -> GateResult:
    first, last = window(batch)
    fresh = first <= newest <= last
    return GateResult(
        gate=GATE,
        table=table.key,
        rule="freshness",
        dimension="0502",
        severity="warn",
        assessable=True,
        passed=fresh,
        a=float(fresh),
        b=1,
        message_en=f"The newest {day.title_en or day.name} is {newest}, the delivery is for {batch.logical_date}",
        message_zh=f"最新的{day.title_zh or day.name}为 {newest}，交付日期为 {batch.logical_date}",
    )


def _near(batch: Batch, table: Table, near: int, known: int) -> GateResult:
    first, last = window(batch)
    return GateResult(
        gate=GATE,
        table=table.key,
        rule="business_day",
        dimension="0501",
        severity="warn",
        assessable=True,
        passed=2 * near >= known,
        a=near,
        b=known,
        message_en=f"{number(near)} of {number(known)} rows ({percent(near, known)}) are of {first} to {last}",
        message_zh=f"{number(known)} 行中有 {number(near)} 行（{percent(near, known)}）属于 {first} 至 {last}",
    )


def _unknown(table: Table) -> GateResult:
    return GateResult(
        gate=GATE,
        table=table.key,
        rule="freshness",
        dimension="0502",
        severity="warn",
        assessable=False,
        passed=True,
        message_en="No column says which day a row belongs to",
        message_zh="没有表示业务日期的列",
    )
