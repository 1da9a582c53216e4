"""A bureau's exchange database: tables of text that its own systems fill, with the time at which each row came in.

A row is never changed there: what changed comes again, later. The table of a snapshot is filled anew as a whole.
"""

import hashlib
import io
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from govlake.sample.systems import LOOPBACK, folder
from govlake.settings import SAMPLE, settings
from govlake.stack import postgres

if TYPE_CHECKING:
    import pyarrow as pa
    from psycopg import Connection
    from psycopg.sql import Composable

    from govlake.contracts import Contract
    from govlake.sample.plant import Planted

OWNER, READER, SCHEMA = "exchange", "govlake_reader", "share"
BATCH, CAME_IN = "交换批次", "入库时间"
MODEST = {"max_connections": "20", "shared_buffers": "16MB"}
NOON = timedelta(hours=12)
LOADS = """
CREATE TABLE IF NOT EXISTS loads (dataset text, day date, digest text NOT NULL, PRIMARY KEY (dataset, day));
CREATE SCHEMA IF NOT EXISTS share;
GRANT USAGE ON SCHEMA share TO govlake_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA share GRANT SELECT ON TABLES TO govlake_reader;
"""


def data(bureau: str) -> Path:
    """The server's data folder."""
    return folder(bureau) / "data"


def prepare(bureau: str) -> None:
    """Make the server's data folder, once."""
    postgres.prepare(data(bureau), _secret(bureau, "superuser"))


def command(bureau: str, port: int) -> list[str]:
    """Command line of the server."""
    return postgres.command(data(bureau), port, LOOPBACK, MODEST)


def provision(bureau: str, port: int) -> None:
    """The database, its owner, and the account that may only read; safe to repeat."""
    import psycopg
    from psycopg import sql

    accounts = {OWNER: _secret(bureau, "owner"), READER: settings().secret(f"{SAMPLE}{bureau}")}
    with psycopg.connect(admin_url(bureau, port), autocommit=True) as connection:
        for role, password in accounts.items():
            postgres.ensure_role(connection, role, password)
        reader = sql.Identifier(READER)
        connection.execute(sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(reader))
        postgres.ensure_database(connection, bureau, OWNER)
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(bureau), reader))
    with psycopg.connect(owner_url(bureau, port), autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute(LOADS)


def admin_url(bureau: str, port: int) -> str:
    """URL of the server's superuser."""
    return postgres.url(port, LOOPBACK, postgres.SUPERUSER, _secret(bureau, "superuser"), "postgres")


def owner_url(bureau: str, port: int) -> str:
    """URL of the account that the bureau itself writes with."""
    return postgres.url(port, LOOPBACK, OWNER, _secret(bureau, "owner"), bureau)


def _secret(bureau: str, account: str) -> str:
    return settings().secret(f"{SAMPLE}{bureau}_{account}")


def put(contract: "Contract", day: date, planted: "Planted") -> int:
    """Put a delivery into its table, in one transaction; returns its bytes. The same delivery again changes nothing."""
    import psycopg
    import pyarrow.csv as arrow_csv

    rows = _stamped(contract, day, planted)
    target = io.BytesIO()
    arrow_csv.write_csv(rows, target)
    digest = hashlib.sha256(target.getvalue()).hexdigest()
    bureau = contract.source.connection.database
    with psycopg.connect(owner_url(bureau, settings().port(f"sample-{bureau}"))) as connection:
        _ensure_table(connection, contract, rows.column_names)
        if not _is_there(connection, contract, day, digest):
            _fill(connection, contract, day, rows.column_names, target.getvalue())
            connection.execute(
                """INSERT INTO loads VALUES (%s, %s, %s)
                ON CONFLICT (dataset, day) DO UPDATE SET digest = excluded.digest""",
                [contract.name, day, digest],
            )
    return target.tell()


def _is_there(connection: "Connection", contract: "Contract", day: date, digest: str) -> bool:
    """Whether the table holds this delivery, or of a snapshot a newer one."""
    known = "day = %s AND digest = %s"
    newer = " OR day > %s" if contract.mode == "snapshot" else " AND day = %s"
    statement = f"SELECT 1 FROM loads WHERE dataset = %s AND ({known}{newer})"
    return connection.execute(statement.encode(), [contract.name, day, digest, day]).fetchone() is not None


def _stamped(contract: "Contract", day: date, planted: "Planted") -> "pa.Table":
    """The rows with their batch and a time of the day that no other row has.

    The last one to come in is sound: a reader that goes on from the highest time reads it again.
    """
    import pyarrow as pa

    texts, count = planted.texts, len(planted.texts)
    order = [*(place for place in range(count) if place != planted.sound), planted.sound]
    texts = texts.take(pa.array(order[:count]))
    noon = datetime.combine(day, datetime.min.time(), ZoneInfo(contract.timezone)) + NOON
    times = [(noon + timedelta(microseconds=place)).isoformat() for place in range(count)]
    texts = texts.append_column(BATCH, pa.array([day.isoformat()] * count, pa.string()))
    return texts.append_column(CAME_IN, pa.array(times, pa.string()))


def _name(contract: "Contract") -> "Composable":
    from psycopg import sql

    return sql.Identifier(SCHEMA, contract.tables[0].name)


def _ensure_table(connection: "Connection", contract: "Contract", columns: list[str]) -> None:
    """The table with these columns; what its bureau delivers more than before stands behind the others."""
    from psycopg import sql

    kinds = {BATCH: "date", CAME_IN: "timestamptz"}
    described = [sql.SQL("{} " + kinds.get(name, "text")).format(sql.Identifier(name)) for name in columns]  # type: ignore[arg-type]
    connection.execute(
        sql.SQL("CREATE TABLE IF NOT EXISTS {} ({})").format(_name(contract), sql.SQL(", ").join(described))
    )
    added = sql.SQL(", ").join(sql.SQL("ADD COLUMN IF NOT EXISTS {}").format(column) for column in described)
    connection.execute(sql.SQL("ALTER TABLE {} {}").format(_name(contract), added))


def _fill(connection: "Connection", contract: "Contract", day: date, columns: list[str], content: bytes) -> None:
    from psycopg import sql

    where = sql.SQL("") if contract.mode == "snapshot" else sql.SQL(" WHERE {} = {}").format(sql.Identifier(BATCH), day)
    connection.execute(sql.SQL("DELETE FROM {}").format(_name(contract)) + where)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    form = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, HEADER, FORCE_NULL ({}))")
    copy = form.format(_name(contract), names, names)
    with connection.cursor().copy(copy) as target:
        target.write(content)
