"""The ledger's first shape: tables, what the database refuses by itself, and the views that may be read."""

from importlib.resources import files

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the schemas, the tables, their guards and the views."""
    op.execute("CREATE SCHEMA IF NOT EXISTS marts")
    op.execute("CREATE SCHEMA IF NOT EXISTS ledger_public")
    for part in ("tables", "guards", "views"):
        script = files("govlake.migrations").joinpath(f"sql/0001_{part}.sql").read_text(encoding="utf-8")
        op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})


def downgrade() -> None:
    raise NotImplementedError("The ledger is evidence; restore a backup instead.")
