"""The constitution: what must be true of every file, contract and mart, whoever wrote it."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
import yaml

from govlake.contracts import load_pack
from govlake.settings import PROJECT

# Rooms from the ground up; each may import itself and those before it.
ROOMS = ("govlake", "spark_jobs", "expectations", "cockpit", "dags")
MAY_IMPORT = {
    "govlake": {"govlake"},
    "spark_jobs": {"govlake", "spark_jobs"},
    "expectations": {"govlake", "expectations"},
    "cockpit": {"govlake", "cockpit"},
    "dags": {"govlake", "dags"},
    "notebooks": {"govlake", "notebooks"},
    "infra": {"govlake"},
}
# Third parties that belong to one room, with the rooms and files that may name them.
AT_HOME = {
    "airflow": ("dags/", "infra/airflow_", "tests/dags/describe.py"),
    "great_expectations": ("expectations/", "infra/airflow_local_settings.py", "benchmarks/"),
    "dbt": ("spark_jobs/", "benchmarks/"),
    "superset": ("infra/superset_",),
}
# Superset has an environment of its own, in which govlake's settings are not installed.
READ_THE_ENVIRONMENT = (
    "govlake/settings.py",
    "infra/superset_config.py",
    "infra/superset_first_start.py",
    "tests/",
    "benchmarks/",
)
LINES, FUNCTION_LINES = 300, 60
PACKS = (PROJECT / "contracts", PROJECT / "examples" / "open_data")
DIMENSION = re.compile(r"^0[1-6]\d\d(\d\d)?$")
# Kinds of rule that are about quality, and so have their place in GB/T 36344.
MEASURED = ("required", "type", "enum", "range", "length", "pattern", "malformed", "empty")


@cache
def committed(suffix: str = "") -> list[str]:
    """Paths of the files that git keeps, or will with the next commit, relative to the project."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=PROJECT, capture_output=True, check=True).stdout.decode().split("\0")
    found = sorted(name for name in names if name.endswith(suffix) and (PROJECT / name).is_file())
    assert found
    return found


@cache
def tree(name: str) -> ast.Module:
    return ast.parse((PROJECT / name).read_text(encoding="utf-8"), name)


def imports(name: str) -> set[str]:
    """The first words of all modules that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def python_of(room: str) -> list[str]:
    files = [name for name in committed(".py") if name.startswith(f"{room}/")]
    assert files, room
    return files


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_run_one_way(room: str) -> None:
    rooms = {*ROOMS, "notebooks", "infra", "tests", "benchmarks"}
    upward = {name: (imports(name) & rooms) - MAY_IMPORT[room] for name in python_of(room)}
    assert {name: found for name, found in upward.items() if found} == {}


@pytest.mark.parametrize("library", AT_HOME)
def test_a_library_is_imported_at_home_alone(library: str) -> None:
    importing = [name for name in committed(".py") if library in imports(name)]
    assert importing
    assert [name for name in importing if not name.startswith(AT_HOME[library])] == []


def test_the_environment_is_read_in_one_place() -> None:
    reading = [name for name in committed(".py") if any(is_environment(node) for node in ast.walk(tree(name)))]
    assert "govlake/settings.py" in reading
    assert [name for name in reading if not name.startswith(READ_THE_ENVIRONMENT)] == []


def is_environment(node: ast.AST) -> bool:
    """`os.environ`, `os.getenv`, or one of them imported."""
    if isinstance(node, ast.ImportFrom) and node.module == "os":
        return any(alias.name in ("environ", "getenv") for alias in node.names)
    named = isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    return named and isinstance(node.value, ast.Name) and node.value.id == "os"


def test_nothing_happens_at_import() -> None:
    """No call of a session, connection, file or settings stands outside a function."""
    active = {"settings", "session", "ledger", "load_pack", "connect", "open", "read_text", "read_bytes", "run"}
    wiring = ("dags/", "infra/")  # Airflow and gunicorn read these files as configuration
    files = [name for room in ROOMS for name in python_of(room) if not name.startswith(wiring)]
    found = {name: sorted(calls_at_import(tree(name)) & active) for name in files}
    assert {name: calls for name, calls in found.items() if calls} == {}


def calls_at_import(module: ast.Module) -> set[str]:
    statements = [node for node in module.body if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.If)]
    calls = [node for statement in statements for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return {getattr(call.func, "attr", getattr(call.func, "id", "")) for call in calls}


def test_files_and_functions_stay_short() -> None:
    lengths = {name: len((PROJECT / name).read_text(encoding="utf-8").splitlines()) for name in committed(".py")}
    assert {name: length for name, length in lengths.items() if length > LINES} == {}
    functions = {
        f"{name}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for name in committed(".py")
        for node in ast.walk(tree(name))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert len(functions) > 500
    assert {name: length for name, length in functions.items() if length > FUNCTION_LINES} == {}


def test_every_module_and_public_function_says_what_it_is_for() -> None:
    silent = []
    for name in (name for room in ROOMS for name in python_of(room)):
        module = tree(name)
        silent += [] if ast.get_docstring(module) else [name]
        for node in module.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                silent += [] if ast.get_docstring(node) or len(node.body) <= 2 else [f"{name}:{node.name}"]
    assert silent == []


def test_no_error_is_swallowed() -> None:
    handlers = [
        (name, node)
        for name in committed(".py")
        for node in ast.walk(tree(name))
        if isinstance(node, ast.ExceptHandler)
    ]
    assert len(handlers) > 20
    bare = [name for name, node in handlers if node.type is None]
    dropped = [name for name, node in handlers if all(isinstance(part, ast.Pass) for part in node.body)]
    assert (bare, dropped) == ([], [])


def test_no_file_names_a_machine_or_a_registry() -> None:
    """Paths of one machine and addresses of package mirrors have no place in what is committed."""
    machine = re.compile(
        r"(?<![\w.{}])/(work|root|home/\w+|Users)/|[\w.-]*(pypi|artifactory|nexus|registry)[\w-]*\.[a-z]{2,}"
    )
    texts = [name for name in committed() if not name.endswith((".png", ".zip", ".xlsx", ".ods", ".gz"))]
    found = {}
    for name in texts:
        if name == "tests/test_conventions.py":
            continue
        text = (PROJECT / name).read_text(encoding="utf-8", errors="replace")
        lines = [line.strip()[:100] for line in text.splitlines() if machine.search(line)]
        if lines:
            found[name] = lines
    assert found == {}


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_every_contract_speaks_both_languages(pack: Path) -> None:
    contracts = load_pack(pack).contracts
    assert len(contracts) == len([file for file in pack.rglob("*.yaml") if "dbt" not in file.parts]) > 0
    for contract in contracts:
        titles = [contract.title_en, contract.title_zh, contract.department_en, contract.department_zh]
        titles += [title for table in contract.tables for title in (table.title_en, table.title_zh, table.grain)]
        assert all(title.strip() for title in titles), contract.id
        for table in contract.tables:
            for column in table.columns:
                assert column.title_en and is_chinese(column.title_zh), f"{table.key}.{column.name}"


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_every_rule_says_what_is_wrong_and_which_measure_it_is(pack: Path) -> None:
    rules = [(table, rule) for table in load_pack(pack).tables() for rule in table.rules]
    assert len(rules) > 20
    for table, rule in rules:
        where = f"{table.key}: {rule.id}"
        said = rule.message_en.partition(" (")[0]  # values of a code table may be Chinese
        assert said and not is_chinese(said) and is_chinese(rule.message_zh), where
        assert rule.severity in ("hold", "quarantine", "warn"), where
        assert DIMENSION.match(rule.dimension) or rule.kind not in MEASURED, f"{where} has dimension '{rule.dimension}'"
    for table in load_pack(pack).tables():
        ids = [rule.id for rule in table.rules]
        assert len(ids) == len(set(ids)), table.key


def test_every_suite_is_about_a_model_that_exists_and_speaks_both_languages() -> None:
    models = {Path(name).stem for name in committed(".sql")}
    suites = [name for name in committed(".yaml") if "expectations/suites/" in name or "/dbt/expectations/" in name]
    assert suites
    for name in suites:
        for model, checks in yaml.safe_load((PROJECT / name).read_text(encoding="utf-8")).items():
            assert model in models, f"{name}: {model}"
            for check in checks:
                assert check["en"] and is_chinese(check["zh"]), f"{name}: {model}.{check['id']}"


def test_every_model_of_a_pack_is_described_as_those_of_the_project_are() -> None:
    """The project's own models are held to this, and more, by tests/dbt_project."""
    for name in committed(".sql"):
        if "/models/" not in name:
            continue
        beside = (PROJECT / name).with_suffix(".yml")
        assert beside.exists(), f"{name} has no description beside it"
        models = yaml.safe_load(beside.read_text(encoding="utf-8"))["models"]
        described = next(model for model in models if model["name"] == beside.stem)["description"]
        if "/marts/" in name:
            assert "one row per" in " ".join(described.lower().split()), name


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)
