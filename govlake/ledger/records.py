"""Mart builds, connector cursors and the audit trail."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from govlake.ledger.connection import Database, Row


def record_build(
    self: Database,
    domain: str,
    model: str,
    *,
    rows: int | None = None,
    seconds: float | None = None,
    inputs: Mapping[str, Any] | None = None,
    verdict: str = "pass",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Record that a mart was built, from which versions of its inputs, and what gate 3 said."""
    from psycopg.types.json import Jsonb

    self.query(
        """INSERT INTO ledger.mart_builds (domain, model, rows, seconds, inputs, verdict, detail)
        VALUES (%s, %s, %s, %s, %s, %s, %s)""",
        [domain, model, rows, seconds, Jsonb(dict(inputs or {})), verdict, Jsonb(dict(detail or {}))],
    )


def last_build(self: Database, domain: str, model: str) -> Row | None:
    """The newest build of a mart, None where there is none."""
    return self.one(
        "SELECT * FROM ledger.mart_builds WHERE domain = %s AND model = %s ORDER BY build_id DESC LIMIT 1",
        [domain, model],
    )


def audit(self: Database, who: str, what: str, detail: Mapping[str, Any] | None = None) -> None:
    """Record who did what."""
    from psycopg.types.json import Jsonb

    self.query(
        "INSERT INTO ledger.audit (who, what, detail) VALUES (%s, %s, %s)", [who, what, Jsonb(dict(detail or {}))]
    )


def cursor(self: Database, name: str) -> Any:
    """How far the connector `name` has read, None before its first run."""
    row = self.one("SELECT value FROM ledger.cursors WHERE name = %s", [name])
    return row["value"] if row else None


def set_cursor(self: Database, name: str, value: object) -> None:
    """Remember how far the connector `name` has read."""
    from psycopg.types.json import Jsonb

    self.query(
        """INSERT INTO ledger.cursors (name, value) VALUES (%s, %s)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = now()""",
        [name, Jsonb(value)],
    )


def record_reached(self: Database, contract_id: str, logical_date: date, batch_id: str, value: object) -> None:
    """Remember how far the source of a delivery has been read. History: nothing is ever replaced."""
    from psycopg.types.json import Jsonb

    self.query(
        """INSERT INTO ledger.source_cursors (contract_id, logical_date, batch_id, value)
        SELECT %(contract)s, %(day)s, %(batch)s, %(value)s
        WHERE (
            SELECT (batch_id, value) FROM ledger.source_cursors
            WHERE contract_id = %(contract)s AND logical_date = %(day)s ORDER BY cursor_id DESC LIMIT 1
        ) IS DISTINCT FROM (%(batch)s::text, %(value)s::jsonb)""",
        {"contract": contract_id, "day": logical_date, "batch": batch_id, "value": Jsonb(value)},
    )


def reached(self: Database, contract_id: str, before: date) -> Any:
    """How far the source had been read by the newest delivery of an earlier date, None where there is none."""
    row = self.one(
        """SELECT value FROM ledger.source_cursors WHERE contract_id = %s AND logical_date < %s
        ORDER BY logical_date DESC, cursor_id DESC LIMIT 1""",
        [contract_id, before],
    )
    return row["value"] if row else None
