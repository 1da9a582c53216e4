"""The SQL that contracts may hold: conditions over a row, derived columns, queries. Parsed, never run.

Imported by the lint alone: the parser takes a moment to load.
"""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

NO_EXPRESSION = (exp.Alias, exp.Command, exp.Drop, exp.Create, exp.Insert, exp.Update, exp.Delete, exp.Merge)
Fault = tuple[str, str]  # what is wrong, and the remedy
# A rerun must give the same rows, so nothing of a contract may depend on the clock or on chance.
CLOCK = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTime, exp.Rand, exp.Uuid)
UNSTABLE = {"rand", "random", "randn", "uuid", "now", "monotonically_increasing_id", "unix_timestamp"}
NO_CONDITION = (exp.Literal, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Concat, exp.DPipe, exp.Length)


def faults(text: str, columns: Collection[str], condition: bool) -> list[Fault]:
    """What is wrong with `text` as SQL over one row that has `columns`.

    `condition` says that it must be true or false, as rules are; a derived column may be anything.
    """
    try:
        trees = sqlglot.parse(text, read="spark")
    except SqlglotError as error:
        return [(_where(error), "Correct the expression.")]
    tree = trees[0]
    if len(trees) != 1 or tree is None or isinstance(tree, NO_EXPRESSION):
        return [("is not one expression", "Write one expression, without a name behind it.")]
    if isinstance(tree, exp.Query) or tree.find(exp.Select):
        return [("asks a query", "Write one expression over the columns of the row; queries have type sql.")]
    found = [*_unknown(tree, columns), *_over_rows(tree), *_unstable(tree)]
    if condition and isinstance(tree.unnest(), NO_CONDITION):
        found.append(("is a value, not a condition", "Compare it with something, for example `... >= 0`."))
    return found


def names(text: str) -> set[str]:
    """The columns that an expression names; none where it cannot be parsed."""
    try:
        return _columns(sqlglot.parse_one(text, read="spark"))
    except SqlglotError:
        return set()


def query_fault(text: str) -> str:
    """What keeps `text` from being one query, or ""; {table} or {object} stands for the table that is judged."""
    plain = text.replace("${", "{").replace("{table}", "judged").replace("{object}", "judged")
    try:
        trees = sqlglot.parse(plain, read="spark")
    except SqlglotError as error:
        return _where(error)
    return "" if len(trees) == 1 and isinstance(trees[0], exp.Query) else "is not one SELECT"


def _columns(tree: exp.Expr) -> set[str]:
    bound = {str(name) for found in tree.find_all(exp.Lambda) for name in found.expressions}
    return {column.name for column in tree.find_all(exp.Column)} - bound


def _unknown(tree: exp.Expr, columns: Collection[str]) -> Iterator[Fault]:
    known = {column.lower(): column for column in columns}
    shown = ", ".join(column for column in columns if not column.startswith("_"))
    for name in sorted(_columns(tree)):
        if name.lower() not in known:
            near = get_close_matches(name.lower(), known, n=1)
            hint = f"Did you mean {known[near[0]]}? " if near else ""
            yield f"names {name}, which is no column here", f"{hint}Use one of {shown}."


def _over_rows(tree: exp.Expr) -> Iterator[Fault]:
    if tree.find(exp.AggFunc) or tree.find(exp.Window):
        yield "looks at more than one row", "Use a table rule: rowCount, duplicateValues or type sql."


def _unstable(tree: exp.Expr) -> Iterator[Fault]:
    called = {call.name.lower() for call in tree.find_all(exp.Anonymous)}
    if tree.find(*CLOCK) or called & UNSTABLE:
        yield "depends on the clock or on chance", "A rerun must give the same rows: use the row's own dates."


def _where(error: SqlglotError) -> str:
    """Where the parser stopped, in words."""
    first = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
    place = f" near '{first['highlight']}'" if first.get("highlight") else ""
    return f"cannot be parsed as SQL{place}"
