"""What can be said of the home's engine, whichever it is."""

from importlib.metadata import version
from typing import Any

from govlake.errors import GovlakeError
from govlake.settings import settings
from govlake.stack import engine, spark_jars

PACKAGES = {"sail": "pysail", "spark": "pyspark"}
TITLES = {"sail": "Sail, embedded", "spark": "Apache Spark"}


def report() -> dict[str, Any]:
    """Engine, version, address, whether it answers, and its jars."""
    home = settings()
    try:
        address = home.engine_address()
    except GovlakeError:
        address = ""
    said = f"{TITLES[home.engine]}, at a given address" if home.engine_url else _title()
    return {
        "engine": said,
        "version": version(PACKAGES[home.engine]) + (f" with Delta {delta()}" if home.engine == "spark" else ""),
        "address": address or "none yet: `govlake up` chooses a port",
        "answers": bool(address) and engine.answers(address),
        "jars": jars(),
    }


def _title() -> str:
    home = settings()
    return TITLES[home.engine] + (f", master {home.spark_master}" if home.engine == "spark" else "")


def delta() -> str:
    """The version of Delta that Apache Spark is given."""
    return (
        next(name for name in spark_jars.wanted() if name.startswith("delta-spark")).split("-")[2].removesuffix(".jar")
    )


def jars() -> str:
    """How Apache Spark's jars stand, in words."""
    lacking, all_of_them = spark_jars.wrong(spark_jars.folder()), len(spark_jars.wanted())
    if lacking:
        here = f"{all_of_them - len(lacking)} of {all_of_them} in {spark_jars.folder()}"
        return f"{here}; `govlake engine fetch` brings them"
    return f"{all_of_them} in {spark_jars.folder()}"
