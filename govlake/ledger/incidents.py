"""Incidents: one per cause, opened by a gate, closed by the delivery in which the cause is gone."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from govlake.ledger.connection import Database, Row

if TYPE_CHECKING:
    from psycopg import Cursor

FIND = """
SELECT * FROM ledger.incidents
WHERE contract_id = %s AND dataset = %s AND logical_date IS NOT DISTINCT FROM %s AND rule = %s FOR UPDATE
"""
OPEN = """
INSERT INTO ledger.incidents (department, contract_id, dataset, logical_date, batch_id, rule, severity,
    title_en, title_zh, rows) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING RETURNING *
"""
AGAIN = """
UPDATE ledger.incidents SET state = 'open', closed_at = NULL, closed_by_batch = NULL, batch_id = %s,
    severity = %s, title_en = %s, title_zh = %s, rows = %s, reopened = reopened + (state = 'closed')::int
WHERE incident_id = %s
"""
CLOSE = """
UPDATE ledger.incidents SET state = 'closed', closed_at = now(), closed_by_batch = %(batch)s
WHERE state = 'open' AND contract_id = %(contract)s AND logical_date IS NOT DISTINCT FROM %(day)s::date
  AND (%(dataset)s::text IS NULL OR dataset = %(dataset)s)
  AND (%(rules)s::text[] IS NULL OR rule = ANY(%(rules)s))
  AND NOT dataset || '/' || rule = ANY(%(keep)s::text[])
RETURNING *
"""


def open_incident(
    self: Database,
    *,
    department: str,
    contract_id: str,
    rule: str,
    severity: str,
    title_en: str,
    title_zh: str,
    dataset: str = "",
    logical_date: date | None = None,
    batch_id: str | None = None,
    rows: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Open the incident of this cause, or add to it; returns its number.

    The cause is contract, table ("" = the whole delivery), logical date and rule. A closed incident whose cause
    is back is reopened. The same finding on the same batch twice leaves one event.
    """

    def work(cursor: "Cursor[Row]") -> int:
        values = [*(department, contract_id, dataset, logical_date, batch_id, rule, severity)]
        opened = cursor.execute(OPEN, [*values, title_en, title_zh, rows]).fetchone()
        if opened:
            _event(cursor, opened["incident_id"], "opened", batch_id, rows, detail)
            return int(opened["incident_id"])
        known = cursor.execute(FIND, [contract_id, dataset, logical_date, rule]).fetchone()
        assert known is not None
        same = (known["state"], known["batch_id"], known["rows"]) == ("open", batch_id, rows)
        if not same:
            number = known["incident_id"]
            cursor.execute(AGAIN, [batch_id, severity, title_en, title_zh, rows, number])
            event = "seen_again" if known["state"] == "open" else "reopened"
            _event(cursor, number, event, batch_id, rows, detail)
        return int(known["incident_id"])

    return self.transact(work)


def close_incidents(
    self: Database,
    contract_id: str,
    logical_date: date | None,
    *,
    dataset: str | None = None,
    rules: Collection[str] | None = None,
    keep: Collection[tuple[str, str]] = (),
    by_batch: str | None = None,
) -> list[Row]:
    """Close the open incidents of a delivery whose cause is gone; returns them.

    `dataset` and `rules` narrow what is closed; `keep` names (dataset, rule) pairs that still fail.
    """

    def work(cursor: "Cursor[Row]") -> list[Row]:
        closed = cursor.execute(
            CLOSE,
            {
                "contract": contract_id,
                "day": logical_date,
                "dataset": dataset,
                "rules": None if rules is None else list(rules),
                "keep": [f"{table}/{rule}" for table, rule in keep],
                "batch": by_batch,
            },
        ).fetchall()
        for row in closed:
            _event(cursor, row["incident_id"], "closed", by_batch, row["rows"], None)
        return closed

    return self.transact(work)


def incidents(self: Database, state: str | None = "open") -> list[Row]:
    """Incidents in `state` (open, closed, None = all), oldest first."""
    return self.query(
        """SELECT * FROM ledger_public.incidents WHERE %(state)s::text IS NULL OR state = %(state)s
        ORDER BY opened_at, incident_id""",
        {"state": state},
    )


def tasks(self: Database) -> list[Row]:
    """Open incidents by cause: one task per department, table and rule, the worst and oldest first."""
    return self.query(
        """SELECT * FROM ledger_public.open_tasks
        ORDER BY array_position(ARRAY['hold', 'quarantine', 'warn'], severity), opened_at, incidents[1]"""
    )


def incident_events(self: Database, incident_id: int) -> list[Row]:
    """What happened to one incident, in order."""
    return self.query("SELECT * FROM ledger.incident_events WHERE incident_id = %s ORDER BY event_id", [incident_id])


def _event(
    cursor: "Cursor[Row]",
    incident_id: int,
    event: str,
    batch_id: str | None,
    rows: int | None,
    detail: Mapping[str, Any] | None,
) -> None:
    from psycopg.types.json import Jsonb

    cursor.execute(
        """INSERT INTO ledger.incident_events (incident_id, event, batch_id, rows, detail)
        VALUES (%s, %s, %s, %s, %s)""",
        [incident_id, event, batch_id, rows, Jsonb(dict(detail or {}))],
    )
