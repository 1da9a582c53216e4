"""What scripts rely on: exit codes, JSON keys, and errors that are sentences."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from govlake import cli
from govlake.batch import Account, Batch, Restated, Restatement
from govlake.cli.app import COMMANDS, command
from govlake.contracts import Column, Contract, Source, Table
from govlake.errors import LedgerError
from govlake.ledger import Ledger, QuarantineReason
from govlake.settings import settings

Capture = pytest.CaptureFixture[str]
ACCOUNT = (
    *("batch_id", "dataset", "landed", "bronze", "silver_new", "silver_updated", "unchanged", "duplicate"),
    *("superseded", "quarantined", "closes", "verdict"),
)


@pytest.fixture
def delivered(ledger: Ledger, home: Path) -> Ledger:
    """A delivery of three taps, one of them in quarantine."""
    taps = Table("transit", "tap", "Taps", "刷卡", "", "", (Column("tap_id", "string", ("id",)),), ())
    contract = Contract(
        "transit.taps", "1", "transport", "Transport", "交通局", "transit", "taps", "Taps", "刷卡", (taps,), Source()
    )
    batch = Batch(contract, date(2026, 9, 1))
    ledger.start_batch(batch, sha256="a", landed_rows={"transit.tap": 3})
    ledger.record_account(Account(batch.id, "transit.tap", 3, 3, 2, quarantined=1, verdict="flag"))
    ledger.record_quarantine(
        batch.id, "transit.tap", [QuarantineReason("tap_id.required", 1, 1 / 3, "Card is missing", "缺少卡号")]
    )
    ledger.set_status(batch.id, "done", "flag")
    ledger.open_incident(
        department="transport",
        contract_id=contract.id,
        dataset="transit.tap",
        logical_date=batch.logical_date,
        batch_id=batch.id,
        rule="tap_id.required",
        severity="quarantine",
        title_en="Card is missing",
        title_zh="缺少卡号",
        rows=1,
    )
    return ledger


def answer(capsys: Capture, *arguments: str) -> list[dict[str, object]]:
    assert cli.exit_code_of([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", ["tap", "taps", "transit.tap", "transit.taps"])
def test_accounts_have_exactly_these_keys(delivered: Ledger, capsys: Capture, name: str) -> None:
    [row] = answer(capsys, "accounts", "--dataset", name)
    assert tuple(row) == ACCOUNT
    assert tuple(row.values()) == ("transit.taps-20260901", "transit.tap", 3, 3, 2, 0, 0, 0, 0, 1, True, "flag")


def test_accounts_can_be_narrowed_to_a_batch(delivered: Ledger, capsys: Capture) -> None:
    assert len(answer(capsys, "accounts", "--batch", "transit.taps-20260901")) == 1
    assert answer(capsys, "accounts", "--batch", "transit.taps-20260902") == []


def test_quarantine_and_incidents_speak_both_languages(delivered: Ledger, capsys: Capture) -> None:
    [cause] = answer(capsys, "quarantine", "list")
    assert (cause["rule"], cause["rows"], cause["message_zh"], cause["message_en"]) == (
        *("tap_id.required", 1),
        *("缺少卡号", "Card is missing"),
    )
    [task] = answer(capsys, "incidents", "list")
    assert (task["department_zh"], task["title_en"], task["state"]) == ("交通局", "Card is missing", "open")
    assert [row["incident_id"] for row in answer(capsys, "incidents", "list", "--each")] == task["incidents"]
    delivered.close_incidents("transit.taps", date(2026, 9, 1))
    assert answer(capsys, "incidents", "list") == []
    assert len(answer(capsys, "incidents", "list", "--all")) == 1


def test_restatements_are_told_with_both_values_and_both_deliveries(delivered: Ledger, capsys: Capture) -> None:
    cell = Restated({"tap_id": "7"}, "fare", "190", "200", "transit.taps-20260831", "taps.csv", 3)
    number = delivered.record_restatement(
        Restatement(
            *("transit.tap", "transit.taps-20260901", 1), cells={"fare": 1}, samples=(cell,), silver_version=0,
            earlier={"transit.taps-20260831": 1}, first=date(2026, 8, 31), last=date(2026, 8, 31),
        )
    )  # fmt: skip
    [row] = answer(capsys, "restatements", "list", "--dataset", "tap")
    assert (row["restatement_id"], row["cells"], row["first_date"]) == (number, 1, "2026-08-31")
    assert answer(capsys, "restatements", "list", "--batch", "transit.taps-20260902") == []
    assert cli.exit_code_of(["restatements", "show", str(number)]) == 0
    shown = capsys.readouterr().out
    for text in (
        "更正 1 行中的 1 个数值",
        "1 values in 1 rows",
        "tap_id 7",
        "190",
        "200",
        "transit.taps-20260831",
        "尚未进入",
    ):
        assert text in shown, text


def test_tables_are_printed_for_people(delivered: Ledger, capsys: Capture) -> None:
    assert (
        cli.exit_code_of(["accounts"])
        == cli.exit_code_of(["quarantine", "list"])
        == cli.exit_code_of(["incidents", "list"])
        == 0
    )
    shown = capsys.readouterr().out
    assert "transit.taps-20260901" in shown and "缺少卡号 Card is missing" in shown and "33.3%" in shown


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["accounts", "--dataset", "tram"], 1, "No dataset is called tram. Known are: transit.tap."),
        (["editions", "show", "7"], 1, "There is no edition 7. See `govlake editions list`"),
        (["editions", "rollback"], 1, "No edition has been published yet."),
        (["run", "--pack", "nowhere"], 1, "Give a folder of contracts with --pack."),
        (["run", "--date", "yesterday"], 2, "See `govlake run --help`."),
        (["land"], 2, "Missing argument 'file'. See `govlake land --help`."),
        (["acounts"], 2, "No such command 'acounts'. Did you mean 'accounts'"),
        (["accounts", "--nope"], 2, "No such option: --nope"),
        (["quarantine", "show", "tap", "--batch", "x"], 1, "The ledger knows no batch x."),
        (["restatements", "show", "7"], 1, "There is no restatement 7. See `govlake restatements list`."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_errors_are_one_sentence(
    delivered: Ledger, capsys: Capture, arguments: list[str], code: int, sentence: str
) -> None:
    assert cli.exit_code_of(arguments) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert sentence in printed.err
    assert printed.err.count("\n") == 1 and "Traceback" not in printed.err


def test_a_database_that_is_away_is_one_sentence(home: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVLAKE_POSTGRES_URL", "postgresql://govlake:sesame@127.0.0.1:1")
    monkeypatch.setattr("govlake.ledger.Ledger.__init__.__defaults__", (0.1,))
    settings.cache_clear()
    assert cli.exit_code_of(["accounts"]) == 1
    printed = capsys.readouterr().err
    assert "127.0.0.1:1/govlake does not answer" in printed and "sesame" not in printed


@pytest.mark.parametrize(
    ("error", "code"),
    [(LedgerError("Refused.", "Do it again."), 1), (ValueError("odd"), 1), (KeyboardInterrupt(), 130)],
)
def test_what_comes_out_of_a_command_becomes_an_exit_code(
    home: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("govlake.editions.list_editions", fail)
    assert cli.exit_code_of(["editions", "list"]) == code
    printed = capsys.readouterr().err
    assert "Traceback" not in printed
    if isinstance(error, ValueError):
        log = home / "logs" / "cli.log"
        assert printed == f"Something unexpected happened (ValueError: odd). The details are in {log}.\n"
        assert "Traceback" in log.read_text()


def test_a_wrong_environment_variable_is_named(home: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVLAKE_KEEP_EDITIONS", "many")
    settings.cache_clear()
    assert cli.exit_code_of(["editions", "list"]) == 1
    assert "(GOVLAKE_KEEP_EDITIONS) is 'many'" in capsys.readouterr().err


def test_a_command_ends_with_its_code_whatever_its_threads_still_do() -> None:
    lines = ["import atexit, threading, time", "from govlake import cli", "atexit.register(print, 'put away')"]
    lines += ["threading.Thread(target=time.sleep, args=(90,)).start()", "cli.main(['--help'])"]
    done = subprocess.run([sys.executable, "-c", "; ".join(lines)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "govlake" in done.stdout and done.stdout.endswith("put away\n")


def test_help_of_the_whole_imports_no_command(capsys: Capture) -> None:
    script = "import sys, govlake.cli as c; c.exit_code_of(['--help']); print(*sorted(m for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    heavy = {"pyspark", "great_expectations", "deltalake", "duckdb", "pandas", "sqlalchemy", "psycopg", "pyarrow"}
    assert not loaded & (heavy | {"govlake.cli.run", "govlake.cli.stack", "govlake.ledger"})


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(home: Path, capsys: Capture, name: str) -> None:
    assert cli.exit_code_of([name, "--help"]) == 0
    assert "Usage: govlake" in capsys.readouterr().out


def test_a_command_is_listed_under_the_name_it_has() -> None:
    assert set(command().commands) == set(COMMANDS)
