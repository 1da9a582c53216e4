"""How a contract's system is reached from this home: names in braces give way to the addresses that the home knows."""

from govlake.contracts.connection import NAMED_HOST, Connection
from govlake.contracts.model import Contract
from govlake.settings import settings


def reach_of(contract: Contract) -> Connection:
    """The contract's connection with addresses and keys filled in. Raises SettingsError where one is not known."""
    return contract.source.connection.reached(settings().system)


def location_of(contract: Contract) -> str:
    """The contract's path with its machine's address filled in; date fields stay."""
    known = settings().system
    return NAMED_HOST.sub(lambda found: found.group(1) + known(found.group(2)[1:-1]), contract.source.path)
