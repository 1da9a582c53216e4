"""The dbt project as it is run: the built-in models plus those of every pack, put together in the home.

Nothing is ever written into the repository: the copy, dbt's target folder and its logs live under the home's run
folder. A pack brings models in `<pack>/dbt/models`, tests in `<pack>/dbt/tests`, indicators in `<pack>/dbt/indicators`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from govlake import indicators
from govlake.contracts import Pack
from govlake.errors import IndicatorError, LakeError
from govlake.generated import renew
from govlake.settings import settings
from spark_jobs import dbt_sources

if TYPE_CHECKING:
    from dbt.artifacts.schemas.results import BaseResult
    from dbt.contracts.graph.manifest import Manifest

PARTS = ("models", "tests", "macros")
MARTS = "config.materialized:mart"


def compose(packs: Sequence[Pack]) -> Path:
    """The project's folder, as the repository and the packs say.

    A file that says so already is left alone: dbt goes by the times of files, and would read it anew with every build.
    """
    home = settings().private("run", "dbt")
    wanted = _wanted(packs, home)
    for part in PARTS:
        for file in (home / part).rglob("*"):
            if file.is_file() and file not in wanted:
                file.unlink()
    renew(wanted)
    return home


def _wanted(packs: Sequence[Pack], home: Path) -> dict[Path, bytes]:
    """Every file of the project in `home`, with what it says."""
    own = settings().project / "dbt_project"
    files = {home / "dbt_project.yml": (own / "dbt_project.yml").read_bytes()}
    files[home / "profiles.yml"] = yaml.safe_dump(profile()).encode()
    for part in PARTS:
        files |= _files(own / part, home / part)
    for pack in packs:
        if pack.path.resolve() != settings().project / "contracts":
            files |= _added(pack, home)
    return files | _registers([pack.path for pack in packs if indicators.has_books(pack.path)], home)


def _files(folder: Path, home: Path) -> dict[Path, bytes]:
    """Files of a folder, none where there is no such folder, by their places in `home`."""
    return {home / file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def code(packs: Sequence[Pack]) -> str:
    """Hash of everything that `compose` would put together; known without starting dbt."""
    own = settings().project / "dbt_project"
    folders = [own / part for part in PARTS] + [pack.path / "dbt" for pack in packs]
    files = [own / "dbt_project.yml", *(file for folder in folders for file in sorted(folder.rglob("*.*ml")))]
    files += [file for folder in folders for file in sorted(folder.rglob("*.sql"))]
    digest = hashlib.md5(usedforsecurity=False)
    for file in files:
        digest.update(str(file).encode() + file.read_bytes())
    return digest.hexdigest()


def _added(pack: Pack, home: Path) -> dict[Path, bytes]:
    """A pack's models beside the built-in ones; its tables become the source `<pack>`."""
    name, own = pack.path.name, pack.path / "dbt"
    files = _files(own / "tests", home / "tests" / name) | _files(own / "macros", home / "macros" / name)
    for layer in sorted(entry for entry in own.glob("models/*") if entry.is_dir()):
        files |= _files(layer, home / "models" / layer.name / name)
    files[home / "models" / "staging" / f"_silver_{name}.yml"] = dbt_sources.text(pack, name).encode()
    return files


def _registers(packs: Sequence[Path], home: Path) -> dict[Path, bytes]:
    """Where packs bring indicators, the register's models anew: those of the city stand behind the project's."""
    if not packs:
        return {}
    register = indicators.load_register(settings().project / "dbt_project", packs)
    if findings := indicators.check(register):
        raise IndicatorError(str(findings[0]), "See all with `govlake indicators check`.")
    return {file: text.encode() for file, text in indicators.generated(register, home).items()}


def profile() -> dict[str, Any]:
    """dbt's connection: the process's own session on the home's engine."""
    output = {
        "type": "spark",
        "method": "session",
        "host": "NA",
        "schema": "gold",
        "threads": 1,
        "server_side_parameters": {"spark.remote": settings().engine_address()},
    }
    return {"govlake": {"target": "engine", "outputs": {"engine": output}}}


def parse(project: Path) -> Manifest:
    """The project's manifest, which is the same whatever a build's variables say.

    Raises LakeError, with dbt's words, where a model cannot be read.
    """
    result = _invoke(["parse"], project, {})
    if not result.success:
        raise LakeError(f"The dbt project cannot be read: {_words(result.exception)}", "Correct the model it names.")
    return result.result


def build(project: Path, manifest: Manifest, models: Sequence[str], variables: dict[str, Any]) -> list[BaseResult]:
    """Build the models and run their tests; one result per model and test.

    Unit tests prove the SQL, not the data: they run in the project's own tests, not with every build.
    """
    arguments = ["build", "--select", *models, "--exclude-resource-type", "unit_test"]
    arguments += ["--indirect-selection", "buildable"]
    result = _invoke(arguments, project, variables, manifest)
    if result.result is None:
        raise LakeError(f"dbt could not build the marts: {_words(result.exception)}", "See dbt's log in the home.")
    return list(result.result.results)


def unit_tests(project: Path, variables: dict[str, Any]) -> list[BaseResult]:
    """Run the unit tests beside the models, one result each, on rows of their own.

    They ask their inputs for columns, so what is a part of a mart's query elsewhere is a view here. The tables of
    silver that these read, and the marts, must have their names in the session.
    """
    variables = variables | {"steps": "view"}
    manifest = _invoke(["parse"], project, variables).result
    steps = ["--select", f"+{MARTS}", "--exclude", MARTS]
    made = _invoke(["run", *steps], project, variables, manifest)
    failed = [f"{result.node.name}: {result.message}" for result in made.result or () if result.status == "error"]
    if made.exception or failed:
        raise LakeError(f"The steps could not be made views: {made.exception or failed}", "Correct the model it names.")
    result = _invoke(["test", "--select", "test_type:unit"], project, variables, manifest)
    return list(result.result.results) if result.result else []


def _invoke(command: list[str], project: Path, variables: dict[str, Any], manifest: Manifest | None = None) -> Any:
    from dbt.cli.main import dbtRunner

    from spark_jobs import dbt_session

    dbt_session.install()
    options = ["--project-dir", str(project), "--profiles-dir", str(project)]
    options += ["--target-path", str(project / "target"), "--log-path", str(settings().logs / "dbt")]
    options += ["--vars", yaml.safe_dump(variables, default_flow_style=True, width=10**6)]
    quiet = ["--quiet", "--no-use-colors", "--log-level", "none", "--no-send-anonymous-usage-stats"]
    quiet += ["--no-write-json"]  # nobody reads dbt's own files: results go to the ledger
    return dbtRunner(manifest=manifest).invoke([*quiet, *command, *options])


def _words(error: BaseException | None) -> str:
    return " ".join(str(error).split())[:600]
