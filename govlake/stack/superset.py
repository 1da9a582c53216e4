"""Superset, the cockpit's server: gunicorn in the cockpit environment, its metadata in PostgreSQL."""

from pathlib import Path

from govlake.errors import StackError
from govlake.settings import settings
from govlake.stack import databases, ports

SERVICES = ("superset",)
ADMIN = "admin"


def _program(name: str) -> str:
    path = settings().project / ".venv" / "cockpit" / "bin" / name
    if not path.exists():
        raise StackError("The cockpit's environment is missing.", "Run `make setup`.")
    return str(path)


def _infra(name: str) -> Path:
    return settings().project / "infra" / name


def command(bind: str, port: int) -> list[str]:
    """Command line of the web server."""
    gunicorn = [_program("gunicorn"), "--config", str(_infra("gunicorn.conf.py"))]
    return [*gunicorn, "--bind", f"{bind}:{port}", "superset.app:create_app()"]


def environment() -> dict[str, str]:
    """Where Superset finds its configuration; the configuration finds the home's state and its secrets."""
    return {
        "SUPERSET_CONFIG_PATH": str(_infra("superset_config.py")),
        "SUPERSET_HOME": str(settings().home / "superset"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
        "SPT_NOENV": "1",
    }


def state() -> dict[str, object]:
    """What infra/superset_config.py reads from `run/superset.json`."""
    home = settings()
    return {
        "database": databases.url("superset").replace("postgresql://", "postgresql+psycopg2://", 1),
        "secret_key": home.secret("superset_secret_key", 48),
        "guest_token_secret": home.secret("superset_guest_token", 48),
        "admin": ADMIN,
        "admin_password": home.secret("superset_admin", 12),
        "folder": str(home.home / "superset"),
        "timezone": home.timezone,
    }


def first_start() -> list[str]:
    """Command that brings the metadata to this version, makes the admin and the roles; safe to repeat."""
    return [_program("python"), str(_infra("superset_first_start.py"))]


def is_well() -> bool:
    """Whether Superset answers its own health question."""
    return ports.is_healthy(settings().port("superset"))
