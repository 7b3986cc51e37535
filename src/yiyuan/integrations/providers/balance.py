"""What an operator has left at a vendor: where it is asked, and how the answer is read."""

from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from yiyuan.dialects.shared.json_text import at
from yiyuan.integrations.providers.contract import Balance
from yiyuan.kernel.money import MICROS_MAX

_MICROS = 1_000_000
_CURRENCY_CHARACTERS_MAX = 8


class Left(NamedTuple):
    """An amount in millionths of the vendor's own currency, which need not be ours."""

    micros: int
    currency: str


def balance_url(balance: Balance, base_url: str) -> str:
    """The address that tells it: below the origin of the channel's own address."""
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}{balance.path}"


def read_balance(balance: Balance, document: Any, base_url: str = "") -> Left | None:
    """What an answer from this address says; None where it does not."""
    amount = at(document, balance.amount)
    host = urlsplit(base_url).hostname or ""
    currency: Any = balance.currency_at.get(host, balance.currency)
    if balance.currency.startswith("."):
        currency = at(document, balance.currency[1:])
    if isinstance(amount, bool) or not isinstance(amount, str | int | float):
        return None
    try:
        micros = int(Decimal(str(amount)) * _MICROS)
    except (InvalidOperation, ValueError, OverflowError):
        return None
    if abs(micros) > MICROS_MAX or not isinstance(currency, str):
        return None
    return Left(micros, currency[:_CURRENCY_CHARACTERS_MAX])
