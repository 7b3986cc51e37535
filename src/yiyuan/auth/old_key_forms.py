"""The forms of one key that gateways before accepted, and that clients therefore send.

one-api and new-api took a key without its `sk-`, and with `-12` or `#12` behind it, which
asked for a channel. Their keys have 48 letters and digits, so nothing else is cut: one-hub's
have dashes of their own.
"""

import hashlib
import re

from yiyuan.auth.api_token import KEY_LENGTH_MAX, KEY_PREFIX

_WITH_CHANNEL = re.compile(r"(?:sk-)?([A-Za-z0-9]{48})-[A-Za-z0-9]{1,20}", re.ASCII)
_WITH_MARK = re.compile(r"(?:sk-)?([A-Za-z0-9_-]{20,256})#[0-9]{1,20}", re.ASCII)


def other_forms(key: str) -> list[str]:
    """What `key` may stand for, besides itself; few, and none for what cannot be a key."""
    if not key.isascii() or len(key) > KEY_LENGTH_MAX:
        return []
    forms = []
    for pattern in (_WITH_CHANNEL, _WITH_MARK):
        found = pattern.fullmatch(key)
        if found is not None:
            forms.append(KEY_PREFIX + found[1])
    if not key.startswith(KEY_PREFIX):
        forms.append(KEY_PREFIX + key)
    return forms


def legacy_hash(key: str) -> str:
    """How LiteLLM keeps a key: SHA-256 in hex."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
