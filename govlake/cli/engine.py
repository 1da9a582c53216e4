"""`govlake engine`: which engine does the work, and what Apache Spark needs beyond this project's packages."""

from typing import Any

import typer

from govlake.cli.output import AsJson, Column, print_json, print_table

COLUMNS = [Column("what", "what"), Column("is", "says")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    engine = typer.Typer(help="The engine that does the work: Sail, or Apache Spark.", no_args_is_help=True)
    engine.command("fetch")(fetch)
    engine.command("status")(status)
    app.add_typer(engine, name="engine")


def fetch(as_json: AsJson = False) -> None:
    """Fetch Apache Spark's jars for Delta and S3 with Maven. At once where they are here."""
    from govlake.stack import spark_jars

    fetched = spark_jars.fetch(lambda step: typer.echo(step, err=True))
    where = str(spark_jars.folder())
    if as_json:
        print_json({"fetched": fetched, "jars": len(spark_jars.wanted()), "folder": where})
        return
    print(f"{len(spark_jars.wanted())} jars are in {where}" + (", as they must be." if fetched else " already."))


def status(as_json: AsJson = False) -> None:
    """Which engine, which version, at which address, and whether what it needs is here."""
    from govlake.stack import engines

    report = engines.report()
    if as_json:
        print_json(report)
        return
    print_table(COLUMNS, [{"what": name, "says": _said(value)} for name, value in report.items()], "")


def _said(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
