"""Items in bodies that pass between two who both speak Responses: what is encrypted, and ids.

Only the account that made them can read them. They go out marked with their route and
come back to it alone, unmarked again; reasoning of another route is left out, since it
would be refused. A compacted history cannot be left out: without it the conversation
would be another, so that is refused here.
"""

from typing import Any

from yiyuan.dialects.openai.responses.object import read_signature
from yiyuan.dialects.proofs import UNNAMED, Proof, opened, sealed
from yiyuan.dialects.shared.call_ids import short_id
from yiyuan.dialects.shared.conversion import unsupported_value

ID_CHARS_MAX = 64
FIELD = "encrypted_content"


def seal_item(item: Any, family: str) -> Any:
    """An answer's item with what is encrypted in it marked as of `family`."""
    value = item.get(FIELD) if family and type(item) is dict else None
    if type(value) is not str or not value or opened(value) is not None:
        return item
    return item | {FIELD: sealed(Proof(family, value))}


def read_proof(item: Any) -> Proof | None:
    """What is encrypted in an upstream's reasoning: whoever is called after it keeps it."""
    value = item.get(FIELD)
    if type(value) is not str or not value or read_signature(value) is not None:
        return None
    return Proof(UNNAMED, value)


def own_items(items: Any, family: str) -> Any:
    """A request's items with what `family` encrypted as it made it, and without others'."""
    if type(items) is not list:
        return items
    return [_short(own) for item in items if (own := _own(item, family)) is not None]


def _short(item: Any) -> Any:
    """OpenAI's servers refuse ids of calls over 64 characters, which others make."""
    value = item.get("call_id") if type(item) is dict else None
    if type(value) is not str or len(value) <= ID_CHARS_MAX:
        return item
    return item | {"call_id": short_id(value, ID_CHARS_MAX)}


def _own(item: Any, family: str) -> Any:
    value = item.get(FIELD) if type(item) is dict else None
    if type(value) is not str or not value:
        return None if _is_summary(item) else item
    proof = opened(value)
    if proof is not None and proof.family == family:
        return item | {FIELD: proof.value}
    if proof is None and read_signature(value) is None:
        return item
    if item.get("type") != "reasoning":
        raise unsupported_value("input", "value_compacted")
    return None


def _is_summary(item: Any) -> bool:
    """Reasoning of which only a summary is left: its maker keeps nothing to find it by."""
    return type(item) is dict and item.get("type") == "reasoning" and not item.get("content")
