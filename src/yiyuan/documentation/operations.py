"""The public API's operations as `api.toml` describes them, for pages and for OpenAPI."""

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from yiyuan.documentation.sources import ROOM
from yiyuan.kernel.text import LANGUAGES


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
    document = tomllib.loads((ROOM / "api.toml").read_text(encoding="utf-8"))
    return {
        row["name"]: Operation(
            row["name"],
            row["method"],
            row["path"],
            row["title"],
            tuple(_parameter(each) for each in row["parameters"]),
        )
        for row in document["operation"]
    }


def _parameter(row: dict[str, Any]) -> Parameter:
    return Parameter(
        row["name"],
        row["type"],
        row.get("in", "body"),
        row.get("required", False),
        row.get("default"),
        {language: row[language] for language in LANGUAGES},
    )
