"""Who may open which page: two roles that see pages and nothing else of Superset. Safe to repeat."""

from typing import Any

from cockpit.bundle import Bundle
from cockpit.layout import address
from cockpit.pages import LANGUAGES
from cockpit.superset import Superset

# What it takes to open a page whose roles name the reader; no access to datasets, SQL or other people's charts.
VIEWER = {
    ("can_dashboard", "Superset"),
    ("can_language_pack", "Superset"),
    ("can_log", "Superset"),
    ("can_csv", "Superset"),
    ("can_explore_json", "Superset"),
    ("can_read", "Dashboard"),
    ("can_read", "Chart"),
    ("can_read", "Theme"),
    ("can_read", "CurrentUserRestApi"),
    ("can_read", "DashboardFilterStateRestApi"),
    ("can_write", "DashboardFilterStateRestApi"),
    ("can_read", "DashboardPermalinkRestApi"),
    ("can_view_chart_as_table", "Dashboard"),
    ("can_time_range", "Api"),
    ("can_get", "MenuApi"),
    ("can_userinfo", "UserDBModelView"),
    ("can_recent_activity", "Log"),
    ("can_this_form_get", "ResetMyPasswordView"),
    ("can_this_form_post", "ResetMyPasswordView"),
    ("resetmypassword", "UserDBModelView"),
    ("menu_access", "Dashboards"),
    ("menu_access", "Home"),
}


def open_pages(superset: Superset, bundle: Bundle) -> None:
    """Create the roles that the pages name, and let exactly those open each page."""
    roles = _ensure_roles(superset, {role for page in bundle.pages for role in page.roles})
    numbers = {page["slug"]: page["id"] for page in superset.every("dashboard", ["id", "slug"])}
    for page in bundle.pages:
        wanted = sorted(roles[role] for role in page.roles)
        for language in LANGUAGES:
            number = numbers[address(page, language)]
            held = superset.get(f"dashboard/{number}")["result"]["roles"]
            if sorted(role["id"] for role in held) != wanted:
                superset.put(f"dashboard/{number}", {"roles": wanted})


def _ensure_roles(superset: Superset, names: set[str]) -> dict[str, int]:
    """The roles' numbers, made where they are missing, with exactly the viewer's permissions."""
    known = {role["name"]: role["id"] for role in superset.every("security/roles")}
    permissions = _permissions(superset)
    for name in sorted(names):
        if name not in known:
            known[name] = superset.post("security/roles/", {"name": name})["id"]
        held = superset.get(f"security/roles/{known[name]}/permissions/")["result"]
        if sorted(item["id"] for item in held) != permissions:
            superset.post(f"security/roles/{known[name]}/permissions", {"permission_view_menu_ids": permissions})
    return {name: known[name] for name in names}


def _permissions(superset: Superset) -> list[int]:
    """Numbers of the viewer's permissions, as far as this Superset knows them."""

    def pair(item: dict[str, Any]) -> tuple[str, str]:
        return item["permission"]["name"], item["view_menu"]["name"]

    return sorted(item["id"] for item in superset.every("security/permissions-resources") if pair(item) in VIEWER)
