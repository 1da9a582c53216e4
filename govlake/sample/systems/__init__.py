"""The systems of the sample city's departments, each a real server of this home: `govlake up --sample`.

Two bureaus have an exchange database (PostgreSQL), the health commission a file server (SFTP), the hotline an
interface (HTTP). What a department puts into its system is its own affair; govlake reads with an account that may
only read.
"""

from pathlib import Path

from govlake.settings import settings

LOOPBACK = "127.0.0.1"


def folder(department: str) -> Path:
    """Where the system of `department` keeps what is its own."""
    return settings().private("systems", department)
