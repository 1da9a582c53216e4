"""Who writes the lake, in words, and breaking the lease of one that is dead."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from govlake import cli, lease
from govlake.lease import words
from govlake.settings import settings
from govlake.stack import doctor, status
from tests.lease.conftest import TTL_S, Join

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def west(join: Join, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process belongs to a third home of the same lake."""
    join("west").end()
    monkeypatch.setenv("GOVLAKE_HOME", str(tmp_path / "west"))
    monkeypatch.setenv("GOVLAKE_LEASE_TTL_S", str(TTL_S))
    settings.cache_clear()
    yield
    lease.close()
    settings.cache_clear()


def test_status_and_doctor_say_who_writes(join: Join, west: None) -> None:
    assert status.lease()["state"] == "free"
    writer = join("north")
    writer.do("hold")
    found = words.situation()
    assert (found.state, found.token) == ("foreign", 1) and "north" in found.holder
    (finding,) = [finding for finding in doctor._lease()]
    assert not finding.ok and "north" in finding.says and "`govlake down`" in finding.remedy


def test_a_home_knows_its_own_lease(west: None) -> None:
    lease.hold("a test")
    assert words.situation().state == "ours"
    assert [finding.ok for finding in doctor._lease()] == [True]


def test_a_lease_that_lives_is_broken_by_force_alone(join: Join, west: None, capsys: Capture) -> None:
    writer = join("north")
    writer.do("hold")
    assert cli.exit_code_of(["lake", "lease", "--break"]) == 1
    assert "The lease is alive" in capsys.readouterr().err
    assert writer.do("write", "a", 3) == {"rows": 3}
    assert cli.exit_code_of(["lake", "lease", "--break", "--force", "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["broken"] is True
    assert words.situation().state == "free"
    time.sleep(TTL_S)
    assert "lost its turn" in writer.do("write", "a", 4)["refused"]


def test_a_dead_lease_is_broken_once_it_is_sure(join: Join, west: None, capsys: Capture) -> None:
    writer = join("north")
    writer.do("hold")
    writer.kill()
    assert cli.exit_code_of(["lake", "lease", "--break"]) == 0
    assert "The lake is free; before, the home" in capsys.readouterr().out
    assert cli.exit_code_of(["lake", "lease", "--break", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["broken"] is False


def test_a_record_that_cannot_be_read_is_removed_by_force(west: None, capsys: Capture) -> None:
    record = settings().lake / "_lease.json"
    record.write_text("[]")
    assert cli.exit_code_of(["lake", "lease"]) == 1
    assert "is not a lease record" in capsys.readouterr().err
    assert cli.exit_code_of(["lake", "lease", "--break", "--force", "--yes"]) == 0
    assert cli.exit_code_of(["lake", "lease"]) == 0
    assert "Nobody has written the lake yet" in capsys.readouterr().out
