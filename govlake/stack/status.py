"""What runs now, where it answers, and how to sign in."""

from dataclasses import asdict, dataclass
from typing import Any

from govlake.settings import settings
from govlake.stack import airflow, lifecycle, programs, superset, supervisor, systems


@dataclass(frozen=True)
class Service:
    """One service of the stack. `state` is `well`, `starting`, `stopped`, `failed`, `silent` or `external`."""

    name: str
    state: str
    uptime_s: int | None
    pid: int | None
    address: str


def services() -> list[Service]:
    """One line per service, in the order they start; those at a given address last."""
    records = supervisor.processes()
    running = [name for name, record in records.items() if record["statename"] == "RUNNING"]
    well = lifecycle.well(running)
    found = [_service(name, records.get(name), well.get(name, False)) for name in programs.names()]
    given = {"postgres": settings().postgres_url, "engine": settings().engine_url}
    return [*found, *(_external(name, url) for name, url in given.items() if url)]


def _service(name: str, record: dict[str, Any] | None, well: bool) -> Service:
    if record is None or record["statename"] in ("STOPPED", "STOPPING", "EXITED"):
        return Service(name, "stopped", None, None, address(name))
    if record["statename"] == "FATAL":
        return Service(name, "failed", None, None, address(name))
    if record["statename"] != "RUNNING":
        return Service(name, "starting", None, record["pid"] or None, address(name))
    state = "well" if well else "silent"
    return Service(name, state, record["now"] - record["start"], record["pid"], address(name))


def _external(name: str, url: str) -> Service:
    state = "external" if lifecycle.is_well(name) else "silent"
    return Service(name, state, None, None, url.rpartition("@")[2] or url)


def address(name: str) -> str:
    """Where `name` can be reached; empty for a service without a port."""
    port = settings().state("ports").get(lifecycle.LISTENER.get(name, ""))
    if not port:
        return ""
    scheme = {"engine": "sc://", "postgres": "postgresql://", **systems.SCHEMES}.get(name, "http://")
    return f"{scheme}127.0.0.1:{port}"


def addresses() -> dict[str, str]:
    """The pages that a person can open now: of the cockpit and Airflow those that run."""
    pages = {"cockpit": "superset", "airflow": "airflow-api-server"}
    return {page: address(name) for page, name in pages.items() if supervisor.is_running(name)}


def sign_in() -> dict[str, dict[str, str]]:
    """User and password of each page's admin. Secrets: show them only when asked."""
    home = settings()
    return {
        "cockpit": {"user": superset.ADMIN, "password": home.secret("superset_admin", 12)},
        "airflow": {"user": airflow.ADMIN, "password": home.secret("airflow_admin", 12)},
    }


def lease() -> dict[str, Any]:
    """Who may write the lake, as far as the store says."""
    from govlake.errors import GovlakeError
    from govlake.lease import words

    try:
        return asdict(words.situation())
    except GovlakeError as error:
        return asdict(words.Situation("unknown", str(error)))


def report(show_passwords: bool = False) -> dict[str, Any]:
    """Everything `govlake status --json` says about the stack."""
    people = sign_in() if show_passwords else {}
    return {
        "home": str(settings().home),
        "services": [asdict(service) for service in services()],
        "lease": lease(),
        "addresses": addresses(),
        **({"sign_in": people} if show_passwords else {}),
    }
