"""What departments have to put right, one task per cause instead of one incident per delivery."""

from importlib.resources import files

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    script = files("govlake.migrations").joinpath("sql/0005_tasks.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})


def downgrade() -> None:
    raise NotImplementedError("The ledger is evidence; restore a backup instead.")
