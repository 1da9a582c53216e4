"""One contract, several servers: which counts is the home's choice, and addresses may be the home's knowledge."""

from pathlib import Path

import pytest
import yaml

from govlake.connectors.reach import location_of, reach_of
from govlake.contracts import Contract, lint, load_contract
from govlake.errors import ContractError, SettingsError
from govlake.settings import PROJECT, settings
from tests.connectors.conftest import COLUMNS

INBOX = {"server": "inbox", "environment": "inbox", "type": "local", "path": "{inbox}/t_{date}.csv"}
DATABASE = {
    **{"server": "desk", "environment": "production", "type": "postgresql", "host": "{desk}", "database": "d"},
    **{"port": 5432, "schema": "s"},
    "customProperties": [{"property": name, "value": name} for name in ("user", "secret")],
}
INTERFACE = {"server": "api", "environment": "test", "type": "api", "location": "http://{desk}/t?date={date}"}


@pytest.fixture(autouse=True)
def fresh(home: Path) -> Path:
    return home


def load(folder: Path, *servers: dict) -> Contract:
    document = {
        **{"apiVersion": "v3.1.0", "kind": "DataContract", "id": "t", "version": "1.0.0", "status": "active"},
        **{"domain": "hotline", "name": "ticket", "servers": list(servers)},
        "schema": [{"name": "ticket", "properties": COLUMNS}],
    }
    file = folder / "ticket.yaml"
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return load_contract(file)


@pytest.mark.parametrize(
    ("sources", "kind"),
    [("", "local"), ("production", "postgresql"), ("test, production", "api"), ("none,inbox", "local")],
    ids=["no choice takes the first", "the one that is named", "the preferred first", "the next where there is none"],
)
def test_the_home_chooses_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sources: str, kind: str) -> None:
    monkeypatch.setenv("GOVLAKE_SOURCES", sources)
    settings.cache_clear()
    assert load(tmp_path, INBOX, DATABASE, INTERFACE).source.kind == kind


def test_a_server_without_environment_serves_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVLAKE_SOURCES", "production")
    settings.cache_clear()
    everywhere = {name: value for name, value in INBOX.items() if name != "environment"}
    assert load(tmp_path, everywhere).source.kind == "local"
    with pytest.raises(ContractError, match="servers are for inbox, test, none for production") as refused:
        load(tmp_path, INBOX, INTERFACE)
    assert "GOVLAKE_SOURCES" in refused.value.remedy


def test_a_server_that_does_not_count_here_is_checked_all_the_same(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"servers.desk.database is missing for postgresql"):
        load(tmp_path, INBOX, {**DATABASE, "database": ""})


def test_a_name_in_braces_is_an_address_that_the_home_knows(tmp_path: Path, home: Path) -> None:
    home.mkdir()
    (home / "govlake.toml").write_text('sources = "production"\n[systems]\ndesk = "10.1.2.3:6543"\n')
    settings.cache_clear()
    first = load(tmp_path, DATABASE)
    assert (reach_of(first).host, reach_of(first).port) == ("10.1.2.3", 6543)
    assert location_of(load(tmp_path, {**INTERFACE, "environment": ""})) == "http://10.1.2.3:6543/t?date={date}"
    (home / "govlake.toml").write_text('sources = "production"\n[systems]\ndesk = "10.1.2.4:6543"\n')
    settings.cache_clear()
    assert load(tmp_path, DATABASE).fingerprint == first.fingerprint, "another address makes no other rows"
    (home / "govlake.toml").write_text('sources = "production"\n')
    settings.cache_clear()
    with pytest.raises(SettingsError, match=r"No address is known for \{desk\}") as unknown:
        reach_of(load(tmp_path, DATABASE))
    assert "[systems]" in unknown.value.remedy


def test_a_contract_cannot_ask_for_the_home_s_own_secrets(home: Path) -> None:
    own, sample = settings().secret("postgres_superuser"), settings().secret("sample_police")
    assert settings().credential("sample_police") == sample != own
    with pytest.raises(SettingsError, match="The secret postgres_superuser is not set"):
        settings().credential("postgres_superuser")


@pytest.mark.parametrize("file", ["safety/call", "services/item", "hotline/ticket", "health/institution"])
@pytest.mark.parametrize("sources", ["inbox", "sample,inbox"])
def test_the_city_s_contracts_pass_the_check_with_either_server(
    monkeypatch: pytest.MonkeyPatch, sources: str, file: str
) -> None:
    monkeypatch.setenv("GOVLAKE_SOURCES", sources)
    settings.cache_clear()
    _, findings = lint.check(PROJECT / "contracts" / f"{file}.yaml")
    said = [str(finding) for finding in findings if finding.field.startswith("servers")]
    assert not any(finding.severity == "error" for finding in findings), said
    own_cursor = sources != "inbox" and file == "safety/call"
    assert [("servers.cursor is '入库时间'" in finding) for finding in said] == [True] * own_cursor
