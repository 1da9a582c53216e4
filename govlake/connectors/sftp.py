"""The SFTP connector: files on a department's server, found by the same path and date patterns as in a folder.

The server must show the key that the contract pins; nothing is sent to one that does not.
"""

import asyncio
import stat
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from govlake.connectors import remote
from govlake.connectors.patience import Deadline, Passing
from govlake.connectors.reach import reach_of
from govlake.connectors.remote import CHUNK, Entry
from govlake.contracts.model import Contract
from govlake.errors import ConnectorError, SettingsError
from govlake.settings import settings

if TYPE_CHECKING:
    from asyncssh import SFTPClient

T = TypeVar("T")
ALIVE_S, ALIVE_TIMES = 10, 3  # how often a silent server is asked whether it lives, and how often in vain


def find(contract: Contract, day: date) -> list[Path]:
    """The delivery for `day`, fetched; none where it has not arrived."""
    return remote.find(contract, day, opened)


def dates(contract: Contract, until: date = date.max) -> list[date]:
    """The logical dates up to `until` with files there, oldest first."""
    return sorted(seen(contract, until))


def seen(contract: Contract, until: date = date.max) -> dict[date, Any]:
    """The dates and what tells whether they changed."""
    return remote.seen(contract, until, opened)


def probe(contract: Contract) -> Iterator[str]:
    """What is found there, in sentences."""
    return remote.probe(contract, opened)


@contextmanager
def opened(contract: Contract, deadline: Deadline) -> "Iterator[Sftp]":
    """A session with the contract's server, signed in."""
    secret = settings().credential(contract.source.connection.secret)
    with asyncio.Runner() as runner:
        session = Sftp(contract, runner, deadline)
        session.run(session.connect(secret))
        try:
            yield session
        finally:
            session.close()


class Sftp:
    """A session; each call waits for its answer, never longer than the contract's timeout."""

    def __init__(self, contract: Contract, runner: asyncio.Runner, deadline: Deadline) -> None:
        self.contract, self.reach, self.runner, self.deadline = contract, reach_of(contract), runner, deadline
        self.address = f"sftp://{self.reach.host}:{self.reach.port}"
        self.client: SFTPClient
        self.connection: Any = None
        self.shown = ""  # the key that the server showed

    async def connect(self, secret: str) -> None:
        """Sign in with the secret: a password, or a private key."""
        import asyncssh

        session = self
        keys = [asyncssh.import_private_key(secret)] if secret.startswith("-----BEGIN") else []

        class Guard(asyncssh.SSHClient):
            """Trusts the one key that the contract names."""

            def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
                session.shown = key.get_fingerprint("sha256").rstrip("=")
                return session.shown == session.reach.host_key

        self.connection = await asyncssh.connect(
            self.reach.host,
            self.reach.port,
            username=self.reach.user,
            password=None if keys else secret,
            client_keys=keys,
            client_factory=Guard,
            known_hosts=([], [], []),
            agent_path=None,
            config=None,
            connect_timeout=self.reach.timeout_s,
            login_timeout=self.reach.timeout_s,
            keepalive_interval=ALIVE_S,
            keepalive_count_max=ALIVE_TIMES,
        )
        self.client = await self.connection.start_sftp_client()

    def run(self, work: "Coroutine[Any, Any, T]", what: str = "") -> T:
        """The result of `work`, its failure as a sentence."""
        import asyncssh

        async def limited() -> T:
            return await asyncio.wait_for(work, max(0.001, min(self.reach.timeout_s, self.deadline.left())))

        name = f"{self.contract.department_en}'s SFTP server {self.address}"
        try:
            return self.runner.run(limited())
        except asyncssh.PermissionDenied as error:
            raise SettingsError(
                f"{name} does not let {self.reach.user} in with the secret {self.reach.secret}.",
                f"Ask for the password that holds now and set GOVLAKE_SECRET_{self.reach.secret.upper()}.",
            ) from error
        except asyncssh.HostKeyNotVerifiable as error:
            raise ConnectorError(
                f"{name} shows the key {self.shown}, the contract pins {self.reach.host_key}.",
                "Ask the department whether it changed its server; if so, correct hostKey. Nothing was sent to it.",
            ) from error
        except asyncssh.SFTPPermissionDenied as error:
            raise ConnectorError(
                f"{name} does not let {self.reach.user} read {what}.", "Ask the department for the right to read it."
            ) from error
        except asyncssh.SFTPNoSuchFile as error:
            raise Passing(f"{what} vanished from {name}.", "Run again, or ask the department.") from error
        except (OSError, asyncssh.Error, TimeoutError) as error:
            why = str(error) or f"no answer within {self.reach.timeout_s} s"
            raise Passing(
                f"{name} cannot be reached or broke off ({why}).", "Check that it runs and can be reached from here."
            ) from error

    def entries(self, pattern: str) -> list[Entry]:
        """All files that the pattern names, folders opened."""
        return self.run(self._entries(pattern), pattern)

    async def _entries(self, pattern: str) -> list[Entry]:
        import asyncssh

        try:
            found = await self.client.glob_sftpname(pattern)
        except asyncssh.SFTPNoSuchFile:  # nothing is like the pattern
            return []
        entries: list[Entry] = []
        for name in found:
            path = str(name.filename)
            if stat.S_ISDIR(name.attrs.permissions or 0):
                entries += await self._entries(f"{path}/*")
            else:
                entries.append(_entry(path, name.attrs))
        return entries

    def entry(self, path: str) -> Entry | None:
        """The file at this path."""
        return self.run(self._entry(path), path)

    async def _entry(self, path: str) -> Entry | None:
        import asyncssh

        try:
            return _entry(path, await self.client.stat(path))
        except asyncssh.SFTPNoSuchFile:
            return None

    def chunks(self, entry: Entry, start: int) -> Iterator[bytes]:
        """Its bytes from `start` on, as far as it was long when it was listed."""
        file = self.run(self.client.open(entry.path, "rb").__aenter__(), entry.path)
        try:
            position = start
            while position < entry.size:
                chunk = self.run(file.read(min(CHUNK, entry.size - position), position), entry.path)
                if not chunk:
                    break
                position += len(chunk)
                yield chunk
        finally:
            if not self.connection.is_closed():
                self.run(file.close(), entry.path)

    def close(self) -> None:
        """End the session; a server that is gone is not waited for."""
        if self.connection is not None:
            self.connection.abort()


def _entry(path: str, attributes: Any) -> Entry:
    """Some servers tell no size or time; such a file counts as empty or never changed."""
    modified = float(attributes.mtime or 0)
    return Entry(path, int(attributes.size or 0), modified, str(attributes.mtime or 0))
