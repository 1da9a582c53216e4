"""Pieces of YAML: scalars that every parser reads alike, custom properties in flow style, titles."""

import json
import re
from collections.abc import Sequence

PLAIN = re.compile(r"[A-Za-z\u4e00-\u9fff][\w\u4e00-\u9fff ()/.-]*(?<! )")
WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def quoted(text: str) -> str:
    """A YAML scalar that every parser reads as this text."""
    if PLAIN.fullmatch(text) and text.lower() not in WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)


def properties(named: Sequence[tuple[str, str]], indent: int) -> list[str]:
    """Custom properties in flow style; lists, numbers and flags are written as they are."""
    if not named:
        return []
    space = " " * indent
    return [f"{space}customProperties:"] + [
        f"{space}  - {{property: {name}, value: {_value(name, value)}}}" for name, value in named
    ]


def _value(name: str, value: str) -> str:
    bare = value.startswith("[") or value in ("true", "false") or name in ("headerRow", "decimals")
    return value if bare else quoted(value)


def listed(values: Sequence[str]) -> str:
    """Texts as a YAML list on one line."""
    return "[" + ", ".join(json.dumps(value, ensure_ascii=False) for value in values) + "]"


def title(name: str) -> str:
    """A name as a title: first letter upper case, words apart."""
    return name.replace("_", " ").strip().capitalize()
