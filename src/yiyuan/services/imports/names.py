"""Ids of what is moved: made of the move's name and the source's id.

So a take that was interrupted finds what it had made, wherever it ended, and a take after
`forget` gives everybody the account that they had.
"""

import hashlib
import re

from yiyuan.services.shared.request import invalid

_SPACES = re.compile(r"[\s,\u3000]+")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,49}", re.ASCII)


def check_import_name(name: str) -> str:
    """The name of a move: it stands in keys of entries and in addresses of mail."""
    if not _NAME.fullmatch(name):
        raise invalid("name", "must have 1 to 50 small letters, digits and dashes")
    return name


def import_id(name: str) -> str:
    """The id of the move of this name."""
    return stable_id("imp", "import", name)


def stable_id(prefix: str, *parts: str) -> str:
    """An id that is always the same for the same parts."""
    text = "\x1f".join(parts)
    return f"{prefix}_{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def account_id(import_: str, source_id: str) -> str:
    """The account of a person of the source."""
    return stable_id("acct", import_, "user", source_id)


def user_id(import_: str, source_id: str) -> str:
    """The person."""
    return stable_id("usr", import_, "user", source_id)


def token_id(import_: str, source_id: str) -> str:
    """The API token."""
    return stable_id("tok", import_, "token", source_id)


def source_hash(*values: object) -> str:
    """Tells whether a row of the source has changed; nothing can be read from it."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:32]


def group_name(name: str) -> str:
    """A group's name here: lists of groups are separated by commas, so none has a space."""
    return _SPACES.sub("-", name.strip())[:100] or "default"
