"""A small city's edition, and every notebook run against it once."""

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from govlake import engine as sessions
from govlake import lease, pipeline
from govlake.contracts import load_pack
from govlake.sample.deliver import deliver
from govlake.settings import settings
from govlake.stack import testing
from notebooks import show

SUNDAY = date(2026, 9, 6)
# What the notebooks' marts are made of.
DELIVERED = (
    *("transit.departure", "transit.stop", "transit.route", "transit.vehicle"),
    *("safety.call", "safety.response"),
    *("services.application", "services.rating", "services.item", "services.material"),
    *("health.bed_day", "health.institution"),
    *("hotline.ticket", "hotline.callback"),
    "city.area",
)


@pytest.fixture(scope="module")
def edition(engine: str) -> Iterator[int]:
    """The number of the edition that is shown in a home of its own; the notebooks' kernels see the same home."""
    with (
        tempfile.TemporaryDirectory(prefix="govlake-") as folder,
        testing.postgres(Path(folder) / "postgres", reader="only-reads") as url,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("GOVLAKE_HOME", str(Path(folder) / "home"))
        environment.setenv("GOVLAKE_POSTGRES_URL", url)
        settings.cache_clear()
        settings().write_state("secrets", {"cockpit_reader": "only-reads"})
        deliver(settings().home, SUNDAY, only=DELIVERED)
        report = pipeline.run(load_pack(settings().pack), progress=lambda line: None)
        assert not report.failed and report.edition
        yield report.edition
        sessions.close()
        lease.close()
    settings.cache_clear()


@pytest.fixture(scope="module")
def shown(edition: int) -> dict[str, Any]:
    """Every notebook with what it shows, by name."""
    return {file.stem: found for file, found in show.each(show.notebooks())}
