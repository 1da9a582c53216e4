"""The unit tests beside the models: cases, windows and divisions on two or three rows."""

from pathlib import Path

import pytest

from govlake.contracts import load_pack
from govlake.ledger import Ledger
from govlake.settings import PROJECT
from spark_jobs import dbt_runner, marts
from tests.dbt_project.silver import tap, ticket, write_taps, write_tickets

pytestmark = [pytest.mark.engine, pytest.mark.postgres]


def test_every_unit_test_passes(home: Path, engine: str, ledger: Ledger) -> None:
    write_taps(tap(1, "2026-09-01 08:00"))
    write_tickets(ticket(1, "2026-09-01 09:00"))
    marts.build()
    packs = [load_pack(PROJECT / "contracts")]
    project = dbt_runner.compose(packs)
    values = marts.variables(packs)
    results = dbt_runner.unit_tests(project, dbt_runner.parse(project, values), values)
    assert len(results) >= 5
    assert [(result.node.name, result.message) for result in results if str(result.status) != "pass"] == []
