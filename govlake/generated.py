"""Files that follow from something else: written only where they do not say yet what they should."""

from collections.abc import Mapping
from pathlib import Path


def renew(files: Mapping[Path, bytes]) -> list[Path]:
    """Write what is not yet as it should be; returns the files that changed. The others keep their times."""
    changed = []
    for file, content in files.items():
        if not file.is_file() or file.read_bytes() != content:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            changed.append(file)
    return changed
