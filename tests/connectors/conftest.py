"""A department with a system of its own: contracts for it, written as people write them, and patience for tests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from govlake.connectors import patience, remote
from govlake.contracts import Contract, load_contract
from govlake.settings import settings

Contracts = Callable[..., Contract]
COLUMNS = [
    {"name": "ticket_id", "physicalName": "id", "logicalType": "integer", "primaryKey": True},
    {"name": "topic", "logicalType": "string"},
    {"name": "updated_at", "logicalType": "timestamp"},
]


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses that a test can wait for."""
    monkeypatch.setattr(patience, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(patience, "JITTER_S", 0.01)
    monkeypatch.setattr(remote, "SETTLING_S", 0.2)


@pytest.fixture
def secrets(home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The secret that the contracts name."""
    monkeypatch.setenv("GOVLAKE_SECRET_HOTLINE", "s3cret-of-the-hotline")
    settings.cache_clear()
    return {"hotline": "s3cret-of-the-hotline"}


@pytest.fixture
def contracts(tmp_path: Path) -> Contracts:
    """Writes a contract with this server and loads it."""

    def write(server: dict[str, Any], delivery: str = "increment", **properties: object) -> Contract:
        custom = [{"property": name, "value": value} for name, value in properties.items()]
        document = {
            **{"apiVersion": "v3.1.0", "kind": "DataContract", "id": "t", "version": "1.0.0", "status": "active"},
            "domain": "hotline",
            "name": "ticket",
            "team": {"name": "Hotline Office", "customProperties": [{"property": "nameZh", "value": "热线办"}]},
            "customProperties": [
                {"property": "delivery", "value": delivery},
                {"property": "titleZh", "value": "工单"},
                {"property": "timezone", "value": "Asia/Shanghai"},
            ],
            "servers": [{"server": "source", **server, "customProperties": custom}],
            "schema": [{"name": "ticket", "properties": COLUMNS}],
        }
        file = tmp_path / "pack" / "hotline" / "ticket.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        return load_contract(file, tmp_path / "pack")

    return write


def drafts(home: Path) -> list[str]:
    """Names of the files that lie complete in drafts."""
    return sorted(file.name for file in (home / "drafts").glob("*/*/files/*"))
