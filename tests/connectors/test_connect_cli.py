"""`govlake connect test` in words, in JSON and in exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from govlake.cli.app import command
from govlake.contracts import lint
from tests.connectors.conftest import Contracts
from tests.connectors.interface import serving

RECORDS = [{"id": 1, "topic": "noise", "updated_at": "2026-09-01 08:00:00"}]


@pytest.mark.usefixtures("secrets")
def test_a_source_is_tried(contracts: Contracts, tmp_path: Path) -> None:
    with serving(RECORDS) as interface:
        server = {"type": "api", "location": f"{interface.url}/tickets?day={{date}}"}
        contracts(server, recordPath="data.items", secret="hotline")
        told = run("connect", "test", "ticket", "--pack", str(tmp_path / "pack"))
        assert told.exit_code == 0 and "its source is as agreed" in told.output
        interface.token = "another"
        told = run("connect", "test", "ticket", "--pack", str(tmp_path / "pack"), "--json")
    report = json.loads(told.stdout)
    assert told.exit_code == 1 and report["ok"] is False
    assert report["problem"].startswith("Hotline Office's interface") and "GOVLAKE_SECRET" in report["remedy"]


REFUSED = {
    "password in the address": ({"location": "sftp://me:pw@host/out/x.csv"}, {}, "holds an account or a password"),
    "password for a name": ({"location": "sftp://host/x"}, {"secret": "Tr0ub4dor&3"}, "is not the name of a secret"),
    "no host key": ({"location": "sftp://host/x.csv"}, {"hostKey": ""}, "hostKey is missing for sftp"),
    "crooked host key": ({"location": "sftp://host/x.csv"}, {"hostKey": "ssh-rsa AAA"}, "hostKey is 'ssh-rsa AAA'"),
    "wrong scheme": ({"location": "ftp://host/x.csv"}, {}, "location is 'ftp://host/x.csv'"),
    "senseless property": ({"location": "sftp://host/x.csv"}, {"cursor": "id"}, "cursor has no meaning for sftp"),
    "unknown paging": ({"type": "api", "location": "https://host/x"}, {"paging": "pages"}, "paging is 'pages'"),
    "no next": ({"type": "api", "location": "https://host/x"}, {"paging": "next"}, "nextPath is missing"),
    "unknown field": ({"type": "api", "location": "https://host/{day}"}, {}, "names the unknown field '{day}'"),
    "unencrypted": ({"type": "api", "location": "http://host/x"}, {}, "sends the secret unencrypted"),
    "no database": ({"type": "postgresql", "host": "db", "port": 5432, "schema": "s"}, {}, "database is missing"),
    "no cursor": ({"type": "postgresql", "host": "db", "port": 5432, "database": "d", "schema": "s"}, {},
                  "cursor is missing: every delivery reads the whole table"),
    "unknown cursor": ({"type": "postgresql", "host": "db", "port": 5432, "database": "d", "schema": "s"},
                       {"cursor": "changed"}, "cursor is 'changed', no column of ticket"),
    "overlap": ({"type": "postgresql", "host": "db", "port": 5432, "database": "d", "schema": "s"},
                {"cursor": "updated_at", "overlap": "two hours"}, "overlap is 'two hours'"),
}  # fmt: skip


@pytest.mark.parametrize("fault", REFUSED)
def test_the_check_names_what_is_wrong(contracts: Contracts, tmp_path: Path, fault: str) -> None:
    server, properties, problem = REFUSED[fault]
    usual = {"user": "reader", "secret": "hotline", "hostKey": "SHA256:" + "A" * 43}
    if server.get("type"):
        usual.pop("hostKey")
    write(contracts, {"type": "sftp", **server}, {**usual, **properties})
    _, findings = lint.check(tmp_path / "pack" / "hotline" / "ticket.yaml")
    assert [finding for finding in findings if problem in str(finding) and finding.remedy], findings
    assert not any("Tr0ub4dor" in str(finding) + finding.remedy for finding in findings)


GOOD = {
    "sftp": ({"type": "sftp", "location": "sftp://files.water.gov/out/t_{date:%Y%m%d}_*.csv"},
             {"hostKey": "SHA256:" + "A" * 43}),
    "api": ({"type": "api", "location": "https://api.water.gov/t?from={date}&to={next:%Y-%m-%d}"},
            {"paging": "page", "authHeader": "X-Api-Key", "since": "2026-09-01"}),
    "s3": ({"type": "s3", "location": "s3://bucket/t_{date:%Y%m%d}.csv", "endpointUrl": "https://s3.water.gov"}, {}),
    "postgresql": ({"type": "postgresql", "host": "db", "port": 5432, "database": "d", "schema": "s"},
                   {"cursor": "updated_at", "overlap": "2h", "tls": "verify-full"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_source_passes_the_check(contracts: Contracts, tmp_path: Path, kind: str) -> None:
    server, properties = GOOD[kind]
    user = {} if kind == "api" else {"user": "reader"}
    write(contracts, server, {**user, "secret": "hotline", **properties})
    _, findings = lint.check(tmp_path / "pack" / "hotline" / "ticket.yaml")
    assert [str(finding) for finding in findings if "servers" in finding.field] == []


def write(contracts: Contracts, server: dict, properties: dict) -> None:
    """Write the contract, whether or not it can be loaded."""
    from govlake.errors import ContractError

    try:
        contracts(server, **{name: value for name, value in properties.items() if value})
    except ContractError as error:
        assert error.remedy


def run(*arguments: str):
    return CliRunner().invoke(_typer(), list(arguments))


def _typer():
    import typer

    from govlake.cli.connect import register

    app = typer.Typer()
    register(app)
    assert command()
    return app
