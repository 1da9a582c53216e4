"""`python -m govlake.sample.systems.station PORT`: the health commission's file server, SFTP with a pinned key.

The account of govlake sees the folder `out` and may only read.
"""

import asyncio
import hmac
import sys
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from govlake.sample.systems import LOOPBACK, folder
from govlake.settings import SAMPLE, settings

if TYPE_CHECKING:
    from govlake.contracts import Contract

READ = 1  # SSH_FXF_READ, of the protocol
DEPARTMENT, USER = "health", "govlake"
SECRET = f"{SAMPLE}{DEPARTMENT}"


def root() -> Path:
    """The folder that the account sees as its root."""
    return settings().private("systems", DEPARTMENT, "root")


def file_of(home: Path, contract: "Contract", day: date) -> Path:
    """Where a delivery lies on the server."""
    path = PurePosixPath(contract.source.path.format(date=day)).relative_to("/")
    return home / "systems" / DEPARTMENT / "root" / path


def prepare() -> str:
    """Make the server's key, once; returns its fingerprint."""
    import asyncssh

    settings().secret(SECRET)
    file = folder(DEPARTMENT) / "host_key"
    root()
    if not file.exists():
        draft = file.with_suffix(".new")
        draft.touch(mode=0o600)
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(draft)
        draft.replace(file)
    return asyncssh.read_private_key(file).get_fingerprint("sha256")


def serve(port: int) -> None:
    """Serve until the process ends."""
    import asyncssh

    class Door(asyncssh.SSHServer):
        """Lets one account in, by password."""

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            known = settings().secret(SECRET)
            return username == USER and hmac.compare_digest(password.encode(), known.encode())

    async def listen() -> None:
        key = str(folder(DEPARTMENT) / "host_key")
        server = await asyncssh.listen(
            LOOPBACK, port, server_factory=Door, server_host_keys=[key], sftp_factory=_reading(), allow_scp=False
        )
        await server.wait_closed()

    asyncio.run(listen())


def _reading() -> Any:
    """An SFTP session within the root that writes nothing."""
    import asyncssh

    class Reading(asyncssh.SFTPServer):
        """Refuses whatever would change a file or a folder."""

        def __init__(self, channel: Any) -> None:
            super().__init__(channel, chroot=str(root()).encode())

        def open(self, path: bytes, pflags: int, attrs: Any) -> object:
            if pflags != READ:
                self.refuse()
            return super().open(path, pflags, attrs)

        def refuse(self, *_: object) -> None:
            raise asyncssh.SFTPPermissionDenied("this account may only read")

        setstat = remove = mkdir = rmdir = rename = posix_rename = symlink = link = refuse  # type: ignore[assignment]

    return Reading


if __name__ == "__main__":
    serve(int(sys.argv[1]))
