"""The way of a delivery, step by step, for the scheduler and the command line alike."""

from govlake.pipeline.run import RunReport, land_file, pending, replay, run
from govlake.pipeline.steps import current_batch, ingest_step, publish_step

__all__ = ["RunReport", "current_batch", "ingest_step", "land_file", "pending", "publish_step", "replay", "run"]
