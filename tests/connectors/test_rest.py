"""The interface connector against a real HTTP server: pages, sign-in, and every way to fail."""

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from govlake import landing
from govlake.connectors import connector_of, rest
from govlake.connectors.draft import Draft
from govlake.contracts import Contract
from govlake.errors import ConnectorError, GovlakeError, SettingsError
from govlake.settings import settings
from tests.connectors.conftest import Contracts, drafts
from tests.connectors.interface import Interface, serving

pytestmark = pytest.mark.usefixtures("secrets")
DAY = date(2026, 9, 1)
RECORDS = [{"id": n, "topic": f"话题{n}", "updated_at": f"2026-09-01 08:00:0{n}", "level": 1.50} for n in range(1, 6)]


@pytest.fixture
def interface() -> Iterator[Interface]:
    with serving(RECORDS) as server:
        yield server


def contract_of(contracts: Contracts, interface: Interface, paging: str = "page", **more: object) -> Contract:
    paths = {"cursor": "meta.next", "next": "next"}
    known = {"nextPath": paths[paging]} if paging in paths else {}
    server = {"type": "api", "location": f"{interface.url}/tickets?day={{date}}"}
    properties = {"recordPath": "data.items", "secret": "hotline", "paging": paging, **known, **more}
    return contracts(server, **properties)


def ids(files: list[Path]) -> list[int]:
    return [record["id"] for file in files for record in json.loads(file.read_bytes())["data"]["items"]]


@pytest.mark.parametrize("paging", ["page", "offset", "cursor", "next", "link"])
def test_every_way_of_paging_brings_every_record_once(contracts: Contracts, interface: Interface, paging: str) -> None:
    contract = contract_of(contracts, interface, paging)
    assert ids(landing.find(contract, DAY)) == [1, 2, 3, 4, 5]
    assert "day=2026-09-01" in interface.asked[0]
    assert set(interface.signed) == {"Bearer s3cret-of-the-hotline"}


def test_a_delivery_lands_with_its_source_and_the_declared_rows_but_no_secret(
    contracts: Contracts, interface: Interface
) -> None:
    contract = contract_of(contracts, interface, totalPath="meta.total")
    landed = landing.land(contract, DAY)
    assert landed.manifest.tables["hotline.ticket"].rows == 5
    assert sum(entry["rows"] for entry in landed.manifest.declared.values()) == 5
    assert landed.manifest.files[0].source == f"{interface.url}/tickets#ticket_00001.json"
    assert "s3cret" not in str(landing.load_manifest(landed.batch)) and "day=" not in landed.manifest.source
    kept = json.loads(landing.landed_files(landed.batch)[0].read_bytes())
    assert kept["data"]["items"][0]["topic"] == "话题1"


@pytest.mark.parametrize("fault", ["429", "500", "503", "gone", "short", "half"])
def test_a_passing_fault_is_tried_again(contracts: Contracts, interface: Interface, fault: str) -> None:
    interface.faults = {2: fault}
    assert ids(landing.find(contract_of(contracts, interface), DAY)) == [1, 2, 3, 4, 5]
    assert len(interface.asked) == 5  # four pages, the second one twice


LASTING = {
    "500": (ConnectorError, "failed \\(500\\)", "tell the department"),
    "404": (ConnectorError, "refuses the request \\(404\\)", "location"),
    "401": (SettingsError, "does not let us in \\(401\\)", "GOVLAKE_SECRET_HOTLINE"),
    "302": (ConnectorError, "sends us on", "Name that address"),
    "short": (ConnectorError, "broke off in the middle", "Run again"),
    "half": (ConnectorError, "not whole JSON", "Run again"),
    "repeat": (ConnectorError, "content of an earlier one", "pages repeat"),
    "wait7200": (ConnectorError, "asks to wait 7200 s", "raise `deadline`"),
    "gone": (ConnectorError, "cannot be reached or broke off", "reached from here"),
}


@pytest.mark.parametrize("fault", LASTING)
def test_a_lasting_fault_is_one_sentence_and_lands_nothing(
    contracts: Contracts, interface: Interface, home: Path, fault: str
) -> None:
    kind, message, remedy = LASTING[fault]
    interface.faults = dict.fromkeys(range(2, 20), fault)
    with pytest.raises(kind, match=message) as caught:
        landing.find(contract_of(contracts, interface), DAY)
    assert remedy in caught.value.remedy
    assert "Hotline Office" in str(caught.value) or "127.0.0.1" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert drafts(home) == ["ticket_00001.json"] and not (home / "landing").exists()


def test_a_fetch_goes_on_with_the_page_it_had(contracts: Contracts, interface: Interface) -> None:
    contract = contract_of(contracts, interface)
    interface.faults = dict.fromkeys(range(3, 8), "500")
    with pytest.raises(ConnectorError):
        landing.find(contract, DAY)
    before = len(interface.asked)
    assert ids(landing.find(contract, DAY)) == [1, 2, 3, 4, 5]
    assert [path.partition("page=")[2] for path in interface.asked[before:]] == ["3", "4"]


def test_a_killed_fetch_is_repaired_by_a_rerun(contracts: Contracts, interface: Interface) -> None:
    contract = contract_of(contracts, interface)
    interface.faults = {3: "silent"}
    process = multiprocessing.get_context("fork").Process(target=landing.find, args=(contract, DAY))
    process.start()
    limit = time.monotonic() + 20
    while len(interface.asked) < 3 and time.monotonic() < limit:
        time.sleep(0.02)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    interface.faults = {}
    landed = landing.land(contract, DAY)
    assert landed.manifest.tables["hotline.ticket"].rows == 5
    assert len(interface.asked) == 5  # the two pages that were here are not asked for again


def test_old_pages_are_not_mixed_with_new_ones(contracts: Contracts, interface: Interface, home: Path) -> None:
    contract = contract_of(contracts, interface)
    interface.faults = dict.fromkeys(range(3, 8), "500")
    with pytest.raises(ConnectorError):
        landing.find(contract, DAY)
    state = next((home / "drafts").glob("*/*/state.json"))
    state.write_text(json.dumps({**json.loads(state.read_text()), "began_at": time.time() - 2 * rest.FRESH_S}))
    before = len(interface.asked)
    landing.find(contract, DAY)
    assert len(interface.asked) - before == 4


def test_a_silent_or_trickling_interface_ends_by_the_clock(contracts: Contracts, interface: Interface) -> None:
    interface.faults = dict.fromkeys(range(1, 20), "silent")
    with pytest.raises(ConnectorError, match="gave no answer within 1 s"):
        landing.find(contract_of(contracts, interface, timeout=1, deadline=3), DAY)
    interface.faults = dict.fromkeys(range(1, 40), "trickle")
    started = time.monotonic()
    with pytest.raises(ConnectorError, match="took longer than 2 s in all"):
        landing.find(contract_of(contracts, interface, timeout=5, deadline=2), date(2026, 9, 2))
    assert time.monotonic() - started < 5


def test_the_secret_is_not_carried_to_another_machine(contracts: Contracts, interface: Interface) -> None:
    interface.faults = {1: "abroad"}
    with pytest.raises(ConnectorError, match=r"sends us on to http://elsewhere.example"):
        landing.find(contract_of(contracts, interface, "next"), DAY)


def test_a_server_that_is_not_there_and_a_secret_that_is_not_set(
    contracts: Contracts, interface: Interface, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = contract_of(contracts, interface)
    monkeypatch.delenv("GOVLAKE_SECRET_HOTLINE")
    settings.cache_clear()
    with pytest.raises(SettingsError, match="The secret hotline is not set"):
        landing.find(contract, DAY)
    nobody = contracts({"type": "api", "location": "http://127.0.0.1:9/tickets"})
    with pytest.raises(ConnectorError, match=r"Hotline Office's interface at 127.0.0.1 cannot be reached"):
        landing.find(nobody, DAY)


def test_basic_sign_in_and_a_header_of_its_own(contracts: Contracts, interface: Interface) -> None:
    with pytest.raises(SettingsError):
        landing.find(contract_of(contracts, interface, user="reader"), DAY)
    assert interface.signed[0].startswith("Basic ")
    contract = contract_of(contracts, interface, authHeader="X-Api-Key")
    assert ids(landing.find(contract, DAY)) == [1, 2, 3, 4, 5]


def test_probe_says_what_is_there(contracts: Contracts, interface: Interface) -> None:
    found = list(connector_of(contract_of(contracts, interface).source).probe(contract_of(contracts, interface)))
    assert "status 200" in found[0] and found[1].startswith("2 record(s)")
    interface.records = [{"id": 1, "other": 2}]
    with pytest.raises(ConnectorError, match="have no topic, updated_at; they have id, other"):
        list(rest.probe(contract_of(contracts, interface)))


def test_a_file_behind_an_address_is_a_delivery(contracts: Contracts, interface: Interface) -> None:
    contract = contracts({"type": "api", "location": f"{interface.url}/x.csv", "format": "csv"})
    assert [file.name for file in landing.find(contract, DAY)] == ["ticket.csv"]


@pytest.mark.usefixtures("home")
def test_an_unreadable_state_begins_anew(contracts: Contracts, interface: Interface) -> None:
    contract: Any = contract_of(contracts, interface)
    draft = Draft(contract, DAY, "key")
    draft.save()
    (draft.folder / "state.json").write_text("{")
    assert Draft(contract, DAY, "key").state["files"] == {}


def test_faults_are_all_of_one_family() -> None:
    assert all(issubclass(kind, GovlakeError) for kind, _, _ in LASTING.values())
