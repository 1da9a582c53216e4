"""How the pages of an interface follow each other, by the contract's word for it.

A request is JSON, so that a fetch that was cut off can go on with it: the address and its added parameters.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from govlake.connectors.patience import Passing
from govlake.contracts.connection import Connection
from govlake.contracts.model import Contract
from govlake.errors import ConnectorError

if TYPE_CHECKING:
    from govlake.connectors.call import Reply

Request = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """What one reply holds: its records, the number of all there are, the next token or address."""

    records: list[Any]
    total: int | None
    next: str
    link: str

    @classmethod
    def read(cls, contract: Contract, reply: "Reply") -> "Page":
        """The page in a reply. Raises Passing where it is no whole JSON, ConnectorError where it lacks records."""
        reach, path = contract.source.connection, contract.source.record_path
        try:
            document = json.loads(reply.body)
        except ValueError as error:
            raise Passing(f"{reply.name} sent a page that is not whole JSON.", "Run again, or ask it why.") from error
        records = _walk(document, path)
        if isinstance(records, dict):
            records = [records] if path and records else list(records.values())
        if not isinstance(records, list):
            known = ", ".join(document) if isinstance(document, dict) else type(document).__name__
            raise ConnectorError(
                f"{reply.name} sent no records at '{path or '$'}'; there is {known}.", "Correct recordPath."
            )
        total = str(_walk(document, reach.total_path)) if reach.total_path else ""
        following = _walk(document, reach.next_path) if reach.next_path else None
        return cls(records, int(total) if total.isdigit() else None, str(following or ""), reply.link)


def first_request(reach: Connection, address: str) -> Request:
    """What is asked for first."""
    added: dict[str, Any] = {reach.size_param: reach.page_size} if reach.page_size else {}
    if reach.paging in ("page", "offset"):
        added[reach.page_param] = reach.first_page
    return {"address": address, "params": added}


def next_request(reach: Connection, asked: Request, page: Page, rows: int, base: str) -> Request | None:
    """What is asked for after `page`, with `rows` records so far; None after the last page."""
    return FOLLOWING[reach.paging](reach, asked, page, rows, base)


def _counted(reach: Connection, asked: Request, page: Page, rows: int, base: str) -> Request | None:
    """By number or offset until a page is empty, or all are here that the interface says it has."""
    if not page.records or (page.total is not None and rows >= page.total):
        return None
    before = asked["params"][reach.page_param]
    return _with(asked, reach, before + (1 if reach.paging == "page" else len(page.records)))


def _by_token(reach: Connection, asked: Request, page: Page, rows: int, base: str) -> Request | None:
    if not page.next:
        return None
    if page.next == str(asked["params"].get(reach.page_param, "")):
        raise Passing(
            f"{urlsplit(base).netloc} names the same next page twice ({reach.next_path}).",
            "Ask the department why its pages do not end; check nextPath in the contract.",
        )
    return _with(asked, reach, page.next)


def _by_address(address: Callable[[Page], str]) -> Callable[..., Request | None]:
    def follow(reach: Connection, asked: Request, page: Page, rows: int, base: str) -> Request | None:
        if not address(page):
            return None
        target = urljoin(asked["address"], address(page))
        if urlsplit(target)[:2] != urlsplit(base)[:2]:
            raise ConnectorError(
                f"{urlsplit(base).netloc} sends us on to {urlsplit(target).scheme}://{urlsplit(target).netloc}, "
                "which would see the secret.",
                "Ask the department, and name that address in the contract if it is right.",
            )
        return {"address": target, "params": {}}

    return follow


def _with(asked: Request, reach: Connection, value: object) -> Request:
    return {**asked, "params": {**asked["params"], reach.page_param: value}}


def _walk(document: Any, path: str) -> Any:
    for step in [step for step in path.removeprefix("$").split(".") if step]:
        if isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        elif isinstance(document, dict):
            document = document.get(step)
        else:
            return None
    return document


FOLLOWING: dict[str, Callable[..., Request | None]] = {
    "none": lambda *_: None,
    "page": _counted,
    "offset": _counted,
    "cursor": _by_token,
    "next": _by_address(lambda page: page.next),
    "link": _by_address(lambda page: page.link),
}
