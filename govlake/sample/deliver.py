"""One day of the sample city: both departments put their files into the inbox."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from govlake.errors import DeliveryError
from govlake.sample import rhythm, spoil, tap_file, ticket_file

TAPS_A_DAY = 12_000
SEED = 2026
DATASETS = ("card_tap", "ticket")


@dataclass(frozen=True)
class Delivered:
    """One file that a department delivered."""

    dataset: str
    path: Path
    bytes: int
    spoiled: str


def file_of(inbox: Path, dataset: str, day: date) -> Path:
    """Where the department puts the delivery of `day`."""
    if dataset == "card_tap":
        return inbox / "transport" / f"card_tap_{day:%Y%m%d}.csv"
    return inbox / "hotline" / f"ticket_{day:%Y%m%d}.zip"


def deliver(
    home: Path, day: date, scale: float = 1.0, seed: int = SEED, spoiled: str = "", dataset: str = ""
) -> list[Delivered]:
    """Write the day's files into the home's inbox and the answers beside it; the same call writes the same bytes.

    `spoiled` names what goes wrong with the delivery of `dataset` (see spoil.KINDS); without it the delivery is
    correct, which is also how a corrected re-delivery is made.
    """
    if scale <= 0:
        raise DeliveryError(f"The scale is {scale}.", "Use a number above 0; 1 is about 12,000 taps a day.")
    target = dataset or ("ticket" if spoiled == "truncated_zip" else "card_tap")
    if target not in DATASETS:
        raise DeliveryError(f"The sample city has no dataset {target}.", f"Use one of {', '.join(DATASETS)}.")
    answers: dict[str, object] = {"date": day.isoformat(), "seed": seed, "scale": scale}
    answers["truth"] = {"bad_day_in_troubled_district": rhythm.is_bad_day(day)}
    delivered = []
    for name in DATASETS:
        kind = spoiled if name == target else ""
        path = file_of(home / "inbox", name, day)
        answers[name] = _write(path, name, day, scale, seed, kind) | {"spoiled": kind}
        delivered.append(Delivered(name, path, path.stat().st_size, kind))
    folder = home / "sample" / "answers"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"answers_{day:%Y%m%d}.json").write_text(json.dumps(answers, indent=1), encoding="utf-8")
    return delivered


def _write(path: Path, dataset: str, day: date, scale: float, seed: int, kind: str) -> dict[str, object]:
    """Write one delivery beside its place and move it there: nobody ever sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.stem}.part{path.suffix}")
    if dataset == "card_tap":
        rows = round(TAPS_A_DAY * scale * rhythm.ridership(day))
        planted, rules = tap_file.write_taps(draft, rows, day, seed), tap_file.RULES
    else:
        planted, rules = ticket_file.write_tickets(draft, day, scale, seed), ticket_file.RULES
        rows = planted["opened"] + planted["updates"]
        rows += sum(planted[name] for name in ("duplicate", "superseded", "empty"))
    if kind:
        spoil.spoil(draft, dataset, kind)
    draft.replace(path)
    return {
        "rows": rows,
        "quarantined": sum(planted[name] for name in rules),
        "duplicate": planted["duplicate"],
        "superseded": planted["superseded"],
        "reasons": {rule: planted[name] for name, broken in rules.items() for rule in broken},
        "planted": planted,
    }
