"""Read back what Superset made of the assets, compare, and remove what the spec no longer holds."""

import json
from typing import Any

from cockpit.bundle import Bundle, asset_id
from cockpit.superset import Superset
from govlake.errors import CockpitError

RESOURCES = {"dashboards": "dashboard", "charts": "chart", "datasets": "dataset"}


def remove_stale(superset: Superset, bundle: Bundle) -> tuple[str, ...]:
    """Delete govlake's own assets that are not in the bundle; what people made themselves stays."""
    removed: list[str] = []
    for kind, resource in RESOURCES.items():
        wanted = set(bundle.of_kind(kind))
        for asset in list(superset.every(resource, _columns(kind))):
            if str(asset["uuid"]) in wanted or not _is_ours(kind, asset):
                continue
            superset.delete(f"{resource}/{asset['id']}")
            removed.append(f"{resource} {_name(asset)}")
    return tuple(removed)


def compare(superset: Superset, bundle: Bundle) -> None:
    """Every asset stands in Superset as it was generated, or a CockpitError names the first that does not."""
    found = {
        kind: {str(asset["uuid"]): asset for asset in superset.every(resource, _columns(kind))}
        for kind, resource in RESOURCES.items()
    }
    for kind in RESOURCES:
        for uuid, wanted in bundle.of_kind(kind).items():
            if uuid not in found[kind]:
                _differs(kind, _name(wanted), "it is not there")
    for uuid, wanted in bundle.of_kind("datasets").items():
        _check_dataset(superset, found["datasets"][uuid]["id"], wanted)
    for uuid, wanted in bundle.of_kind("charts").items():
        _check_chart(found["charts"][uuid], wanted)
    charts = {chart["id"]: uuid for uuid, chart in found["charts"].items()}
    for uuid, wanted in bundle.of_kind("dashboards").items():
        _check_dashboard(superset, found["dashboards"][uuid]["id"], wanted, charts)


def _check_dashboard(superset: Superset, number: int, wanted: dict[str, Any], charts: dict[int, str]) -> None:
    full = superset.get(f"dashboard/{number}")["result"]
    if full["slug"] != wanted["slug"] or not full["published"] or full["css"] != wanted["css"]:
        _differs("dashboards", wanted["slug"], "its address, style or state is another")
    held = {charts[chart["id"]] for chart in superset.get(f"dashboard/{number}/charts")["result"]}
    asked = {item["meta"]["uuid"] for name, item in wanted["position"].items() if name.startswith("CHART-")}
    if held != asked:
        _differs("dashboards", wanted["slug"], f"it holds {len(held)} charts instead of {len(asked)}")


def _check_chart(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    stored = json.loads(found["params"])
    wrong = [key for key, value in wanted["params"].items() if stored.get(key) != value]
    if found["slice_name"] != wanted["slice_name"] or wrong:
        _differs("charts", wanted["slice_name"], f"it differs in {', '.join(wrong) or 'its title'}")


def _check_dataset(superset: Superset, number: int, wanted: dict[str, Any]) -> None:
    full = superset.get(f"dataset/{number}")["result"]
    stored = {column["column_name"] for column in full["columns"]}
    asked = {column["column_name"] for column in wanted["columns"]}
    if stored != asked:
        _differs("datasets", wanted["table_name"], f"its columns differ: {', '.join(sorted(stored ^ asked))}")


def _columns(kind: str) -> list[str]:
    return {
        "dashboards": ["id", "uuid", "dashboard_title", "is_managed_externally"],
        "charts": ["id", "uuid", "slice_name", "params", "is_managed_externally"],
        "datasets": ["id", "uuid", "table_name", "database.uuid"],
    }[kind]


def _is_ours(kind: str, asset: dict[str, Any]) -> bool:
    if kind == "datasets":
        return asset["database"]["uuid"] == asset_id("database", "govlake")
    return bool(asset["is_managed_externally"])


def _name(asset: dict[str, Any]) -> str:
    return str(asset.get("slug") or asset.get("slice_name") or asset.get("table_name") or asset["uuid"])


def _differs(kind: str, name: str, how: str) -> None:
    raise CockpitError(
        f"The cockpit does not show what was generated: {kind} {name}, {how}.",
        "Publish again; if it stays, see `govlake logs superset`.",
    )
