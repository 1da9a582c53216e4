"""The interface connector: JSON pages (or one file) from a department's HTTP interface, kept byte for byte.

Each page that has come is kept, so a fetch that was cut off goes on with the page it was at, if it is taken up again
within the hour. How pages follow each other is in `paging`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from govlake.connectors.call import Caller
from govlake.connectors.draft import Draft
from govlake.connectors.due import due, is_due_on
from govlake.connectors.names import FIELD, formatted, has_date, written
from govlake.connectors.paging import Page, first_request, next_request
from govlake.connectors.patience import Deadline, Passing, persist
from govlake.connectors.reach import location_of
from govlake.contracts.model import Contract
from govlake.errors import ConnectorError

FRESH_S = 3600.0  # pages older than this may not fit those that follow
MOST_PAGES = 20_000


@dataclass(frozen=True)
class Fetch:
    """One delivery on its way."""

    contract: Contract
    caller: Caller
    draft: Draft
    address: str


def find(contract: Contract, day: date) -> list[Path]:
    """The delivery for `day`, fetched page by page; none where none falls due."""
    if not is_due_on(contract, day):
        return []
    address = address_of(contract, day)
    deadline = Deadline(contract.source.connection.deadline_s)
    draft = Draft(contract, day, address, FRESH_S)
    with Caller(contract, deadline) as caller:
        fetch = Fetch(contract, caller, draft, address)
        request = draft.state.get("next", first_request(contract.source.connection, address))
        while request is not None:
            deadline.check(f"Fetching {without_query(address)}")
            request = persist(lambda asked=request: _page(fetch, asked), deadline)
            draft.state["next"] = request
            draft.save()
    _declare(fetch)
    return draft.finish()


def dates(contract: Contract, until: date = date.max) -> list[date]:
    """The logical dates that are due up to `until`, oldest first; the interface is not asked for them."""
    return due(contract, until, each=has_date(contract.source.path))


def seen(contract: Contract, until: date = date.max) -> dict[date, None]:
    """The dates that are due. Only a fetch tells whether an interface gives something else by now."""
    return dict.fromkeys(dates(contract, until))


def probe(contract: Contract) -> Iterator[str]:
    """What the interface answers for the newest day, in sentences."""
    day = date.today() - timedelta(days=1)
    reach = contract.source.connection
    address = address_of(contract, day)
    with Caller(contract, Deadline(reach.timeout_s * 2)) as caller:
        reply = caller.get(first_request(reach, address))
        yield f"Reached {without_query(address)}, status 200, {len(reply.body):,} bytes"
        if contract.source.format != "json":
            return
        page = Page.read(contract, reply)
        names = {name for record in page.records if isinstance(record, dict) for name in record}
        yield f"{len(page.records)} record(s) on the first page for {day}" + (f" of {page.total}" if page.total else "")
        lacking = [c.delivered[0] for c in contract.tables[0].delivered_columns if not names & _heads(c.delivered)]
        if page.records and lacking:
            have = ", ".join(sorted(names))
            raise ConnectorError(
                f"The records of {without_query(address)} have no {', '.join(lacking)}; they have {have}.",
                "Correct recordPath or the columns' physicalName in the contract.",
            )


def address_of(contract: Contract, day: date) -> str:
    """The address to ask for a day: `{date:...}` is that day, `{next:...}` the one after it."""
    path = written(location_of(contract), day)
    after = day + timedelta(days=1)
    return FIELD.sub(lambda field: formatted(after, field.group(1) or "%Y-%m-%d"), path.replace("{next", "{date"))


def without_query(address: str) -> str:
    """An address that may be shown and kept: a query may hold a token."""
    return urlunsplit(urlsplit(address)._replace(query="", fragment=""))


def _heads(names: tuple[str, ...]) -> set[str]:
    return {name.split(".")[0].strip() for name in names}


def _page(fetch: Fetch, request: dict[str, Any]) -> dict[str, Any] | None:
    """Fetch one page into the draft; returns what to ask for next, None after the last one."""
    contract, draft, reach = fetch.contract, fetch.draft, fetch.contract.source.connection
    pages: list[dict[str, Any]] = draft.state.setdefault("pages", [])
    number = len(pages) + 1
    reply = fetch.caller.get(request)
    if contract.source.format != "json":
        _keep(fetch, f"{contract.name}.{contract.source.format}", reply.body)
        return None
    page = Page.read(contract, reply)
    digest = sha256(reply.body).hexdigest()
    if page.records and digest in (known["sha256"] for known in pages):
        raise Passing(
            f"{without_query(fetch.address)} gave page {number} with the content of an earlier one.",
            "Ask the department why its pages repeat; check paging in the contract.",
        )
    if number > MOST_PAGES:
        raise ConnectorError(
            f"{without_query(fetch.address)} has not come to an end after {MOST_PAGES:,} pages.",
            "Check paging in the contract, or ask for larger pages (pageSize).",
        )
    if page.records or number == 1:
        _keep(fetch, f"{contract.name}_{number:05d}.json", reply.body)
    rows = sum(known["rows"] for known in pages) + len(page.records)
    pages.append({"sha256": digest, "rows": len(page.records), "total": page.total})
    return next_request(reach, request, page, rows, fetch.address)


def _keep(fetch: Fetch, name: str, body: bytes) -> None:
    fetch.draft.part(name).write_bytes(body)
    fetch.draft.take(name, f"{without_query(fetch.address)}#{name}")


def _declare(fetch: Fetch) -> None:
    """Where the interface says how many records there are, say so beside the files: gate 1 compares."""
    totals = [page["total"] for page in fetch.draft.state.get("pages", []) if page["total"] is not None]
    for number, name in enumerate(sorted(fetch.draft.state["files"]) if totals else []):
        rows = totals[-1] if number == 0 else 0
        (fetch.draft.files / f"{name}.rows").write_text(str(rows), encoding="utf-8")
