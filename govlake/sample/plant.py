"""Defects, planted into clean rows and counted while they are planted.

Every defect gets rows of its own, so that what a gate has to find is known exactly: how many rows, and which rules
each of them breaks. Rules are named as in the contract; no code of the pipeline reads what is counted here.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from govlake.contracts.model import Table
from govlake.sample.frame import known
from govlake.sample.wording import put, worded

Edit = Callable[[pa.Table], Mapping[str, pa.Array]]  # the columns that it changes, for the rows it is given
Choice = Callable[[pa.Table], np.ndarray]


@dataclass(frozen=True)
class Defect:
    """One thing that goes wrong in `share` of the rows, at least once, and the rules that it breaks.

    `edit` changes values, `texts` puts a delivered text into a column; rows come from those that have a value in
    every column of `needs` and where `where` holds. `warns` names rules that flag the row and let it pass.
    """

    name: str
    share: float
    breaks: tuple[str, ...] = ()
    warns: tuple[str, ...] = ()
    edit: Edit | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    where: Choice | None = None


@dataclass(frozen=True)
class Repeats:
    """Rows that come again: `duplicate` the same, `superseded` with a later version made by `later`; `empty` lines."""

    duplicate: float = 0.0
    superseded: float = 0.0
    later: Edit | None = None
    empty: int = 0


@dataclass
class Planted:
    """A delivery's rows as text, and what a gate has to find in them; `sound` is where a row without flaws stands."""

    texts: pa.Table
    counts: Counter[str]
    reasons: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    quarantined: int = 0
    sound: int = -1

    def answers(self) -> dict[str, object]:
        """What has to become of the rows."""
        return {
            "rows": len(self.texts),
            "quarantined": self.quarantined,
            "duplicate": self.counts["duplicate"],
            "superseded": self.counts["superseded"],
            "reasons": dict(self.reasons),
            "warnings": dict(self.warnings),
            "planted": dict(self.counts),
        }


@dataclass(frozen=True)
class Flaws:
    """Everything that is wrong with a table's deliveries. `natural` are flags that clean rows earn by themselves."""

    defects: tuple[Defect, ...] = ()
    repeats: Repeats = Repeats()
    natural: Mapping[str, Choice] = field(default_factory=dict)


def plant(rows: pa.Table, agreed: Table, flaws: Flaws, rng: np.random.Generator) -> Planted:
    """Clean rows as a delivery with its flaws."""
    flagged = {rule: choice(rows) for rule, choice in flaws.natural.items()}
    free = np.ones(len(rows), bool)
    for mask in flagged.values():
        free &= ~mask
    order = rng.permutation(len(rows))
    found = Planted(pa.table({}), Counter(), warnings=Counter({rule: int(m.sum()) for rule, m in flagged.items()}))
    again = _repeats(rows, agreed, flaws.repeats, free, order, found.counts)
    masks = [_choose(rows, defect, free, order) for defect in flaws.defects]
    for defect, mask in zip(flaws.defects, masks, strict=True):
        if defect.edit:
            rows = _edited(rows, mask, defect.edit)
    texts = worded(rows, agreed)
    headers = {column.name: column.delivered[0] for column in agreed.delivered_columns}
    for defect, mask in zip(flaws.defects, masks, strict=True):
        for name, text in defect.texts.items():
            texts = put(texts, headers[name], mask, text)
        _count(found, defect, int(mask.sum()))
    empty = pa.table({name: pa.array([""] * flaws.repeats.empty, pa.utf8()) for name in texts.column_names})
    found.texts = pa.concat_tables([empty, texts, *again]).combine_chunks()
    found.sound = flaws.repeats.empty + int(np.flatnonzero(free)[-1]) if free.any() else -1
    if flaws.repeats.empty:
        found.counts["empty"] = found.reasons["row.empty"] = flaws.repeats.empty
        found.quarantined += flaws.repeats.empty
    found.warnings = +found.warnings
    return found


def _count(found: Planted, defect: Defect, rows: int) -> None:
    found.counts[defect.name] += rows
    found.reasons.update(dict.fromkeys(defect.breaks, rows) if rows else {})
    found.warnings.update(dict.fromkeys(defect.warns, rows))
    found.quarantined += rows if defect.breaks else 0


def _choose(rows: pa.Table, defect: Defect, free: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The rows that get the defect, as a mask; they are free for no other one."""
    fit = free.copy()
    for name in defect.needs:
        fit &= known(rows[name])
    if defect.where:
        fit &= defect.where(rows)
    picks = order[fit[order]][: max(1, round(defect.share * len(rows)))]
    mask = np.zeros(len(rows), bool)
    mask[picks] = True
    free[picks] = False
    return mask


def _edited(rows: pa.Table, mask: np.ndarray, edit: Edit) -> pa.Table:
    chosen = pa.array(mask)
    for name, values in edit(rows.filter(chosen).combine_chunks()).items():
        at = rows.column_names.index(name)
        column = rows[name].combine_chunks()
        replaced = pc.call_function("replace_with_mask", [column, chosen, values.cast(column.type)])
        rows = rows.set_column(at, name, replaced)
    return rows


def _repeats(
    rows: pa.Table, agreed: Table, repeats: Repeats, free: np.ndarray, order: np.ndarray, counts: Counter[str]
) -> list[pa.Table]:
    """Rows that stand in the file once more, as text."""
    again = []
    for name, share, edit in (
        ("duplicate", repeats.duplicate, None),
        ("superseded", repeats.superseded, repeats.later),
    ):
        if not share:
            continue
        mask = _choose(rows, Defect(name, share), free, order)
        copies = rows.filter(pa.array(mask)).combine_chunks()
        if edit:
            copies = _edited(copies, np.ones(len(copies), bool), edit)
        again.append(worded(copies, agreed))
        counts[name] = len(copies)
    return again
