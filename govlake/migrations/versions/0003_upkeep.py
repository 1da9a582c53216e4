"""Going back, building anew and erasing leave their evidence; accounts know of erased rows."""

from importlib.resources import files

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    script = files("govlake.migrations").joinpath("sql/0003_upkeep.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})


def downgrade() -> None:
    raise NotImplementedError("The ledger is evidence; restore a backup instead.")
