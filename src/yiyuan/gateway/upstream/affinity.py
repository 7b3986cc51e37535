"""What keeps a conversation where its cache is: one value for all of its turns.

Upstreams keep a prompt's beginning in a cache of each account and key; a turn that
goes elsewhere pays the whole input again. So the order of channels and keys follows
from a hash of the conversation, the same on every node and after a restart, with no
memory that could point to somewhere that is gone. Who it is comes from what clients
send for it, else from how the conversation begins. A collision costs only balance.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from yiyuan.dialects.canonical import GenerationRequest, Message, Text
from yiyuan.gateway.request.context import Admitted
from yiyuan.routing.channel import Channel

HEADERS = (
    "x-claude-code-session-id",
    "session-id",
    "session_id",
    "x-session-id",
    "x-session-affinity",
    "x-opencode-session",
)
"""Names under which clients send their session's id, the most telling first."""
HINT_BYTES = 16


def is_wanted(channels: Sequence[Channel], model: str) -> bool:
    """Whether there is anything to choose, or a vendor to be told: else it is not worth a hash."""
    if len(channels) != 1:
        return len(channels) > 1
    channel = channels[0]
    if len(channel.keys) > 1:
        return True
    quirks = channel.quirks.get(model) if channel.quirks else None
    return quirks is not None and quirks.session_hint != "none"


def affinity_of(admitted: Admitted) -> bytes | None:
    """The conversation's value; None where there is no conversation to keep together."""
    request = admitted.request
    if not isinstance(request, GenerationRequest):
        return None
    digest = hashlib.blake2b(digest_size=16)
    digest.update(admitted.api_token.account_id.encode())
    digest.update(request.model.encode())
    session = _session(admitted.context.exchange.headers, request.raw)
    if session is not None:
        digest.update(b"\0" + session.encode("utf-8", "surrogatepass"))
        return digest.digest()
    if not request.conversations or not request.conversations[0]:
        return None
    for text in _beginning(request.conversations[0]):
        digest.update(b"\1" + text.encode("utf-8", "surrogatepass"))
    for tool in request.tools:
        digest.update(b"\2" + tool.name.encode("utf-8", "surrogatepass"))
    return digest.digest()


def hint_for(affinity: bytes, secret: bytes) -> str:
    """The value in a form that may be sent on: nobody can guess another customer's."""
    keyed = hashlib.blake2b(affinity, digest_size=HINT_BYTES, key=secret[:64])
    return keyed.hexdigest()


def _session(headers: dict[str, str], body: dict[str, Any]) -> str | None:
    for name in HEADERS:
        value = headers.get(name)
        if value:
            return value
    metadata = body.get("metadata")
    user = metadata.get("user_id") if type(metadata) is dict else None
    if type(user) is str and "session" in user:
        return user
    key = body.get("prompt_cache_key")
    return key if type(key) is str and key else None


def _beginning(conversation: list[Message]) -> list[str]:
    """The system's texts and the first message of the user: what no later turn changes."""
    found: list[str] = []
    for message in conversation:
        found += [part.text for part in message.parts if isinstance(part, Text)]
        if message.role == "user":
            break
    return found
