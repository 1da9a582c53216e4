"""Text as departments write it: odd spaces, full-width characters, words that mean nothing."""

from __future__ import annotations

# White space, the ideographic space, no-break and zero-width spaces, marks of byte order and of direction.
BLANKS = " \t\n\r\f\v\u3000\u00a0\u200b\u200c\u200d\u200e\u200f\u2002\u2003\u2009\u202f\u2060\ufeff"
# What numbers, dates and times are written with.
FULL_WIDTH = "０１２３４５６７８９：／－．，＋"
HALF_WIDTH = "0123456789:/-.,+"
# Digits and letters of U+FF01..U+FF5E, which stand at a fixed distance from their half-width forms.
WIDTH = 0xFEE0
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
WIDE_ALPHANUMERIC = "".join(chr(ord(letter) + WIDTH) for letter in ALPHANUMERIC)


def quote(text: str) -> str:
    """A SQL string literal."""
    for plain, escaped in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(plain, escaped)
    return f"'{text}'"


def trimmed(text: str) -> str:
    """Without white space at both ends, whatever its code point."""
    return f"btrim({text}, {quote(BLANKS)})"


def half_width(text: str) -> str:
    """Full-width digits and letters as half-width ones; punctuation, which Chinese text needs, stays."""
    return f"translate({text}, {quote(WIDE_ALPHANUMERIC)}, {quote(ALPHANUMERIC)})"


def half_width_number(text: str) -> str:
    """Full-width digits and the marks of numbers, dates and times as half-width ones."""
    return f"translate({text}, {quote(FULL_WIDTH)}, {quote(HALF_WIDTH)})"


def code(text: str) -> str:
    """A code in its plain form: half-width capitals and digits, without any space inside. Dots and hyphens stay."""
    spaces = quote(WIDE_ALPHANUMERIC + "．－" + BLANKS)
    return f"upper(translate({text}, {spaces}, {quote(ALPHANUMERIC + '.-')}))"


def without(text: str, characters: str) -> str:
    """The text without any of `characters`."""
    return f"translate({text}, {quote(characters)}, '')"


def null_where(text: str, words: tuple[str, ...]) -> str:
    """SQL that is true where the text is one of the agreed words for nothing."""
    return f"{text} IN ({', '.join(quote(word) for word in words)})"


def bind(value: str, name: str, body: str) -> str:
    """`body`, in which `name` stands for `value`: it is computed once, however often the body names it."""
    return f"transform(array({value}), {name} -> {body})[0]"
