"""All settings, read in this one place: environment variables, the home's own settings file, defaults.

A *home* holds everything that runs or is stored. Two homes on one machine do not see each other, and
deleting a home deletes everything. Ports and secrets are generated at first start and live in the home.
"""

import fcntl
import hashlib
import json
import os
import secrets
import ssl
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from govlake.errors import SettingsError

PROJECT = Path(__file__).resolve().parent.parent
SAMPLE = "sample_"  # how secrets of the sample city's systems begin


class Settings(BaseSettings):
    """Settings of one home: `GOVLAKE_<FIELD>` in the environment, else `<field>` in the settings file, else a default.

    The settings file is `GOVLAKE_SETTINGS`, or `govlake.toml` in the home where that exists.
    """

    model_config = SettingsConfigDict(env_prefix="GOVLAKE_", extra="ignore")

    home: Path = PROJECT / ".govlake"
    pack: Path = PROJECT / "contracts"
    open_data: Path = PROJECT.parent / "shared" / "data"
    engine: Literal["sail", "spark"] = "sail"
    engine_url: str = ""
    spark_master: str = "local[*]"
    spark_secret: SecretStr = SecretStr("")  # by which the driver and the workers of a Spark cluster know each other
    spark_conf: dict[str, str] = {}  # further settings of the Spark server, such as its executors' memory
    spark_jars: Path = PROJECT / ".venv" / "spark"
    store: str = ""  # "" keeps lake and landing in the home, s3://bucket/prefix on an S3 server
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
    s3_ca: Path | None = None  # certificate of the authority that signed the S3 server's, where it is your own
    postgres_url: str = ""
    bind: str = "127.0.0.1"
    lease_ttl_s: float = Field(default=30.0, gt=0)  # how long the lake waits for a writer it no longer hears of
    timezone: str = "Asia/Shanghai"
    engine_memory_mb: int = 4096
    keep_editions: int = 5  # the newest, however often departments deliver in a morning
    keep_edition_days: int = Field(default=7, ge=0)  # and the last one of each of so many days that had one
    vacuum_days: int = Field(default=7, ge=1)  # how long readers and `lake restore` find files of older versions
    log_days: int = Field(default=30, ge=1)  # how far back a table's history can be told
    sources: str = ""  # environments of the contracts' servers, the preferred first; "" takes each contract's first
    systems: dict[str, str] = {}  # addresses (host:port) and host keys, by the names that contracts give in braces
    secrets: dict[str, SecretStr] = {}  # of departments' systems, by the names that contracts give them
    source_ca: Path | None = None  # certificate of the authority that signed the departments' servers
    debug: bool = False  # the command line shows traces
    project: Path = PROJECT

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], **sources: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given in code, then the environment, then the settings file."""
        given, environment = sources["init_settings"], sources["env_settings"]
        return given, environment, TomlConfigSettingsSource(settings_cls, settings_file())

    def model_post_init(self, _context: object) -> None:
        for field in ("home", "pack", "open_data", "project", "spark_jars", "s3_ca", "source_ca"):
            if getattr(self, field) is not None:
                setattr(self, field, getattr(self, field).expanduser().resolve())

    @property
    def inbox(self) -> Path:
        """Where departments drop files."""
        return self.home / "inbox"

    @property
    def landing(self) -> Path:
        """Deliveries byte for byte, write-once."""
        return self.home / "landing"

    @property
    def lake(self) -> Path:
        """Root of the Delta tables: <lake>/<layer>/<domain>/<table>."""
        return self.home / "lake"

    @property
    def run_dir(self) -> Path:
        """Sockets, generated configuration and process state."""
        return self.home / "run"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def tmp(self) -> Path:
        """Spill and scratch space; safe to delete when nothing runs."""
        return self.home / "tmp"

    def roots(self) -> dict[str, Path]:
        """Named folders that a contract's server path may start with, as in `{inbox}/...`."""
        return {"inbox": self.inbox, "open_data": self.open_data, "home": self.home, "project": self.project}

    def state(self, name: str) -> dict[str, object]:
        """The home's own JSON state file `name` (ports, secrets), empty where there is none."""
        path = self.run_dir / f"{name}.json"
        if not path.exists():
            return {}
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise SettingsError(
                f"{path} is not valid JSON (line {error.lineno}).",
                "Delete it; `govlake up` writes a new one (new secrets need a new home).",
            ) from error

    def write_state(self, name: str, values: dict[str, object]) -> None:
        """Replace the home's state file `name` atomically, readable by its owner alone."""
        path = self.private("run") / f"{name}.json"
        draft = path.with_suffix(".tmp")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(values, file, indent=1)
        draft.replace(path)

    def private(self, *parts: str) -> Path:
        """The folder `parts` of the home, made where it is not there, open to its owner alone."""
        self.home.mkdir(parents=True, exist_ok=True)
        folder = self.home
        for part in parts:
            folder = folder / part
            folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def secret(self, name: str, length: int = 32) -> str:
        """The secret `name`, generated at first use with `length` random bytes and kept in the home."""
        known = self.state("secrets")
        if name not in known:
            # Two processes that need a first secret at once must not overwrite each other's.
            with (self.private("run") / "secrets.lock").open("w") as turn:
                fcntl.flock(turn, fcntl.LOCK_EX)
                known = self.state("secrets")
                known.setdefault(name, secrets.token_urlsafe(length))
                self.write_state("secrets", known)
        return str(known[name])

    def credential(self, name: str) -> str:
        """The secret of a department's system: GOVLAKE_SECRET_<NAME>, else `<name>` below [secrets] in the file.

        Those of the sample city's systems were generated by this home. Raises SettingsError where it is not set.
        """
        given = os.environ.get(f"GOVLAKE_SECRET_{name.upper()}")
        known = self.secrets.get(name)
        found = given or (known.get_secret_value() if known else "")
        # No other secret of the home: what a contract names is sent to a department.
        if not found and name.startswith(SAMPLE):
            found = str(self.state("secrets").get(name, ""))
        if not found:
            raise SettingsError(
                f"The secret {name} is not set.",
                f"Set GOVLAKE_SECRET_{name.upper()}, or {name} below [secrets] in {settings_file()}.",
            )
        return found

    def environments(self) -> tuple[str, ...]:
        """Which servers of the contracts count here, the preferred first; none: each contract's first."""
        if self.sources:
            return tuple(part.strip() for part in self.sources.split(",") if part.strip())
        return ("sample", "inbox") if self.plays_systems() else ()

    def plays_systems(self) -> bool:
        """Whether this home runs the systems of the sample city's departments."""
        return bool(self.state("sample").get("systems"))

    def since(self, contract_id: str) -> str:
        """The first logical date that the sample city's system holds, ISO; empty where it holds all or is none."""
        known = self.state("sample").get("since")
        return str(known.get(contract_id, "")) if isinstance(known, dict) else ""

    def system(self, name: str) -> str:
        """The address or host key that a contract means by {name}. Raises SettingsError where it is not known."""
        found = self.systems.get(name) or self.state("systems").get(name)
        if not found:
            remedy = f"Give it below [systems] in {settings_file()}; the sample city's come with `govlake up --sample`."
            raise SettingsError(f"No address is known for {{{name}}}.", remedy)
        return str(found)

    def pseudonym_key(self) -> str:
        """Key of the keyed hashes that replace personal identifiers, as 64 hexadecimal digits. Never in the lake."""
        return hashlib.sha256(self.secret("pseudonym").encode()).hexdigest()

    def trust(self) -> dict[str, str]:
        """Let this process, and those that get the variables returned, trust `s3_ca` beside the usual authorities."""
        if self.s3_ca is None:
            return {}
        bundle = self.run_dir / "trusted.pem"
        given = os.environ.get("SSL_CERT_FILE")
        if given != str(bundle):
            usual = Path(given or ssl.get_default_verify_paths().cafile or _public_authorities())
            text = "\n".join(file.read_text("utf-8") for file in (usual, self.s3_ca) if file.is_file())
            draft = self.private("run") / f"trusted.{os.getpid()}"
            draft.write_text(text, "utf-8")
            draft.replace(bundle)
            os.environ["SSL_CERT_FILE"] = str(bundle)
        return {"SSL_CERT_FILE": str(bundle)}

    def home_id(self) -> str:
        """What this home is called in a lake that others may write too; moves with the home, is not secret."""
        return hashlib.sha256(self.secret("home").encode()).hexdigest()[:16]

    def port(self, service: str) -> int:
        """The port chosen for `service` when the stack was started."""
        ports = self.state("ports")
        if service not in ports:
            raise SettingsError(f"No port is known for {service}.", "Start the stack with `govlake up`.")
        return int(str(ports[service]))

    def engine_address(self) -> str:
        """Address of the Spark Connect engine, as sc://host:port."""
        return self.engine_url or f"sc://127.0.0.1:{self.port('engine')}"

    def postgres(self, database: str = "govlake") -> str:
        """URL of the PostgreSQL database `database` for the pipeline's own role."""
        if self.postgres_url:
            base, _, query = self.postgres_url.partition("?")
            base = base.rsplit("/", 1)[0] if base.count("/") > 2 else base
            return f"{base}/{database}" + (f"?{query}" if query else "")
        password = self.secret("postgres")
        return f"postgresql://govlake:{password}@127.0.0.1:{self.port('postgres')}/{database}"

    def environment(self) -> dict[str, str]:
        """What a child process needs so that it sees this home."""
        return {
            **os.environ,
            "GOVLAKE_HOME": str(self.home),
            "GOVLAKE_PACK": str(self.pack),
            "GOVLAKE_OPEN_DATA": str(self.open_data),
            "GOVLAKE_SETTINGS": str(settings_file()),
            **({"GOVLAKE_ENGINE_URL": self.engine_url} if self.engine_url else {}),
            **({"GOVLAKE_POSTGRES_URL": self.postgres_url} if self.postgres_url else {}),
        }


def _public_authorities() -> str:
    """The usual authorities where the system has no file of them."""
    import certifi

    return certifi.where()


def settings_file() -> Path:
    """The settings file of this process; it need not exist, unless GOVLAKE_SETTINGS names it."""
    named = os.environ.get("GOVLAKE_SETTINGS")
    if named:
        return Path(named).expanduser().resolve()
    home = os.environ.get("GOVLAKE_HOME")
    return (Path(home).expanduser().resolve() if home else PROJECT / ".govlake") / "govlake.toml"


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    try:
        return Settings()
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{settings_file()} is not valid TOML: {error}.", "Correct the line it names.") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"The setting {name} (GOVLAKE_{name.upper()}) is '{first['input']}': {first['msg'].lower()}.",
            f"Correct it in the environment or in {settings_file()}.",
        ) from error
