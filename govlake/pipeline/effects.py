"""What restatements changed for leaders: told once the edition that is shown was made from them.

A restatement is a change of one table; an edition holds many. So what is told are the cells of indicators made from
that table, of periods that the restated rows are about, that have another value than in the edition before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from govlake.ledger import Row, ledger
from govlake.ledger.restatements import Effect

if TYPE_CHECKING:
    from govlake.indicators.model import Register

CELLS = 200  # so many are kept with their values; all are counted
TABLE = "kpi_cell"
KEY = ("indicator_id", "version", "period", "period_start", "level", "area_code")


def tell(made_from: Mapping[str, Any], packs: Sequence[Path] = ()) -> int:
    """Record the effects of restatements that the current edition, `made_from` these versions of silver, holds.

    Indicators are those of the city and of `packs`. Returns how many; what a killed run left untold the next one tells.
    """
    waiting = ledger().pending_restatements()
    shown = ledger().current_edition()
    held = [row for row in waiting if int(made_from.get(row["dataset"], -1)) > row["silver_version"]]
    if not held or shown is None:
        return 0
    from govlake.indicators.load import load_register

    register = load_register(packs=packs)
    for row in held:
        ledger().record_effect(row["restatement_id"], _effect(row, shown, register))
    return len(held)


def _effect(row: Row, shown: Row, register: Register) -> Effect:
    marts = ledger().readers_of(row["dataset"])
    indicators = _indicators(row["dataset"], marts, register)
    before = _before(row, shown)
    if before is None or before["pruned_at"] is not None:
        number = before["edition"] if before else None
        return Effect(number, shown["edition"], marts, indicators, None)
    changed = _changed(row, before, shown, indicators)
    return Effect(before["edition"], shown["edition"], marts, indicators, len(changed), changed[:CELLS])


def _indicators(dataset: str, marts: Sequence[str], register: Register) -> list[str]:
    """Indicators whose mart is made from the table."""
    found = {
        indicator.id
        for indicator in register.indicators
        if indicator.mart in marts and dataset in register.marts[indicator.mart].sources
    }
    return sorted(found)


def _before(row: Row, shown: Row) -> Row | None:
    """The edition that was the newest when the restatement was recorded; the one shown, where it is not younger."""
    editions = [edition for edition in ledger().editions() if edition["edition"] <= shown["edition"]]
    return next((edition for edition in editions if edition["published_at"] <= row["recorded_at"]), None)


def _changed(row: Row, before: Row, shown: Row, indicators: Sequence[str]) -> list[dict[str, Any]]:
    """Cells of these indicators that both editions have, with different values, by their key."""
    held = [{entry["table"] for entry in edition["tables"]} for edition in (before, shown)]
    if before["edition"] == shown["edition"] or not indicators or any(TABLE not in tables for tables in held):
        return []
    from psycopg import sql

    old, new = (sql.Identifier(edition["schema_name"], TABLE) for edition in (before, shown))
    statement = sql.SQL(
        "SELECT {key}, n.indicator_zh, n.indicator_en, o.value AS old_value, n.value AS new_value "
        "FROM {new} AS n JOIN {old} AS o USING ({key}) WHERE indicator_id = ANY(%(indicators)s) "
        "AND o.value IS DISTINCT FROM n.value AND (%(first)s::date IS NULL OR n.period_end >= %(first)s) "
        "AND (%(last)s::date IS NULL OR period_start <= %(last)s) ORDER BY {key}"
    ).format(key=sql.SQL(", ").join(map(sql.Identifier, KEY)), old=old, new=new)
    values = {"indicators": list(indicators), "first": row["first_date"], "last": row["last_date"]}
    rows = ledger().query(cast(Any, statement), values)
    return [{**found, "period_start": str(found["period_start"])} for found in rows]
