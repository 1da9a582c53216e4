"""Airflow's four services: their configuration, how they start, and whether they are well."""

import configparser
import http.client
import json
import os
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from govlake.settings import settings
from govlake.stack import databases

# Each service, and the part of Airflow's health report that shows whether it works.
COMPONENTS = {
    "airflow-api-server": "metadatabase",
    "airflow-scheduler": "scheduler",
    "airflow-dag-processor": "dag_processor",
    "airflow-triggerer": "triggerer",
}
SERVICES = tuple(COMPONENTS)
ADMIN = "admin"
DAY = 24 * 60 * 60


def command(service: str, bind: str, port: int) -> list[str]:
    """Command line of one service. Logs are files both sides can read: no log server listens anywhere."""
    verb = service.removeprefix("airflow-")
    airflow = str(Path(sys.executable).parent / "airflow")
    flags = {
        "api-server": ["--host", bind, "--port", str(port)],
        "scheduler": ["--skip-serve-logs"],
        "dag-processor": [],
        "triggerer": ["--skip-serve-logs"],
    }
    return [airflow, verb, *flags[verb]]


def environment() -> dict[str, str]:
    """What every Airflow process needs to know; everything else is in its configuration file."""
    project = settings().project
    return {
        "AIRFLOW_HOME": str(settings().home / "airflow"),
        "AIRFLOW_CONFIG": str(configuration_file()),
        "PYTHONPATH": f"{project}{os.pathsep}{project / 'infra'}",
        "PYTHONUNBUFFERED": "1",
        # dbt keeps two locks until its process ends; Python would call them leaked in every build's log.
        "PYTHONWARNINGS": "ignore:resource_tracker:UserWarning",
        # A process title written over the environment would hide which home a process belongs to.
        "SPT_NOENV": "1",
    }


def configuration_file() -> Path:
    """Airflow's generated configuration, with its secrets; readable by its owner alone."""
    return settings().home / "airflow" / "airflow.cfg"


def configuration() -> dict[str, dict[str, str]]:
    """Airflow's settings that differ from its defaults, by section."""
    home = settings()
    url = f"http://{'127.0.0.1' if home.bind == '0.0.0.0' else home.bind}:{home.port('airflow')}"
    return {
        "core": {
            "dags_folder": str(home.project / "dags"),
            "executor": "LocalExecutor",
            "auth_manager": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
            # Tasks are thin clients that wait for the engine; a few per core keep it busy.
            "parallelism": str(min(16, max(4, 2 * (os.cpu_count() or 1)))),
            "dags_are_paused_at_creation": "False",
            "load_examples": "False",
            "fernet_key": _fernet_key(),
            "execution_api_server_url": f"{url}/execution/",
        },
        "database": {
            "sql_alchemy_conn": databases.url("airflow").replace("postgresql://", "postgresql+psycopg://", 1),
            "sql_alchemy_conn_async": databases.url("airflow").replace("postgresql://", "postgresql+asyncpg://", 1),
        },
        "logging": _logging(home.logs / "airflow"),
        "api": {"base_url": url, "secret_key": home.secret("airflow_secret_key"), "workers": "1"},
        "api_auth": {"jwt_secret": home.secret("airflow_jwt", 64), "jwt_expiration_time": str(DAY)},
        # A task whose token expires is killed: longer than the longest task.
        "execution_api": {"jwt_expiration_time": str(2 * DAY)},
        "fab": {"config_file": str(home.project / "infra" / "airflow_webserver_config.py")},
        **_patience(),
    }


def _logging(folder: Path) -> dict[str, str]:
    return {
        "base_log_folder": str(folder),
        "dag_processor_child_process_log_directory": str(folder / "dag_processor"),
        "colored_console_log": "False",
    }


def _patience() -> dict[str, dict[str, str]]:
    """How soon a lost task is noticed, and how long a task bears a restart of the api-server (about 15 s)."""
    return {
        "scheduler": {
            "task_instance_heartbeat_timeout": "90",
            "task_instance_heartbeat_timeout_detection_interval": "10",
            "orphaned_tasks_check_interval": "60",
            "scheduler_health_check_threshold": "60",
        },
        "triggerer": {"triggerer_health_check_threshold": "60"},
        "workers": {"max_failed_heartbeats": "12", "execution_api_retries": "8"},
        "dag_processor": {"refresh_interval": "30", "min_file_process_interval": "60", "health_check_threshold": "90"},
    }


def _fernet_key() -> str:
    return urlsafe_b64encode(sha256(settings().secret("airflow_fernet").encode()).digest()).decode()


def render() -> str:
    """The text of airflow.cfg."""
    parser = configparser.RawConfigParser()
    for section, values in configuration().items():
        # Airflow interpolates: a percent sign in a value is written twice.
        parser[section] = {name: value.replace("%", "%%") for name, value in values.items()}
    lines: list[str] = []
    for section in parser.sections():
        lines += [f"[{section}]", *(f"{name} = {value}" for name, value in parser[section].items()), ""]
    return "\n".join(lines)


def first_start() -> list[str]:
    """Command that brings the metadata to this version and makes the admin account; safe to repeat."""
    return [sys.executable, str(settings().project / "infra" / "airflow_first_start.py")]


def health() -> dict[str, str]:
    """State of each component as Airflow itself reports it; empty while the api-server does not answer."""
    connection = http.client.HTTPConnection("127.0.0.1", settings().port("airflow"), timeout=10)
    try:
        connection.request("GET", "/api/v2/monitor/health")
        report = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, json.JSONDecodeError):
        return {}
    finally:
        connection.close()
    return {name: str(state.get("status")) for name, state in report.items() if state}


def well(services: Iterable[str]) -> dict[str, bool]:
    """Whether each of `services` answers (the api-server) or has sent its heartbeat (the others)."""
    report = health()
    return {service: report.get(COMPONENTS[service]) == "healthy" for service in services}
