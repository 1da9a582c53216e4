"""The unit tests beside the models, and every model of every pack on tables without a row."""

from pathlib import Path

import pytest

from govlake import lake
from govlake.contracts import load_pack
from govlake.ledger import Ledger
from govlake.settings import PROJECT
from spark_jobs import dbt_runner, marts
from tests.dbt_project.silver import write_empty

TYPES = {"bigint": "long", "int": "integer"}  # Delta's names
pytestmark = [pytest.mark.engine, pytest.mark.postgres]


@pytest.mark.parametrize(("folder", "least"), [("contracts", 5), ("examples/open_data", 7)])
def test_every_model_runs_on_nothing_and_every_unit_test_passes(
    home: Path, engine: str, ledger: Ledger, folder: str, least: int
) -> None:
    packs = [load_pack(path) for path in {PROJECT / "contracts", PROJECT / folder}]
    for pack in packs:
        write_empty(pack)
    report = marts.build(packs=[pack.path for pack in packs])
    assert report.verdict == "pass", [model.message for model in report.with_status("failed")]
    assert not report.with_status("absent")
    project, values = dbt_runner.compose(packs), marts.variables(packs)
    manifest = dbt_runner.parse(project)
    for node in (node for node in manifest.nodes.values() if node.config.materialized == "mart"):
        built = lake.columns(lake.path("gold", node.fqn[-2], node.name))
        said = {name: TYPES.get(column.data_type, column.data_type) for name, column in node.columns.items()}
        assert built == said, f"{node.name}: the columns beside the model are not those it makes"
    results = dbt_runner.unit_tests(project, values)
    assert len(results) >= least
    assert [(result.node.name, result.message) for result in results if str(result.status) != "pass"] == []
