"""Bring the ledger's schema to the newest migration. Safe to run by several processes at once."""

from importlib.resources import as_file, files

from govlake.ledger.connection import Database

READER = "cockpit_reader"
GRANTS = f"""
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}') THEN
        GRANT USAGE ON SCHEMA marts, ledger_public TO {READER};
        GRANT SELECT ON ALL TABLES IN SCHEMA marts, ledger_public TO {READER};
    END IF;
END $$
"""


def migrate(database: Database) -> str:
    """Migrate and grant; returns the version reached. Costs milliseconds where nothing is to be done."""
    newest = newest_version()
    if current_version(database) != newest:
        with database.lock("migrate"):
            database.query("CREATE SCHEMA IF NOT EXISTS ledger")
            _upgrade(database.url)
    database.query(GRANTS)
    return newest


def newest_version() -> str:
    """The number of the newest migration file."""
    names = [entry.name for entry in files("govlake.migrations").joinpath("versions").iterdir()]
    return max(name.partition("_")[0] for name in names if name[:4].isdigit())


def current_version(database: Database) -> str | None:
    """The version the database is at, None where there is no ledger yet."""
    known = database.one("SELECT to_regclass('ledger.alembic_version') IS NOT NULL AS known")
    if not known or not known["known"]:
        return None
    row = database.one("SELECT version_num FROM ledger.alembic_version")
    return str(row["version_num"]) if row else None


def _upgrade(url: str) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    scheme, _, rest = url.partition("://")
    engine = create_engine(f"{scheme.partition('+')[0]}+psycopg://{rest}".replace("postgres+", "postgresql+"))
    try:
        with as_file(files("govlake.migrations")) as folder, engine.begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(folder).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
