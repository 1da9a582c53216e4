"""`govlake contracts ...` as people and scripts call it."""

import json
from pathlib import Path

import pytest

from govlake.cli import exit_code_of
from tests.contracts.conftest import GOOD, column

pytestmark = pytest.mark.usefixtures("home")


def test_check_prints_findings_and_fails_on_errors(written, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["contracts", "check", str(GOOD)]) == 0
    assert "0 error(s)" in capsys.readouterr().out
    bad = written(lambda d: d["servers"][0].update(encoding="gb18031"))
    assert exit_code_of(["contracts", "check", str(bad), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["contracts"], report["errors"]) == (1, 1)
    first = report["findings"][0]
    assert first["file"] == str(bad) and first["field"] == "servers.encoding" and first["remedy"]


def test_check_of_nothing_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["contracts", "check", str(tmp_path / "none")]) == 1
    assert "Give a contract or a folder" in capsys.readouterr().err


def test_scaffold_writes_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "stops.csv", tmp_path / "pack" / "transit" / "stop.yaml"
    file.write_text("stop_id,name\n" + "".join(f"S{n},Stop {n}\n" for n in range(20)), encoding="utf-8")
    command = ["contracts", "scaffold", str(file), "--dataset", "transit.stop", "--out", str(out)]
    assert exit_code_of(command) == 0
    assert "things to decide" in capsys.readouterr().out
    assert exit_code_of(["contracts", "check", str(out)]) == 0
    assert exit_code_of(command) == 1
    assert "--overwrite" in capsys.readouterr().err


def test_diff_fails_only_on_breaking_changes(written, capsys: pytest.CaptureFixture[str]) -> None:
    gone = written(lambda d: d["schema"][0]["properties"].remove(column(d, "station")))
    assert exit_code_of(["contracts", "diff", str(GOOD), str(gone), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["breaking"] is True
    assert exit_code_of(["contracts", "diff", str(GOOD), str(GOOD)]) == 0
    assert "Nothing changes" in capsys.readouterr().out


def test_html_goes_to_the_home(written, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["contracts", "html", str(written().parent)]) == 0
    assert (home / "pages" / "index.html").is_file() and "1 page(s)" in capsys.readouterr().out
