"""Superset's own API, signed in as the administrator: the only way in which anything here is changed."""

import json
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from govlake.errors import CockpitError

PAGE_SIZE = 1000  # as many as infra/superset_config.py lets an answer hold
ROUNDS = 5


class Superset:
    """A signed-in session. Use it as a context manager; every refusal is a CockpitError."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self.address = address
        self._http = httpx.Client(base_url=address, timeout=120, headers={"Referer": address}, trust_env=False)
        self._sign_in(user, password)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str) -> dict[str, Any]:
        """The JSON answer of `/api/v1/<path>`."""
        return self._call("GET", path)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self._allow_writing()
        return self._call("POST", path, json=body)

    def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self._allow_writing()
        return self._call("PUT", path, json=body)

    def delete(self, path: str) -> None:
        self._allow_writing()
        self._call("DELETE", path)

    def every(self, resource: str, columns: list[str] | None = None) -> list[dict[str, Any]]:
        """Every item of `resource` (chart, dataset, dashboard, ...), once each.

        Superset's pages have no order: one item may stand on two of them and another on none. What was not seen is
        asked for again.
        """
        found: dict[int, dict[str, Any]] = {}
        for _ in range(ROUNDS):
            count = 0
            for answer in self._pages(resource, {"columns": columns} if columns else {}):
                found.update(zip(answer["ids"], answer["result"], strict=True))
                count = answer["count"]
            if len(found) >= count:
                return list(found.values())
        raise CockpitError(f"The cockpit lists {resource} differently each time.", "Publish again.")

    def _pages(self, resource: str, narrowed: dict[str, Any]) -> Iterator[dict[str, Any]]:
        page, seen = 0, 0
        while True:
            asked = {"page": page, "page_size": PAGE_SIZE, **narrowed}
            answer = self.get(f"{resource}/?q={quote(json.dumps(asked))}")
            yield answer
            page, seen = page + 1, seen + len(answer["ids"])
            if seen >= answer["count"] or not answer["ids"]:
                return

    def import_assets(self, bundle: bytes) -> None:
        """Import a zip of YAML assets; the same names are overwritten, nothing is removed."""
        self._allow_writing()
        self._call(
            "POST",
            "assets/import/",
            files={"bundle": ("cockpit.zip", bundle, "application/zip")},
        )

    def _sign_in(self, user: str, password: str) -> None:
        answer = self._call("POST", "security/login", json={"username": user, "password": password, "provider": "db"})
        self._http.headers["Authorization"] = f"Bearer {answer['access_token']}"

    def _allow_writing(self) -> None:
        """Fetch the token that Superset wants beside every change, once."""
        if "X-CSRFToken" not in self._http.headers:
            self._http.headers["X-CSRFToken"] = self.get("security/csrf_token/")["result"]

    def _call(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, f"/api/v1/{path}", **body)
        except httpx.HTTPError as error:
            raise CockpitError(
                f"The cockpit at {self.address} does not answer ({type(error).__name__}).",
                "See `govlake status`, then `govlake logs cockpit`.",
            ) from error
        if not answer.is_success:
            raise CockpitError(
                f"The cockpit refused {method} {path.split('?')[0]} with {answer.status_code}: {_reason(answer)}",
                "See `govlake logs cockpit`; then publish again.",
            )
        return answer.json() if answer.content else {}


def _reason(answer: httpx.Response) -> str:
    """The refusal in one line, without a page of HTML."""
    if "json" not in answer.headers.get("content-type", ""):
        return answer.reason_phrase
    said = answer.json()
    errors = [str(error.get("message", "")) for error in said.get("errors", [])]
    extra = [json.dumps(error.get("extra", {}), ensure_ascii=False) for error in said.get("errors", [])]
    return ("; ".join(filter(None, errors)) or str(said.get("message", said)))[:600] + " " + "; ".join(extra)[:1500]
