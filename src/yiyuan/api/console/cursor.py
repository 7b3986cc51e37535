"""Cursors of lists: where the next page begins, opaque to the caller.

Base64 of JSON; one that cannot be read is refused, never guessed at.
"""

import base64
import binascii
from typing import TypeVar

import msgspec

from yiyuan.services.shared.errors import ServiceError

Place = TypeVar("Place")


def write_cursor(*values: int | str) -> str:
    """A cursor of these values."""
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).rstrip(b"=").decode()


def read_cursor(text: str | None, shape: type[Place]) -> Place | None:
    """The values of a cursor as `shape` (a NamedTuple); None for none."""
    if text is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return msgspec.convert(msgspec.json.decode(raw), shape)
    except (binascii.Error, msgspec.MsgspecError, ValueError, UnicodeDecodeError):
        raise ServiceError("invalid_argument", "after is no cursor of this list") from None
