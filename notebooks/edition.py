"""The edition that is shown, as frames: the one door through which a notebook looks.

It signs in as the role that may read marts and the public views of the ledger, and nothing else.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from govlake.errors import EditionError
from govlake.stack import databases

if TYPE_CHECKING:
    import pandas as pd
    import psycopg

AWAY = ("08", "57")  # classes of codes: no connection, an operator's intervention
CELLS = """
SELECT * FROM marts.kpi_cell
WHERE indicator_id = ANY(%s) AND period = %s AND level = %s AND (is_latest OR %s)
ORDER BY position, period_start, area_code
"""


def ask(question: str, values: Sequence[Any] = ()) -> "pd.DataFrame":
    """The answer to an SQL question. Raises EditionError where it cannot be had."""
    import pandas as pd
    import psycopg

    try:
        with psycopg.connect(databases.reader_url(), options="-c default_transaction_read_only=on") as connection:
            cursor = connection.execute(cast(Any, question), values)
            names: Any = [column.name for column in cursor.description or ()]
            return pd.DataFrame(cursor.fetchall(), columns=names)
    except psycopg.Error as error:
        raise _sentence(error) from error


def _sentence(error: "psycopg.Error") -> EditionError:
    """What PostgreSQL said; without the code of a refusal it is away."""
    from psycopg import errors

    what = (str(error).splitlines() or [""])[0]
    if not error.sqlstate or error.sqlstate.startswith(AWAY):
        return EditionError("The database of the marts does not answer.", "Start it with `govlake up`.")
    if isinstance(error, errors.UndefinedTable):
        return EditionError(f"The edition lacks a mart ({what}).", "Publish one with `govlake run`.")
    return EditionError(f"The question was refused ({what}).", "Only marts and ledger_public are read.")


def cells(indicators: Sequence[str], period: str, level: str, latest: bool = True) -> "pd.DataFrame":
    """Cells of the register's indicators, newest period only unless told. One row per indicator, period and area.

    Raises EditionError where the edition holds none.
    """
    found: Any = ask(CELLS, [list(indicators), period, level, not latest])
    if found["value"].isna().all():
        raise EditionError(
            f"The edition holds no value of {', '.join(indicators)} by {period} and {level}.",
            "Let the departments deliver it, then `govlake run`.",
        )
    return found


def ordered(cells: "pd.DataFrame") -> "pd.DataFrame":
    """Best first where every cell may be ranked, else in the order of their codes."""
    if not bool(cells["is_rankable"].all()):
        return cells.sort_values(by="area_code", ignore_index=True)
    less_is_better = cells["direction"].eq("down").all()
    return cells.sort_values(by="value", ascending=bool(less_is_better), ignore_index=True)


def shown() -> str:
    """Which edition this is, in a line for the foot of a picture."""
    info = ask("SELECT * FROM marts.edition_info").iloc[0]
    return f"版本 Edition {info['edition']} · {info['published_at']:%Y-%m-%d %H:%M} UTC"
