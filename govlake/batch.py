"""One delivery on its way: which contract, which logical date, which revision."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from govlake.contracts.model import Contract

Verdict = Literal["pass", "flag", "hold"]
Status = Literal["done", "nothing_new", "held", "missing"]


@dataclass(frozen=True)
class Batch:
    """A delivery of one contract for one logical date.

    A corrected re-delivery for the same date is the next revision; identical bytes are the same batch.
    """

    contract: Contract
    logical_date: date
    revision: int = 1

    @property
    def id(self) -> str:
        """For example `transit.card_tap-20260901`, or `...-20260901-r2` for the second revision."""
        suffix = f"-r{self.revision}" if self.revision > 1 else ""
        return f"{self.contract.id}-{self.logical_date:%Y%m%d}{suffix}"

    @property
    def order(self) -> int:
        """Later batches have a larger order: yyyymmdd times 1000 plus the revision."""
        return int(f"{self.logical_date:%Y%m%d}") * 1000 + self.revision


@dataclass(frozen=True)
class GateResult:
    """One measure of one gate: `a` of `b` elements are as they must be (GB/T 36344 keeps both).

    `direction` says whether more is better ("up") or worse ("down"). What cannot be assessed is neither 0 nor 100.
    """

    gate: str  # gate_1 | gate_2 | gate_3
    table: str
    rule: str
    dimension: str
    severity: str
    assessable: bool
    passed: bool
    a: float | None = None
    b: float | None = None
    direction: str = "up"
    message_en: str = ""
    message_zh: str = ""
    owner: str = ""


@dataclass(frozen=True)
class GateVerdict:
    """What a gate decided for a batch, with every measure it took."""

    gate: str
    verdict: Verdict
    results: tuple[GateResult, ...] = ()

    @property
    def failures(self) -> tuple[GateResult, ...]:
        return tuple(result for result in self.results if result.assessable and not result.passed)


@dataclass(frozen=True)
class Account:
    """The row account of one table in one batch. `closes` is enforced by the ledger as well."""

    batch_id: str
    dataset: str
    landed: int = 0
    bronze: int = 0
    silver_new: int = 0
    silver_updated: int = 0
    unchanged: int = 0
    duplicate: int = 0
    superseded: int = 0
    quarantined: int = 0
    verdict: str = "pass"
    reasons: dict[str, int] = field(default_factory=dict)
    erased: int = 0  # landed rows that were gone when the batch was judged

    @property
    def closes(self) -> bool:
        accounted = (
            self.silver_new + self.silver_updated + self.unchanged + self.duplicate + self.superseded + self.quarantined
        )
        return self.landed == self.bronze + self.erased and self.bronze == accounted


@dataclass(frozen=True)
class Restated:
    """One restated cell, as an example: `old` was stated by the batch `earlier`; None is no value. Personal values
    are masked. `source_file` and `row_number` are where the new value was delivered."""

    key: dict[str, str | None]
    column: str
    old: str | None
    new: str | None
    earlier: str
    source_file: str
    row_number: int


@dataclass(frozen=True)
class Restatement:
    """What a batch changed of what earlier batches had stated in one table. `cells` counts by column values that are
    other ones now, `filled` those that had none; `earlier` counts by batch the rows it had stated of those that were
    restated or withdrawn. `first` and `last` are the business days of all rows that change, as they were and as they
    are, and of those that a corrected delivery adds. `silver_version` is before it."""

    dataset: str
    batch_id: str = ""
    rows: int = 0
    withdrawn: int = 0
    filled: int = 0
    cells: dict[str, int] = field(default_factory=dict)
    earlier: dict[str, int] = field(default_factory=dict)
    first: date | None = None
    last: date | None = None
    samples: tuple[Restated, ...] = ()
    silver_version: int = -1


@dataclass(frozen=True)
class Outcome:
    """What a step did, in one line that a log can show."""

    status: Status
    line: str
    verdict: Verdict | None = None
    detail: dict[str, object] = field(default_factory=dict)
