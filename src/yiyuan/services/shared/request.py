"""What a command is asked: a typed request, checked once, the same for every surface.

The control socket decodes its JSON into one, the console's API takes one as its body,
and other services make one themselves. What is missing, of the wrong kind, out of
bounds or not known is a ServiceError `invalid_argument` that names the field.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta, inspect

from yiyuan.i18n.message import Message, joined
from yiyuan.kernel.clock import parse_time
from yiyuan.kernel.money import MICROS_MAX
from yiyuan.services.shared.errors import ServiceError

Amount = Annotated[int, Meta(ge=0, le=MICROS_MAX)]
Positive = Annotated[int, Meta(ge=1, le=MICROS_MAX)]
"""Money in micros that is not nothing; also numbers of things."""
Signed = Annotated[int, Meta(ge=-MICROS_MAX, le=MICROS_MAX)]
Minutes = Annotated[int, Meta(ge=0, le=1_000_000)]
Line = Annotated[str, Meta(min_length=1, max_length=500)]

_AT: Final = re.compile(r"(?P<what>.*) - at `(?P<key>key in )?\$\.?(?P<path>[^`]*)`", re.DOTALL)
_PLACE: Final = re.compile(r"\[[^\]]*\]")
_FIELD: Final = re.compile(r"Object (?P<fault>missing required|contains unknown) field `(\w+)`")


class Request(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Shape and bounds of what a command is asked; a field of None was not given."""


class Nothing(Request):
    """Nothing is asked."""


Json = dict[str, Any]
AnyRequest = TypeVar("AnyRequest", bound=Request)


def invalid(name: str, reason: str | Message, /, **fields: object) -> ServiceError:
    """The error about one field; with `fields`, `reason` is a template that they fill."""
    if fields:
        reason = Message(str(reason), **fields)
    return ServiceError("invalid_argument", joined("{argument}", reason, argument=name))


def read_request(kind: type[AnyRequest], values: Mapping[str, Any]) -> AnyRequest:
    """A request from a JSON object; null counts as absent. Raises ServiceError."""
    given = {name: value for name, value in values.items() if value is not None}
    for name, value in given.items():
        if not _is_unicode(value):
            raise invalid(name, "must be a string of Unicode characters")
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise explained(error, kind) from None


def explained(error: msgspec.ValidationError, kind: Any) -> ServiceError:
    """What msgspec found, as a sentence that names the field and what it must be."""
    found = _AT.fullmatch(str(error))
    what, path = (found["what"], found["path"]) if found else (str(error), "")
    if field := _FIELD.match(what):
        name = f"{path}.{field[2]}" if path else field[2]
        is_missing = field["fault"] == "missing required"
        return invalid(name, "is required" if is_missing else "is not a parameter of this command")
    if not path:
        return ServiceError("invalid_argument", what)
    reason, fields = _expected(_type_at(kind, path)) or (what, {})
    return invalid(path, reason, **fields)


def time_of(name: str, text: str | None) -> int | None:
    """ISO 8601 as wall-clock milliseconds; None stays None. Raises ServiceError."""
    if text is None:
        return None
    try:
        return parse_time(text)
    except (ValueError, OverflowError):
        reason = "must be a date or time such as 2026-11-22 or 2026-11-22T08:30:00Z"
        raise invalid(name, reason) from None


def file_path(name: str, text: str) -> Path:
    """An absolute path of a file, which need not be there. Raises ServiceError."""
    path = Path(text)
    if not path.is_absolute() or "\0" in text:
        raise invalid(name, "must be an absolute path")
    if path.is_dir():
        raise invalid(name, "is a folder: {path}", path=path)
    return path


def _type_at(kind: Any, path: str) -> inspect.Type | None:
    """The type of the field that a path names: `budgets[0].limit`."""
    found: inspect.Type | None = inspect.type_info(kind)
    for name in _PLACE.sub(".", path).split("."):
        found = _plain(found)
        if isinstance(found, inspect.ListType | inspect.VarTupleType):
            found = _plain(found.item_type)
        elif isinstance(found, inspect.DictType):
            found = _plain(found.value_type)
        if name and isinstance(found, inspect.StructType):
            found = next((each.type for each in found.fields if each.encode_name == name), None)
    return _plain(found)


def _plain(found: inspect.Type | None) -> inspect.Type | None:
    """A type without its notes, and without its None."""
    while isinstance(found, inspect.Metadata | inspect.UnionType):
        if isinstance(found, inspect.Metadata):
            found = found.type
        else:
            kinds = [each for each in found.types if not isinstance(each, inspect.NoneType)]
            found = kinds[0] if len(kinds) == 1 else None
    return found


def _expected(found: inspect.Type | None) -> tuple[str, Json] | None:
    """What a value must be, in words; None where msgspec's own have to do."""
    match found:
        case inspect.IntType():
            least = -MICROS_MAX if found.ge is None else found.ge
            most = MICROS_MAX if found.le is None else found.le
            return "must be a whole number from {least} to {most}", {"least": least, "most": most}
        case inspect.StrType(max_length=int() as most):
            fields = {"least": found.min_length or 0, "most": most}
            return "must be a text of {least} to {most} characters", fields
        case inspect.StrType():
            return "must be a string of Unicode characters", {}
        case inspect.BoolType():
            return "must be true or false", {}
        case inspect.LiteralType():
            return "must be one of {choices}", {"choices": ", ".join(map(str, found.values))}
        case inspect.ListType() | inspect.VarTupleType():
            is_text = isinstance(_plain(found.item_type), inspect.StrType)
            return "must be a list of strings" if is_text else "must be a list of objects", {}
        case inspect.DictType():
            return "must be an object of strings", {}
    return None


def _is_unicode(value: object) -> bool:
    """Whether every text can be stored: bytes that were no UTF-8 came as lone surrogates."""
    if isinstance(value, str):
        return not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return all(_is_unicode(each) for pair in value.items() for each in pair)
    return not isinstance(value, list) or all(map(_is_unicode, value))
