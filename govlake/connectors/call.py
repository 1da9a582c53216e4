"""One request to a department's HTTP interface: signed in, whole or not at all, its refusal as a sentence."""

import time
from base64 import b64encode
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, NamedTuple, Self

from govlake.connectors.patience import Deadline, Passing
from govlake.connectors.reach import reach_of
from govlake.contracts.model import Contract
from govlake.errors import ConnectorError, SettingsError
from govlake.settings import settings

CHUNK = 1 << 16
MOST_BYTES = 256 << 20  # of one reply, which is held in memory


class Reply(NamedTuple):
    """A whole reply: its body, the address of the next page from its Link header, and who sent it."""

    body: bytes
    link: str
    name: str


class Caller:
    """A session with one interface. The secret goes out in a header, never in an address or a message."""

    def __init__(self, contract: Contract, deadline: Deadline) -> None:
        import requests

        self.contract, self.deadline, self.reach = contract, deadline, reach_of(contract)
        self.name = f"{contract.department_en}'s interface at {self.reach.host}"
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy, no .netrc: settings are read in one place
        if settings().source_ca:
            self.session.verify = str(settings().source_ca)
        self.session.headers.update({"Accept": "application/json, */*", "Accept-Encoding": "identity"})
        self._sign()

    def _sign(self) -> None:
        if not self.reach.secret:
            return
        secret = settings().credential(self.reach.secret)
        if self.reach.user:
            pair = b64encode(f"{self.reach.user}:{secret}".encode()).decode()
            self.session.headers["Authorization"] = f"Basic {pair}"
        elif self.reach.auth_header:
            self.session.headers[self.reach.auth_header] = secret
        else:
            self.session.headers["Authorization"] = f"Bearer {secret}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def get(self, request: dict[str, Any]) -> Reply:
        """The whole reply. Raises Passing where another try may help, else ConnectorError or SettingsError."""
        import requests
        import urllib3

        try:
            # The limits hold per sign of life; the deadline for all of them is checked between them.
            limit = max(0.1, min(self.reach.timeout_s, self.deadline.left()))
            with self.session.get(
                request["address"], params=request["params"], timeout=limit, stream=True, allow_redirects=False
            ) as reply:
                self._judge(reply.status_code, reply.headers)
                body = self._body(reply)
                return Reply(body, reply.links.get("next", {}).get("url", ""), self.name)
        except requests.exceptions.SSLError as error:
            raise ConnectorError(
                f"{self.name} shows a certificate that is not trusted.",
                "Name the authority's certificate in the setting source_ca, or ask the department.",
            ) from error
        except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError) as error:
            raise Passing(f"{self.name} gave no answer within {limit:.0f} s.", "Run again later.") from error
        except (urllib3.exceptions.HTTPError, HTTPException) as error:
            raise Passing(f"{self.name} broke off in the middle of a reply.", "Run again.") from error
        except requests.exceptions.ConnectionError as error:
            remedy = "Check that it runs and can be reached from here."
            raise Passing(f"{self.name} cannot be reached or broke off.", remedy) from error
        except requests.exceptions.RequestException as error:
            what = type(error).__name__
            raise ConnectorError(f"{self.name} cannot be asked ({what}).", "Correct `location`.") from error

    def _body(self, reply: Any) -> bytes:
        """The whole body, taken as it comes: a reply that trickles must not outlive the deadline."""
        body = bytearray()
        while chunk := reply.raw.read1(CHUNK, decode_content=True):
            body += chunk
            self.deadline.check(f"A reply of {self.name}")
            if len(body) > MOST_BYTES:
                size = f"{MOST_BYTES >> 20} MB"
                raise ConnectorError(f"{self.name} sent more than {size} in one reply.", "Ask for smaller pages.")
        return bytes(body)

    def _judge(self, status: int, headers: Any) -> None:
        if status == 200:
            return
        if status in (401, 403):
            remedy = "Ask the department for access; the contract names no secret."
            if self.reach.secret:
                variable = f"GOVLAKE_SECRET_{self.reach.secret.upper()}"
                remedy = f"Ask for the secret that holds now and set {variable}."
            raise SettingsError(f"{self.name} does not let us in ({status}).", remedy)
        if status in (429, 503):
            after = _seconds(headers.get("Retry-After"), headers.get("Date"))
            if after is not None and after >= self.deadline.left():
                raise ConnectorError(
                    f"{self.name} asks to wait {after:.0f} s, longer than this delivery may take.",
                    "Run again after that; ask for a higher limit, or raise `deadline`.",
                )
            why = "asks for fewer requests" if status == 429 else "is overloaded"
            raise Passing(f"{self.name} {why} ({status}).", "Run again later.", after)
        if status >= 500 or status == 408:
            raise Passing(f"{self.name} failed ({status}).", "Run again later; tell the department if it stays so.")
        if 300 <= status < 400:
            raise ConnectorError(
                f"{self.name} sends us on to {headers.get('Location', 'nowhere').partition('?')[0]} ({status}).",
                "Name that address as `location` if it is right.",
            )
        raise ConnectorError(
            f"{self.name} refuses the request ({status}).", "Check `location` and its parameters in the contract."
        )


def _seconds(after: str | None, now: str | None) -> float | None:
    """How long Retry-After asks to wait: seconds, or a moment on the sender's own clock."""
    if not after:
        return None
    if after.strip().isdigit():
        return float(after)
    try:
        until = parsedate_to_datetime(after)
        here = parsedate_to_datetime(now) if now else datetime.fromtimestamp(time.time(), UTC)
        return max(0.0, (until - here).total_seconds())
    except (TypeError, ValueError):
        return None
