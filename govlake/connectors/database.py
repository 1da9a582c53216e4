"""A session with a department's database: read only, one consistent state, rows streamed out as CSV text."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, BinaryIO

from govlake.connectors.patience import Deadline, Passing
from govlake.connectors.reach import reach_of
from govlake.connectors.statement import file_of
from govlake.contracts.model import Contract, Table
from govlake.errors import ConnectorError, SettingsError
from govlake.settings import settings

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

# SQLAlchemy's dialect and driver by the contract's type. Only PostgreSQL's driver is installed with govlake.
DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
}
ROWS = 10_000  # per round trip
SIGN_IN = (
    "password authentication failed",
    "no pg_hba.conf entry",
    "Access denied for user",
    "Login failed",
    "ORA-01017",
)


@contextmanager
def opened(contract: Contract, deadline: Deadline) -> "Iterator[Session]":
    """A session with the contract's database, signed in, in a read-only transaction that sees one state."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError, NoSuchModuleError

    reach = reach_of(contract)
    address = f"{contract.source.kind}://{reach.host}:{reach.port}/{reach.database}"
    try:
        engine = create_engine(_url(contract), connect_args=_arguments(contract))
    except (ImportError, NoSuchModuleError) as error:
        raise SettingsError(
            f"The driver for {contract.source.kind} ({DRIVERS[contract.source.kind]}) is not installed.",
            "Install it beside govlake, for example `uv pip install pymysql`.",
        ) from error
    try:
        with engine.connect() as plain:
            yield Session(contract, _consistent(plain), address, deadline)
    except DBAPIError as error:
        raise _told(contract, address, error) from error
    finally:
        engine.dispose()


def _url(contract: Contract) -> Any:
    from sqlalchemy import URL

    reach = reach_of(contract)
    driver, host = DRIVERS[contract.source.kind], reach.host or None
    secret = settings().credential(reach.secret) if reach.secret else None
    return URL.create(driver, reach.user or None, secret, host, reach.port or None, reach.database)


def _arguments(contract: Contract) -> dict[str, Any]:
    """A server that is silent is given up, a certificate checked as far as the contract asks."""
    reach = reach_of(contract)
    if not DRIVERS[contract.source.kind].startswith("postgresql"):
        return {}
    alive = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
    silent = {"connect_timeout": reach.timeout_s, "tcp_user_timeout": reach.timeout_s * 1000}
    ca = {"sslrootcert": str(settings().source_ca)} if settings().source_ca else {}
    limit = f"-c statement_timeout={reach.deadline_s * 1000} -c TimeZone=UTC"
    return {**alive, **silent, **ca, "sslmode": reach.tls, "application_name": "govlake", "options": limit}


def _consistent(connection: "Connection") -> "Connection":
    """Every statement of the session sees the same state, and none can write."""
    options = {
        "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
        "mysql": {"isolation_level": "REPEATABLE READ"},
    }
    return connection.execution_options(**options.get(connection.dialect.name, {}))


def _told(contract: Contract, address: str, error: Any) -> Exception:
    """What the driver said as a sentence, without what it may repeat of the connection."""
    reach, name = reach_of(contract), f"{contract.department_en}'s database {address}"
    why = str(error.orig).strip().splitlines()[0][:160] if str(error.orig).strip() else type(error.orig).__name__
    if any(text in str(error.orig) for text in SIGN_IN):
        return SettingsError(
            f"{name} does not let {reach.user} in with the secret {reach.secret}.",
            f"Ask for the password that holds now and set GOVLAKE_SECRET_{reach.secret.upper()}.",
        )
    if "permission denied" in str(error.orig):
        return ConnectorError(f"{name} refuses: {why}.", f"Ask the department to grant {reach.user} SELECT on it.")
    if type(error.orig).__name__ == "QueryCanceled":
        return ConnectorError(f"{name} was stopped: {why}.", "Raise `deadline`, or read less with `cursor`.")
    return Passing(
        f"{name} cannot be reached or broke off ({why}).", "Check that it runs and can be reached from here."
    )


class Session:
    """An open transaction. `address` is without account and secret."""

    def __init__(self, contract: Contract, connection: "Connection", address: str, deadline: Deadline) -> None:
        self.contract, self.connection, self.address, self.deadline = contract, connection, address, deadline
        self._tables: dict[str, Any] = {}

    def name_of(self, table: Table) -> str:
        return f"{self.address}/{file_of(table)}"

    def table_of(self, table: Table) -> Any:
        """The table as the database describes it. Raises ConnectorError where there is none, or we may not see it."""
        from sqlalchemy import MetaData
        from sqlalchemy import Table as Described
        from sqlalchemy.exc import NoSuchTableError

        name = file_of(table)
        if name not in self._tables:
            schema, _, short = name.rpartition(".")
            schema = schema or self.contract.source.connection.schema or None
            try:
                self._tables[name] = Described(
                    short, MetaData(), schema=schema, autoload_with=self.connection, resolve_fks=False
                )
            except NoSuchTableError as error:
                raise ConnectorError(
                    f"{self.name_of(table)} is not there, or {self.contract.source.connection.user} may not see it.",
                    "Correct physicalName or schema in the contract, or ask the department.",
                ) from error
        return self._tables[name]

    def columns(self, table: Table) -> Mapping[str, Any]:
        """The table's columns by name."""
        return {column.name: column for column in self.table_of(table).columns}

    def one(self, select: "Select[Any]") -> Any:
        """The first row."""
        return self.connection.execute(select).one()

    def write(self, select: "Select[Any]", target: BinaryIO, what: str) -> None:
        """The rows as CSV with a header, in UTF-8. Times with a zone are written in the contract's."""
        select = _localised(select, self.contract.timezone, self.connection.dialect.name)
        if self.connection.dialect.name == "postgresql":
            self._copy(select, target, what)
        else:
            self._rows(select, target, what)

    def _copy(self, select: "Select[Any]", target: BinaryIO, what: str) -> None:
        """By COPY: every value is the text that PostgreSQL itself writes."""
        from sqlalchemy.dialects import postgresql
        from sqlalchemy.exc import DBAPIError

        plain = select.compile(dialect=postgresql.dialect(paramstyle="named"), compile_kwargs={"literal_binds": True})
        driver: Any = self.connection.connection.driver_connection
        try:
            with driver.cursor() as cursor, cursor.copy(f"COPY ({plain}) TO STDOUT (FORMAT csv, HEADER)") as copy:
                for block in copy:
                    target.write(block)
                    self.deadline.check(what)
        except driver_errors() as error:
            raise DBAPIError("", {}, error) from error

    def _rows(self, select: "Select[Any]", target: BinaryIO, what: str) -> None:
        text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text, lineterminator="\n")
        result = self.connection.execution_options(yield_per=ROWS).execute(select)
        writer.writerow(result.keys())
        for block in result.partitions():
            writer.writerows([_text(value) for value in row] for row in block)
            self.deadline.check(what)
        text.detach()


def driver_errors() -> type[Exception]:
    """What psycopg raises where SQLAlchemy is not in between."""
    import psycopg

    return psycopg.Error


def _localised(select: "Select[Any]", zone: str, dialect: str) -> "Select[Any]":
    """Moments as local times of the contract's zone, as every delivered time is read."""
    from sqlalchemy import DateTime, func

    if dialect != "postgresql":
        return select
    columns = [
        func.timezone(zone, c).label(c.name) if isinstance(c.type, DateTime) and c.type.timezone else c
        for c in select.selected_columns
    ]
    return select.with_only_columns(*columns, maintain_column_froms=True)


def _text(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return None if value is None else str(value)
