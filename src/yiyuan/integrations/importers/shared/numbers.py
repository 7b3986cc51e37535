"""Numbers as the old gateways wrote them, without losing a digit.

Ratios stand in JSON texts as decimals; they are read as such and calculated with as
fractions. Quotas are whole numbers of 64 bits.
"""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from yiyuan.i18n.message import Message
from yiyuan.integrations.importers.contract import BadAnswer

TIME_MAX = 253_402_300_799
"""The last second of the year 9999."""
_DIGITS_MAX = 100
"""More is no quota, price or factor; a number like 1e999999999 would fill the memory."""


def read_json(text: object, what: str | Message) -> Any:
    """JSON with exact numbers; text, bytes or what a driver has parsed already.

    Raises BadAnswer.
    """
    if isinstance(text, bytes | bytearray | memoryview):
        text = bytes(text).decode("utf-8", "replace")
    if not isinstance(text, str):
        return text
    if not text.strip():
        return None
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadAnswer(Message("{name} is not JSON", name=what)) from error


def read_ratios(text: object, what: str | Message) -> dict[str, Fraction]:
    """An object of numbers; entries that are none are left out. Raises BadAnswer."""
    found = read_json(text, what)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise BadAnswer(Message("{name} is not a JSON object", name=what))
    numbers = {str(name): fraction_or_none(value) for name, value in found.items()}
    return {name: value for name, value in numbers.items() if value is not None}


def fraction_or_none(value: object) -> Fraction | None:
    """A number of a JSON text or a database, exactly; floats by their shortest decimal."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, Fraction):
        return value
    if isinstance(value, int):
        return Fraction(value)
    try:
        decimal = Decimal(repr(value)) if isinstance(value, float) else Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if not decimal.is_finite() or len(decimal.as_tuple().digits) > _DIGITS_MAX:
        return None
    if not decimal:
        return Fraction(0)
    return Fraction(decimal) if abs(decimal.adjusted()) <= _DIGITS_MAX else None


def fraction(value: object, what: str) -> Fraction:
    """The same, where there has to be a number. Raises BadAnswer."""
    found = fraction_or_none(value)
    if found is None:
        raise BadAnswer(Message("{name} is not a number", name=what))
    return found


def whole(value: object) -> int:
    """A whole number of a column; what is none is 0."""
    found = fraction_or_none(value)
    return 0 if found is None else int(found)


def moment(value: object) -> int:
    """A time in seconds that has a date: none before 1970, none after the year 9999."""
    return min(max(whole(value), 0), TIME_MAX)


def is_true(value: object) -> bool:
    """A flag of a column: 0 and 1, true and false, a bit or a text."""
    if isinstance(value, bytes | bytearray):
        return any(value) and value not in (b"0", b"false")
    if isinstance(value, str):
        return value.strip().lower() in ("1", "true", "t")
    return bool(value)


def text(value: object) -> str:
    """A text of a column; NULL is empty."""
    if value is None:
        return ""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
