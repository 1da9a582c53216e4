"""What restatements changed for leaders: told once the edition that is shown was made from them.

A restatement is a change of one table; an edition holds many. So what is told are the marts and the cells of indicators
made from that table that are other ones than in the edition before. A row can count on another day than its own: a
ticket on the day when it was due, a callback with its ticket. Only where each day of a mart is made from that day of
the table alone, cells of other periods are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from govlake.ledger import Row, ledger
from govlake.ledger.restatements import Effect

if TYPE_CHECKING:
    from govlake.indicators.model import Indicator, Register

CELLS = 200  # so many are kept with their values; all are counted
TABLE = "kpi_cell"
KEY = ("indicator_id", "version", "period", "period_start", "level", "area_code")
# A value that was shown and is another one now, or is no longer there. What is held is kept back, not restated.
CHANGED = """
SELECT {key}, o.indicator_zh, o.indicator_en, o.value AS old_value, n.value AS new_value
FROM {old} AS o
JOIN unnest(%(ids)s::text[], %(versions)s::int[], %(by_day)s::bool[]) AS i (indicator_id, version, by_day)
    USING (indicator_id, version)
LEFT JOIN {new} AS n USING ({key})
WHERE o.value IS NOT NULL AND o.value IS DISTINCT FROM n.value AND n.light_reason IS DISTINCT FROM 'held'
    AND (NOT by_day OR %(first)s::date IS NULL OR (o.period_end >= %(first)s AND period_start <= %(last)s))
ORDER BY {key}
"""


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
    readers = ledger().readers_of(row["dataset"])
    made = _made(row["dataset"], readers, register)
    before = ledger().edition_at(row["recorded_at"], shown["edition"])
    if before is None or before["pruned_at"] is not None:
        number = before["edition"] if before else None
        return Effect(number, shown["edition"], list(readers), sorted({i.id for i in made}), None)
    changed = _changed(row, before, shown, [(i.id, i.version, readers[i.mart]) for i in made])
    indicators = sorted({cell["indicator_id"] for cell in changed})
    marts = [name for name in readers if _content(before, name) != _content(shown, name)]
    return Effect(before["edition"], shown["edition"], marts, indicators, len(changed), changed[:CELLS])


def _made(dataset: str, readers: Mapping[str, bool], register: Register) -> list[Indicator]:
    """Indicators whose mart is made from the table."""
    return [
        indicator
        for indicator in register.indicators
        if indicator.mart in readers and dataset in register.marts[indicator.mart].sources
    ]


def _content(edition: Row, table: str) -> str | None:
    """Fingerprint of a mart in an edition; None where it is not in it."""
    return next((entry["sha"] for entry in edition["tables"] if entry["table"] == table), None)


def _changed(row: Row, before: Row, shown: Row, made: Sequence[tuple[str, int, bool]]) -> list[dict[str, Any]]:
    """Cells of these indicators (id, version, whether by day) that had another value in the edition before."""
    has_cells = all(_content(edition, TABLE) for edition in (before, shown))
    if before["edition"] == shown["edition"] or not made or not has_cells:
        return []
    from psycopg import sql

    old, new = (sql.Identifier(edition["schema_name"], TABLE) for edition in (before, shown))
    statement = sql.SQL(CHANGED).format(key=sql.SQL(", ").join(map(sql.Identifier, KEY)), old=old, new=new)
    ids, versions, by_day = (list(part) for part in zip(*made, strict=True))
    values = {"ids": ids, "versions": versions, "by_day": by_day}
    rows = ledger().query(cast(Any, statement), {**values, "first": row["first_date"], "last": row["last_date"]})
    return [{**found, "period_start": str(found["period_start"])} for found in rows]
