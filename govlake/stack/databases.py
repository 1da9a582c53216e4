"""Which role reaches which database: own roles on our PostgreSQL, the given role on a given one."""

from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

from govlake.settings import settings
from govlake.stack import postgres

LOOPBACK = "127.0.0.1"
SECRETS = {"govlake": "postgres", "airflow": "postgres_airflow", "superset": "postgres_superset"}


def url(database: str) -> str:
    """URL of `database` for the role that owns it."""
    home = settings()
    if home.postgres_url:
        return home.postgres(database)
    role = postgres.OWNERS[database]
    return postgres.url(home.port("postgres"), LOOPBACK, role, home.secret(SECRETS[role]), database)


def admin_url() -> str:
    """URL of the role that may create roles and databases."""
    home = settings()
    if home.postgres_url:
        return home.postgres_url
    secret = home.secret("postgres_superuser")
    return postgres.url(home.port("postgres"), LOOPBACK, postgres.SUPERUSER, secret, "postgres")


def reader_url() -> str:
    """URL of the marts for the role that may only read them, whoever runs the PostgreSQL."""
    parts = urlsplit(settings().postgres())
    host = parts.netloc.rpartition("@")[2]
    password = quote(settings().secret(postgres.READER), safe="")
    return urlunsplit((parts.scheme, f"{postgres.READER}:{password}@{host}", parts.path, parts.query, ""))


def passwords() -> Mapping[str, str]:
    """Passwords of the roles we manage; on a given PostgreSQL that is the cockpit's reader alone."""
    home = settings()
    owners = {} if home.postgres_url else {role: home.secret(name) for role, name in SECRETS.items()}
    return {**owners, "cockpit_reader": home.secret("cockpit_reader")}


def provision() -> None:
    """Create or repair roles and databases; safe to repeat."""
    postgres.provision(admin_url(), passwords())


def identity() -> str:
    """What tells this PostgreSQL and its databases from any other, so that a new one is migrated again."""
    import psycopg

    with psycopg.connect(admin_url()) as connection:
        row = connection.execute("select system_identifier from pg_control_system()").fetchone()
        oids = connection.execute(
            "select oid::text from pg_database where datname in ('airflow', 'superset') order by datname"
        ).fetchall()
    return "-".join([str(row[0] if row else ""), *(oid for (oid,) in oids)])
