"""The coordinating unit's memory: every fact about deliveries, gates, incidents and editions, in PostgreSQL.

This is the only code that writes schema `ledger`. Each method is one transaction and may be repeated.
"""

from functools import cache

from govlake.ledger import batches as batches_
from govlake.ledger import editions as editions_
from govlake.ledger import erasures as erasures_
from govlake.ledger import evidence, records, upkeep
from govlake.ledger import incidents as incidents_
from govlake.ledger import migrate as migrate_
from govlake.ledger import restatements as restatements_
from govlake.ledger.connection import Database, Row
from govlake.ledger.evidence import QuarantineReason

__all__ = ["Ledger", "QuarantineReason", "Row", "ledger"]


class Ledger(Database):
    """Everything the ledger can be told and asked. The functions live beside their tables, one file per subject."""

    migrate = migrate_.migrate
    version = migrate_.current_version

    register_pack = batches_.register_pack
    start_batch = batches_.start_batch
    set_status = batches_.set_status
    batch = batches_.batch
    batches = batches_.batches
    deliveries_of = batches_.deliveries_of
    last_good_batch = batches_.last_good_batch
    held_datasets = batches_.held_datasets
    delivery_status = batches_.delivery_status
    datasets_called = batches_.datasets_called

    record_account = evidence.record_account
    accounts = evidence.accounts
    earlier_accounts = evidence.earlier_accounts
    record_gate = evidence.record_gate
    gate_results = evidence.gate_results
    record_quarantine = evidence.record_quarantine
    quarantine = evidence.quarantine
    history_counts = evidence.history_counts

    open_incident = incidents_.open_incident
    close_incidents = incidents_.close_incidents
    incident_events = incidents_.incident_events
    incidents = incidents_.incidents
    tasks = incidents_.tasks

    record_build = records.record_build
    last_build = records.last_build
    audit = records.audit
    cursor = records.cursor
    set_cursor = records.set_cursor
    record_reached = records.record_reached
    reached = records.reached

    begin_erasure = erasures_.begin_erasure
    add_erased = erasures_.add_erased
    erased_places = erasures_.erased_places
    is_erased = erasures_.is_erased
    prove_erasure = erasures_.prove_erasure
    erasures = erasures_.erasures
    drop_samples = erasures_.drop_samples
    recount_quarantine = erasures_.recount_quarantine

    record_restatement = restatements_.record_restatement
    restatements = restatements_.restatements
    restatement = restatements_.restatement
    pending_restatements = restatements_.pending_restatements
    record_effect = restatements_.record_effect
    readers_of = restatements_.readers_of
    drop_restated = restatements_.drop_restated
    drop_restated_like = restatements_.drop_restated_like

    mark_replays = upkeep.mark_replays
    declare_backfill = upkeep.declare_backfill
    change_backfill = upkeep.change_backfill
    backfills = upkeep.backfills
    backfill = upkeep.backfill
    pinned_versions = upkeep.pinned_versions
    unpin = upkeep.unpin
    forget_cursors = upkeep.forget_cursors
    tidy = upkeep.tidy
    vacuum = upkeep.vacuum

    editions = editions_.editions
    newest_edition = editions_.newest_edition
    kept_editions = editions_.kept_editions
    current_edition = editions_.current_edition
    edition = editions_.edition
    edition_at = editions_.edition_at


@cache
def _ledger_at(url: str) -> Ledger:
    return Ledger(url)


def ledger() -> Ledger:
    """The ledger of this home; one connection per process, opened when first used."""
    from govlake.settings import settings

    return _ledger_at(settings().postgres())
