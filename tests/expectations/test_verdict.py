"""From measures to a verdict, and from numbers to words."""

import subprocess
import sys

import pytest

from expectations.verdict import decide, number, percent, span
from govlake.batch import GateResult


def measure(severity: str, passed: bool, assessable: bool = True) -> GateResult:
    return GateResult("gate_2", "t", "r", "", severity, assessable, passed)


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ([], "pass"),
        ([measure("hold", True)], "pass"),
        ([measure("warn", False), measure("hold", True)], "flag"),
        ([measure("quarantine", False), measure("hold", False)], "hold"),
        ([measure("hold", False, assessable=False)], "pass"),
    ],
    ids=["nothing", "good", "warned", "held", "not assessable"],
)
def test_decide(results: list[GateResult], verdict: str) -> None:
    assert decide("gate_2", results).verdict == verdict


def test_numbers_as_people_write_them() -> None:
    assert [percent(*pair) for pair in ((0, 9), (1, 3), (1204, 3000), (3, 1000), (1, 5000), (999, 1000), (9, 9))] == [
        *("0 %", "33 %", "40 %", "0.3 %", "< 0.1 %", "99.9 %", "100 %")
    ]
    assert [number(value) for value in (None, 1204, 2.5)] == ["-", "1,204", "2.50"]
    assert [span(*pair)[0] for pair in ((1, 1), (1, None), (None, 2), (1, 2))] == [
        *("exactly 1", "at least 1", "at most 2", "between 1 and 2")
    ]


def test_the_gates_are_cheap_to_import() -> None:
    code = "import sys, expectations.gates; sys.exit('great_expectations' in sys.modules or 'pyspark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
