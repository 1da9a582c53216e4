"""Unified social credit codes (统一社会信用代码), GB 32100-2015, and the organisation code inside, GB 11714-1997.

18 characters: one of the registering authority, one of the category, six of the area, nine of the organisation code
and a check character. The organisation code ends in a check character of its own, so a code carries two nested
checks.
"""

from __future__ import annotations

from spark_jobs.standards.check import letter
from spark_jobs.standards.check import number as in_radix
from spark_jobs.standards.resident_id import CUT, POWER
from spark_jobs.standards.text import code as plain
from spark_jobs.standards.text import without

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z: they look like digits
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FAULTS = ("form", "excel", "organisation", "check")
ORGANISATION_FAULTS = ("form", "excel", "check")
FORM = f"^[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}$"
ORGANISATION_FORM = "^[0-9A-Z]{8}[0-9X]$"


def code(text: str) -> str:
    """The code in its plain form: capitals, half-width, no space inside; the hyphen before a check is left out."""
    return without(plain(text), "-")


def fault(number: str) -> str:
    """The first thing that is wrong with a credit code in its plain form, one of FAULTS; null where nothing is.

    `organisation` is the check inside, `check` the one of the whole code.
    """
    checked = f"substr({number}, 18, 1) = {check_character(number)}"
    return (
        f"CASE WHEN {number} IS NULL THEN NULL WHEN {number} RLIKE '{POWER}' THEN 'excel' "
        f"WHEN NOT {number} RLIKE '{FORM}' THEN 'form' "
        f"WHEN {number} RLIKE '{CUT}' AND NOT {checked} THEN 'excel' "
        f"WHEN {_organisation_check(f'substr({number}, 9, 9)')} <> substr({number}, 17, 1) THEN 'organisation' "
        f"WHEN NOT {checked} THEN 'check' END"
    )


def organisation_fault(number: str) -> str:
    """The first thing that is wrong with an organisation code, or with the credit code that stands in its place."""
    inner = _organisation_check(number)
    whole = fault(number)
    return (
        f"CASE WHEN length({number}) = 18 OR {number} RLIKE '{POWER}' THEN "
        f"CASE WHEN {whole} = 'organisation' THEN 'check' ELSE {whole} END "
        f"WHEN NOT {number} RLIKE '{ORGANISATION_FORM}' THEN 'form' "
        f"WHEN {inner} <> substr({number}, 9, 1) THEN 'check' END"
    )


def organisation_code(number: str) -> str:
    """The nine characters of an organisation code, taken out of a credit code where that was delivered."""
    return f"CASE WHEN length({number}) = 18 THEN substr({number}, 9, 9) ELSE {number} END"


def check_character(number: str) -> str:
    """The check character that the first 17 ask for; a sum that 31 divides asks for 0."""
    total = in_radix(f"reverse(substr({number}, 1, 17))", ALPHABET, 3)  # the weights are 1, 3, 9 ... 3**16 modulo 31
    return letter(ALPHABET, f"((31 - {total} % 31) % 31)")


def _organisation_check(number: str) -> str:
    """11 less the sum, of which 10 is written X and 11 is written 0."""
    body = f"substr({number}, 1, 8)"  # the weights 3, 7, 9 ... 4, 2 are 2**8 ... 2 modulo 11
    return letter("0X987654321", f"(2 * {in_radix(body, ORGANISATION_ALPHABET, 2)} % 11)")
