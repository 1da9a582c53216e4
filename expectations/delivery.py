"""Gate 1: whether a delivery is the file that was agreed on, before anyone looks into its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from expectations.verdict import number
from expectations.volume import judge_volume, limits
from govlake.batch import Batch, GateResult
from govlake.contracts.model import Table

GATE = "gate_1"
SHOWN = 8  # names in a sentence


class Delivered(Protocol):
    """What the manifest says about one table of a delivery."""

    @property
    def rows(self) -> int: ...
    @property
    def found(self) -> Sequence[str]: ...
    @property
    def missing(self) -> Sequence[str]: ...
    @property
    def unknown(self) -> Sequence[str]: ...
    @property
    def renamed(self) -> Mapping[str, str]: ...


def judge_delivery(
    batch: Batch, table: Table, delivered: Delivered, in_bronze: int, history: Sequence[int]
) -> list[GateResult]:
    """Columns and counts: what the manifest, the Delta log and the ledger know without reading a row."""
    if table.optional and not delivered.rows and not delivered.found:
        return [_absent(table)]
    snapshot = table.mode == "snapshot"
    allowed = limits(batch.contract.custom, snapshot)
    counts = [judge_rows(table, delivered.rows), judge_bronze(table, delivered.rows, in_bronze)]
    if delivered.rows:
        counts.append(judge_volume(GATE, table.key, delivered.rows, history, allowed, snapshot))
    return [judge_columns(table, delivered), judge_drift(table, delivered), *counts]


def judge_columns(table: Table, delivered: Delivered) -> GateResult:
    """Every agreed column is there; those that may be absent are not asked for."""
    agreed = len(delivered.found) + len(delivered.missing)
    shown = _names(delivered.missing)
    return GateResult(
        gate=GATE,
        table=table.key,
        rule="columns",
        dimension="0102",
        severity="hold",
        assessable=True,
        passed=not delivered.missing,
        a=len(delivered.found),
        b=agreed,
        message_en=f"{len(delivered.missing)} of {agreed} agreed columns are missing{f': {shown}' if shown else ''}",
        message_zh=f"约定的 {agreed} 列中缺少 {len(delivered.missing)} 列{f'：{shown}' if shown else ''}",
    )


def judge_drift(table: Table, delivered: Delivered) -> GateResult:
    """Columns nobody knows, or under a name the contract does not list. They are kept, and said."""
    aliases = {column.name: column.delivered for column in table.columns}
    renamed = [f"{told} ({name})" for name, told in delivered.renamed.items() if told not in aliases.get(name, ())]
    odd = [*delivered.unknown, *renamed]
    total = len(delivered.found) + len(delivered.unknown)
    return GateResult(
        gate=GATE,
        table=table.key,
        rule="drift",
        dimension="0403",
        severity="warn",
        assessable=True,
        passed=not odd,
        a=total - len(odd),
        b=total,
        message_en=f"{len(odd)} delivered columns are not in the contract{f': {_names(odd)}' if odd else ''}",
        message_zh=f"交付数据中有 {len(odd)} 列不在契约内{f'：{_names(odd)}' if odd else ''}",
    )


def judge_rows(table: Table, rows: int) -> GateResult:
    """A delivery without a row is no delivery, unless the table may be absent."""
    return GateResult(
        gate=GATE,
        table=table.key,
        rule="rows",
        dimension="",
        severity="hold",
        assessable=True,
        passed=rows > 0 or table.optional,
        a=rows,
        message_en=f"{number(rows)} rows were delivered",
        message_zh=f"共交付 {number(rows)} 行",
    )


def judge_declared(table: str, declared: Mapping[str, Any], files: int, rows: int) -> GateResult:
    """Rows against what the supplier said beside the files; not assessable unless said for every file."""
    said = [int(entry["rows"]) for entry in declared.values() if "rows" in entry]
    known = bool(said) and len(said) == files
    return GateResult(
        gate=GATE,
        table=table,
        rule="declared",
        dimension="0202" if known and rows <= sum(said) else "",
        severity="hold",
        assessable=known,
        passed=not known or rows == sum(said),
        a=rows,
        b=sum(said) if known else None,
        message_en=f"{number(rows)} rows arrived, the supplier declared {number(sum(said)) if known else 'none'}",
        message_zh=f"实收 {number(rows)} 行，报送方声明 {f'{number(sum(said))} 行' if known else '未提供'}",
    )


def judge_bronze(table: Table, landed: int, in_bronze: int) -> GateResult:
    """Every landed row is in bronze."""
    return GateResult(
        gate=GATE,
        table=table.key,
        rule="bronze",
        dimension="",
        severity="hold",
        assessable=True,
        passed=landed == in_bronze,
        a=in_bronze,
        b=landed,
        message_en=f"{number(in_bronze)} of {number(landed)} landed rows are in bronze",
        message_zh=f"落地 {number(landed)} 行，其中 {number(in_bronze)} 行已入原始层",
    )


def _absent(table: Table) -> GateResult:
    return GateResult(
        gate=GATE,
        table=table.key,
        rule="rows",
        dimension="0202",
        severity="warn",
        assessable=False,
        passed=True,
        message_en="The table may be absent and is not part of this delivery",
        message_zh="该表可缺省，本次未交付",
    )


def _names(names: Sequence[str]) -> str:
    more = f" (+{len(names) - SHOWN})" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
