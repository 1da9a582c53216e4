"""Up, down, and everything in between that a bad morning brings."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from govlake.errors import StackError
from govlake.settings import settings
from govlake.stack import databases, doctor, down, leftovers, supervisor, up
from govlake.stack import status as stack_status

STORES = ["postgres", "engine"]
AIRFLOW = ["api-server", "scheduler", "dag-processor", "triggerer"]


def eventually(holds: Callable[[], bool], seconds: float = 180) -> bool:
    limit = time.monotonic() + seconds
    while not holds() and time.monotonic() < limit:
        time.sleep(0.2)
    return holds()


def with_children(pid: int) -> list[psutil.Process]:
    leader = psutil.Process(pid)
    return [leader, *leader.children(recursive=True)]


def is_well(name: str) -> bool:
    return {service.name: service.state for service in stack_status.services()}[name] == "well"


@pytest.mark.stack
def test_stores_start_in_a_home_with_an_odd_name_and_leave_nothing(enter) -> None:
    enter("a home; 50% 数据")
    assert up(STORES)
    assert eventually(lambda: all(is_well(name) for name in STORES))
    assert not up(STORES)
    assert leftovers.find()
    down()
    assert not leftovers.find()


@pytest.mark.stack
def test_two_homes_do_not_see_each_other(enter) -> None:
    enter("first")
    up(STORES)
    first = {name: settings().port(name) for name in STORES}
    enter("second")
    assert not supervisor.processes()
    up(STORES)
    assert not {*first.values()} & {settings().port(name) for name in STORES}
    down()
    enter("first")
    assert eventually(lambda: all(is_well(name) for name in STORES))


@pytest.mark.stack
def test_up_and_down_clean_up_after_a_killed_supervisord(enter) -> None:
    home = enter("home")
    for repair in (lambda: up(STORES), down):
        up(STORES)
        os.kill(int((home / "run" / "supervisord.pid").read_text()), signal.SIGKILL)
        orphans = leftovers.find()
        assert orphans
        repair()
        assert not any(process.is_running() for process in orphans)
    assert not leftovers.find()


@pytest.mark.stack
def test_a_port_taken_while_down_is_changed(enter) -> None:
    enter("home")
    up(["postgres"])
    down()
    port = settings().port("postgres")
    with socket.create_server(("127.0.0.1", port)):
        up(["postgres"])
        assert settings().port("postgres") != port


@pytest.mark.stack
def test_a_port_taken_while_starting_is_changed_at_once(enter) -> None:
    enter("home")
    usurper: list[socket.socket] = []

    def take_the_port(_step: str) -> None:
        if not usurper:
            usurper.append(socket.create_server(("127.0.0.1", settings().port("engine"))))

    up(STORES, take_the_port)
    assert usurper[0].getsockname()[1] != settings().port("engine")
    assert eventually(lambda: all(is_well(name) for name in STORES))
    usurper[0].close()


@pytest.mark.stack
def test_reader_may_connect_to_the_marts_database_alone(enter) -> None:
    import psycopg

    enter("home")
    up(["postgres"])
    admin = databases.url("govlake").replace("govlake:", "cockpit_reader:", 1)
    reader = admin.replace(settings().secret("postgres"), settings().secret("cockpit_reader"))
    with psycopg.connect(reader) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("create table mine (id int)")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(reader.replace("/govlake", "/airflow"))


def test_postgres_out_of_reach_is_one_sentence(enter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVLAKE_POSTGRES_URL", "postgresql://city@127.0.0.1:1/govlake")
    enter("home")
    with pytest.raises(StackError, match=r"PostgreSQL does not answer.*Check GOVLAKE_POSTGRES_URL"):
        databases.provision()


def test_doctor_says_that_the_stack_is_down(enter) -> None:
    enter("home")
    findings = {finding.check: finding for finding in doctor.examine()}
    assert findings["services"].remedy == "Run `govlake up`."
    assert findings["python"].ok
    assert findings["leftover processes"].ok


@pytest.mark.stack
def test_the_whole_stack_is_well_and_up_again_at_once(stack) -> None:
    everything = [*STORES, "superset", *(f"airflow-{part}" for part in AIRFLOW)]
    assert sorted(stack.status()) == sorted(everything)
    assert eventually(lambda: all(service["state"] == "well" for service in stack.status().values()))
    before = {name: service["pid"] for name, service in stack.status().items()}
    assert "up already" in stack.govlake("up").stdout
    assert {name: service["pid"] for name, service in stack.status().items()} == before


@pytest.mark.stack
@pytest.mark.parametrize("name", ["engine", "postgres", "airflow-scheduler"])
def test_a_killed_service_comes_back(stack, name: str) -> None:
    before = stack.status()[name]["pid"]
    os.kill(before, signal.SIGKILL)

    def back() -> bool:
        service = stack.status()[name]
        return service["state"] == "well" and service["pid"] != before

    assert eventually(back)


@pytest.mark.stack
def test_the_whole_stack_listens_on_loopback_alone(stack) -> None:
    listening = [
        connection.laddr.ip
        for service in stack.status().values()
        for process in with_children(service["pid"])
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 4
    assert {*listening} == {"127.0.0.1"}


@pytest.mark.stack
def test_no_secret_is_shown_in_the_process_list_or_by_status(stack) -> None:
    secrets = json.loads((stack.home / "run" / "secrets.json").read_text()).values()
    shown = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    shown += stack.govlake("status").stdout + stack.govlake("status", "--json").stdout
    assert not [secret for secret in secrets if secret in shown]
    assert "password" in stack.govlake("status", "--show-passwords").stdout


@pytest.mark.stack
def test_the_admin_signs_in_to_both_pages_and_a_stranger_does_not(stack) -> None:
    report = json.loads(stack.govlake("status", "--json", "--show-passwords").stdout)
    cockpit, airflow = report["sign_in"]["cockpit"], report["sign_in"]["airflow"]
    login = report["addresses"]["cockpit"] + "/api/v1/security/login"
    token = report["addresses"]["airflow"] + "/auth/token"
    assert post(login, {"username": cockpit["user"], "password": cockpit["password"], "provider": "db"}) == 200
    assert post(token, {"username": airflow["user"], "password": airflow["password"]}) == 201
    assert post(login, {"username": "admin", "password": "admin", "provider": "db"}) == 401
    assert post(token, {"username": "admin", "password": "admin"}) == 401


@pytest.mark.stack
def test_the_cockpit_lets_the_browser_ask_nobody_else(stack) -> None:
    page = urllib.request.urlopen(stack.status()["superset"]["address"] + "/login/", timeout=30)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "HttpOnly" in page.headers["Set-Cookie"]
    assert "SameSite=Lax" in page.headers["Set-Cookie"]


@pytest.mark.stack
def test_many_readers_behind_one_address_are_all_answered(stack) -> None:
    """A proxy's readers share its address, and each page asks dozens of times."""
    asked = stack.status()["superset"]["address"] + "/health"
    with ThreadPoolExecutor(16) as readers:
        answers = list(readers.map(lambda _: urllib.request.urlopen(asked, timeout=60).status, range(300)))
    assert set(answers) == {200}


def post(url: str, body: dict[str, str]) -> int:
    """The status that `url` answers to `body` with."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        return urllib.request.urlopen(request, timeout=30).status
    except urllib.error.HTTPError as error:
        return error.code
