"""How a delivery is found at its source: one module per kind of source, named in the contract's server type."""

from types import ModuleType

from govlake.connectors import local
from govlake.contracts.model import Source
from govlake.errors import ContractError

CONNECTORS: dict[str, ModuleType] = {"local": local, "file": local}


def connector_of(source: Source) -> ModuleType:
    """The connector for `source`; it offers `find(contract, day)` and `dates(contract, until)`."""
    found = CONNECTORS.get(source.kind)
    if found is None:
        raise ContractError(
            f"No connector reads a source of type '{source.kind}'.",
            f"Use one of {', '.join(sorted(CONNECTORS))} (servers[0].type).",
        )
    return found
