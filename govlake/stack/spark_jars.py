"""The jars that Apache Spark needs beyond its own: copied once by Maven, known by their sums, offline afterwards."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from govlake.errors import StackError
from govlake.settings import settings

Report = Callable[[str], None]
JAVA = (17, 21)  # what Spark 4.1 runs on
INSTALL_JAVA = "Install Java 17, for example `apt-get install openjdk-17-jre-headless`."
INSTALL_MAVEN = "Install it, for example `apt-get install maven`; it is needed for the first start only."


def folder() -> Path:
    """Where the jars lie."""
    return settings().spark_jars


def wanted() -> dict[str, str]:
    """The sha256 of every jar, by file name, as committed."""
    lines = (settings().project / "infra" / "spark" / "jars.sha256").read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def paths() -> list[Path]:
    """The jars in the order of their names, whether they are there or not."""
    return [folder() / name for name in sorted(wanted())]


def wrong(place: Path) -> list[str]:
    """Names of the jars that `place` lacks, or holds with other content."""
    return [name for name, digest in sorted(wanted().items()) if _digest(place / name) != digest]


def are_here() -> bool:
    """Whether every jar is there, byte for byte."""
    return not wrong(folder())


def fetch(report: Report) -> bool:
    """Bring the jars to their folder; True where anything had to be fetched. Raises StackError with what is missing."""
    if are_here():
        return False
    with _turn():
        if are_here():
            return False
        java()
        maven = shutil.which("mvn", path=settings().environment().get("PATH"))
        if maven is None:
            raise StackError("Maven, which fetches Apache Spark's Delta and S3 jars, is not installed.", INSTALL_MAVEN)
        draft = folder().with_name(f"{folder().name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        _copy(maven, draft, report)
        odd = wrong(draft)
        if odd:
            raise StackError(
                f"{len(odd)} jars are not those of infra/spark/jars.sha256, {odd[0]} among them.",
                "Delete them from Maven's local folder and repeat `govlake engine fetch`.",
            )
        shutil.rmtree(folder(), ignore_errors=True)
        draft.replace(folder())
    return True


@contextmanager
def _turn() -> Iterator[None]:
    """Two that fetch at once take turns."""
    folder().parent.mkdir(parents=True, exist_ok=True)
    with folder().with_name(f"{folder().name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _copy(maven: str, draft: Path, report: Report) -> None:
    """Let Maven resolve and copy; `report` hears of each jar that comes from outside."""
    pom = settings().project / "infra" / "spark" / "pom.xml"
    command = [maven, "--batch-mode", "--file", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={draft}"]
    report(f"Fetching {len(wanted())} jars for Apache Spark")
    said: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=settings().environment()
    ) as process:
        for line in process.stdout or ():
            said.append(re.sub(r"\x1b\[[0-9;]*m", "", line).strip())
            if re.match(r"\[INFO\] Downloaded .*\.jar ", said[-1]):
                report(f"Fetched {said[-1].split('.jar ')[0].rpartition('/')[2]}.jar")
    if process.returncode:
        reason = next((line for line in said if line.startswith("[ERROR]")), said[-1] if said else "no reason given")
        raise StackError(
            f"Maven could not fetch the jars: {reason.removeprefix('[ERROR]').strip().rstrip('.')[:300]}.",
            "Check the network or Maven's settings, then repeat `govlake engine fetch`.",
        )


def java() -> tuple[str, int]:
    """The Java that Spark's own scripts would take, and its major version. Raises StackError where it does not fit."""
    environment = settings().environment()
    home = environment.get("JAVA_HOME")
    found = str(Path(home) / "bin" / "java") if home else shutil.which("java", path=environment.get("PATH"))
    if not found or not os.access(found, os.X_OK):
        where = f" in JAVA_HOME ({home})" if home else ""
        raise StackError(f"Apache Spark needs Java 17 or 21, and there is none{where}.", INSTALL_JAVA)
    major = _major(found)
    if major not in JAVA:
        raise StackError(f"Apache Spark needs Java 17 or 21; {found} is {major or 'unknown'}.", INSTALL_JAVA)
    return found, major


@cache
def _major(java: str) -> int:
    said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60).stderr
    version = re.search(r'version "(\d+)', said)
    return int(version.group(1)) if version else 0


def _digest(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
