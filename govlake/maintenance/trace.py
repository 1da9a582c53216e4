"""Where a person's rows are: in deliveries, and from there along the lineage into every table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from govlake import lake, landing, redaction
from govlake.batch import Batch
from govlake.contracts import Contract
from govlake.contracts.model import Table
from govlake.errors import DeliveryError
from govlake.ledger import ledger
from govlake.maintenance.person import Person
from govlake.redaction import Place

Places = dict[str, set[Place]]  # per batch, in one table


@dataclass
class Trace:
    """What was found. `places` are per table key and batch; `opaque` are deliveries that cannot be read as rows."""

    places: dict[str, Places] = field(default_factory=dict)
    opaque: list[Batch] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(len(found) for batches in self.places.values() for found in batches.values())

    @property
    def batches(self) -> list[str]:
        named = {batch for places in self.places.values() for batch in places}
        return sorted(named | {batch.id for batch in self.opaque})

    def add(self, table: str, batch: str, places: Iterable[Place]) -> None:
        found = set(places)
        if found:
            self.places.setdefault(table, {}).setdefault(batch, set()).update(found)


def trace(person: Person, contracts: Iterable[Contract]) -> Trace:
    """Every row of the person in landing and bronze, of these contracts. A cell that holds the identifier makes a
    row the person's, whatever its column is called."""
    found = Trace()
    for contract in contracts:
        with ledger().lock(contract.id):  # no delivery is read meanwhile from a copy that is given back here
            for batch in batches(contract):
                _in_landing(person, batch, found)
                landing.release(batch)
        for table in contract.tables:
            _in_bronze(person, table, found)
    return found


def batches(contract: Contract) -> list[Batch]:
    """Every delivery of the contract that landing keeps."""
    rows = ledger().batches(contract.id)
    known = [Batch(contract, row["logical_date"], int(row["revision"])) for row in rows]
    return [batch for batch in known if landing.is_kept(batch)]


def _in_landing(person: Person, batch: Batch, found: Trace) -> None:
    manifest = landing.load_manifest(batch)
    if manifest.unreadable:
        if not manifest.redacted and any(person.is_in_bytes(f.read_bytes()) for f in landing.landed_files(batch)):
            found.opaque.append(batch)
        return
    for table in batch.contract.tables:
        try:
            for part in redaction.read(batch, table):
                _note(person, part, table, batch.id, found)
        except DeliveryError:
            found.opaque.append(batch)


def _in_bronze(person: Person, table: Table, found: Trace) -> None:
    source = lake.delta(lake.table_path("bronze", table))
    if source is None:
        return
    for part in source.to_pyarrow_dataset().to_batches(batch_size=65536):
        hits = part.filter(person.rows(part))
        if hits.num_rows:
            for batch, *place in zip(*(hits.column(n).to_pylist() for n in ("_batch_id", *PLACE)), strict=True):
                found.add(table.key, batch, [(place[0], place[1])])


PLACE = ("_source_file", "_row_number")


def _note(person: Person, part: object, table: Table, batch_id: str, found: Trace) -> None:
    hits = part.filter(person.rows(part))  # pyright: ignore[reportAttributeAccessIssue, reportArgumentType]
    places = zip(*(hits.column(name).to_pylist() for name in PLACE), strict=True)
    found.add(table.key, batch_id, ((str(name), int(number)) for name, number in places))
