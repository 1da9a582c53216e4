"""How a delivery is found at its source: one module per kind of source, named in the contract's server type.

A folder's files are taken where they lie. Whatever lies elsewhere is first fetched into a private draft of the home
(`draft`), and landing takes it from there as it takes any file.
"""

from importlib import import_module
from types import ModuleType

from govlake.contracts.connection import KINDS
from govlake.contracts.model import Source
from govlake.errors import ContractError


def connector_of(source: Source) -> ModuleType:
    """The connector for `source`.

    It offers `find(contract, day)`, the delivery's files (fetched where need be); `dates(contract, until)`;
    `seen(contract, until)`, the dates and what tells, without fetching, whether a delivery changed (None: only a
    fetch tells); and `probe(contract)`, what is found there, in sentences.
    """
    found = KINDS.get(source.kind)
    if found is None:
        raise ContractError(
            f"No connector reads a source of type '{source.kind}'.",
            f"Use one of {', '.join(sorted(KINDS))} (servers[0].type).",
        )
    return import_module(f"govlake.connectors.{found.module}")
