"""What the ledger knows of editions: facts that never change, and the pointer to the one that is shown.

They are written by `govlake.editions` inside the transaction that re-points the views.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from govlake.ledger.connection import Database, Row

if TYPE_CHECKING:
    from psycopg import Cursor

EDITIONS = """
SELECT e.edition, e.published_at, e.schema_name, e.fingerprint, e.tables, e.held, p.pruned_at,
    coalesce(q.edition = e.edition, false) AS current
FROM ledger.editions AS e
LEFT JOIN ledger.edition_prunes AS p USING (edition)
LEFT JOIN ledger.edition_pointer AS q ON true
"""
POINT = """
INSERT INTO ledger.edition_pointer (edition) VALUES (%s)
ON CONFLICT (one) DO UPDATE SET edition = excluded.edition, pointed_at = now()
"""


def editions(self: Database) -> list[Row]:
    """Every edition ever published, newest first; `pruned_at` tells which can no longer be shown."""
    return self.query(f"{EDITIONS} ORDER BY edition DESC")


def newest_edition(self: Database) -> Row | None:
    """The edition published last, shown or not; None before the first."""
    return self.one(f"{EDITIONS} ORDER BY e.edition DESC LIMIT 1")


def kept_editions(self: Database) -> list[Row]:
    """The editions whose data are there, newest first: what a thousand days have published is not read again."""
    return self.query(f"{EDITIONS} WHERE p.edition IS NULL ORDER BY e.edition DESC")


def current_edition(self: Database) -> Row | None:
    """The edition that is shown, None before the first."""
    return self.one(f"{EDITIONS} WHERE q.edition = e.edition")


def edition(self: Database, number: int) -> Row | None:
    """One edition, None where it was never published."""
    return self.one(f"{EDITIONS} WHERE e.edition = %s", [number])


def edition_at(self: Database, moment: datetime, until: int) -> Row | None:
    """The newest edition up to number `until` that was published by then, None where there was none."""
    return self.one(
        f"{EDITIONS} WHERE e.edition <= %s AND e.published_at <= %s ORDER BY e.edition DESC LIMIT 1", [until, moment]
    )


def add_edition(cursor: "Cursor[Row]", row: dict[str, Any]) -> None:
    """Write the facts of a new edition, in the caller's transaction."""
    from psycopg.types.json import Jsonb

    cursor.execute(
        """INSERT INTO ledger.editions (edition, schema_name, fingerprint, tables, held)
        VALUES (%s, %s, %s, %s, %s)""",
        [row["edition"], row["schema_name"], row["fingerprint"], Jsonb(row["tables"]), Jsonb(row["held"])],
    )


def point_to(cursor: "Cursor[Row]", number: int) -> None:
    """Make `number` the edition that is shown, in the caller's transaction."""
    cursor.execute(POINT, [number])


def add_prune(cursor: "Cursor[Row]", number: int) -> None:
    """Note that the schema of edition `number` is gone."""
    cursor.execute("INSERT INTO ledger.edition_prunes (edition) VALUES (%s) ON CONFLICT DO NOTHING", [number])
