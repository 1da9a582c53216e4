"""Readers see what still holds: quarantine that a later delivery answered is past, and newest revisions are marked."""

from importlib.resources import files

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    script = files("govlake.migrations").joinpath("sql/0002_newest.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})


def downgrade() -> None:
    raise NotImplementedError("The ledger is evidence; restore a backup instead.")
