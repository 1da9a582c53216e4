"""How far each source has been read, as history: one row per landed delivery that was fetched."""

from importlib.resources import files

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    script = files("govlake.migrations").joinpath("sql/0004_source_cursors.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})


def downgrade() -> None:
    raise NotImplementedError("The ledger is evidence; restore a backup instead.")
