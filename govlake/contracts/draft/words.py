"""Column names from delivered headers: English ones tidied, Chinese ones translated by a small dictionary.

What the dictionary does not know becomes column_<n>; the delivered header stays beside it as physicalName.
"""

import re
from functools import cache
from pathlib import Path

MAX_LENGTH = 48
LONGEST = 8  # characters of a term
# Words of SQL and YAML that would have to be quoted wherever the column is named.
AWKWARD = re.compile(
    "all|and|any|as|asc|between|by|case|cast|check|column|constraint|create|cross|current_(date|time|timestamp)|desc|"
    "distinct|else|end|except|false|for|foreign|from|full|grant|group|having|in|inner|intersect|into|is|join|left|"
    "like|limit|natural|no|not|null|off|offset|on|or|order|outer|primary|references|right|select|some|table|then|to|"
    "true|union|unique|user|using|when|where|window|with|yes"
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@cache
def terms() -> dict[str, str]:
    """The dictionary: Chinese term to English words, which may be none."""
    lines = Path(__file__).with_name("terms.tsv").read_text(encoding="utf-8").splitlines()
    return {term: words for term, _, words in (line.partition("\t") for line in lines if not line.startswith("#"))}


@cache
def folded() -> dict[int, str]:
    """Traditional characters and the simplified ones they are read as, for `str.translate`."""
    pairs = Path(__file__).with_name("folded.txt").read_text(encoding="utf-8").replace("\n", "")
    return {ord(traditional): simplified for traditional, simplified in zip(pairs[::2], pairs[1::2], strict=True)}


def column_names(headers: list[str] | tuple[str, ...]) -> list[str]:
    """One distinct lower-case name per header, in order."""
    names: list[str] = []
    for position, header in enumerate(headers, 1):
        name = snake(header)[:MAX_LENGTH].rstrip("_") or f"column_{position}"
        name = name if name[0].isalpha() else f"c_{name}"
        name = {"no": "item_no"}.get(name, name if not AWKWARD.fullmatch(name) else f"{name}_value")
        names.append(_distinct(name, names))
    return names


def snake(text: str) -> str:
    """`text` as lower-case English words joined by underscores; "" where a Chinese term is not known."""
    simplified = text.translate(folded())
    words = translated(simplified) if CHINESE.search(simplified) else simplified
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", words)
    return re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9]+", "_", split)).strip("_").lower()


def translated(text: str) -> str:
    """Chinese terms by longest match; "" where a part is not in the dictionary."""
    words: list[str] = []
    while text:
        plain = re.match(r"[^\u4e00-\u9fff]+", text)
        term = plain.group() if plain else _longest_term(text)
        if not term:
            return ""
        words.append(term if plain else terms()[term])
        text = text[len(term) :]
    return "_".join(word for word in words if word)


def _longest_term(text: str) -> str:
    return next((text[:size] for size in range(LONGEST, 0, -1) if text[:size] in terms()), "")


def _distinct(name: str, taken: list[str]) -> str:
    number = 2
    candidate = name
    while candidate in taken:
        candidate = f"{name}_{number}"
        number += 1
    return candidate
