"""JSON bodies of answers: an object, or nothing that proves anything.

A name that stands twice in one object is refused: of two readers one takes the first and
the other the last, and what was verified would not be what is read.
"""

import json
from typing import Any

import orjson

Json = dict[str, Any]
REASON_CHARACTERS_MAX = 200


def json_object(body: bytes) -> Json | None:
    """The object in a body; None for everything else, HTML error pages above all."""
    try:
        value = orjson.loads(body)
        json.loads(body, object_pairs_hook=_refuse_repeated)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        message = "a name is repeated"
        raise ValueError(message)


def text_of(value: object) -> str:
    """A text or a whole number as text; empty for everything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return str(value)


def reason_of(value: object) -> str:
    """A provider's words, on one line and short."""
    text = " ".join(text_of(value).split())
    return "".join(c for c in text if c.isprintable())[:REASON_CHARACTERS_MAX]
