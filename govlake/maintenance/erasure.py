"""Erase a person: every row in every delivery, table, old version and edition, and prove that nothing is left.

The order makes it repeatable: first the ledger notes the places, then the delivered files go, then the rows in the
tables, then the past of the tables, then the editions; last comes a scan of everything. Killed anywhere, the same
command again takes it up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from govlake import lake, landing, lease, redaction
from govlake.contracts import Contract, Pack
from govlake.errors import LakeError
from govlake.ledger import ledger
from govlake.maintenance import forget, orphans, proof, purge
from govlake.maintenance.person import Person
from govlake.maintenance.table import MARTS, LakeTable, find
from govlake.maintenance.trace import Places, Trace, batches, trace
from govlake.store import store
from govlake.versions import LAYER

Progress = Callable[[str], None]
SIDES = ("bronze", "quarantine", "silver", LAYER)


@dataclass
class Erased:
    """What was erased. `inbox` are files that departments left there and that hold the person still."""

    erasure: int
    counts: dict[str, int] = field(default_factory=dict)
    scanned: dict[str, int] = field(default_factory=dict)
    deliveries: list[str] = field(default_factory=list)
    inbox: list[str] = field(default_factory=list)

    def count(self, name: str, number: int) -> None:
        if number:
            self.counts[name] = self.counts.get(name, 0) + number


def preview(person: Person, pack: Pack, dataset: str | None = None) -> Trace:
    """Where the person's rows are, without touching any."""
    return trace(person, chosen(pack, dataset))


def chosen(pack: Pack, dataset: str | None) -> list[Contract]:
    """The contracts whose deliveries are searched."""
    return [pack.find(dataset)] if dataset else list(pack.contracts)


def erase(
    person: Person,
    pack: Pack,
    reason: str,
    basis: str,
    who: str,
    dataset: str | None = None,
    progress: Progress = print,
) -> Erased:
    """Erase every row of the person. Raises LakeError, naming the places, where the proof still finds something."""
    contracts = chosen(pack, dataset)
    with _alone(contracts):
        report = Erased(int(ledger().begin_erasure(who, reason, basis)["erasure_id"]))
        found = trace(person, contracts)
        report.deliveries = found.batches
        report.count("landed rows", found.rows)
        _note(report.erasure, found, contracts)
        progress(f"{found.rows:,} rows in {len(found.batches)} deliveries")
        _deliveries(report, found, contracts)
        progress("deliveries are redacted")
        _tables(report, person, contracts)
        progress("tables hold the rows no more")
        _past(report, person, contracts, progress)
        _editions(report, person)
        prefixes = _prefixes(contracts, dataset)
        _versions(report, prefixes, progress)
        _prove(report, person, prefixes)
        ledger().audit(who, "person erased", {"erasure": report.erasure, "reason": reason, "basis": basis})
    report.inbox = _inbox(person)
    return report


@contextmanager
def _alone(contracts: Sequence[Contract]) -> Iterator[None]:
    """No delivery, build or publication meanwhile: old files are deleted at once."""
    with ExitStack() as turns:
        for name in (*sorted(contract.id for contract in contracts), MARTS, "publish"):
            turns.enter_context(ledger().lock(name))
        yield


def _note(erasure: int, found: Trace, contracts: Sequence[Contract]) -> None:
    rows = [
        (batch, table, file, number)
        for table, places in found.places.items()
        for batch, rows in places.items()
        for file, number in rows
    ]
    touched = {batch.id: batch for contract in contracts for batch in batches(contract) if batch.id in found.batches}
    hashes = {}
    for batch_id, batch in touched.items():
        manifest = landing.load_manifest(batch)
        hashes |= {manifest.sha256: batch_id} | {file.sha256: batch_id for file in manifest.files}
    ledger().add_erased(erasure, rows, hashes)


def _places(batch_id: str) -> dict[str, set[tuple[str, int]]]:
    """Every place of the batch that was ever erased, per table."""
    places: dict[str, set[tuple[str, int]]] = {}
    for row in ledger().erased_places(batch_id):
        places.setdefault(row["dataset"], set()).add((row["source_file"], int(row["row_number"])))
    return places


def _deliveries(report: Erased, found: Trace, contracts: Sequence[Contract]) -> None:
    """Redact what landing keeps, and what an erasure that was killed left half done."""
    begun = {row["batch_id"] for row in ledger().erased_places(erasure_id=report.erasure)}
    opaque = {batch.id for batch in found.opaque}
    for contract in contracts:
        for batch in batches(contract):
            if batch.id in begun | opaque:
                redaction.redact(batch, _places(batch.id))
                _drop_staging(batch.id, contract)
        if any(batch.startswith(f"{contract.id}-") for batch in begun):
            ledger().set_cursor(f"staged.{contract.id}", {})
    report.count("deliveries that cannot be read", len(opaque))


def _drop_staging(batch_id: str, contract: Contract) -> None:
    """What is staged of the delivery, or built beside from it, is made again from what is left."""
    for table in contract.tables:
        folder = f"lake/staging/{table.domain}/{table.name}"
        for name in store().folders(folder):
            if orphans.batch_of(name) == batch_id:
                purge.remove_table(f"{folder}/{name}")


def _tables(report: Erased, person: Person, contracts: Sequence[Contract]) -> None:
    """Delete the rows from bronze, quarantine, silver and history."""
    for row in ledger().backfills():
        if row["contract_id"] in {contract.id for contract in contracts} and row["state"] not in orphans.ENDED:
            ledger().change_backfill(row["backfill_id"], "erasure", "abandoned", state="abandoned")
    for key in orphans.backfills():
        purge.remove_table(key)
    for contract in contracts:
        for table in contract.tables:
            places: Places = {}
            for row in ledger().erased_places(erasure_id=report.erasure):
                if row["dataset"] == table.key:
                    place = (row["source_file"], int(row["row_number"]))
                    places.setdefault(row["batch_id"], set()).add(place)
            for side in SIDES:
                delete = forget.delete_versions if side == LAYER else purge.delete_rows
                gone = delete(lake.table_path(side, table), places, person)
                report.count(f"{side}.{table.key}", gone)
            for batch_id, rows in places.items():
                ledger().drop_samples(batch_id, table.key, rows)
                ledger().drop_restated(batch_id, table.key, rows)
                ledger().recount_quarantine(batch_id, table.key, _quarantined(batch_id, table.domain, table.name))


def _quarantined(batch_id: str, domain: str, name: str) -> dict[str, int]:
    """Rows per rule that the quarantine holds of the batch, for every rule that the ledger names."""
    import pyarrow.compute as pc

    key = f"{domain}.{name}"
    rules = [row["rule"] for row in ledger().quarantine(key, batch_id)]
    counts = dict.fromkeys(rules, 0)
    if "held" in counts:
        return counts | {"held": lake.rows(lake.path("bronze", domain, name), ("_batch_id", batch_id))}
    source = lake.delta(lake.path("quarantine", domain, name))
    if source is None:
        return counts
    dataset: Any = source.to_pyarrow_dataset()
    for part in dataset.to_batches(columns=["_reasons"], filter=pc.field("_batch_id") == batch_id):
        for reasons in part.column("_reasons").to_pylist():
            for rule in reasons or ():
                counts[rule] = counts.get(rule, 0) + 1
    return {rule: count for rule, count in counts.items() if rule in rules}


def _past(report: Erased, person: Person, contracts: Sequence[Contract], progress: Progress) -> None:
    """Purge old files and logs of every table that ever held the person; such marts are built again from silver."""
    own = {table.key for contract in contracts for table in contract.tables}
    for table in find():
        if table.layer != "gold" and f"{table.domain}.{table.name}" not in own:
            continue
        hits, _ = proof.scan_files(person, (f"{table.folder}/",))
        if not hits:
            continue
        progress(f"{table.key}: its past is removed")
        report.count("tables purged", 1)
        if table.layer == "gold":
            purge.remove_table(table.folder)
        else:
            purge.forget_past(table.folder, table.address)
            ledger().unpin([table.key])


def _editions(report: Erased, person: Person) -> None:
    """Delete the rows from every edition that is kept."""
    from psycopg import sql

    hits, _ = proof.scan_database(person, ledger())
    for table in sorted(hits):
        schema, _, name = table.partition(".")
        if schema.startswith("edition_"):
            statement = sql.SQL("DELETE FROM {} AS t WHERE t::text ~* %s").format(sql.Identifier(schema, name))
            ledger().query(cast(Any, statement), [person.pattern])
            ledger().vacuum(schema, name, full=True)
            report.count(table, hits[table])
    ledger().drop_restated_like(person.pattern)
    for name in ("quarantine_reasons", "restatement_samples"):
        ledger().vacuum("ledger", name, full=True)


def _prefixes(contracts: Sequence[Contract], dataset: str | None) -> tuple[str, ...]:
    """Where in the store the person may be."""
    if dataset is None:
        return ("lake/", "landing/")
    folders = [f"landing/{contract.department}/{contract.name}/" for contract in contracts]
    tables = [LakeTable(side, t.domain, t.name).folder + "/" for c in contracts for t in c.tables for side in SIDES]
    return (*folders, *tables, "lake/gold/", "lake/staging/")


def _versions(report: Erased, prefixes: Sequence[str], progress: Progress) -> None:
    """Remove what the store itself kept of files that were replaced or deleted: it cannot be told whose they were."""
    gone = sum(store().forget(prefix) for prefix in prefixes)
    report.count("old versions in the store", gone)
    if gone:
        progress(f"{gone:,} old versions are removed from the store")


def _prove(report: Erased, person: Person, prefixes: tuple[str, ...]) -> None:
    files, read = proof.scan_files(person, prefixes)
    # The lease is written all the time, and holds no row of anybody.
    past = {key for prefix in prefixes for key in store().past(prefix) if not key.endswith(f"/{lease.NAME}")}
    rows, looked = proof.scan_database(person, ledger())
    report.scanned = {"files": read, "tables of PostgreSQL": looked}
    if files or rows or past:
        old = [f"{key} (old versions)" for key in sorted(past)[:5]]
        places = ", ".join([*files[:5], *old, *(f"{name} ({count} rows)" for name, count in rows.items())])
        raise LakeError(
            f"Erasure {report.erasure} is not finished: the identifier is still in {places}.",
            "Run the same command again; where it names other datasets, leave out --dataset.",
        )
    ledger().prove_erasure(report.erasure, report.counts, report.scanned)


def _inbox(person: Person) -> list[str]:
    from govlake.settings import settings

    files = sorted(file for file in settings().inbox.rglob("*") if file.is_file())
    return [str(file) for file in files if proof.holds(person, file.name, file.read_bytes())]
