"""Bring the cockpit in line with the spec: import, read back and compare, remove what is stale, open the pages."""

import hashlib
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from cockpit.bundle import Bundle, build
from cockpit.catalogue import from_database
from cockpit.pages import load_pages
from cockpit.readback import compare, remove_stale
from cockpit.roles import open_pages
from cockpit.superset import Superset
from govlake.batch import Outcome
from govlake.ledger import ledger
from govlake.settings import settings
from govlake.stack import databases
from govlake.stack.superset import ADMIN

STATE = "cockpit"


@dataclass(frozen=True)
class Report:
    """What stands in the cockpit: pages by address, how many charts and datasets, what was left out and removed."""

    changed: bool
    address: str
    pages: tuple[str, ...]
    charts: int
    datasets: int
    left_out: tuple[str, ...]
    removed: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The report in one sentence."""
        if not self.changed:
            return f"cockpit: up to date with {len(self.pages)} pages and {self.charts} charts"
        said = f"cockpit: {len(self.pages)} pages with {self.charts} charts on {self.datasets} datasets"
        if self.removed:
            said += f", {len(self.removed)} stale assets removed"
        if self.left_out:
            said += f", {len(self.left_out)} left out because their data does not exist here"
        return said


def publish(force: bool = False) -> Outcome:
    """Make Superset show what the spec says, and nothing new where it already does. Errors are CockpitErrors."""
    # The marts DAG and a person may publish at the same moment; Superset's importer cannot bear two.
    with ledger().lock("cockpit"):
        report = bring_in_line(force)
    return Outcome("done" if report.changed else "nothing_new", report.line, detail=asdict(report))


def bring_in_line(force: bool = False) -> Report:
    """Import, compare and open the pages; skipped where the same bundle already stands."""
    home = settings()
    models = [folder / "models" / "marts" for folder in (home.project / "dbt_project", home.pack / "dbt")]
    catalogue = from_database(home.postgres(), *models)
    bundle = build(load_pages(home.timezone), catalogue)
    uri = reader_uri()
    fingerprint = hashlib.sha256(f"{bundle.fingerprint} {uri}".encode()).hexdigest()
    with signed_in() as superset:
        if not force and home.state(STATE).get("fingerprint") == fingerprint and _stands(superset, bundle):
            return _report(bundle, changed=False)
        superset.import_assets(bundle.zipped(uri))
        removed = remove_stale(superset, bundle)
        open_pages(superset, bundle)
        compare(superset, bundle)
    home.write_state(STATE, {"fingerprint": fingerprint})
    return _report(bundle, changed=True, removed=removed)


def address() -> str:
    """Where Superset answers on this machine."""
    return f"http://127.0.0.1:{settings().port('superset')}"


def signed_in() -> Superset:
    """A session as this home's administrator."""
    return Superset(address(), ADMIN, settings().secret("superset_admin", 12))


def reader_uri() -> str:
    """SQLAlchemy's address of the marts for the role that may only read them."""
    return urlsplit(databases.reader_url())._replace(scheme="postgresql+psycopg2").geturl()


def _stands(superset: Superset, bundle: Bundle) -> bool:
    """Whether the pages are there; a fresh Superset beside an old home has none."""
    known = {str(page["uuid"]) for page in superset.every("dashboard", ["id", "uuid"])}
    return set(bundle.of_kind("dashboards")) <= known


def _report(bundle: Bundle, changed: bool, removed: tuple[str, ...] = ()) -> Report:
    dashboards = bundle.of_kind("dashboards").values()
    return Report(
        changed=changed,
        address=address(),
        pages=tuple(f"/superset/dashboard/{page['slug']}/" for page in dashboards),
        charts=len(bundle.of_kind("charts")),
        datasets=len(bundle.of_kind("datasets")),
        left_out=bundle.left_out,
        removed=removed,
    )
