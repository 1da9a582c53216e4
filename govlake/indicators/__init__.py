"""The register of indicators: what every number that leaders see is, and what it may be used for."""

from govlake.indicators.lint import check
from govlake.indicators.load import has_books, load_register
from govlake.indicators.model import Indicator, Register, Source
from govlake.indicators.models import generated

__all__ = ["Indicator", "Register", "Source", "check", "generated", "has_books", "load_register"]
