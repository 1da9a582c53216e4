"""Read the register: `dbt_project/indicators/<domain>.yaml` and those of packs, and what is said of the marts."""

from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from govlake.errors import IndicatorError
from govlake.indicators.model import DOMAINS, Book, Mart, Register
from govlake.settings import settings

# Written in C where the installation has it: seven times as fast.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_register(project: Path | None = None, packs: Sequence[Path] = ()) -> Register:
    """The register of the dbt project at `project` (the built-in one), and behind it those in `<pack>/dbt/indicators`.

    Raises IndicatorError.
    """
    root = project or settings().project / "dbt_project"
    if not _books(root):
        raise IndicatorError(f"There is no register in {root / 'indicators'}.", "Write one YAML per domain.")
    roots = [root, *(pack / "dbt" for pack in packs)]
    books = tuple(read_book(file) for folder in roots for file in _books(folder))
    return Register(books, {name: mart for folder in roots for name, mart in read_marts(folder).items()})


def has_books(pack: Path) -> bool:
    """Whether the pack brings indicators of its own."""
    return bool(_books(pack / "dbt"))


def _books(root: Path) -> list[Path]:
    return sorted((root / "indicators").glob("*.yaml"), key=lambda file: (_place(file.stem), file.stem))


def _place(domain: str) -> int:
    return DOMAINS.index(domain) if domain in DOMAINS else len(DOMAINS)


def read_book(file: Path) -> Book:
    """One file of the register. Raises IndicatorError with the file, the indicator and the field."""
    try:
        read = yaml.load(file.read_text(encoding="utf-8"), LOADER)
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
        for model in yaml.load(file.read_text(encoding="utf-8"), LOADER)["models"]:
            columns = frozenset(column["name"] for column in model["columns"])
            sources = tuple(model["config"]["meta"]["sources"])
            marts[model["name"]] = Mart(model["name"], file.parent.name, columns, sources)
    return marts
