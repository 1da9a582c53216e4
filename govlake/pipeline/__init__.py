"""The way of a delivery, step by step, for the scheduler and the command line alike."""

from govlake.pipeline.publish import is_published, is_settled, publish_step
from govlake.pipeline.run import RunReport, land_file, pending, replay, run
from govlake.pipeline.steps import current_batch, ingest_step

__all__ = [
    "RunReport",
    "current_batch",
    "ingest_step",
    "is_published",
    "is_settled",
    "land_file",
    "pending",
    "publish_step",
    "replay",
    "run",
]
