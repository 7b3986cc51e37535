"""Amounts of a currency as integers of its minor unit; no float ever appears.

The exponents are an allow-list: a currency whose rules are special at some provider
(three decimals, or none but counted in hundredths) is refused rather than guessed.
"""

from decimal import Decimal, InvalidOperation
from typing import Final

EXPONENTS: Final = {
    "aud": 2,
    "cad": 2,
    "cny": 2,
    "eur": 2,
    "gbp": 2,
    "hkd": 2,
    "jpy": 0,
    "krw": 0,
    "myr": 2,
    "nzd": 2,
    "sgd": 2,
    "usd": 2,
}
"""Decimal places of each currency that can be charged, by lower-case ISO 4217 code."""

MINOR_MAX: Final = 10**13
"""More than any order may be; keeps every product with a rate within 64 bits' reach."""
_TEXT_CHARACTERS_MAX = 24


def to_minor(text: str, currency: str) -> int:
    """Read a decimal text such as `1`, `1.0` or `1.00` as minor units, exactly.

    Raises ValueError for a fraction of a minor unit, signs, exponents, spaces, and
    currencies that are not in the list.
    """
    exponent = exponent_of(currency)
    plain = text.isascii() and text.replace(".", "", 1).isdigit()
    if not plain or len(text) > _TEXT_CHARACTERS_MAX:
        message = "not an amount"
        raise ValueError(message)
    try:
        scaled = Decimal(text).scaleb(exponent)
    except InvalidOperation:  # pragma: no cover - digits and one dot are always a number
        message = "not an amount"
        raise ValueError(message) from None
    whole = int(scaled)
    if scaled != whole or whole > MINOR_MAX:
        message = "a fraction of the smallest unit, or too much"
        raise ValueError(message)
    return whole


def read_minor(value: object, currency: str) -> int | None:
    """What a provider says an amount is, in minor units; None for whatever is no amount."""
    try:
        return to_minor(str(value), currency)
    except ValueError:
        return None


def to_text(amount_minor: int, currency: str) -> str:
    """Write minor units with all decimal places of the currency: 100 fen is `1.00`."""
    exponent = exponent_of(currency)
    return f"{Decimal(amount_minor).scaleb(-exponent):.{exponent}f}"


def exponent_of(currency: str) -> int:
    """Decimal places of a currency. Raises ValueError if it cannot be charged."""
    exponent = EXPONENTS.get(currency)
    if exponent is None:
        message = f"{currency!r} is no currency that can be charged"
        raise ValueError(message)
    return exponent
