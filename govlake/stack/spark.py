"""Apache Spark, the cluster engine: a Spark Connect server on loopback, alone or as the driver of a cluster.

Everything is set on the server, in files of the home that their owner alone can read: what a client asks for statically
is dropped without a word. The server's memory is the Java heap of the driver; a cluster's workers have their own.
"""

import os
import shutil
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from govlake.errors import StackError
from govlake.settings import Settings
from govlake.stack import spark_jars

SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
LOOPBACK = "127.0.0.1"
JAVA = "-Duser.timezone=UTC -XX:MetaspaceSize=256m"  # Spark loads 20,000 classes: room for them from the start
# Small work takes seconds instead of half a minute: the defaults are made for tables of a thousand times the size.
SMALL = {
    "spark.databricks.delta.snapshotPartitions": "2",
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "4",
}
PARTS = 32  # of a shuffle, before those with little are put together
# The server lives for weeks: what it remembers of finished work is kept low.
FORGETFUL = {
    "spark.ui.enabled": "false",
    "spark.ui.retainedJobs": "20",
    "spark.ui.retainedStages": "20",
    "spark.ui.retainedTasks": "200",
    "spark.sql.ui.retainedExecutions": "5",
    "spark.sql.ui.explainMode": "simple",  # every statement's plan is written out for a page that nobody sees
    "spark.connect.session.planCache.maxSize": "16",
}
DELTA = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.catalogImplementation": "in-memory",
    # What Spark writes, Sail and delta-rs must read and replace.
    "spark.databricks.delta.properties.defaults.enableDeletionVectors": "false",
}
JAVAS_OWN = "changeit"  # the password of every Java's list of authorities; it protects nothing
LOG = """
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd HH:mm:ss} %p %c{1}: %m%n%ex{short}
"""


def home() -> Path:
    """The Spark that the pyspark wheel brings."""
    found = find_spec("pyspark")
    if found is None or found.origin is None:
        raise StackError("pyspark is not installed.", "Run `make setup`.")
    return Path(found.origin).parent


def folder(own: Settings) -> Path:
    """Where the server's own settings lie."""
    return own.run_dir / "spark"


def scratch(own: Settings) -> Path:
    """Spill, and whatever else Spark writes besides the lake; safe to delete when nothing runs."""
    return own.tmp / "spark"


def command(own: Settings) -> list[str]:
    """Command line of the server; its settings are in `files()`."""
    properties = str(folder(own) / "spark-defaults.conf")
    return [str(home() / "bin" / "spark-submit"), "--properties-file", properties, "--class", SERVER, "spark-internal"]


def environment(own: Settings) -> dict[str, str]:
    """What Spark's start scripts need to know."""
    return {
        "SPARK_HOME": str(home()),
        "SPARK_CONF_DIR": str(folder(own)),
        "SPARK_LOCAL_DIRS": str(scratch(own)),
        "PYSPARK_PYTHON": sys.executable,
    }


def files(own: Settings, port: int) -> dict[Path, str]:
    """The server's settings files, by path. Secrets are in them."""
    given = {**properties(own), **s3a(own), **own.spark_conf, **connect(port)}
    lines = [f"{name} {value}" for name, value in given.items()]
    return {
        folder(own) / "spark-defaults.conf": "\n".join([*lines, ""]),
        folder(own) / "log4j2.properties": LOG.lstrip(),
    }


def prepare(own: Settings, port: int) -> None:
    """Write the server's settings and make its scratch folder; only the owner can read either."""
    for part in ("tmp", "run"):
        own.private(part, "spark")
    for path, text in files(own, port).items():
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
    if own.s3_ca is not None:
        _write_authorities(own, own.s3_ca)


def authorities(own: Settings) -> Path:
    """Java's usual authorities and the store's own, in Java's form."""
    return folder(own) / "authorities"


def _write_authorities(own: Settings, certificate: Path) -> None:
    java = Path(spark_jars.java()[0]).resolve()
    draft = authorities(own).with_suffix(".new")
    shutil.copyfile(java.parents[1] / "lib" / "security" / "cacerts", draft)
    options = ["-noprompt", "-alias", "govlake-store", "-file", str(certificate), "-storepass", JAVAS_OWN]
    command = [str(java.with_name("keytool")), "-importcert", *options, "-keystore", str(draft)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        said = (done.stdout or done.stderr).strip().splitlines()
        raise StackError(
            f"Java does not take the certificate {certificate}: {said[-1] if said else 'no reason given'}.",
            "The setting s3_ca names the certificate, as PEM, of the authority that signed the S3 server's.",
        )
    draft.replace(authorities(own))


def connect(port: int) -> dict[str, str]:
    """Where clients reach the server. Nothing overrides it: whoever reaches the port may do anything."""
    return {"spark.connect.grpc.binding.address": LOOPBACK, "spark.connect.grpc.binding.port": str(port)}


def properties(own: Settings) -> dict[str, str]:
    """Settings of the server that hold for any store."""
    java = f"{JAVA} -Djava.io.tmpdir={_quoted(scratch(own))}"
    if own.s3_ca is not None:
        java += f" -Djavax.net.ssl.trustStore={_quoted(authorities(own))}"
    return {
        "spark.app.name": "govlake",
        "spark.master": own.spark_master,
        "spark.jars": ",".join(str(path) for path in spark_jars.paths()),
        "spark.driver.memory": f"{own.engine_memory_mb}m",
        "spark.driver.extraJavaOptions": java,
        "spark.driver.bindAddress": reachable_at(own.spark_master),
        "spark.driver.host": reachable_at(own.spark_master),
        "spark.local.dir": str(scratch(own)),
        "spark.sql.warehouse.dir": str(scratch(own) / "warehouse"),
        "spark.sql.session.timeZone": "UTC",
        **_shuffles(),
        **SMALL,
        **FORGETFUL,
        **DELTA,
        **_authentication(own),
    }


def _shuffles() -> dict[str, str]:
    """Into how many parts data is divided: where there is little few, where there is much such as a task can hold."""
    cores = max(2, os.cpu_count() or 2)
    return {
        "spark.sql.shuffle.partitions": str(cores),
        "spark.sql.adaptive.coalescePartitions.initialPartitionNum": str(max(PARTS, 2 * cores)),
    }


def s3a(own: Settings) -> dict[str, str]:
    """How Spark reaches the S3 server that the home names; empty where the store is a folder.

    Both `s3://` and `s3a://` are read by S3A, so that a table has one address for every engine.
    """
    if not own.store.startswith("s3"):
        return {}
    filesystem = "org.apache.hadoop.fs.s3a"
    given = {
        "s3.impl": f"{filesystem}.S3AFileSystem",
        "AbstractFileSystem.s3.impl": f"{filesystem}.S3A",
        "s3a.endpoint": own.s3_endpoint,
        "s3a.endpoint.region": own.s3_region,
        "s3a.path.style.access": "true" if own.s3_endpoint else "",
        "s3a.connection.ssl.enabled": "false" if own.s3_endpoint.startswith("http://") else "",
        "s3a.access.key": own.s3_access_key,
        "s3a.secret.key": own.s3_secret_key.get_secret_value(),
        # A server that restarts is waited for; one that is not there is named within a minute.
        "s3a.attempts.maximum": "6",
        "s3a.retry.limit": "6",
    }
    return {f"spark.hadoop.fs.{name}": value for name, value in given.items() if value}


def reachable_at(master: str) -> str:
    """The driver's own address: loopback, unless the workers are on other machines."""
    address = urlsplit(master)
    if not master.startswith("spark://") or address.hostname in (LOOPBACK, "localhost"):
        return LOOPBACK
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((address.hostname or "", address.port or 7077))
            return str(probe.getsockname()[0])
    except OSError as error:
        raise StackError(
            f"The Spark master {master} cannot be reached: {error.strerror or error}.",
            "Check the setting spark_master.",
        ) from error


def _authentication(own: Settings) -> dict[str, str]:
    """Driver and workers of a cluster know each other by a secret, where one is set."""
    secret = own.spark_secret.get_secret_value()
    if not secret:
        return {}
    return {
        "spark.authenticate": "true",
        "spark.authenticate.secret": secret,
        "spark.network.crypto.enabled": "true",
    }


def _quoted(path: Path) -> str:
    """The path as one word of Java's options."""
    return f'"{path}"' if " " in str(path) else str(path)
