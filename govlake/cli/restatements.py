"""`govlake restatements`: what deliveries changed of what earlier ones had stated."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from govlake.cli.output import AsJson, Column, both, print_json, print_table
from govlake.cli.run import PackFolder, open_pack

COLUMNS = [
    Column("no.", "restatement_id", right=True),
    Column("dataset", lambda row: both(row["title_zh"] or "", row["title_en"] or row["dataset"])),
    Column("delivery", "batch_id"),
    Column("cells", "cells", right=True),
    Column("rows", "rows", right=True),
    Column("withdrawn", "withdrawn", right=True),
    Column("about", lambda row: _span(row)),
    Column("indicators", lambda row: row["cells_changed"], right=True),
    Column("recorded", "recorded_at"),
]
CELLS = [
    Column("row", lambda row: ", ".join(f"{name} {value}" for name, value in row["key"].items())),
    Column("column", "column"),
    Column("was", "old"),
    Column("is", "new"),
    Column("stated by", "earlier"),
]
INDICATORS = [
    Column("indicator", lambda row: both(row["indicator_zh"], row["indicator_en"])),
    Column("period", lambda row: f"{row['period']} {row['period_start']}"),
    Column("area", "area_code"),
    Column("was", "old_value", right=True),
    Column("is", "new_value", right=True),
]
COUNTS = [Column("", "name"), Column("number", "number", right=True)]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    restatements = typer.Typer(
        help="What deliveries changed of what earlier ones had stated: list, show.", no_args_is_help=True
    )
    restatements.command("list")(list_all)
    restatements.command("show")(show)
    app.add_typer(restatements, name="restatements")


def list_all(
    dataset: Annotated[str | None, typer.Option(help="Only this dataset (its name or its table's).")] = None,
    batch: Annotated[str | None, typer.Option(help="Only this delivery, by its batch id.")] = None,
    as_json: AsJson = False,
) -> None:
    """Every restatement, newest first: cells with another value, rows taken back, days they are about.

    `indicators` counts cells of indicators that have another value in the edition that followed.
    """
    from govlake.ledger import ledger

    keys = ledger().datasets_called(dataset) if dataset else None
    rows = [row for row in ledger().restatements(batch_id=batch) if keys is None or row["dataset"] in keys]
    print_json(rows) if as_json else print_table(COLUMNS, rows, "No delivery has changed what an earlier one stated.")


def show(
    number: Annotated[int, typer.Argument(help="Its number, from `govlake restatements list`.")],
    cells: Annotated[bool, typer.Option("--cells", help="Every cell of a snapshot, instead of a few.")] = False,
    pack: PackFolder = None,
    as_json: AsJson = False,
) -> None:
    """One restatement: columns, the deliveries on both sides, cells with both values, marts and indicators."""
    from govlake.ledger import ledger

    row = ledger().restatement(number)
    if cells:
        row = {**row, "samples": _cells(row, pack)}
    print_json(row) if as_json else _print(row)


def _cells(row: Mapping[str, Any], pack: Any) -> list[dict[str, Any]]:
    """Every restated cell, from the history of the table."""
    from govlake import versions
    from govlake.errors import LedgerError

    table = open_pack(pack).find(row["dataset"]).table(row["dataset"])
    if table.mode != "snapshot":
        raise LedgerError(
            f"{table.key} is no snapshot and keeps no history of its rows.",
            "Leave out --cells; every delivered row is in bronze: `govlake sql`.",
        )
    return versions.cells(table, row["batch_id"])


def _print(row: Mapping[str, Any]) -> None:
    print_table(COLUMNS, [row], "")
    print(f"{row['summary_zh']}\n{row['summary_en']}\n")
    for title, counts in (("columns", row["columns"]), ("stated by", row["earlier"])):
        entries = [{"name": name, "number": number} for name, number in _largest(counts)]
        print_table([Column(title, "name"), COUNTS[1]], entries, f"No {title}.")
    print_table(CELLS, row["samples"], "No cell is kept as an example.")
    if row["edition_after"] is None:
        print("No edition holds it yet. 尚未进入任何版本。")
        return
    print(f"Affected marts 受影响的数据集市: {', '.join(row['marts']) or 'none 无'}")
    print(f"Affected indicators 受影响的指标: {', '.join(row['indicators']) or 'none 无'}")
    if row["cells_changed"] is None:
        print("The edition before is not kept, so values cannot be compared. 前一版本已不可用，无法比较。")
        return
    print(
        f"Edition {row['edition_before']} -> {row['edition_after']}: {row['cells_changed']:,} indicator values changed."
    )
    print_table(INDICATORS, row["indicator_cells"], "No indicator has another value. 指标数值没有变化。")


def _largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _span(row: Mapping[str, Any]) -> str:
    days = dict.fromkeys(str(row[name]) for name in ("first_date", "last_date") if row[name])
    return " - ".join(days)
