"""Every dataset of the sample city: its contract, its rows, its flaws, and how one delivery of it is made.

Making a delivery (`rows`, `delivery`) is separate from putting it anywhere: a database or an interface can be fed
from the same rows as the files in the inbox.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from govlake.contracts import Contract, Pack, load_pack
from govlake.errors import DeliveryError
from govlake.sample import (
    bureaus,
    health,
    health_flaws,
    hotline,
    hotline_flaws,
    police,
    police_flaws,
    services,
    services_flaws,
    transport,
    transport_flaws,
)
from govlake.sample.calendar import first_day
from govlake.sample.frame import Order
from govlake.sample.plant import Flaws, Planted, plant
from govlake.settings import PROJECT, settings

SEED = 2026
ROWS: dict[str, Callable[[Order], pa.Table]] = {
    **(bureaus.ROWS | health.ROWS | hotline.ROWS | police.ROWS | services.ROWS | transport.ROWS)
}
FLAWS: dict[str, Flaws] = {
    **(bureaus.FLAWS | health_flaws.FLAWS | hotline_flaws.FLAWS),
    **(police_flaws.FLAWS | services_flaws.FLAWS | transport_flaws.FLAWS),
}
TOTALLED = ("safety.registered_population", "health.outpatient_month")  # their files end with a row of sums
TAPS = "transit.card_tap"  # has a writer of its own, which streams any number of rows


def pack() -> Pack:
    """The contracts that the city delivers by, with the servers that count in this home."""
    return _pack(settings().environments())


@cache
def _pack(_environments: tuple[str, ...]) -> Pack:
    return load_pack(PROJECT / "contracts")


def datasets(only: Sequence[str] = ()) -> list[Contract]:
    """The datasets that are delivered; `only` narrows them to departments, domains or datasets by name."""
    made = [contract for contract in pack().contracts if contract.id in (TAPS, *ROWS)]
    known = {name for contract in made for name in _names(contract)}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise DeliveryError(
            f"The sample city has no dataset, domain or department {unknown[0]}.",
            f"Use one of {', '.join(sorted(contract.id for contract in made))}, or a department.",
        )
    return [contract for contract in made if not only or known.intersection(only, _names(contract))]


def _names(contract: Contract) -> tuple[str, ...]:
    return contract.id, contract.name, contract.domain, contract.department


def order(contract: Contract, day: date, scale: float = 1.0, seed: int = SEED) -> Order:
    """What a delivery for the logical date `day` has to hold."""
    return Order(day, first_day(contract, day), scale, seed)


def rows(dataset: str, day: date, scale: float = 1.0, seed: int = SEED) -> pa.Table:
    """The clean rows of a delivery, in the contract's column names and types; times are local."""
    contract = pack().find(dataset)
    return ROWS[contract.id](order(contract, day, scale, seed))


def delivery(dataset: str, day: date, scale: float = 1.0, seed: int = SEED) -> Planted:
    """A delivery as the department writes it: texts under its own headers, with flaws, and what has to be found."""
    contract = pack().find(dataset)
    salt = sum(contract.id.encode())
    rng = np.random.default_rng([seed, day.toordinal(), 5, salt])
    return plant(rows(dataset, day, scale, seed), contract.tables[0], FLAWS[contract.id], rng)


def total_row(contract: Contract, planted: Planted) -> list[str]:
    """The row of sums below the data, where the department writes one."""
    if contract.id not in TOTALLED:
        return []
    return ["合计", *[""] * (planted.texts.num_columns - 1)]


def file_of(inbox: Path, dataset: str, day: date) -> Path:
    """Where the department puts the delivery of `day` as a file; `inbox` is that of the home."""
    return Path(pack().find(dataset).source.path.format(inbox=inbox, home=inbox.parent, date=day))
