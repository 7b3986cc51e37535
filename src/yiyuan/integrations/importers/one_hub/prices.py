"""What one-hub charges: by the upstream's name, from its table of prices.

A name that the table does not have costs 30 in and out. Charges are rounded up, those per
call are cut off. An output of nothing, or less, is free.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Final

from yiyuan.integrations.importers.contract import ModelPrice, Shop
from yiyuan.integrations.importers.shared.numbers import fraction_or_none, read_json, text

UNPRICED: Final = Fraction(30)
_CALL_DOLLARS: Final = Fraction(2, 1000)


class Prices:
    """Prices by upstream name."""

    def __init__(self, shop: Shop, rows: Iterable[Mapping[str, Any]]) -> None:
        """`rows` are those of the table, or of the running program's answer."""
        self._shop = shop
        self._rows = {text(row["model"]): row for row in rows}
        self._told: set[str] = set()

    def price(self, name: str, _type: int = 0) -> ModelPrice | None:
        """The price of an upstream's name in units per token."""
        row = self._row(name)
        if row is None:
            if name not in self._told:
                self._told.add(name)
                template = "has no price there, so it cost {ratio} in and out; kept as it was"
                self._shop.note("price_default", f"model {name}", template, ratio=int(UNPRICED))
            return ModelPrice(input=UNPRICED, output=UNPRICED)
        input_ = fraction_or_none(row.get("input")) or Fraction(0)
        output = max(fraction_or_none(row.get("output")) or Fraction(0), Fraction(0))
        if text(row.get("type")) == "times":
            zero = Fraction(0)
            units = input_ * _CALL_DOLLARS * self._shop.units_per_dollar
            return ModelPrice(input=zero, output=zero, request=units)
        extra = read_json(row.get("extra_ratios"), "extra_ratios") or {}
        return ModelPrice(
            input=input_,
            output=output,
            cached_input=_times(input_, extra, "cached_tokens", "cached_read_tokens"),
            cache_write=_times(input_, extra, "cached_write_tokens"),
        )

    def _row(self, name: str) -> Mapping[str, Any] | None:
        if name in self._rows:
            return self._rows[name]
        wild = [key for key in self._rows if key.endswith("*") and name.startswith(key[:-1])]
        return self._rows[max(wild, key=len)] if wild else None


def _times(base: Fraction, extra: Mapping[str, Any], *names: str) -> Fraction | None:
    for name in names:
        ratio = fraction_or_none(extra.get(name))
        if ratio is not None:
            return base * ratio
    return None
