"""The supervised stack of one home: PostgreSQL, the engine, Airflow's services and Superset."""

from govlake.stack.lifecycle import down, up

__all__ = ["down", "up"]
