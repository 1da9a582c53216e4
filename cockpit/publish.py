"""Bring the cockpit in line with the spec: import, read back and compare, remove what is stale, set who may see what."""

import hashlib
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from cockpit.bundle import Bundle, build
from cockpit.catalogue import READER, from_database
from cockpit.pages import load_pages
from cockpit.readback import compare, remove_stale
from cockpit.roles import open_pages
from cockpit.superset import Superset
from govlake.settings import settings

STATE = "cockpit"


@dataclass(frozen=True)
class Report:
    """What publishing did: whether anything changed, what stands there now, and what was left out and why."""

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
            return f"The cockpit is up to date: {len(self.pages)} pages, {self.charts} charts."
        return (
            f"The cockpit shows {len(self.pages)} pages with {self.charts} charts on {self.datasets} datasets"
            + (f"; {len(self.removed)} stale assets removed" if self.removed else "")
            + (f"; {len(self.left_out)} charts left out" if self.left_out else "")
            + "."
        )


def publish(force: bool = False) -> Report:
    """Make Superset show what the spec says; does nothing where it already does. Errors are CockpitErrors."""
    home = settings()
    catalogue = from_database(home.postgres(), home.project / "dbt_project" / "models" / "marts")
    bundle = build(load_pages(home.timezone), catalogue)
    uri = reader_uri()
    fingerprint = _fingerprint(bundle, uri)
    with Superset(address(), "admin", home.secret("superset_admin", 12)) as superset:
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


def reader_uri() -> str:
    """SQLAlchemy's address of the marts for the role that may only read them."""
    parts = urlsplit(settings().postgres())
    host = parts.netloc.rpartition("@")[2]
    password = quote(settings().secret(READER), safe="")
    return urlunsplit(("postgresql+psycopg2", f"{READER}:{password}@{host}", parts.path, parts.query, ""))


def _fingerprint(bundle: Bundle, uri: str) -> str:
    return hashlib.sha256(bundle.zipped(uri)).hexdigest()


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
