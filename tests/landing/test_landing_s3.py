"""Landing on an S3 server: a batch has one content for ever, whoever dies or comes second."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from govlake import landing, shelf
from govlake.batch import Batch
from govlake.errors import DeliveryError, GovlakeError
from govlake.settings import settings
from govlake.store import store
from tests.landing.test_landing import DAY, contract_of, deliver, kill_landing

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("remote_home")]


def keys() -> list[str]:
    """What is kept of the delivery, without the folder that all share and the hashes."""
    found = [entry.key.removeprefix("landing/dept/rows/").split("/") for entry in store().list("landing/")]
    return ["/".join(part for part in parts if len(part) != 16) for parts in found]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This module needs the one on the S3 server alone."""
    monkeypatch.setenv("GOVLAKE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    return tmp_path / "home"


def test_files_without_a_manifest_are_no_delivery_and_are_used_by_the_next_landing(tmp_path: Path) -> None:
    file = deliver(tmp_path, "a,b\n1,2\n")
    assert keys() == []
    kill_landing(tmp_path, "govlake.store.s3:S3Store.create")
    assert keys() == [f"t.rows-20260901/files/{file.name}"]
    batch = Batch(contract_of(tmp_path), DAY)
    with pytest.raises(DeliveryError, match="no manifest"):
        landing.load_manifest(batch)
    landed = landing.land(contract_of(tmp_path), DAY)
    assert (landed.is_new, landed.batch.id) == (True, batch.id)
    assert keys() == [f"{batch.id}/files/{file.name}", f"{batch.id}/manifest.json"]


def test_what_a_killed_landing_left_is_swept_once_nobody_can_be_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(tmp_path, "a,b\n1,2\n")
    assert keys() == []
    kill_landing(tmp_path, "govlake.store.s3:S3Store.create")
    file = deliver(tmp_path, "a,b\n3,4\n")
    landing.land(contract_of(tmp_path), DAY)
    assert len(keys()) == 3
    monkeypatch.setattr(shelf, "ORPHANED", timedelta(0))
    again = landing.land(contract_of(tmp_path), DAY)
    assert not again.is_new
    assert keys() == [f"t.rows-20260901/files/{file.name}", "t.rows-20260901/manifest.json"]
    assert landing.landed_files(again.batch)[0].read_bytes() == file.read_bytes()


def test_who_comes_second_with_other_bytes_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = contract_of(tmp_path)
    deliver(tmp_path, "a,b\n1,2\n")
    first = landing.land(contract, DAY)
    before = keys()
    deliver(tmp_path, "a,b\n9,9\n")
    # The second looked before the first was done.
    monkeypatch.setattr(shelf.Objects, "has_any", lambda self, first: False)
    with pytest.raises(GovlakeError, match="by someone else at the same moment"):
        landing.land(contract, DAY, revision_for=lambda content: 1)
    assert keys() == before
    assert landing.landed_files(first.batch)[0].read_bytes() == b"a,b\n1,2\n"


def test_a_copy_that_is_lost_or_spoiled_is_fetched_again(tmp_path: Path) -> None:
    file = deliver(tmp_path, "a,b\n1,2\n")
    batch = landing.land(contract_of(tmp_path), DAY).batch
    (copy,) = landing.landed_files(batch)
    assert copy.name == file.name and settings().tmp in copy.parents
    copy.unlink()
    assert landing.landed_files(batch)[0].read_bytes() == file.read_bytes()
    copy.chmod(0o600)
    copy.write_bytes(b"a,b\n1,3\n")
    assert landing.landed_files(batch)[0].read_bytes() == file.read_bytes()


def test_a_copy_goes_once_it_was_read_and_is_fetched_when_it_is_asked_for_again(tmp_path: Path) -> None:
    file = deliver(tmp_path, "a,b\n1,2\n")
    batch = landing.land(contract_of(tmp_path), DAY).batch
    (copy,) = landing.landed_files(batch)
    landing.release(batch)
    assert not copy.exists() and landing.is_kept(batch)
    landing.release(batch)  # a second time is no error
    assert landing.landed_files(batch)[0].read_bytes() == file.read_bytes()


def test_an_object_that_was_changed_on_the_server_is_refused(tmp_path: Path) -> None:
    deliver(tmp_path, "a,b\n1,2\n")
    batch = landing.land(contract_of(tmp_path), DAY).batch
    landing.landed_files(batch)[0].unlink()
    (key,) = [entry.key for entry in store().list("landing/") if entry.key.endswith(".csv")]
    (tmp_path / "other").write_bytes(b"a,b\n1,3\n")
    store().upload(tmp_path / "other", key)
    with pytest.raises(DeliveryError, match="its checksum differs"):
        landing.landed_files(batch)
    assert not any(name.endswith(".csv") for _, _, names in os.walk(settings().tmp) for name in names)
