"""`govlake contracts`: check what was agreed, draft a new agreement, compare two versions, show them as pages."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from govlake.cli.output import AsJson, print_json

if TYPE_CHECKING:
    from govlake.contracts.compare import Change
    from govlake.contracts.reading import Finding

PathToContracts = Annotated[Path | None, typer.Argument(help="A contract or a pack; default: the pack in settings.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    contracts = typer.Typer(help="What departments deliver: check, draft, compare, show.", no_args_is_help=True)
    contracts.command("check")(check)
    contracts.command("scaffold")(scaffold)
    contracts.command("diff")(diff)
    contracts.command("html")(html)
    app.add_typer(contracts, name="contracts")


def check(
    path: PathToContracts = None,
    as_json: AsJson = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings too.")] = False,
) -> None:
    """Everything that is wrong (error) or doubtful (warning), with the remedy. Exit 1 where there is an error."""
    from govlake.contracts.lint import check as lint

    files, findings = lint(_existing(path))
    errors = [finding for finding in findings if finding.severity == "error"]
    if as_json:
        print_json({"contracts": len(files), "errors": len(errors), "findings": [f.as_dict() for f in findings]})
    else:
        _print_findings(findings)
        print(f"{len(files)} contract(s): {len(errors)} error(s), {len(findings) - len(errors)} warning(s).")
    if errors or (strict and findings):
        raise typer.Exit(1)


def scaffold(
    file: Annotated[Path, typer.Argument(help="A file as it is delivered: csv, xlsx, ods, json, xml, zip ...")],
    dataset: Annotated[str, typer.Option(help="<department>.<name>; default: from folder and file name.")] = "",
    out: Annotated[Path | None, typer.Option(help="Where to write it; default: print it.")] = None,
    rows: Annotated[int, typer.Option(min=100, help="Profile at most this many rows.")] = 100_000,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a contract that is there.")] = False,
) -> None:
    """A draft contract profiled from a delivered file. Comments that begin with Decide are for you."""
    from govlake.contracts.scaffold import scaffold as draft
    from govlake.errors import ContractError

    if out and out.exists() and not overwrite:
        raise ContractError(f"{out} is there already.", "Choose another --out, or give --overwrite.")
    text = draft(file, dataset, rows)
    if out is None:
        return print(text, end="")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    decisions = text.count("# Decide:")
    print(f"Wrote {out}: {decisions} things to decide. Then `govlake contracts check {out}`.")


def diff(
    old: Annotated[Path, typer.Argument(help="The contract as it was.")],
    new: Annotated[Path, typer.Argument(help="The contract as it is to be.")],
    as_json: AsJson = False,
) -> None:
    """What changes, and what of it breaks deliveries, silver or queries. Exit 1 where something does."""
    from govlake.contracts.compare import compare

    changes = compare(_existing(old), _existing(new))
    breaking = [change for change in changes if change.level == "breaking"]
    if as_json:
        print_json({"breaking": bool(breaking), "changes": [change.as_dict() for change in changes]})
    else:
        _print_changes(changes)
    if breaking:
        raise typer.Exit(1)


def html(
    path: PathToContracts = None,
    out: Annotated[Path | None, typer.Option(help="The folder to write to; default: pages in the home.")] = None,
    as_json: AsJson = False,
) -> None:
    """A page per contract and an index; they need no network when they are viewed."""
    from govlake.contracts.page import write_pages
    from govlake.settings import settings

    written = write_pages(_existing(path), out or settings().home / "pages")
    if as_json:
        return print_json({"index": str(written[-1]), "pages": [str(file) for file in written[:-1]]})
    print(f"Wrote {len(written) - 1} page(s) and {written[-1]}.")


def _existing(path: Path | None) -> Path:
    from govlake.errors import ContractError
    from govlake.settings import settings

    path = path or settings().pack
    if not path.exists():
        raise ContractError(f"There is nothing at {path}.", "Give a contract or a folder of contracts.")
    return path


def _print_findings(findings: "list[Finding]") -> None:
    """Grouped by file, because that is where a person goes next."""
    for file in dict.fromkeys(finding.file for finding in findings):
        print(file)
        for finding in findings:
            if finding.file == file:
                print(f"  {finding.severity}: {finding.field} {finding.problem}. {finding.remedy}")


def _print_changes(changes: "list[Change]") -> None:
    for change in changes:
        print(f"{change.level:<9} {change.path}: {change.what}")
    if not changes:
        print("Nothing changes.")
