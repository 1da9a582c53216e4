"""One connection to the ledger's database that survives a restart of the server."""

import os
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

from govlake.errors import LedgerError

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

T = TypeVar("T")
Row = dict[str, Any]
NO_RETRY = ("password authentication", "no pg_hba.conf", "does not exist")


class Database:
    """Runs one transaction at a time; connects when first used and again after the connection was lost.

    `patience_s` is how long a call waits for a server that is down or restarting before it gives up.
    Forked children open their own connection.
    """

    def __init__(self, url: str, patience_s: float = 20.0) -> None:
        self.url = url
        self.patience_s = patience_s
        self._connection: Connection[Row] | None = None
        self._owner = 0
        self._turn = threading.RLock()
        self._held = threading.local()

    def transact(self, work: "Callable[[Cursor[Row]], T]") -> T:
        """The result of `work`, committed. Repeated as a whole where the connection was lost on the way.

        Raises LedgerError where the database refuses, or stays away for longer than `patience_s`.
        """
        import psycopg

        deadline = time.monotonic() + self.patience_s
        pause = 0.05
        with self._turn:
            while True:
                try:
                    connection = self._connected()
                    with connection.transaction(), connection.cursor() as cursor:
                        return work(cursor)
                except psycopg.OperationalError as error:
                    if not self._lost(error):
                        raise refusal(error) from error
                    if time.monotonic() + pause > deadline:
                        raise unreachable(self.url, error) from error
                    time.sleep(pause)
                    pause = min(pause * 2, 1.0)
                except psycopg.Error as error:
                    raise refusal(error) from error

    def query(self, sql: str, parameters: object = None) -> list[Row]:
        """All rows of one statement, as dictionaries."""

        def work(cursor: "Cursor[Row]") -> list[Row]:
            cursor.execute(cast(Any, sql), cast(Any, parameters))
            return cursor.fetchall() if cursor.description else []

        return self.transact(work)

    def one(self, sql: str, parameters: object = None) -> Row | None:
        """The first row of one statement, None where there is none."""
        rows = self.query(sql, parameters)
        return rows[0] if rows else None

    @contextmanager
    def lock(self, name: str, wait_s: float = 3600.0) -> Iterator[None]:
        """Hold the named lock across processes: two pipelines on one batch take turns.

        The lock ends with its own connection, so a killed process never leaves it behind. A thread that holds it
        may ask for it again. Raises LedgerError where it is not free within `wait_s` seconds.
        """
        mine = self._held.__dict__.setdefault("names", set())
        if name in mine:
            yield
            return
        with self._locked(name, wait_s):
            mine.add(name)
            try:
                yield
            finally:
                mine.discard(name)

    @contextmanager
    def _locked(self, name: str, wait_s: float) -> Iterator[None]:
        import psycopg

        connection = connect(self.url, self.patience_s)
        try:
            key = zlib.crc32(name.encode()) | (0x676F76 << 32)
            connection.execute(cast(Any, f"SET lock_timeout = {int(wait_s * 1000)}"))
            try:
                connection.execute("SELECT pg_advisory_lock(%s)", [key])
            except psycopg.errors.LockNotAvailable as error:
                raise LedgerError(
                    f"Another run has been working on {name} for more than {wait_s:.0f} s.",
                    "Wait for it, or end it, and run again.",
                ) from error
            yield
        finally:
            connection.close()

    def close(self) -> None:
        """Give the connection back; the next call opens a new one."""
        if self._connection is not None and self._owner == os.getpid():
            self._connection.close()
        self._connection = None

    def _connected(self) -> "Connection[Row]":
        if self._connection is None or self._connection.closed or self._owner != os.getpid():
            self._connection = connect(self.url, 0)
            self._owner = os.getpid()
        return self._connection

    def _lost(self, error: Exception) -> bool:
        """Whether the connection, not the statement, failed."""
        gone = self._connection is None or self._connection.closed or self._connection.broken
        return gone and not any(text in str(error) for text in NO_RETRY)


def connect(url: str, patience_s: float) -> "Connection[Row]":
    """A new autocommit connection whose rows are dictionaries; waits `patience_s` for a server that is down."""
    import psycopg
    from psycopg.rows import dict_row

    deadline = time.monotonic() + patience_s
    while True:
        try:
            return psycopg.Connection[Row].connect(
                url,
                autocommit=True,
                row_factory=cast(Any, dict_row),
                connect_timeout=10,
                prepare_threshold=None,  # a plan must not outlive a migration
                application_name="govlake",
            )
        except psycopg.OperationalError as error:
            if patience_s == 0:
                raise
            if any(text in str(error) for text in NO_RETRY) or time.monotonic() > deadline:
                raise unreachable(url, error) from error
            time.sleep(0.2)


def unreachable(url: str, error: Exception) -> LedgerError:
    """The error for a database that does not answer, without its password."""
    address = url.rpartition("@")[2].partition("?")[0]
    reason = (str(error).strip().splitlines() or ["no reason"])[0].rpartition("failed: ")[2]
    return LedgerError(
        f"The ledger's database at {address} does not answer ({reason}).",
        "Start it with `govlake up`, or look at `govlake doctor`.",
    )


def refusal(error: Exception) -> LedgerError:
    """The database's refusal in its own words, and what to do."""
    import psycopg

    diagnostic = getattr(error, "diag", None)
    message = (diagnostic and diagnostic.message_primary) or str(error).strip()
    if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.InvalidSchemaName):
        return LedgerError(f"The ledger is not set up here ({message}).", "Run `govlake up`, which sets it up.")
    return LedgerError(f"The ledger refused an entry: {message}.", "Correct the cause and run the batch again.")
