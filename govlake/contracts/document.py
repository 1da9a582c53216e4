"""A contract's file as an ODCS document: YAML read as people mean it, then checked by the standard's model."""

import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml
from open_data_contract_standard.model import OpenDataContractStandard
from pydantic import ValidationError

from govlake.contracts.reading import Reading

REQUIRED = ("apiVersion", "kind", "id", "version", "status")


class PlainLoader(yaml.CSafeLoader):
    """YAML 1.2 scalars: `no` is a word, 010 keeps its zero, 18:00 is a time and NULL a text; keys are unique."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = key_node.value
            if key in seen and isinstance(key_node, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem=f"{key} is given twice", problem_mark=key_node.start_mark)
            seen.add(key if isinstance(key_node, yaml.ScalarNode) else id(key_node))
        return super().construct_mapping(node, deep)


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    scalars = [
        ("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false|True|False|TRUE|FALSE)$"), "tTfF"),
        ("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), "-+0123456789"),
        ("tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+\.[0-9]*(?:[eE][-+]?[0-9]+)?$"), "-+0123456789"),
        ("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""]),
        ("tag:yaml.org,2002:merge", re.compile(r"^(?:<<)$"), "<"),
    ]
    table: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, pattern, firsts in scalars:
        for first in firsts:
            table.setdefault(first, []).append((tag, pattern))
    return table


PlainLoader.yaml_implicit_resolvers = _resolvers()


def read_document(reading: Reading) -> OpenDataContractStandard | None:
    """The ODCS document in the reading's file, or None where it is too broken to go on."""
    data = _load(reading)
    if data is None:
        return None
    for name in REQUIRED:
        if not data.get(name):
            reading.refuse(name, "is missing", "ODCS requires it at the top of every contract.")
    _check_kind(reading, data)
    try:
        return OpenDataContractStandard(**data)
    except ValidationError as error:
        for fault in error.errors():
            where = _path(data, fault["loc"])
            reading.refuse(where, f"is not as ODCS has it: {fault['msg'].lower()}", _cure(fault["type"]))
        return None


def plain_text(file: Path) -> str:
    """The contract as YAML in which every scalar means the same to every parser."""
    data = yaml.load(file.read_text(encoding="utf-8-sig"), PlainLoader)
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def _load(reading: Reading) -> dict[str, Any] | None:
    try:
        data = yaml.load(reading.file.read_text(encoding="utf-8-sig"), PlainLoader)
    except OSError as error:
        reading.refuse("the file", f"cannot be read ({error.strerror})", "Give the path of a contract.")
    except UnicodeDecodeError as error:
        reading.refuse("the file", f"is not UTF-8 (byte {error.start})", "Save it as UTF-8.")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else "the file"
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        reading.refuse(line, f"is not valid YAML: {problem}", "Correct the writing there.")
    else:
        if isinstance(data, Mapping):
            return {str(key): value for key, value in data.items()}
        reading.refuse("the file", "holds no mapping", "A contract starts with apiVersion, kind and id.")
    return None


def _check_kind(reading: Reading, data: Mapping[str, Any]) -> None:
    kind, version = data.get("kind"), data.get("apiVersion")
    if kind and kind != "DataContract":
        reading.refuse("kind", f"is '{kind}'", "Use DataContract.")
    if version and not str(version).startswith("v3."):
        reading.refuse("apiVersion", f"is '{version}'", "Use v3.2.0 or another version 3 of ODCS.")


def _path(data: Any, location: tuple[int | str, ...]) -> str:
    """The place of a fault in words: list positions become the names of the elements there."""
    parts: list[str] = []
    for step in location:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            data = None
        named = isinstance(step, int) and isinstance(data, Mapping)
        name = (data.get("name") or data.get("property") or data.get("id")) if named else None
        parts.append(str(name or step))
    return ".".join(parts)


def _cure(fault: str) -> str:
    if fault == "string_type":
        return "It must be a text: put it in quotes."
    if fault == "extra_forbidden":
        return "The standard has no such field here: check its spelling, or make it a custom property."
    return "Check its spelling and type."
