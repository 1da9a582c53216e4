"""Tables of the lake by name, and whose turn it is to write them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from govlake import lake, lease
from govlake.errors import LakeError
from govlake.ledger import ledger

MARTS = "marts"  # the turn of everything that is built from silver


@dataclass(frozen=True)
class LakeTable:
    """One table. `key` is what people call it: silver.transit.card_tap."""

    layer: str
    domain: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.layer}.{self.domain}.{self.name}"

    @property
    def address(self) -> str:
        return lake.path(self.layer, self.domain, self.name)

    @property
    def folder(self) -> str:
        """Where the store keeps it."""
        return f"lake/{self.layer}/{self.domain}/{self.name}"


def find(layers: tuple[str, ...] = lake.LASTING) -> list[LakeTable]:
    """Every table of these layers."""
    return [LakeTable(layer, domain, name) for layer in layers for domain, name in lake.find(layer)]


def named(name: str) -> LakeTable:
    """The table that `name` means: silver.transit.card_tap, or transit.card_tap for the one in silver.

    Raises LakeError where there is none.
    """
    known = {table.key: table for table in find()}
    found = known.get(name) or known.get(f"silver.{name}")
    if found is None:
        near = [key for key in known if key.endswith(name.rpartition(".")[2])] or list(known)
        raise LakeError(f"The lake has no table {name}.", f"It has {', '.join(near[:12]) or 'none yet'}.")
    return found


def contract_of(table: LakeTable) -> str:
    """The contract whose deliveries write the table, "" for one that is built from silver."""
    if table.layer == "gold":
        return ""
    row = ledger().one("SELECT contract_id FROM ledger.datasets WHERE dataset = %s", [f"{table.domain}.{table.name}"])
    return str(row["contract_id"]) if row else ""


@contextmanager
def turn(table: LakeTable) -> Iterator[None]:
    """Nobody else writes the table meanwhile: deliveries of its contract, or builds of marts, wait."""
    with ledger().lock(contract_of(table) or MARTS), lease.writing(table.key):
        yield
