"""Read the register: `dbt_project/indicators/<domain>.yaml`, and what the project says of its marts."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from govlake.errors import IndicatorError
from govlake.indicators.model import DOMAINS, Book, Mart, Register
from govlake.settings import settings


def load_register(project: Path | None = None) -> Register:
    """The register of the dbt project at `project`, by default the built-in one. Raises IndicatorError."""
    root = project or settings().project / "dbt_project"
    files = sorted((root / "indicators").glob("*.yaml"), key=lambda file: _place(file.stem))
    if not files:
        raise IndicatorError(f"There is no register in {root / 'indicators'}.", "Write one YAML per domain.")
    return Register(tuple(read_book(file) for file in files), read_marts(root))


def _place(domain: str) -> int:
    return DOMAINS.index(domain) if domain in DOMAINS else len(DOMAINS)


def read_book(file: Path) -> Book:
    """One file of the register. Raises IndicatorError with the file, the indicator and the field."""
    try:
        read = yaml.safe_load(file.read_text(encoding="utf-8"))
        return Book.model_validate(read)
    except yaml.YAMLError as error:
        raise IndicatorError(f"{file.name} is no YAML: {' '.join(str(error).split())}.", "Correct it.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = [str(part) for part in first["loc"]]
        if place[:1] == ["indicators"] and len(place) > 1:
            entry = read["indicators"][int(place[1])]
            place = [str(entry.get("id", f"indicator {place[1]}")), *place[2:]]
        where = f"{file.name}: {'.'.join(place)}"
        raise IndicatorError(f"{where}: {first['msg']}.", "See the table of fields in docs/indicators.md.") from error


def read_marts(project: Path) -> dict[str, Mart]:
    """The project's marts by name, from the descriptions beside them."""
    marts = {}
    for file in sorted((project / "models" / "marts").rglob("*.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            columns = frozenset(column["name"] for column in model["columns"])
            sources = tuple(model["config"]["meta"]["sources"])
            marts[model["name"]] = Mart(model["name"], file.parent.name, columns, sources)
    return marts
