"""The register of indicators: what every number that leaders see is, and what it may be used for."""

from govlake.indicators.load import load_register
from govlake.indicators.model import Indicator, Register, Source

__all__ = ["Indicator", "Register", "Source", "load_register"]
