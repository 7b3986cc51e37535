"""Money is integer micros: 1 元 = 1,000,000 micros, and one micro is one 词元.

Prices are written in 元 per million tokens, which is the same number in micros
per token. They may have six decimal places, so a price is stored as micros per
*million* tokens: the integer `price * 1_000_000`. Floats never appear.
"""

import re
from typing import NewType

from yiyuan.i18n.message import WrongValue

Micros = NewType("Micros", int)

MICROS_PER_YUAN = 1_000_000
MICROS_PER_FEN = 10_000
PPM = 1_000_000
MICROS_MAX = 2**63 - 1

_DECIMAL = re.compile(r"(\d{1,12})(?:\.(\d{1,6}))?", re.ASCII)


def parse_millionths(text: str) -> int:
    """Read a non-negative decimal string with at most six places, in millionths.

    `"0.5"` is 500,000. Raises ValueError for anything else, signs, exponents
    and spaces included.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise WrongValue("{text} is not a decimal number with at most six places", text=repr(text))
    whole, fraction = match.groups(default="")
    return int(whole) * PPM + int(fraction.ljust(6, "0"))


def format_millionths(value: int) -> str:
    """Write millionths as the shortest decimal string: 500,000 is `"0.5"`."""
    sign = "-" if value < 0 else ""
    whole, fraction = divmod(abs(value), PPM)
    return f"{sign}{whole}.{fraction:06d}".rstrip("0").rstrip(".")


def divide_up(numerator: int, denominator: int) -> int:
    """Integer division that rounds towards plus infinity."""
    return -(-numerator // denominator)


def format_amount(micros: int) -> str:
    """Write an amount for people: yuan first, the ledger's unit second.

    `¥0.03 (30,000 词元)`; as many decimal places as the amount needs, at least two.
    """
    text = format_millionths(micros)
    whole, _, fraction = text.partition(".")
    return f"¥{whole}.{fraction.ljust(2, '0')} ({micros:,} 词元)"
