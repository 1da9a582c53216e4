"""From measures to a verdict, and from numbers to words."""

from collections.abc import Iterable

from govlake.batch import GateResult, GateVerdict, Verdict


def decide(gate: str, results: Iterable[GateResult]) -> GateVerdict:
    """Hold where a measure that must hold failed, flag where any failed, else pass.

    What could not be assessed decides nothing.
    """
    measures = tuple(results)
    failed = [result for result in measures if result.assessable and not result.passed]
    verdict: Verdict = "flag" if failed else "pass"
    if any(result.severity == "hold" for result in failed):
        verdict = "hold"
    return GateVerdict(gate, verdict, measures)


def percent(part: float, whole: float) -> str:
    """A share as people write it: `40 %`, `0.3 %`, `< 0.1 %`; 100 % is all, 0 % is none."""
    share = 100 * part / whole if whole else 0.0
    if 0 < share < 0.1:
        return "< 0.1 %"
    if 99.5 <= share < 100:
        return f"{min(share, 99.9):.1f} %"
    return f"{share:.0f} %" if share >= 10 or share == 0 else f"{share:.1f} %"


def number(value: float | None) -> str:
    """A count or a measure with separators, without decimals it does not need."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def span(low: float | None, high: float | None) -> tuple[str, str]:
    """Bounds in English and Chinese."""
    if low is not None and low == high:
        return f"exactly {number(low)}", f"应为 {number(low)}"
    if high is None:
        return f"at least {number(low)}", f"应不少于 {number(low)}"
    if low is None:
        return f"at most {number(high)}", f"应不超过 {number(high)}"
    return f"between {number(low)} and {number(high)}", f"应在 {number(low)} 至 {number(high)} 之间"
