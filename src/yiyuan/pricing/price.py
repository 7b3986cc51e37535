"""A price list: what one request costs, and what it can cost at most.

A price is a base line plus overlays: `hours` by the time of admission (UTC),
then `steps` by the size of the input, which reprice the whole request (see
`pricing/line.py`). All arithmetic is on integers and every charge is rounded
once, up, to a whole micro.

A bound is the largest charge of any usage within its token bounds, whichever
step it lands on and whatever part of its input was cached or written to a cache.
Inconsistent usage (negative counts, parts larger than the whole) is refused with
ValueError: a charge can never be negative.

A price is written as a document (`{"input": "30", "output": "60", …}`: decimal
strings in 元 per million tokens) and stored as that document's canonical JSON, so
equal prices have equal text.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from yiyuan.kernel.money import PPM
from yiyuan.kernel.usage import Usage
from yiyuan.pricing.line import Line, Table, rates_for, resolve_table
from yiyuan.pricing.line_document import (
    LINE_KEYS,
    PriceError,
    format_hours,
    line_document,
    read_hours,
    read_line,
    read_steps,
    read_table,
    refuse_unknown,
)

__all__ = [
    "ChargeLine",
    "Line",
    "Price",
    "PriceError",
    "from_json",
    "parse_price",
    "to_document",
    "to_json",
]

_DENOMINATOR = 1_000_000 * PPM  # meters are per million tokens, factors per million
_MINUTES_PER_DAY = 1440


@dataclass(slots=True, frozen=True)
class ChargeLine:
    """One part of a charge: `count` × `micros_per_million` is `cost_millionths` of a micro."""

    kind: str
    count: int
    micros_per_million: int
    cost_millionths: int


@dataclass(slots=True, frozen=True)
class Price:
    """An immutable price of one model; a hold keeps its `id` as the snapshot.

    `steps` are in ascending order of `min_input_tokens`; `hours` do not overlap.
    """

    id: str
    model: str
    base: Line
    steps: tuple[Line, ...] = ()
    hours: tuple[Line, ...] = ()
    _plain: Table = field(init=False, repr=False, compare=False)
    _hourly: tuple[Table, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Resolve the overlays once, so that charging a request is arithmetic only."""
        object.__setattr__(self, "_plain", resolve_table(self.base, None, self.steps))
        hourly = tuple(resolve_table(self.base, line, self.steps) for line in self.hours)
        object.__setattr__(self, "_hourly", hourly)

    def charge_micros(self, usage: Usage, factor_ppm: int, admitted_ms: int) -> int:
        """What `usage` costs, in micros, rounded up once; the factor covers everything.

        `admitted_ms` is wall-clock milliseconds. Raises ValueError for
        inconsistent usage.
        """
        table = self._plain if not self.hours else self._table_at(admitted_ms)
        is_plain = not self.steps and not self.hours
        rates = table[0] if is_plain else rates_for(table, usage.input_tokens)
        cached, written = usage.cached_input_tokens, usage.cache_write_tokens
        written_1h, output = usage.cache_write_1h_tokens, usage.output_tokens
        fresh = usage.input_tokens - cached - written - written_1h
        if fresh < 0 or output < 0 or cached < 0 or written < 0 or written_1h < 0:
            message = f"inconsistent usage: {usage}"
            raise ValueError(message)
        total = fresh * rates.input + output * rates.output + rates.request
        if cached or written or written_1h:
            total += cached * rates.cached_input + written * rates.cache_write
            total += written_1h * rates.cache_write_1h
        return -(-total * factor_ppm // _DENOMINATOR)  # rounded up

    def lines(self, usage: Usage, *, admitted_ms: int) -> list[ChargeLine]:
        """What a charge consists of, before the factor and the rounding; for people."""
        rates = rates_for(self._table_at(admitted_ms), usage.input_tokens)
        cached, written = usage.cached_input_tokens, usage.cache_write_tokens
        written_1h = usage.cache_write_1h_tokens
        counts = (
            ("input", usage.input_tokens - cached - written - written_1h, rates.input),
            ("cached_input", cached, rates.cached_input),
            ("cache_write", written, rates.cache_write),
            ("cache_write_1h", written_1h, rates.cache_write_1h),
            ("output", usage.output_tokens, rates.output),
            ("request", 1 if rates.request else 0, rates.request),
        )
        always = ("input", "output")
        return [
            ChargeLine(kind, count, rate, count * rate)
            for kind, count, rate in counts
            if count or kind in always
        ]

    def bound_micros(
        self,
        input_bound: int,
        output_bound: int,
        factor_ppm: int,
        admitted_ms: int,
    ) -> int:
        """The largest charge, in micros, of any usage within the two token bounds."""
        table = self._plain if not self.hours else self._table_at(admitted_ms)
        if not self.steps and not self.hours:
            rates = table[0]  # without steps: no bounds of their own
            total = input_bound * rates.dearest_input + rates.request + output_bound * rates.output
        else:
            total = max(
                rates.largest(input_bound) + output_bound * rates.output
                for rates in table
                if rates.first <= input_bound
            )
        return -(-total * factor_ppm // _DENOMINATOR)

    def affordable_output(
        self,
        available_micros: int,
        input_bound: int,
        output_max: int,
        *,
        factor_ppm: int,
        admitted_ms: int,
    ) -> int:
        """The largest output bound up to `output_max` that `available_micros` covers.

        -1 if not even an output of 0 is covered.
        """
        if available_micros < 0:
            return -1
        if factor_ppm == 0:
            return output_max
        # A rounded-up quotient is at most the whole `available` exactly when the
        # unrounded total is at most this.
        total_max = available_micros * _DENOMINATOR // factor_ppm
        affordable = output_max
        for rates in self._table_at(admitted_ms):
            if rates.first > input_bound:
                break
            left = total_max - rates.largest(input_bound)
            if left < 0:
                return -1
            if rates.output:
                affordable = min(affordable, left // rates.output)
        return affordable

    def _table_at(self, admitted_ms: int) -> Table:
        """The resolved lines in force at that time."""
        if self.hours:
            minute = admitted_ms // 60_000 % _MINUTES_PER_DAY
            for line, table in zip(self.hours, self._hourly, strict=True):
                if line.is_in_force(minute):
                    return table
        return self._plain


def parse_price(
    document: object, *, price_id: str = "", model: str = "", field: str = "price"
) -> Price:
    """Read a catalog document; `field` is its own place, for error texts.

    Raises PriceError naming the field and the reason.
    """
    table = read_table(document, field)
    refuse_unknown(table, (*LINE_KEYS, "steps", "hours"), field)
    for required in ("input", "output"):
        if required not in table:
            raise PriceError(f"{field}.{required}", 'is required (a free meter is "0")')
    base = read_line(table, field)
    if base.request_micros == 0:
        base = replace(base, request_micros=None)  # the default; equal prices, equal text
    steps = read_steps(table.get("steps", []), f"{field}.steps")
    hours = read_hours(table.get("hours", []), f"{field}.hours")
    return Price(price_id, model, base, steps, hours)


def to_document(price: Price) -> dict[str, Any]:
    """The catalog document of a price; `parse_price` reads it back."""
    document = line_document(price.base)
    if price.steps:
        document["steps"] = [
            {"min_input_tokens": line.min_input_tokens, **line_document(line)}
            for line in price.steps
        ]
    if price.hours:
        document["hours"] = [
            {"utc": format_hours(line.utc_minutes), **line_document(line)} for line in price.hours
        ]
    return document


def to_json(price: Price) -> str:
    """The canonical text for storage, without id and model: equal prices, equal text."""
    return json.dumps(to_document(price), sort_keys=True, separators=(",", ":"))


def from_json(text: str, *, price_id: str = "", model: str = "") -> Price:
    """Read what `to_json` wrote. Raises PriceError or ValueError for anything else."""
    return parse_price(json.loads(text), price_id=price_id, model=model)
