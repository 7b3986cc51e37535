"""Reading the fields of a request's body: types and ranges, refused by name.

An explicit null is the same as an absent field, as in OpenAI's API. Integers
are not booleans and not floats. Every refusal is an InvalidRequest that names
the field.
"""

from typing import Any

from yiyuan.dialects.canonical import Json
from yiyuan.i18n.api_texts import Phrase
from yiyuan.kernel.errors import InvalidRequest

INTEGER_MAX = 2**31 - 1
"""The largest count of tokens or choices that is taken for one."""


def missing(param: str) -> InvalidRequest:
    """The refusal of a request without a field that it needs."""
    return InvalidRequest("missing_required_parameter", param=param)


def wrong_type(param: str, expected: str) -> InvalidRequest:
    """The refusal of a field of another JSON type than `expected`."""
    return InvalidRequest("invalid_type", param=param, expected=expected)


def wrong_value(param: str, reason: str, **places: object) -> InvalidRequest:
    """The refusal of a value; `reason` is the key of a phrase with `places`."""
    return InvalidRequest("invalid_value", param=param, reason=Phrase(reason, **places))


def unknown_value(param: str, value: Any, known: str) -> InvalidRequest:
    """The refusal of a word that is not one of `known`."""
    return wrong_value(param, "value_known", value=str(value)[:40], known=known)


def read_model(body: Json) -> str:
    """The `model` that is asked for."""
    model = text(body, "model")
    if model is None:
        raise missing("model")
    if not model:
        raise wrong_value("model", "value_empty")
    return model


def text(body: Json, name: str, at: str = "") -> str | None:
    """A string, or None; `at` is the path before the name, for the refusal."""
    if name not in body:
        return None
    value = body[name]
    if value is None or type(value) is str:
        return value
    raise wrong_type(at + name, "string")


def required_text(body: Json, name: str, at: str) -> str:
    """A string that must be there."""
    value = text(body, name, at)
    if value is None:
        raise missing(at + name)
    return value


def flag(body: Json, name: str, at: str = "") -> bool | None:
    """A boolean, or None."""
    if name not in body:
        return None
    value = body[name]
    if value is None or type(value) is bool:
        return value
    raise wrong_type(at + name, "boolean")


def integer(body: Json, name: str, low: int = 0, high: int = INTEGER_MAX) -> int | None:
    """An integer of the range, or None."""
    if name not in body:
        return None
    value = body[name]
    if value is None:
        return None
    if type(value) is not int:
        raise wrong_type(name, "integer")
    if not low <= value <= high:
        raise wrong_value(name, "value_between", low=low, high=high)
    return value


def number(body: Json, name: str, low: int, high: int) -> float | None:
    """A number of the range, or None."""
    if name not in body:
        return None
    value = body[name]
    if value is None:
        return None
    if type(value) is not int and type(value) is not float:
        raise wrong_type(name, "number")
    if not low <= value <= high:
        raise wrong_value(name, "value_between", low=low, high=high)
    return float(value)


def mapping(body: Json, name: str, at: str = "") -> Json | None:
    """An object, or None."""
    if name not in body:
        return None
    value = body[name]
    if value is None or type(value) is dict:
        return value
    raise wrong_type(at + name, "object")


def listing(body: Json, name: str, at: str = "") -> list[Any]:
    """An array; empty when there is none."""
    if name not in body or body[name] is None:
        return []
    value = body[name]
    if type(value) is not list:
        raise wrong_type(at + name, "array")
    return value


def entries(body: Json, name: str, at: str = "") -> list[tuple[str, Json]]:
    """An array of objects, each with its path."""
    found = []
    for position, value in enumerate(listing(body, name, at)):
        path = f"{at}{name}[{position}]"
        if type(value) is not dict:
            raise wrong_type(path, "object")
        found.append((path, value))
    return found


def texts(body: Json, name: str, count_max: int = 0) -> list[str]:
    """A string or an array of strings, as a list; `count_max` 0 is any number."""
    value = body.get(name)
    if value is None:
        return []
    values = [value] if type(value) is str else value
    if type(values) is not list or not all(type(item) is str for item in values):
        raise wrong_type(name, "string | string[]")
    if count_max and len(values) > count_max:
        raise wrong_value(name, "value_at_most", count=count_max)
    return values
