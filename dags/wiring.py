"""What the DAG files share: defaults that exist once, the pack, and how an outcome becomes a task state."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import Asset, Param, get_current_context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, DownstreamTasksSkipped

from govlake.batch import Outcome
from govlake.contracts import Contract, Pack, Table, load_pack
from govlake.errors import ContractError, GovlakeError, SettingsError
from govlake.settings import settings

log = logging.getLogger("govlake")
DEFAULTS: dict[str, Any] = {"retries": 3, "retry_delay": timedelta(seconds=10)}
DAY = Param(
    None,
    type=["null", "string"],
    format="date",
    description="Logical date of the delivery, YYYY-MM-DD. Empty: the day before the run.",
)


def pack() -> Pack:
    """The contracts that this home runs on; one that cannot be read stops its own deliveries, not the others'."""
    found = load_pack(settings().pack, strict=False)
    for error in found.refused:
        log.error("left out: %s", error)
    return found


def silver_asset(table: Table) -> Asset:
    """The asset that a delivery of this table updates."""
    return Asset(name=f"silver.{table.key}", uri=f"govlake://silver/{table.domain}/{table.name}")


def logical_day(contract: Contract) -> date:
    """The delivery's date: the run's parameter, or the local day before the run, when it was due."""
    context: Any = get_current_context()
    asked = context["params"].get("date")
    if asked:
        return date.fromisoformat(asked)
    run = context["dag_run"]
    moment = run.logical_date or run.run_after
    return moment.astimezone(ZoneInfo(contract.timezone)).date() - timedelta(days=1)


def told(work: Callable[[], Outcome], last: bool = False) -> Outcome:
    """Run `work` and say in one line what it did.

    What follows a held delivery is skipped; a step with nothing to do is itself skipped, and so is what follows it.
    The `last` step is done, not skipped, where it finds its work done: it was killed before it could say so.
    What a second try could mend (a server away, an engine restarting) is retried; what it could not fails at once.
    """
    try:
        outcome = work()
    except (ContractError, SettingsError) as error:
        log.error("%s", error)
        raise AirflowFailException(str(error)) from None
    except GovlakeError as error:
        log.error("%s", error)
        raise
    log.info("%s", outcome.line)
    if outcome.status == "held":
        context: Any = get_current_context()
        raise DownstreamTasksSkipped(tasks=sorted(context["task"].downstream_task_ids))
    if outcome.status == "missing" or (outcome.status == "nothing_new" and not last):
        raise AirflowSkipException(outcome.line)
    return outcome
