"""The sums behind check characters, in as few SQL expressions as there are digits in a character's value.

Each weight of the standards is a power of 2 or of 3. So the sum is what the characters say as one number in that radix,
and a cast of numbers reads it for all places at once: written out place by place it is a plan that takes an engine
longer to think about than a day's rows.
"""

from __future__ import annotations

from spark_jobs.standards.text import quote

DIGITS = "0123456789"


def number(text: str, alphabet: str, radix: int) -> str:
    """The sum of `radix ** (places to the right) * value`, where a character's value is its place in `alphabet`.

    Any value for a text with characters outside `alphabet`; at most 64 bits.
    """
    planes, unit = [], 1
    while unit < len(alphabet):
        digits = "".join(DIGITS[value // unit % radix] for value in range(len(alphabet)))
        planes.append(f"{unit} * CAST(conv(translate({text}, {quote(alphabet)}, '{digits}'), {radix}, 10) AS bigint)")
        unit *= radix
    return f"({' + '.join(planes)})"


def letter(letters: str, place: str) -> str:
    """The character of `letters` at `place`, counted from 0."""
    return f"substr({quote(letters)}, CAST({place} AS int) + 1, 1)"
