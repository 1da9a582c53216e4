"""The standards library's own tests once more on Apache Spark; a new file of tests there joins by itself."""

from importlib import import_module
from inspect import isfunction

import pytest

from govlake.settings import PROJECT
from tests.spark_jobs.conftest import write_contract

__all__ = ["write_contract"]
pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("home", "engine")]
ROOM = "tests/spark_jobs/standards"

for file in sorted((PROJECT / ROOM).glob("test_*.py")):
    module = import_module(f"{ROOM.replace('/', '.')}.{file.stem}")
    for name, found in vars(module).items():
        # What a module has under its own name, not what it imported.
        if name.startswith("test_") and isfunction(found):
            assert name not in globals(), f"{file.name} has a test {name} that another file has too"
            globals()[name] = found
