"""Apache Spark's settings as they are written into a home, and what is said where it cannot be started."""

import os
import stat
from pathlib import Path

import pytest

from govlake.errors import StackError
from govlake.settings import Settings, settings
from govlake.stack import engines, home, programs, spark, spark_jars, supervisor
from govlake.stack.lifecycle import _configure


def written(own: Settings) -> dict[str, str]:
    """The server's settings as Spark reads them."""
    text = spark.files(own, 50051)[own.run_dir / "spark" / "spark-defaults.conf"]
    return dict(line.split(" ", 1) for line in text.splitlines())


def test_the_server_stays_on_loopback_and_in_the_home(tmp_path: Path) -> None:
    found = written(Settings(home=tmp_path, engine="spark", engine_memory_mb=3000, bind="0.0.0.0"))
    addresses = {name: value for name, value in found.items() if name.endswith(("ddress", ".host"))}
    assert addresses and set(addresses.values()) == {"127.0.0.1"}
    folders = [found[name] for name in ("spark.local.dir", "spark.sql.warehouse.dir")]
    assert all(folder.startswith(str(tmp_path / "tmp")) for folder in folders)
    assert (found["spark.master"], found["spark.driver.memory"]) == ("local[*]", "3000m")
    assert (found["spark.sql.session.timeZone"], found["spark.ui.enabled"]) == ("UTC", "false")
    assert found["spark.databricks.delta.snapshotPartitions"] == "2"
    # Of 100 million rows, two tasks cannot hold a half each.
    assert int(found["spark.sql.adaptive.coalescePartitions.initialPartitionNum"]) >= 32


def test_a_store_on_s3_is_named_with_its_keys_in_a_private_file_alone(enter, monkeypatch: pytest.MonkeyPatch) -> None:
    named = {"ENGINE": "spark", "STORE": "s3://city/lake", "S3_ENDPOINT": "http://127.0.0.1:9000"}
    named |= {"S3_ACCESS_KEY": "who", "S3_SECRET_KEY": "hidden-key", "SPARK_SECRET": "hidden-word"}
    for name, value in named.items():
        monkeypatch.setenv(f"GOVLAKE_{name}", value)
    folder = enter("home")
    home.prepare()
    spark.prepare(settings(), 50051)
    found = written(settings())
    assert found["spark.hadoop.fs.s3a.endpoint"] == "http://127.0.0.1:9000"
    assert found["spark.hadoop.fs.s3.impl"].endswith("S3AFileSystem")
    assert found["spark.authenticate.secret"] == "hidden-word"
    command = " ".join([*spark.command(settings()), *spark.environment(settings()).values()])
    assert "hidden" not in command
    for path in (folder / "run" / "spark").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_engine_that_is_named_takes_the_others_place(enter, monkeypatch: pytest.MonkeyPatch) -> None:
    enter("home")
    home.prepare()
    _configure()
    embedded = supervisor.configuration_file().read_text()
    monkeypatch.setenv("GOVLAKE_ENGINE", "spark")
    enter("home")
    _configure()
    assert [program.name for program in programs.all_programs()].count("engine") == 1
    assert "spark-submit" in supervisor.configuration_file().read_text() and "spark-submit" not in embedded
    assert engines.report()["engine"] == "Apache Spark, master local[*]"


def test_the_driver_is_reachable_where_the_workers_are() -> None:
    assert spark.reachable_at("local[2]") == spark.reachable_at("spark://127.0.0.1:7077") == "127.0.0.1"
    with pytest.raises(StackError, match="cannot be reached"):
        spark.reachable_at("spark://no-such-host.invalid:7077")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that puts a program of that name, and no other, in front of everything."""

    def put(name: str, text: str) -> None:
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / "bin" / name).chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/nowhere")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("GOVLAKE_SPARK_JARS", str(tmp_path / "jars"))
    settings.cache_clear()
    yield put
    settings.cache_clear()


def test_what_is_missing_is_one_sentence_with_its_remedy(program) -> None:
    with pytest.raises(StackError, match=r"needs Java 17 or 21, and there is none\. Install Java 17"):
        spark_jars.fetch(print)
    program("java", "echo 'openjdk version \"11.0.2\"' >&2")
    with pytest.raises(StackError, match=r"bin/java is 11\. Install Java 17"):
        spark_jars.fetch(print)


def test_without_maven_or_with_other_jars_nothing_is_put_in_place(program, tmp_path: Path) -> None:
    program("java", "echo 'openjdk version \"17.0.9\"' >&2")
    spark_jars._major.cache_clear()
    with pytest.raises(StackError, match=r"Maven, which fetches .* is not installed"):
        spark_jars.fetch(print)
    program("mvn", "echo '[ERROR] no network'; exit 1")
    with pytest.raises(StackError, match=r"could not fetch the jars: no network\. Check the network"):
        spark_jars.fetch(print)
    program("mvn", "exit 0")
    with pytest.raises(StackError, match=r"jars are not those of infra/spark/jars\.sha256"):
        spark_jars.fetch(print)
    assert not (tmp_path / "jars").exists()
    assert len(spark_jars.wrong(tmp_path / "jars")) == len(spark_jars.wanted()) > 40
