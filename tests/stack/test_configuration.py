"""What is written into a home: complete, private, and safe for any path."""

import configparser
import runpy
import shlex
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from govlake.errors import StackError
from govlake.settings import PROJECT, settings
from govlake.stack import airflow, home, postgres, programs, supervisor
from govlake.stack.lifecycle import _configure


def test_a_password_may_begin_like_an_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of 64 that are generated does."""
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    first_start = runpy.run_path(str(PROJECT / "infra" / "airflow_first_start.py"))
    parser = first_start["cli_parser"].get_parser()
    assert parser.parse_args(first_start["admin"]("-secret")).password == "-secret"


def test_every_secret_is_private_different_and_kept(enter) -> None:
    folder = enter("home")
    home.prepare()
    _configure()
    first = (folder / "run" / "secrets.json").read_text()
    secrets = settings().state("secrets")
    assert len({*secrets.values()}) == len(secrets) >= 8
    assert len(str(secrets["airflow_jwt"])) >= 64
    _configure()
    assert (folder / "run" / "secrets.json").read_text() == first
    private = [*(folder / "run").glob("*.json"), folder / "airflow" / "airflow.cfg", supervisor.configuration_file()]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in private)


def test_secrets_made_at_the_same_time_are_all_kept(enter) -> None:
    enter("home")
    names = [f"secret_{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        given = dict(zip(names, pool.map(settings().secret, names), strict=True))
    assert settings().state("secrets") == given


def test_the_home_is_closed_to_others(enter) -> None:
    folder = enter("home")
    home.prepare()
    assert not any(stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (folder, *folder.iterdir()))


def test_supervisord_reads_what_was_rendered(enter) -> None:
    folder = enter("a home; 50% 数据")
    home.prepare()
    _configure()
    parser = configparser.RawConfigParser(inline_comment_prefixes=None)
    parser.read(supervisor.configuration_file(), encoding="utf-8")
    command = shlex.split(parser["program:engine"]["command"].replace("%%", "%"))
    assert f'SAIL_RUNTIME__TEMPORARY_FILES__PATHS=["{folder}/tmp"]' in [
        part.encode().decode("unicode_escape") if "\\u" in part else part for part in command
    ]
    assert [section for section in parser.sections() if section.startswith("program:")] == [
        f"program:{name}" for name in programs.names()
    ]


def test_airflow_configuration_survives_interpolation(enter) -> None:
    folder = enter("50% home")
    home.prepare()
    _configure()
    parser = configparser.ConfigParser()
    parser.read(airflow.configuration_file(), encoding="utf-8")
    assert parser["logging"]["base_log_folder"] == str(folder / "logs" / "airflow")
    assert parser["core"]["load_examples"] == "False"
    assert parser["database"]["sql_alchemy_conn"].startswith("postgresql+psycopg://airflow:")


def test_stores_stay_on_loopback_whatever_bind_says(enter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVLAKE_BIND", "0.0.0.0")
    enter("home")
    home.prepare()
    _configure()
    commands = {program.name: " ".join(program.command) for program in programs.all_programs()}
    assert "0.0.0.0" not in commands["postgres"] + commands["engine"]
    assert "--bind 0.0.0.0:" in commands["superset"]


def test_a_long_home_gets_a_short_private_socket(enter) -> None:
    enter("very-long-name-" * 10)
    home.prepare()
    path = home.socket_path()
    assert len(str(path)) < home.LONGEST_SOCKET
    home.prepare_socket()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    home.remove_socket()
    assert not path.parent.exists()


def test_given_addresses_need_no_program(enter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVLAKE_ENGINE_URL", "sc://engine.example:15002")
    monkeypatch.setenv("GOVLAKE_POSTGRES_URL", "postgresql://city@db.example/govlake")
    enter("home")
    assert programs.names()[0] == "airflow-api-server"
    assert programs.ports_needed() == ["airflow", "superset"]


@pytest.mark.parametrize(
    ("services", "programs_started"),
    [
        (["engine"], ["engine"]),
        (["superset"], ["postgres", "superset"]),
        (["airflow"], ["postgres", *airflow.SERVICES]),
    ],
    ids=["one", "with its store", "a group"],
)
def test_a_service_brings_what_it_needs(enter, services: list[str], programs_started: list[str]) -> None:
    enter("home")
    assert programs.chosen(services) == programs_started


def test_an_unknown_service_is_named(enter) -> None:
    enter("home")
    with pytest.raises(StackError, match=r"no service kafka\. Known are: airflow, postgres"):
        programs.chosen(["kafka"])


def test_a_broken_data_folder_is_finished_by_the_next_start(enter) -> None:
    folder = enter("home")
    home.prepare()
    half = folder / "postgres.new"
    half.mkdir()
    (half / "base").write_text("half-way")
    postgres.prepare(folder / "postgres", "secret")
    assert (folder / "postgres" / "PG_VERSION").read_text().strip() == "18"
    assert sorted(path.name for path in folder.glob("postgres*")) == ["postgres"]


def test_system_user_is_asked_for_under_root_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert postgres.system_user() is None
    assert isinstance(postgres.programs(), Path)
