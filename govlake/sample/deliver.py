"""The departments of the sample city put their files into the inbox, and the answers beside it."""

import filecmp
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from govlake.contracts import Contract
from govlake.errors import DeliveryError
from govlake.sample import catalogue, formats, rhythm, spoil, tap_file
from govlake.sample.calendar import due
from govlake.sample.catalogue import SEED, datasets, file_of

TAPS_A_DAY = 12_000

__all__ = ["SEED", "Delivered", "answers_of", "deliver", "file_of"]


@dataclass(frozen=True)
class Delivered:
    """One file that a department delivered; `day` is its logical date."""

    dataset: str
    day: date
    path: Path
    bytes: int
    spoiled: str


def deliver(
    home: Path,
    day: date,
    scale: float = 1.0,
    seed: int = SEED,
    spoiled: str = "",
    dataset: str = "",
    only: Sequence[str] = (),
    first: date | None = None,
) -> list[Delivered]:
    """Write the files that are due from `first` (default: `day`) to `day` into the home's inbox.

    Of what is due more rarely, the newest of an earlier day is there too. The same call writes the same bytes; a file
    that is as it should be is left alone. `spoiled` names what goes wrong with the delivery of `dataset` on `day`
    (see spoil.KINDS); without it the delivery is correct, which is also how a corrected re-delivery is made.
    """
    if scale <= 0:
        raise DeliveryError(f"The scale is {scale}.", "Use a number above 0; 1 is about 12,000 taps a day.")
    chosen = datasets(only)
    target = ""
    if spoiled:
        target = datasets([dataset or ("ticket" if spoiled == "truncated_zip" else "card_tap")])[0].id
        if target not in [contract.id for contract in chosen]:
            raise DeliveryError(f"{target} is not delivered and cannot be spoiled.", "Add it to --only.")
    elif dataset:
        datasets([dataset])
    delivered = []
    for contract in chosen:
        for when in due(contract, first or day, day):
            kind = spoiled if contract.id == target and when == max(due(contract, first or day, day)) else ""
            delivered.append(_deliver(home, contract, when, scale, seed, kind))
    return sorted(delivered, key=lambda file: (file.day, file.dataset))


def answers_of(home: Path, dataset: str, day: date) -> Path:
    """What has to be found in the delivery of `day`, as JSON; no code of the pipeline reads it."""
    return home / "sample" / "answers" / f"{catalogue.pack().find(dataset).id}-{day:%Y%m%d}.json"


def _deliver(home: Path, contract: Contract, day: date, scale: float, seed: int, kind: str) -> Delivered:
    """Write one delivery beside its place and move it there: nobody ever sees half a file."""
    path = file_of(home / "inbox", contract.id, day)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".part.{path.name}")
    answers = _write(draft, contract, day, scale, seed)
    if kind:
        spoil.spoil(draft, contract, kind)
    if path.exists() and filecmp.cmp(draft, path, shallow=False):
        draft.unlink()
    else:
        draft.replace(path)
    told = answers_of(home, contract.id, day)
    told.parent.mkdir(parents=True, exist_ok=True)
    head = {"dataset": contract.id, "date": day.isoformat(), "seed": seed, "scale": scale, "spoiled": kind}
    told.write_text(json.dumps(head | answers, ensure_ascii=False, indent=1), encoding="utf-8")
    return Delivered(contract.id, day, path, path.stat().st_size, kind)


def _write(draft: Path, contract: Contract, day: date, scale: float, seed: int) -> dict[str, Any]:
    if contract.id == catalogue.TAPS:
        rows = round(TAPS_A_DAY * scale * rhythm.ridership(day))
        return _answers(tap_file.write_taps(draft, rows, day, seed), tap_file.RULES, rows)
    found = catalogue.delivery(contract.id, day, scale, seed)
    below = catalogue.total_row(contract, found)
    formats.write(draft, found.texts, contract.source, contract.title_zh, below)
    return found.answers()


def _answers(planted: dict[str, int], rules: dict[str, tuple[str, ...]], rows: int) -> dict[str, Any]:
    return {
        "rows": rows,
        "quarantined": sum(planted[name] for name in rules),
        "duplicate": planted["duplicate"],
        "superseded": planted["superseded"],
        "reasons": {rule: planted[name] for name, broken in rules.items() for rule in broken},
        "warnings": {},
        "planted": planted,
    }
