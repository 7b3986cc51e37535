"""What may be a name, and how ids are told from names.

Wherever a command takes a NAME it takes an id too, so nothing may be named like
an id. Names appear in tables, headers, logs and URLs: no control characters, no
white space around them.
"""

import re

from yiyuan.i18n.message import Message
from yiyuan.services.shared.errors import ServiceError

NAME_CHARACTERS_MAX = 100
TEXT_CHARACTERS_MAX = 500

_ID = re.compile(r"[a-z]+_[0-9a-f]{32}", re.ASCII)


def name_fault(name: str) -> str | Message | None:
    """Why `name` cannot be the name of an account, a channel or an API token."""
    if not 0 < len(name) <= NAME_CHARACTERS_MAX:
        return _length(NAME_CHARACTERS_MAX)
    if not name.isprintable() or name != name.strip():
        return "must be printable, without white space around it"
    if _ID.fullmatch(name):
        return "looks like an id"
    return None


def model_name_fault(name: str, characters_max: int = 200) -> str | Message | None:
    """Why `name` cannot be a model's name: lists of models are separated by commas."""
    if not 0 < len(name) <= characters_max:
        return _length(characters_max)
    if not name.isprintable() or any(character in " ,\u3000" for character in name):
        return "must be printable, without spaces and commas"
    return None


def _length(most: int) -> Message:
    return Message("must have {least} to {most} characters", least=1, most=most)


def check_name(name: str) -> str:
    """`name` itself. Raises ServiceError if it cannot be one."""
    fault = name_fault(name)
    if fault is not None:
        raise ServiceError("invalid_argument", Message("the name {reason}", reason=fault))
    return name


def check_text(what: str, text: str) -> str:
    """A reason or memo: one printable line."""
    if not 0 < len(text.strip()) <= len(text) <= TEXT_CHARACTERS_MAX or not text.isprintable():
        reason = Message(
            "{what} must be one line of 1 to {most} printable characters",
            what=what,
            most=TEXT_CHARACTERS_MAX,
        )
        raise ServiceError("invalid_argument", reason)
    return text
