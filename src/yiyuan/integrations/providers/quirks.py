"""Quirks as people write them, in a preset or in a catalog: read strictly, by name.

The list is closed: a word that is not known is refused with its name, because a
misspelt quirk would silently be none.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, Final, get_args

from yiyuan.dialects.quirks import (
    FLAGS,
    TOOL_CHOICES,
    ErrorPlace,
    MaxTokens,
    Quirks,
    ReasoningBack,
    SessionHint,
    Thinking,
    ThinksBeside,
)
from yiyuan.i18n.message import Message, SaidError

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""Our words for how much to think, from nothing on."""
NAMES_MAX = 64


class WrongQuirk(SaidError, ValueError):
    """A quirk that cannot be; `name` is its name, the text says why."""

    def __init__(self, name: str, reason: str | Message) -> None:
        """`reason` continues the sentence that begins with the name."""
        super().__init__(reason)
        self.name = name


def read_quirks(values: Mapping[str, Any], base: Quirks | None = None) -> Quirks:
    """`base` with what `values` say instead. Raises WrongQuirk."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        read = _READERS.get(name)
        if read is None:
            known = ", ".join(sorted(_READERS))
            raise WrongQuirk(name, Message("is no quirk; known are {known}", known=known))
        found[name] = read(name, value)
    return replace(base or Quirks(), **found)


def _word(*words: str) -> Callable[[str, Any], str]:
    def read(name: str, value: Any) -> str:
        if value not in words:
            reason = Message("must be one of {choices}", choices=", ".join(words))
            raise WrongQuirk(name, reason)
        return str(value)

    return read


def _words(*words: str) -> Callable[[str, Any], frozenset[str]]:
    def read(name: str, value: Any) -> frozenset[str]:
        texts = _texts(name, value)
        unknown = sorted(set(texts) - set(words)) if words else []
        if unknown:
            raise _none_of(name, unknown[0], words)
        return frozenset(texts)

    return read


def _none_of(name: str, word: str, known: tuple[str, ...]) -> WrongQuirk:
    return WrongQuirk(
        name, Message('"{word}" is none of {known}', word=word, known=", ".join(known))
    )


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise WrongQuirk(name, "must be a list of strings")
    if len(value) > NAMES_MAX:
        raise WrongQuirk(name, Message("must have at most {most}", most=NAMES_MAX))
    return tuple(value)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongQuirk(name, "must be true or false")
    return value


def _efforts(name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(word, str) for word in value.values()):
        raise WrongQuirk(name, "must be a table of words")
    unknown = sorted(set(value) - set(EFFORTS))
    if unknown:
        raise _none_of(name, unknown[0], EFFORTS)
    return dict(value)


def _clamp(name: str, value: Any) -> dict[str, tuple[float, float]]:
    if not isinstance(value, dict):
        raise WrongQuirk(name, "must be a table of [least, greatest]")
    found = {}
    for field_name, bounds in value.items():
        is_pair = isinstance(bounds, list) and len(bounds) == 2
        if not is_pair or not all(type(bound) in (int, float) for bound in bounds):
            raise WrongQuirk(name, Message('"{field}" must be [least, greatest]', field=field_name))
        least, greatest = bounds
        if not least <= greatest:
            raise WrongQuirk(name, Message('"{field}" must have the least first', field=field_name))
        found[str(field_name)] = (float(least), float(greatest))
    return found


def _error_at(name: str, value: Any) -> ErrorPlace:
    if not isinstance(value, dict) or set(value) != {"path", "ok"}:
        raise WrongQuirk(name, "must be { path, ok }")
    path = value["path"]
    if not isinstance(path, str) or not path:
        raise WrongQuirk(name, "its path must be a string")
    return ErrorPlace(path, _texts(name, value["ok"]))


_READERS: Final[dict[str, Callable[[str, Any], Any]]] = {
    "max_tokens": _word(*get_args(MaxTokens)),
    "thinking": _word(*get_args(Thinking)),
    "efforts": _efforts,
    "thinks_beside": _word(*get_args(ThinksBeside)),
    "thinking_off": _flag,
    "reasoning_back": _word(*get_args(ReasoningBack)),
    "refuse": _words(),
    "drop": _words(),
    "clamp": _clamp,
    "tool_choice": _words(*TOOL_CHOICES),
    "strict_fields": _flag,
    "stream_usage": _flag,
    "usage_at": _texts,
    "error_at": _error_at,
    "account_codes": _words(),
    "busy_codes": _words(),
    "session_hint": _word(*get_args(SessionHint)),
    "flags": _words(*FLAGS),
}

assert set(_READERS) == {field.name for field in fields(Quirks)}
