"""What a contract that can be read may still get wrong. Each check adds findings; none stops another."""

from govlake.contracts.checks.columns import check_columns
from govlake.contracts.checks.delivery import check_delivery
from govlake.contracts.checks.rules import check_rules
from govlake.contracts.checks.tables import check_table
from govlake.contracts.model import Contract
from govlake.contracts.reading import Reading

__all__ = ["check_contract"]


def check_contract(reading: Reading, contract: Contract) -> None:
    """Everything that can be judged from one contract alone."""
    check_delivery(reading, contract)
    for table in contract.tables:
        check_table(reading, table)
        check_columns(reading, table)
        check_rules(reading, table)
