"""`govlake indicators`: what each number that leaders see is; check the register and what is made from it."""

from typing import TYPE_CHECKING, Annotated

import typer

from govlake.cli.output import AsJson, Column, print_json, print_table

if TYPE_CHECKING:
    from govlake.indicators import Register

COLUMNS = (
    Column("indicator", "id"),
    Column("name", "name_en"),
    Column("名称", "name_zh"),
    Column("unit", "unit_en"),
    Column("use", "use_policy"),
    Column("cells", "cells"),
)
Domain = Annotated[str, typer.Argument(help="Only this domain: transit, safety, services, health or hotline.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    indicators = typer.Typer(help="The register of indicators: list, check, build.", no_args_is_help=True)
    indicators.command("list")(list_indicators)
    indicators.command("show")(show)
    indicators.command("check")(check)
    indicators.command("build")(build)
    indicators.command("docs")(docs)
    app.add_typer(indicators, name="indicators")


def list_indicators(domain: Domain = "", as_json: AsJson = False) -> None:
    """Every indicator with its unit, the use that is allowed, and the cells it has."""
    found = [i for book in _register().books if domain in ("", book.domain) for i in book.indicators]
    if as_json:
        return print_json([indicator.model_dump(mode="json") for indicator in found])
    rows = [i.model_dump() | {"cells": "; ".join(f"{p}: {', '.join(c)}" for p, c in i.cells.items())} for i in found]
    print_table(COLUMNS, rows, f"The register has no indicator of {domain}.")


def show(
    indicator: Annotated[str, typer.Argument(help="For example transit.punctuality.")], as_json: AsJson = False
) -> None:
    """Everything that the register says of one indicator."""
    from govlake.errors import IndicatorError

    found = [entry for entry in _register().indicators if entry.id == indicator]
    if not found:
        raise IndicatorError(f"The register has no indicator {indicator}.", "See `govlake indicators list`.")
    fields = found[-1].model_dump(mode="json")
    if as_json:
        return print_json(fields)
    for name, value in fields.items():
        if value not in ("", None, []):
            print(f"{name:<20} {value}")


def check(as_json: AsJson = False) -> None:
    """Everything that is wrong with the register, with the remedy. Exit 1 where there is something."""
    from govlake.indicators.lint import check as lint

    book = _register()
    findings = lint(book)
    if as_json:
        print_json({"indicators": len(book.indicators), "findings": [vars(finding) for finding in findings]})
    else:
        for finding in findings:
            print(finding)
        print(f"{len(book.indicators)} indicator(s): {len(findings)} finding(s).")
    if findings:
        raise typer.Exit(1)


def build(as_json: AsJson = False) -> None:
    """Write the models that follow from the register into dbt_project. Refuses a register that is wrong."""
    from govlake.errors import IndicatorError
    from govlake.indicators import load_register
    from govlake.indicators.lint import check as lint
    from govlake.indicators.models import write
    from govlake.settings import settings

    book = load_register()
    if findings := lint(book):
        raise IndicatorError(f"{findings[0]}", "See all with `govlake indicators check`.")
    _tell([str(path) for path in write(book, settings().project / "dbt_project")], as_json)


def docs(as_json: AsJson = False) -> None:
    """Write docs/indicators.md and a page per domain from register and contracts."""
    from govlake.contracts import load_pack
    from govlake.indicators import load_register
    from govlake.indicators.pages import write
    from govlake.settings import settings

    root = settings().project
    _tell([str(path) for path in write(load_register(), load_pack(root / "contracts"), root / "docs")], as_json)


def _register() -> "Register":
    """The project's indicators, and behind them those of the home's pack."""
    from govlake.indicators import load_register
    from govlake.settings import settings

    return load_register(packs=[settings().pack])


def _tell(files: list[str], as_json: bool) -> None:
    if as_json:
        return print_json({"written": files})
    print(f"Wrote {', '.join(files)}." if files else "Nothing to write: everything is as the register says.")
