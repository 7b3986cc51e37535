"""The public API's operations for pages and for OpenAPI.

Each file of `operations/` is one of them, named after itself; `parameters.toml` has what
several share. A file that is added is found.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from yiyuan.i18n.languages import LANGUAGES

FOLDER = Path(__file__).parent / "operations"
SHARED = "parameters.toml"


@dataclass(slots=True, frozen=True)
class Parameter:
    """One parameter of an operation."""

    name: str
    type: str
    """As people write it, such as `string | string[]`."""
    place: str
    """`body` or `query`."""
    is_required: bool
    default: str | None
    texts: dict[str, str]
    """By language."""


@dataclass(slots=True, frozen=True)
class Operation:
    """One path with one method."""

    name: str
    method: str
    path: str
    """Without `/v1`."""
    titles: dict[str, str]
    """By language."""
    parameters: tuple[Parameter, ...]


@cache
def operations() -> dict[str, Operation]:
    """All operations by name, in their order."""
    found = [(_position(row), _operation(name, row)) for name, row in _rows()]
    return {each.name: each for _, each in sorted(found, key=lambda pair: pair[0])}


def _rows() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in FOLDER.rglob("*.toml"):
        if path.name != SHARED:
            yield path.stem, tomllib.loads(path.read_text(encoding="utf-8"))


def _position(row: dict[str, Any]) -> int:
    position: int = row["position"]
    return position


def _operation(name: str, row: dict[str, Any]) -> Operation:
    parameters = tuple(_parameter(each) for each in row["parameters"])
    return Operation(name, row["method"], row["path"], row["title"], parameters)


@cache
def _shared() -> dict[str, dict[str, Any]]:
    return tomllib.loads((FOLDER / SHARED).read_text(encoding="utf-8"))


def _parameter(named: str | dict[str, Any]) -> Parameter:
    row = {"name": named, **_shared()[named]} if isinstance(named, str) else named
    return Parameter(
        row["name"],
        row["type"],
        row.get("in", "body"),
        row.get("required", False),
        row.get("default"),
        {language: row[language] for language in LANGUAGES},
    )
