"""`govlake sample`: play the departments of the sample city."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from govlake.errors import DeliveryError
from govlake.settings import settings


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("sample")(sample)


def sample(
    day: Annotated[str, typer.Option("--date", help="Last day to deliver, as 2026-09-01. Default: yesterday.")] = "",
    days: Annotated[int, typer.Option("--days", min=1, help="How many days, ending with --date.")] = 1,
    scale: Annotated[float, typer.Option("--scale", help="Size; 1 is about 12,000 taps and 300 tickets a day.")] = 1.0,
    seed: Annotated[int, typer.Option("--seed", help="Another seed is another city history.")] = 2026,
    spoil: Annotated[str, typer.Option("--spoil", help="What goes wrong, e.g. missing_column; see `list`.")] = "",
    dataset: Annotated[str, typer.Option("--dataset", help="Which delivery to spoil; default: card_tap.")] = "",
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="Only these datasets, domains or departments, e.g. --only police. Repeatable."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Put the sample city's deliveries into the inbox: daily ones, and the newest of what comes weekly or more rarely.

    The same seed and date always make the same bytes. Running it again without --spoil is the corrected delivery.
    """
    from govlake.sample.deliver import deliver
    from govlake.sample.spoil import KINDS

    if spoil == "list":
        typer.echo(json.dumps(list(KINDS)) if as_json else "\n".join(KINDS))
        return
    last = _day(day)
    kind = "" if spoil == "none" else spoil
    first = last - timedelta(days=days - 1)
    delivered = deliver(settings().home, last, scale, seed, kind, dataset, tuple(only or ()), first)
    if as_json:
        rows = [{**vars(file), "day": file.day.isoformat(), "path": str(file.path)} for file in delivered]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for file in delivered:
        typer.echo(f"{_shown(file.path)}  {file.bytes:,} bytes" + (f"  ({file.spoiled})" if file.spoiled else ""))


def _day(text: str) -> date:
    if not text:
        return datetime.now(ZoneInfo(settings().timezone)).date() - timedelta(days=1)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DeliveryError(f"'{text}' is no date.", "Write it as 2026-09-01.") from error


def _shown(path: Path) -> str:
    return str(path.relative_to(settings().home)) if path.is_relative_to(settings().home) else str(path)
