"""Whether the two Python environments are those that the requirement files ask for."""

import hashlib

from govlake.settings import settings

# Environment -> the requirement file that `make setup` installs into it.
REQUIREMENTS = {"platform": "dev.txt", "cockpit": "cockpit.txt"}


def states() -> dict[str, str]:
    """`current`, `stale` or `missing` for each environment, by the stamp that `make setup` leaves."""
    return {name: _state(name, file) for name, file in REQUIREMENTS.items()}


def _state(name: str, file: str) -> str:
    stamp = settings().project / ".venv" / name / ".requirements"
    if not stamp.exists():
        return "missing" if not stamp.parent.exists() else "stale"
    wanted = (settings().project / "infra" / "requirements" / file).read_bytes()
    return "current" if stamp.read_text().split()[:1] == [hashlib.sha256(wanted).hexdigest()] else "stale"
