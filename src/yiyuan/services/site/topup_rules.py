"""What a top-up costs and credits: pure, in integers, rounded in the shop's favour never.

The operator's rules: the rate of each currency (元 per major unit), the least and the most
of one order, presets, and bonus steps, of which the highest that an order reaches counts.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from yiyuan.i18n.message import Message, WrongValue
from yiyuan.integrations.payments.minor_units import EXPONENTS, MINOR_MAX, exponent_of
from yiyuan.kernel.money import MICROS_MAX, MICROS_PER_YUAN, PPM, divide_up, parse_millionths

PRESETS_MAX: Final = 12
STEPS_MAX: Final = 12
_PERCENT_MAX: Final = 1000


class BonusStep(NamedTuple):
    """From `min` micros on: hundredths of a percent, or a fixed sum in micros."""

    min: int
    percent_hundredths: int
    fixed: int


class Price(NamedTuple):
    """What the customer pays in minor units, and gets in micros."""

    currency: str
    amount_minor: int
    credit: int
    bonus: int
    rule: str
    """JSON: how it was reckoned, kept with the order."""


@dataclass(slots=True, frozen=True)
class TopUpRules:
    """The operator's rules, read."""

    rates_ppm: dict[str, int]
    presets: tuple[int, ...]
    min_micros: int
    max_micros: int
    bonus: tuple[BonusStep, ...]

    def price(self, wanted_micros: int, currency: str) -> Price:
        """What a credit of at least `wanted_micros` costs. Raises WrongValue."""
        if currency not in self.rates_ppm:
            reason = "there is no rate for {currency} (topup_currencies)"
            raise WrongValue(reason, currency=currency)
        rate_ppm, scale = self.rates_ppm[currency], 10 ** exponent_of(currency)
        amount_minor = divide_up(wanted_micros * scale, rate_ppm)
        credit = credit_of(amount_minor, currency, rate_ppm)
        if not 0 < amount_minor <= MINOR_MAX or not 0 < credit <= MICROS_MAX:
            raise WrongValue("the amount is too large")
        step = max((s for s in self.bonus if s.min <= credit), default=None)
        bonus = 0 if step is None else step.fixed + credit * step.percent_hundredths // 10_000
        rule = json.dumps({"rate_ppm": rate_ppm, "bonus": step and step._asdict()})
        return Price(currency, amount_minor, credit, bonus, rule)


def credit_of(amount_minor: int, currency: str, rate_ppm: int) -> int:
    """What an amount credits, in micros, rounded down."""
    scale: int = 10 ** exponent_of(currency)
    return amount_minor * rate_ppm // scale


def read_currencies(text: str) -> dict[str, int]:
    """`{"cny": "1", "jpy": "0.05"}`: 元 per major unit, as parts per million. Raises WrongValue."""
    found = _json(text, dict, 'must be like {"cny": "1", "usd": "7.2"}')
    rates = {}
    for currency, rate in found.items():
        if currency not in EXPONENTS:
            known = ", ".join(EXPONENTS)
            raise WrongValue(
                "has '{currency}', which is none of {known}", currency=currency, known=known
            )
        if not isinstance(rate, str):
            reason = 'must give the rate of {currency} as a text such as "7.2"'
            raise WrongValue(reason, currency=currency)
        ppm = parse_millionths(rate)
        if not 0 < ppm <= 1_000_000 * PPM:
            raise WrongValue("must give {currency} a rate above 0", currency=currency)
        rates[currency] = ppm
    return rates


def read_presets(text: str) -> tuple[int, ...]:
    """`[10000000, 50000000]`: amounts in 词元. Raises WrongValue."""
    found = _json(text, list, "must be a list of amounts in 词元, such as [10000000, 50000000]")
    if len(found) > PRESETS_MAX:
        raise WrongValue("may have {count} amounts at most", count=PRESETS_MAX)
    return tuple(_whole(value, Message("an amount")) for value in found)


def read_bonus(text: str) -> tuple[BonusStep, ...]:
    """`[{"min": 100000000, "percent": "5"}]`, or `fixed` in 词元. Raises WrongValue."""
    found = _json(text, list, 'must be like [{"min": 100000000, "percent": "5"}]')
    if len(found) > STEPS_MAX:
        raise WrongValue("may have {count} steps at most", count=STEPS_MAX)
    steps = sorted(_step(entry) for entry in found)
    if len({step.min for step in steps}) != len(steps):
        raise WrongValue("has two steps that begin at the same amount")
    return tuple(steps)


def _step(entry: Any) -> BonusStep:
    if not isinstance(entry, dict) or set(entry) not in ({"min", "percent"}, {"min", "fixed"}):
        raise WrongValue("needs min, and percent or fixed, in each step")
    least = _whole(entry["min"], "min")
    if "fixed" in entry:
        return BonusStep(least, 0, _whole(entry["fixed"], "fixed"))
    percent = entry["percent"]
    millionths = parse_millionths(percent) if isinstance(percent, str) else 0
    if millionths % 10_000 or not 0 < millionths <= _PERCENT_MAX * PPM:
        raise WrongValue('must give percent as a text with two places at most, such as "2.5"')
    return BonusStep(least, millionths // 10_000, 0)


def _whole(value: Any, what: str | Message) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MICROS_MAX:
        raise WrongValue("must have whole 词元 for {what}", what=what)
    return value


def _json(text: Any, kind: type[Any], problem: str) -> Any:
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):  # a number or a nesting without end is no JSON error
        raise WrongValue(problem) from None
    if not isinstance(found, kind):
        raise WrongValue(problem)
    return found


def checked(read: Callable[[str], Any]) -> Callable[[Any], str]:
    """A setting's check: whatever `read` takes, kept as compact JSON."""

    def check(value: Any) -> str:
        read(value)
        found = json.loads(value) if isinstance(value, str) else value
        return json.dumps(found, ensure_ascii=False, separators=(",", ":"))

    return check


DEFAULT_CURRENCIES: Final = '{"cny":"1"}'
DEFAULT_PRESETS: Final = json.dumps(
    [yuan * MICROS_PER_YUAN for yuan in (10, 30, 50, 100, 200, 500)]
)
DEFAULT_MIN: Final = 1 * MICROS_PER_YUAN
DEFAULT_MAX: Final = 2_000 * MICROS_PER_YUAN
