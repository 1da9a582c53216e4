"""The departments of the sample city deliver, each where its contract says, and put the answers beside it."""

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
from govlake.sample.systems import exchange, interface, station
from govlake.settings import settings

TAPS_A_DAY = 12_000

__all__ = ["SEED", "Delivered", "answers_of", "deliver", "file_of"]


@dataclass(frozen=True)
class Delivered:
    """One delivery; `day` is its logical date, `path` its file, or its table as `database/table`."""

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
    """Deliver what is due from `first` (default: `day`) to `day`: into the home's inbox, or the departments' systems.

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
    """One delivery to where it belongs, whole or not at all, and its answers."""
    if contract.source.kind in ("postgresql", "api"):
        path, size, answers = _into_system(contract, day, scale, seed, kind)
    else:
        is_remote = contract.source.kind == "sftp"
        path = station.file_of(home, contract, day) if is_remote else file_of(home / "inbox", contract.id, day)
        answers = _into_file(path, contract, day, scale, seed, kind)
        size = path.stat().st_size
    told = answers_of(home, contract.id, day)
    told.parent.mkdir(parents=True, exist_ok=True)
    head = {"dataset": contract.id, "date": day.isoformat(), "seed": seed, "scale": scale, "spoiled": kind}
    told.write_text(json.dumps(head | answers, ensure_ascii=False, indent=1), encoding="utf-8")
    return Delivered(contract.id, day, path, size, kind)


def _into_file(path: Path, contract: Contract, day: date, scale: float, seed: int, kind: str) -> dict[str, Any]:
    """Write a file beside its place and move it there: nobody ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".part.{path.name}")
    answers = _write(draft, contract, day, scale, seed)
    if kind:
        spoil.spoil(draft, contract, kind)
    if path.exists() and filecmp.cmp(draft, path, shallow=False):
        draft.unlink()
    else:
        draft.replace(path)
    return answers


def _into_system(contract: Contract, day: date, scale: float, seed: int, kind: str) -> tuple[Path, int, dict[str, Any]]:
    """Put rows into the department's database, or release them at its interface. From then on they can be fetched."""
    if kind:
        remedy = "Choose one that is delivered as a file, such as transit.card_tap or health.discharge."
        raise DeliveryError(f"{contract.id} comes from a system of its department and cannot be spoiled.", remedy)
    found = catalogue.delivery(contract.id, day, scale, seed)
    if contract.source.kind == "api":
        path = interface.put(contract, day, found)
        size = path.stat().st_size
    else:
        path = Path(contract.source.connection.database) / contract.name
        size = exchange.put(contract, day, found)
    begun(contract, day)
    return path, size, found.answers()


def begun(contract: Contract, day: date) -> None:
    """Remember the first date that a system holds: fetching begins there."""
    known = settings().state("sample")
    since = known.get("since")
    dates = {str(name): str(first) for name, first in since.items()} if isinstance(since, dict) else {}
    first = min(dates.get(contract.id, day.isoformat()), day.isoformat())
    if dates.get(contract.id) != first:
        settings().write_state("sample", {**known, "since": {**dates, contract.id: first}})


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
