"""The supervised stack of one home: PostgreSQL, the engine, Airflow's services and Superset."""

from govlake.stack.lifecycle import down, up
from govlake.stack.systems import choose as play_systems

__all__ = ["down", "play_systems", "up"]
