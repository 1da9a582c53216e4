"""Resident identity numbers (公民身份号码), GB 11643-1999, and the 15 digits of GB 11643-1989.

18 characters: six of the area of first registration, eight of the day of birth, three of sequence (odd: male) and a
check character, ISO 7064 MOD 11-2. The old form has no century and no check; all who bear one were born in the
1900s, but for the sequences 996 to 999, which were kept for centenarians and are refused here.
"""

from __future__ import annotations

from spark_jobs.standards.check import DIGITS, letter
from spark_jobs.standards.check import number as in_radix
from spark_jobs.standards.text import code as plain

CHECKS = "10X98765432"  # by the remainder of the weighted sum; the weights 7, 9, 10 ... 4, 2 are 2**17 ... 2 modulo 11
# First two digits of GB/T 2260, those of residence permits (81, 82, 83), and 99, which no region has: invented persons.
REGIONS = (
    *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37"),
    *("41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65"),
    *("71", "81", "82", "83", "99"),
)
FAULTS = ("form", "excel", "area", "birth_date", "check")
# What a spreadsheet leaves of 18 digits: 15 of them and zeros, or a power of ten.
CUT = "^[0-9]{15}000$"
POWER = "^[0-9]([.][0-9]+)?E[+]?1[0-9]$"


def code(text: str) -> str:
    """The number in its plain form: capital X, half-width, no space inside."""
    return plain(text)


def normal(number: str) -> str:
    """A number in its plain form as 18 characters, so that the old form and the new one of a person are equal."""
    body = f"concat(substr({number}, 1, 6), '19', substr({number}, 7, 9))"
    long = f"concat({body}, {check_character(body)})"
    return f"CASE WHEN {number} RLIKE '^[0-9]{{15}}$' THEN {long} ELSE {number} END"


def fault(number: str) -> str:
    """The first thing that is wrong with a number in its plain form, one of FAULTS; null where nothing is."""
    full = f"{number} RLIKE '^[0-9]{{17}}[0-9X]$'"
    old = f"{number} RLIKE '^[0-9]{{15}}$' AND substr({number}, 13, 3) < '996'"
    checked = f"substr({number}, 18, 1) = {check_character(number)}"
    regions = ", ".join(f"'{region}'" for region in REGIONS)
    return (
        f"CASE WHEN {number} IS NULL THEN NULL WHEN {number} RLIKE '{POWER}' THEN 'excel' "
        f"WHEN NOT ({full} OR {old}) THEN 'form' "
        f"WHEN {number} RLIKE '{CUT}' AND NOT {checked} THEN 'excel' "
        f"WHEN substr({number}, 1, 2) NOT IN ({regions}) THEN 'area' "
        f"WHEN {birth_date(number)} IS NULL THEN 'birth_date' "
        f"WHEN length({number}) = 18 AND NOT {checked} THEN 'check' END"
    )


def check_character(number: str) -> str:
    """The check character that the first 17 digits ask for."""
    total = f"2 * {in_radix(f'substr({number}, 1, 17)', DIGITS, 2)}"
    return letter(CHECKS, f"({total} % 11)")


def area(number: str) -> str:
    """The area of first registration, six digits. It may be abolished long since, and says nothing about residence."""
    return f"substr({number}, 1, 6)"


def birth_date(number: str) -> str:
    """The day of birth; null where no such day exists."""
    new = f"concat_ws('-', substr({number}, 7, 4), substr({number}, 11, 2), substr({number}, 13, 2))"
    old = f"concat_ws('-', concat('19', substr({number}, 7, 2)), substr({number}, 9, 2), substr({number}, 11, 2))"
    written = (
        f"CASE WHEN length({number}) = 15 AND {number} RLIKE '^.{{6}}[0-9]{{6}}' THEN {old} "
        f"WHEN length({number}) <> 15 AND {number} RLIKE '^.{{6}}(18|19|20)[0-9]{{6}}' THEN {new} END"
    )
    return f"try_cast({written} AS date)"


def sex(number: str) -> str:
    """The sex as GB/T 2261.1 codes it: 1 male, 2 female."""
    last = f"CASE WHEN length({number}) = 15 THEN substr({number}, 15, 1) ELSE substr({number}, 17, 1) END"
    return f"CASE WHEN pmod(ascii({last}), 2) = 1 THEN '1' ELSE '2' END"
