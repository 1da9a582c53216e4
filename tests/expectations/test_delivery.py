"""Gate 1: what is not the agreed file is held or flagged before its values are read."""

from datetime import timedelta

import pytest

from expectations import gates
from govlake import landing
from govlake.batch import Batch, Outcome
from govlake.contracts import Contract
from govlake.ledger import Ledger
from govlake.settings import settings
from spark_jobs import bronze
from tests.expectations.conftest import DAY, TAPS, accept, rows
from tests.expectations.test_rows import failed, results

pytestmark = [pytest.mark.engine, pytest.mark.postgres, pytest.mark.usefixtures("engine", "home")]
HEADER = "tap_id,card,tapped_at,mode,line,fare,paid"


def lines(count: int) -> list[str]:
    return [",".join(str(cell) for cell in row) for row in rows(count)]


def judge(contract: Contract, header: str, body: list[str], declared: int | None = None) -> Outcome:
    """Land a file, bring it to bronze, and let gate 1 judge it."""
    settings().inbox.mkdir(parents=True, exist_ok=True)
    file = settings().inbox / f"taps_{DAY:%Y%m%d}.csv"
    file.write_text("\n".join([header, *body]) + "\n", encoding="utf-8")
    if declared is not None:
        file.with_name(f"{file.name}.rows").write_text(str(declared))
    landing.land(contract, DAY)
    batch = Batch(contract, DAY)
    bronze.run(batch)
    return gates.gate_1(batch)


def test_the_agreed_file_passes(taps: Contract, ledger: Ledger) -> None:
    outcome = judge(taps, HEADER, lines(6), declared=6)
    assert (outcome.status, outcome.verdict, failed(outcome)) == ("done", "pass", [])
    assert outcome.line.startswith("gate 1 transit.tap: pass, ")
    assert results(outcome)["declared"].assessable
    assert not results(outcome)["volume"].assessable


def test_a_missing_column_holds(taps: Contract, ledger: Ledger) -> None:
    short = [line.rsplit(",", 1)[0] for line in lines(6)]
    outcome = judge(taps, HEADER.rsplit(",", 1)[0], short)
    assert (outcome.status, outcome.verdict, failed(outcome)) == ("held", "hold", ["columns"])
    assert results(outcome)["columns"].message_en == "1 of 7 agreed columns are missing: paid"
    assert results(outcome)["columns"].message_zh == "约定的 7 列中缺少 1 列：paid"


def test_an_unknown_column_is_said(taps: Contract, ledger: Ledger) -> None:
    outcome = judge(taps, HEADER + ",weather", [line + ",rain" for line in lines(6)])
    assert (outcome.verdict, failed(outcome)) == ("flag", ["drift"])
    assert results(outcome)["drift"].message_en == "1 delivered columns are not in the contract: weather"


@pytest.mark.parametrize("empty", ["", " ", "NULL", "\u3000"], ids=["nothing", "blank", "NULL", "wide blank"])
def test_half_the_keys_null_holds(empty: str, taps: Contract, ledger: Ledger) -> None:
    spoiled = [empty + line[line.index(",") :] if n % 2 else line for n, line in enumerate(lines(6))]
    outcome = judge(taps, HEADER, spoiled)
    assert (outcome.verdict, failed(outcome)) == ("hold", ["tap_id.given"])
    assert results(outcome)["tap_id.given"].message_en == (
        "3 of 6 rows (50 %) have no Tap id; at most 20 % were agreed"
    )


def test_empty_rows_do_not_count_as_rows_without_a_key(taps: Contract, ledger: Ledger) -> None:
    outcome = judge(taps, HEADER, lines(4) + [",,,,,,"] * 6)
    assert (results(outcome)["tap_id.given"].b, outcome.verdict) == (4, "pass")


def test_no_row_holds(taps: Contract, ledger: Ledger) -> None:
    outcome = judge(taps, HEADER, [])
    assert (outcome.verdict, failed(outcome)) == ("hold", ["rows"])


def test_other_than_declared_holds(taps: Contract, ledger: Ledger) -> None:
    outcome = judge(taps, HEADER, lines(5), declared=6)
    assert (outcome.verdict, failed(outcome)) == ("hold", ["declared"])
    assert results(outcome)["declared"].message_en == "5 rows arrived, the supplier declared 6"


@pytest.mark.parametrize(("count", "verdict"), [(20, "pass"), (15, "flag"), (10, "hold"), (60, "hold")])
def test_against_what_is_usual(count: int, verdict: str, taps: Contract, ledger: Ledger) -> None:
    for back in range(1, 4):
        accept(ledger, taps, DAY - timedelta(days=back), 20)
    assert judge(taps, HEADER, lines(count)).verdict == verdict


def test_an_optional_table_may_be_empty(write_contract, ledger: Ledger) -> None:  # type: ignore[no-untyped-def]
    optional = write_contract(
        TAPS.replace("{property: timezone", "{property: optional, value: true}\n  - {property: timezone")
    )
    outcome = judge(optional, HEADER, [])
    assert (outcome.verdict, failed(outcome)) == ("pass", [])
