"""What is delivered: ODCS contracts read into the few things the rooms need to know."""

from govlake.contracts.load import Pack, load_contract, load_pack
from govlake.contracts.model import Column, Contract, Rule, Source, Table

__all__ = ["Column", "Contract", "Pack", "Rule", "Source", "Table", "load_contract", "load_pack"]
