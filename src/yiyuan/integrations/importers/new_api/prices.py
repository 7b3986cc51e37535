"""What new-api charges: by the public name, as its options and its price page say.

A name has a price only if `ModelRatio` or `ModelPrice` names it: the price page shows the
others at 37.5, as if that were one. Completion ratios are resolved by the program, so
they are taken from what it says (`CompletionRatioMeta`, the price page) and only then
from the option. A price per call beats a ratio; an expression beats both.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from yiyuan.integrations.importers.contract import ModelPrice, Shop, Source
from yiyuan.integrations.importers.shared.numbers import fraction_or_none
from yiyuan.integrations.importers.shared.options import Options, answer_data

CREATE_CACHE: Final = Fraction(5, 4)
ONE_HOUR: Final = Fraction(8, 5)
_PER_MILLION: Final = 1_000_000

_NUMBER = r"(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
_PLAIN = re.compile(rf"p\s*\*\s*{_NUMBER}\s*\+\s*c\s*\*\s*{_NUMBER}")
_TIER = re.compile(r'tier\(\s*"[^"]*"\s*,\s*([^()]+)\)')
_CONDITION = re.compile(r"p\s*(<=|<)\s*(\d+)\s*\?")


class Prices:
    """Prices by public name."""

    def __init__(self, shop: Shop, source: Source, options: Options) -> None:
        """Read the options and the price page. Raises BadAnswer."""
        self._shop = shop
        self._units_per_dollar = shop.units_per_dollar
        self._ratios = options.ratios("ModelRatio")
        self._calls = options.ratios("ModelPrice")
        self._cached = options.ratios("CacheRatio")
        self._written = options.ratios("CreateCacheRatio")
        self._completion = self._completion_ratios(source, options)
        self._modes = options.json("billing_setting.billing_mode") or {}
        self._expressions = options.json("billing_setting.billing_expr") or {}

    def price(self, name: str, _type: int = 0) -> ModelPrice | None:
        """The price of a public name in units per token; None if it has none."""
        if self._modes.get(name) == "tiered_expr":
            return self._by_expression(name)
        call = _matching(self._calls, name)
        if call is not None:
            zero = Fraction(0)
            return ModelPrice(input=zero, output=zero, request=call * self._units_per_dollar)
        ratio = _matching(self._ratios, name)
        if ratio is None:
            return None
        completion = _matching(self._completion, name)
        if completion is None:
            detail = "its price of output is not known: give the old gateway's answers"
            self._shop.note("price_incomplete", f"model {name}", detail)
            return None
        cached = _matching(self._cached, name)
        written = _matching(self._written, name)
        if written is None and name.startswith("claude"):
            written = CREATE_CACHE
        return ModelPrice(
            input=ratio,
            output=ratio * completion,
            cached_input=None if cached is None else ratio * cached,
            cache_write=None if written is None else ratio * written,
            cache_write_1h=None if written is None else ratio * written * ONE_HOUR,
        )

    def _completion_ratios(self, source: Source, options: Options) -> dict[str, Fraction]:
        found = options.ratios("CompletionRatio")
        for row in answer_data(source, "pricing") or ():
            ratio = fraction_or_none(row.get("completion_ratio"))
            if ratio is not None and row.get("quota_type") in (0, None):
                found[str(row.get("model_name"))] = ratio
        meta = options.json("CompletionRatioMeta")
        for name, each in (meta or {}).items():
            ratio = fraction_or_none(each.get("ratio")) if isinstance(each, Mapping) else None
            if ratio is not None:
                found[str(name)] = ratio
        return found

    def _by_expression(self, name: str) -> ModelPrice | None:
        """Dollars per million of tokens, in at most two tiers of the input's size."""
        steps = read_expression(str(self._expressions.get(name, "")))
        if steps is None:
            detail = "is charged by an expression that has no form here"
            self._shop.note("price_expression", f"model {name}", detail)
            return None
        unit = self._units_per_dollar / _PER_MILLION
        (_, least_in, least_out), *rest = steps
        return ModelPrice(
            input=least_in * unit,
            output=least_out * unit,
            steps=tuple((from_, in_ * unit, out * unit) for from_, in_, out in rest),
        )


def read_expression(text: str) -> list[tuple[int, Fraction, Fraction]] | None:
    """(least input tokens, input, output) of each tier, in $ per million; None if it is more.

    `p <= 500 ? tier("small", p * 2 + c * 8) : tier("big", p * 4 + c * 12)`
    """
    tiers: list[tuple[int, Fraction, Fraction]] = []
    least = 0
    rest = text.strip()
    while True:
        condition = _CONDITION.match(rest)
        if condition is not None:
            rest = rest[condition.end() :].strip()
        tier = _TIER.match(rest)
        formula = _PLAIN.fullmatch(tier.group(1).strip()) if tier else None
        if tier is None or formula is None:
            return None
        tiers.append((least, Fraction(formula.group(1)), Fraction(formula.group(2))))
        rest = rest[tier.end() :].strip()
        if condition is None:
            return tiers if not rest else None
        least = int(condition.group(2)) + (condition.group(1) == "<=")
        if not rest.startswith(":"):
            return None
        rest = rest[1:].strip()


def _matching(table: Mapping[str, Any], name: str) -> Fraction | None:
    """An entry of exactly this name, or of the longest `…-*` that fits."""
    if name in table:
        found: Fraction = table[name]
        return found
    wild = [key for key in table if key.endswith("*") and name.startswith(key[:-1])]
    return table[max(wild, key=len)] if wild else None
