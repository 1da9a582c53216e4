"""What a command prints: JSON for scripts, narrow tables for people."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


class Column(NamedTuple):
    """A column of a printed table: its title, and the row's key or a function of the row."""

    title: str
    value: str | Callable[[Mapping[str, Any]], Any]
    right: bool = False
    style: str = ""


def print_json(value: object) -> None:
    """The value on stdout, dates in ISO form, Chinese as it is."""
    print(json.dumps(value, ensure_ascii=False, indent=1, default=_plain))


def print_table(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], empty: str) -> None:
    """The rows as a table on stdout, or the sentence `empty`. Nothing is cut where the output is not a terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    if not rows:
        print(empty)
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for column in columns:
        table.add_column(column.title, justify="right" if column.right else "left", style=column.style, overflow="fold")
    for row in rows:
        table.add_row(*(shown(_value(column, row)) for column in columns))
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=max(console.width, 200))
    console.print(table)


def shown(value: object) -> str:
    """A value as people read it: thousands separated, times to the minute, nothing for null."""
    from rich.markup import escape

    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.1f}"
    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M}"
    return escape(str(value))


def both(chinese: str, english: str) -> str:
    """A title in both languages, once where they are the same."""
    return english if chinese == english or not chinese else f"{chinese} {english}".strip()


def _value(column: Column, row: Mapping[str, Any]) -> Any:
    return column.value(row) if callable(column.value) else row.get(column.value)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)
