"""Move lake and landing of a home to an S3 server: copy, verify every object, switch. The old copy stays untouched.

Nothing reads the new place before the switch, and the switch is one rename of the home's settings file. A move that was
killed is run again: what is there already is verified, not trusted.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from govlake import lake, lease, shelf
from govlake import manifest as manifests
from govlake.errors import SettingsError, StoreError
from govlake.settings import Settings, settings, settings_file
from govlake.shelf import FILES
from govlake.store import LocalStore, S3Store, Taken, probe, remote

MARK = "_moving.json"  # says, in the new place, which home is moving in
AT_ONCE = 4  # objects that are copied or verified at the same time
TOLD_EVERY = 200  # objects between two lines of progress
Report = Callable[[str], None]


@dataclass(frozen=True)
class Piece:
    """One file of the home and the key it gets. `state` tells whether it changed while it was copied."""

    file: Path
    key: str
    size: int
    state: int


@dataclass(frozen=True)
class Moved:
    """What a move did: objects and bytes in the new place, and how many of them it had to copy."""

    store: str
    objects: int = 0
    bytes: int = 0
    copied: int = 0


def move(file: Path, report: Report) -> Moved:
    """Move the home to the store that the settings file `file` names.

    Raises SettingsError, StoreError; until the last step the home goes on as it was.
    """
    given, wanted = read_settings(file)
    target = remote(wanted)
    if settings().store:
        return _again(wanted, target)
    if "GOVLAKE_STORE" in settings().environment():
        raise SettingsError(
            "GOVLAKE_STORE is set in the environment.", f"Unset it: {file} is to say where the lake is."
        )
    report(f"asking: {target.server.name} what it promises")
    probe.ask(target)
    lease.hold("the move of the lake")
    _claim(target)
    pieces = list(_pieces())
    copied = _copy(pieces, target, report)
    _verify(pieces, target, report)
    if list(_pieces()) != pieces:
        raise StoreError("Lake or landing changed while they were copied.", "Stop what writes there, then move again.")
    switch(given)
    target.delete([MARK])
    report(f"switched: {settings_file()} names {wanted.store}")
    return Moved(wanted.store, len(pieces), sum(piece.size for piece in pieces), copied)


def read_settings(file: Path) -> tuple[dict[str, Any], Settings]:
    """What a settings file says, and the settings that follow from it. Raises SettingsError."""
    try:
        given = tomllib.loads(file.read_text("utf-8"))
        if isinstance(given.get("s3_ca"), str):
            given["s3_ca"] = str(Path(given["s3_ca"]).expanduser().resolve())
        wanted = Settings(**given)
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be read ({error.strerror}).", "Name the file that says store and s3_..."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not valid TOML: {error}.", "Correct the line it names.") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg'].lower()}.") from error
    if not given.get("store"):
        raise SettingsError(f"{file} names no store.", 'Add a line such as: store = "s3://bucket/prefix"')
    unknown = sorted(set(given) - set(Settings.model_fields))
    if unknown:
        raise SettingsError(f"{file} holds {unknown[0]}, which is no setting.", "See docs/stores.md.")
    return given, wanted


def switch(given: dict[str, Any]) -> None:
    """Let the home's settings file say what `given` says; its other lines stay as they are. One rename."""
    path = settings_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    old = path.read_text("utf-8").splitlines() if path.exists() else []
    kept = [line for line in old if re.split(r"[\s=]", line.strip(), maxsplit=1)[0] not in given]
    text = "\n".join([*kept, *(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in given.items())])
    tomllib.loads(text)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as written:
        written.write(text + "\n")
        written.flush()
        os.fsync(written.fileno())
    draft.replace(path)
    settings.cache_clear()


def _again(wanted: Settings, target: S3Store) -> Moved:
    if settings().store != wanted.store or settings().s3_endpoint != wanted.s3_endpoint:
        raise SettingsError(
            f"This home keeps its lake at {settings().store} already.", "Only a home's own folder can be moved."
        )
    target.delete([MARK])
    return Moved(wanted.store)


def _claim(target: S3Store) -> None:
    """Make the new place ours, or find that it is: it must be empty, or hold what an earlier try brought."""
    mine = json.dumps({"home": settings().secret("home")}).encode()
    place = target.address("").rstrip("/")
    found = target.read(MARK)
    if found is None:
        if target.holds(lake.ROOT) or target.holds(shelf.ROOT):
            raise StoreError(f"{place} holds a lake already.", "Give an empty prefix in the setting store.")
        try:
            target.create(MARK, mine)
        except Taken as error:
            raise StoreError(f"Another home is moving to {place}.", "Give an empty prefix.") from error
    elif found[0] != mine:
        raise StoreError(f"Another home is moving to {place}.", "Give an empty prefix in the setting store.")


def _pieces() -> Iterator[Piece]:
    """Every file of lake and landing with its key in the new place, in a stable order."""
    home = LocalStore(settings().home)
    for entry in home.list(f"{lake.ROOT}/"):
        if entry.key != f"{lake.ROOT}/{lease.NAME}":  # who writes the old place is no news in the new one
            yield _piece(home, entry.key, entry.key)
    names: dict[str, str] = {}
    manifest_keys = [entry.key for entry in home.list(f"{shelf.ROOT}/") if entry.key.endswith(f"/{manifests.NAME}")]
    for key in (key for key in manifest_keys if key.count("/") == 4):
        folder = key.removesuffix(manifests.NAME)
        known = manifests.decode((home.read(key) or (b"", ""))[0], folder)
        yield _piece(home, key, key)
        for file in known.files:
            names[f"{folder}{FILES}/{file.name}"] = f"{folder}{FILES}/{file.sha256[:16]}/{file.name}"
    for old, new in names.items():
        yield _piece(home, old, new)


def _piece(home: LocalStore, old: str, new: str) -> Piece:
    file = Path(home.address(old))
    return Piece(file, new, file.stat().st_size, file.stat().st_mtime_ns)


def _copy(pieces: list[Piece], target: S3Store, report: Report) -> int:
    """Upload what is missing or of another size, and remove what an earlier try brought and is no longer here."""
    there = {entry.key: entry.size for folder in (lake.ROOT, shelf.ROOT) for entry in target.list(f"{folder}/")}
    target.delete(there.keys() - {piece.key for piece in pieces})
    missing = [piece for piece in pieces if there.get(piece.key) != piece.size]
    size = sum(piece.size for piece in missing)
    report(f"copying: {len(missing):,} of {len(pieces):,} objects, {size:,} bytes")
    _each(missing, lambda piece: target.upload(piece.file, piece.key), "copied", report)
    return len(missing)


def _verify(pieces: list[Piece], target: S3Store, report: Report) -> None:
    """Read every object back and compare it with its file; one that differs is copied once more."""

    def verify(piece: Piece) -> None:
        with piece.file.open("rb") as content:
            wanted = hashlib.file_digest(content, "sha256").hexdigest()
        if target.digest(piece.key) != (piece.size, wanted):
            target.upload(piece.file, piece.key)
            if target.digest(piece.key) != (piece.size, wanted):
                raise StoreError(
                    f"{target.address(piece.key)} is not what {piece.file} is.", "Move again; see the server's log."
                )

    report(f"verifying: {len(pieces):,} objects by size and checksum")
    _each(pieces, verify, "verified", report)


def _each(pieces: list[Piece], work: Callable[[Piece], None], word: str, report: Report) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number, _ in enumerate(pool.map(work, pieces), 1):
            if number % TOLD_EVERY == 0:
                report(f"{word}: {number:,} of {len(pieces):,}")
