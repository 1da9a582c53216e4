"""`govlake contracts scaffold`: a draft contract profiled from a delivered file, which passes the check at once."""

import re
from pathlib import Path

from govlake.contracts.draft import words
from govlake.contracts.draft.layout import Found, tables_in
from govlake.contracts.draft.place import place_of, stem_of
from govlake.contracts.draft.sample import MOST_ROWS, Sample, sample_of
from govlake.contracts.draft.write import Draft, text_of
from govlake.errors import ContractError

DATASET = re.compile(r"([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)")
SHEETS = ("xlsx", "xls", "ods")


def scaffold(file: Path, dataset: str = "", most: int = MOST_ROWS) -> str:
    """A draft contract for `file` as YAML; `dataset` is <domain>.<name>, by default from folder and file name.

    Up to `most` rows are profiled; the draft says how many. Raises ContractError where nothing can be read.
    """
    domain, name = _names(file, dataset)
    found = tables_in(file)
    if found[0].source.format in SHEETS:
        found = found[:1]
    names = _table_names(name, found)
    tables = tuple((table, entry, sample_of(file, entry, most)) for table, entry in zip(names, found, strict=True))
    _refuse_empty(file, tables)
    return text_of(Draft(domain, name, file.name, place_of(file), tables))


def _names(file: Path, dataset: str) -> tuple[str, str]:
    if dataset:
        parts = DATASET.fullmatch(dataset)
        if not parts:
            raise ContractError(
                f"--dataset is '{dataset}'.", "Write <department>.<name> in lower case, for example transport.card_tap."
            )
        return parts[1], parts[2]
    return _word(file.resolve().parent.name, "department"), _word(stem_of(file), "delivery")


def _word(text: str, otherwise: str) -> str:
    name = re.sub(r"[^a-z0-9_]", "", words.snake(text))[: words.MAX_LENGTH].strip("_")
    return name if name and name[0].isalpha() else otherwise


def _table_names(name: str, found: list[Found]) -> list[str]:
    if len(found) == 1:
        return [name]
    return words.column_names([_word(table.label, "table") for table in found])


def _refuse_empty(file: Path, tables: tuple[tuple[str, Found, Sample], ...]) -> None:
    if not any(sample.names for _, _, sample in tables):
        raise ContractError(f"{file} has no column with a name.", "Is the header row there?")
