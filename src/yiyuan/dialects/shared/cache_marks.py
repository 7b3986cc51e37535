"""Anthropic's marks of what is to be cached, which chat's clients and some servers know too."""

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.request_fields import Fields, plain

CACHE_MARK = "cache_control"
CACHE_MARKS = frozenset({CACHE_MARK})
CACHE = Fields(carried=plain("type", "ttl"), harmless=plain("scope"))
"""What a mark may hold."""
_LIVES = ("5m", "1h")


def read_cache(holder: Json, unmapped: list[str]) -> Json | None:
    """The mark on a part, a tool or a message; its name goes to `unmapped`, for who has none."""
    value = holder.get(CACHE_MARK)
    if value is None:
        return None
    if CACHE_MARK not in unmapped:
        unmapped.append(CACHE_MARK)
    if type(value) is not dict or value.get("type") != "ephemeral":
        return None
    life = value.get("ttl")
    return {"type": "ephemeral"} | ({"ttl": life} if life in _LIVES else {})


def write_cache(mark: Json | None) -> Json:
    """The field that carries a mark."""
    return {} if mark is None else {CACHE_MARK: dict(mark)}
