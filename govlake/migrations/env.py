"""Alembic's environment: the connection comes from `govlake.ledger.migrate`; there is no ini file."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema="ledger",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
