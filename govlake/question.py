"""Answer one SQL question over lake, marts and ledger, read only, without starting an engine.

DuckDB runs in this process. Only the tables that the question names are opened, and nothing else on the machine
can be reached from it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govlake import lake, versions
from govlake.errors import LakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

STORES = ("ledger", "ledger_public", "marts")
Name = tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """Rows by column name. `numbers` are the numeric columns; `more` is whether rows were left out."""

    names: list[str]
    numbers: set[str]
    rows: list[dict[str, Any]]
    more: bool


def ask(query: str, limit: int = 1000) -> Answer:
    """The answer to one SELECT, at most `limit` rows (0 = all). Raises LakeError where it is refused."""
    import duckdb

    from govlake.settings import settings

    names = tables_of(query)
    with duckdb.connect() as memory:
        _offer(memory, names)
        _lock(memory, settings().tmp)
        try:
            result = memory.execute(query)
            columns = [(str(entry[0]), str(entry[1])) for entry in result.description or []]
            rows = result.fetchmany(limit + 1) if limit else result.fetchall()
        except duckdb.Error as error:
            lines = [line.strip() for line in str(error).splitlines()]
            reason = " ".join([*lines[:1], *(line for line in lines if line.startswith("Candidate"))])
            raise LakeError(
                f"The question was refused: {reason}.", "See `govlake sql --help` for the tables."
            ) from error
    titles = _distinct([name for name, _ in columns])
    kept = rows[:limit] if limit else rows
    return Answer(
        names=titles,
        numbers={title for title, (_, kind) in zip(titles, columns, strict=True) if _is_number(kind)},
        rows=[dict(zip(titles, row, strict=True)) for row in kept],
        more=bool(limit) and len(rows) > limit,
    )


def tables_of(query: str) -> set[Name]:
    """The lake's, marts' and ledger's tables that the query names. Raises LakeError unless it is one SELECT."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        statements = [statement for statement in sqlglot.parse(query, dialect="duckdb") if statement is not None]
    except SqlglotError as error:
        reason = str(error).splitlines()[0].split("\x1b")[0].strip()
        raise LakeError(f"This is not SQL: {reason}.", "Quote the whole question and check its spelling.") from error
    if (
        len(statements) != 1
        or not isinstance(statements[0], exp.Query)
        or statements[0].find(exp.Into, exp.Insert, exp.Update, exp.Delete)
    ):
        raise LakeError("Only one SELECT (or WITH ... SELECT) is allowed here.", "Nothing was run.")
    found = {tuple(part.name.lower() for part in table.parts) for table in statements[0].find_all(exp.Table)}
    return {name for name in found if len(name) > 1}


def _offer(memory: "DuckDBPyConnection", names: set[Name]) -> None:
    """Make each named table readable under the name it was asked for."""
    for store in sorted({name[0] for name in names}):
        if store in lake.LASTING or store in STORES:
            memory.execute(f"ATTACH ':memory:' AS {store}")
    for number, name in enumerate(sorted(names)):
        if name[0] in lake.LASTING and len(name) == 3:
            source: Any = _delta(name)
        elif name[0] in STORES and len(name) == 2:
            source = _relational(name)
        elif name[0] == "information_schema":
            continue
        else:
            raise _unknown(name)
        if len(name) == 3:
            memory.execute(f"CREATE SCHEMA IF NOT EXISTS {name[0]}.{_quoted(name[1])}")
        memory.register(f"source_{number}", source)
        address = ".".join([name[0], *map(_quoted, name[1:])])
        rows = f"SELECT * FROM source_{number}"
        if name[0] == versions.LAYER:
            rows = versions.select(f"source_{number}", source.schema.names)
        memory.execute(f"CREATE VIEW {address} AS {rows}")


def _lock(memory: "DuckDBPyConnection", spill: Path) -> None:
    """Spill into the home, then shut every door: no files, no extensions, no change of settings."""
    spill.mkdir(parents=True, exist_ok=True)
    folder = str(spill).replace("'", "''")
    memory.execute(f"SET temp_directory = '{folder}'")
    memory.execute("SET TimeZone = 'UTC'")
    memory.execute("SET enable_external_access = false")
    memory.execute("SET lock_configuration = true")


def _delta(name: Name) -> Any:
    layer, domain, table = name
    source = lake.delta(lake.path(layer, domain, table)) if (domain, table) in lake.find(layer) else None
    if source is None:
        raise _unknown(name)
    return source.to_pyarrow_dataset()


def _relational(name: Name) -> Any:
    """A whole table or view of PostgreSQL; these are small."""
    import pyarrow as pa
    from adbc_driver_postgresql import dbapi

    from govlake.ledger import ledger

    known = ledger().query(
        """SELECT a.attname, format_type(a.atttypid, NULL) AS kind FROM pg_attribute AS a
        WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum""",
        [".".join(map(_quoted, name))],
    )
    if not known:
        raise _unknown(name)
    columns = ", ".join(_readable(row["attname"], row["kind"]) for row in known)
    with dbapi.connect(ledger().url) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {'.'.join(map(_quoted, name))}")
        table: pa.Table = cursor.fetch_arrow_table()
    return table


def _readable(column: str, kind: str) -> str:
    """The column in a type that Arrow has."""
    plain = {"jsonb": "text", "json": "text", "numeric": "double precision", "name": "text", "uuid": "text"}
    cast = f"::{plain[kind]}" if kind in plain else ""
    return f"{_quoted(column)}{cast} AS {_quoted(column)}"


def _unknown(name: Name) -> LakeError:
    """The error for a table that is not there: it names those that are, in the same layer or store."""
    first = name[0]
    if first in lake.LASTING:
        known = [f"{first}.{domain}.{table}" for domain, table in lake.find(first)]
    elif first in STORES:
        from govlake.ledger import ledger

        rows = ledger().query(
            """SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = %s AND c.relkind IN ('r', 'v') ORDER BY 1""",
            [first],
        )
        known = [f"{first}.{row['relname']}" for row in rows]
    else:
        known = [*(f"{layer}.<domain>.<table>" for layer in lake.LASTING), *(f"{store}.<table>" for store in STORES)]
    return LakeError(f"There is no table {'.'.join(name)}.", f"Known are: {', '.join(known) or 'none yet'}.")


def _distinct(names: list[str]) -> list[str]:
    """Column names with a number added where one is used twice."""
    seen: dict[str, int] = {}
    titles = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        titles.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return titles


def _is_number(kind: str) -> bool:
    return kind.upper().startswith(("NUMBER", "DECIMAL", "DOUBLE", "FLOAT")) or "INT" in kind.upper()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
