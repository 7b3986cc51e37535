"""What plain bodies of the formats have in common: texts and numbers, read by their types."""

from typing import Annotated

from msgspec import Meta

from yiyuan.dialects.canonical import Json

MESSAGES_MAX = 1000
"""More are not read in one go, which would hold everybody else up."""

Said = Annotated[str, Meta(min_length=1)]


def may_be_plain(body: Json, names: frozenset[str]) -> bool:
    """Whether nothing but `names` is in it, and not too many messages to read at once."""
    if not body.keys() <= names:
        return False
    messages = body.get("messages")
    return type(messages) is list and len(messages) <= MESSAGES_MAX
