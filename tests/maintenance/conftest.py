"""The water company of the pipeline's tests, whose lake is kept."""

from tests.pipeline.conftest import company

__all__ = ["company"]
