"""One line of a price list, and how lines lie over one another.

The base line is overlaid by the hours line in force, then by the step that the
input reaches. An overlay replaces only what it names; cache prices that nobody
names are the resulting input price. Resolved once per price, so that a charge is
arithmetic only. Wrong stacks (no input or output price, steps that do not
ascend) raise ValueError.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

METERS = ("input", "cached_input", "cache_write", "cache_write_1h", "output")
_MILLION = 1_000_000


@dataclass(slots=True, frozen=True)
class Line:
    """One line of a price list; None means "not named here".

    The five meters are micros per *million* tokens, `request_micros` is micros
    per request. An hours line has `utc_minutes` (start, end; end excluded, start
    after end wraps midnight), a step has `min_input_tokens`.
    """

    input: int | None = None
    cached_input: int | None = None
    cache_write: int | None = None
    cache_write_1h: int | None = None
    output: int | None = None
    request_micros: int | None = None
    min_input_tokens: int = 0
    utc_minutes: tuple[int, int] | None = None

    def is_in_force(self, minute: int) -> bool:
        """Whether an hours line covers this minute of the UTC day."""
        assert self.utc_minutes is not None
        start, end = self.utc_minutes
        if start <= end:
            return start <= minute < end
        return minute >= start or minute < end


class Rates(NamedTuple):
    """Resolved prices for inputs of `first` to `last` tokens (None: no end)."""

    first: int
    last: int | None
    input: int
    cached_input: int
    cache_write: int
    cache_write_1h: int
    output: int
    request: int
    """Millionths of a micro, like count × meter."""
    dearest_input: int

    def largest(self, input_bound: int) -> int:
        """Millionths of micros that an input within the bound costs here at most."""
        count = input_bound if self.last is None else min(input_bound, self.last)
        return count * self.dearest_input + self.request


Table = tuple[Rates, ...]
"""The rates of a price at one time of day, in ascending order of the input."""


def resolve_table(base: Line, hours: Line | None, steps: tuple[Line, ...]) -> Table:
    """Resolve base ← hours ← each step, with the range of inputs each applies to."""
    lower = [base] if hours is None else [base, hours]
    starts = [0, *(step.min_input_tokens for step in steps)]
    if any(start >= following for start, following in pairwise(starts)):
        message = "steps must begin above 0 and ascend"
        raise ValueError(message)
    lasts = [*(start - 1 for start in starts[1:]), None]
    stacks = [lower, *([*lower, step] for step in steps)]
    return tuple(
        _resolve(stack, start, last)
        for stack, start, last in zip(stacks, starts, lasts, strict=True)
    )


def rates_for(table: Table, input_tokens: int) -> Rates:
    """The step with the highest threshold that the input reaches."""
    found = table[0]
    for rates in table:
        if rates.first > input_tokens:
            break
        found = rates
    return found


def _resolve(stack: list[Line], first: int, last: int | None) -> Rates:
    """Lay the lines of `stack` over one another, the last on top."""
    named: dict[str, int] = {}
    for line in stack:
        for meter in (*METERS, "request_micros"):
            value: int | None = getattr(line, meter)
            if value is not None:
                named[meter] = value
    if "input" not in named or "output" not in named:
        message = "a price needs at least input and output"
        raise ValueError(message)
    fresh = named["input"]
    cached = named.get("cached_input", fresh)
    write, write_1h = named.get("cache_write", fresh), named.get("cache_write_1h", fresh)
    return Rates(
        first=first,
        last=last,
        input=fresh,
        cached_input=cached,
        cache_write=write,
        cache_write_1h=write_1h,
        output=named["output"],
        request=named.get("request_micros", 0) * _MILLION,
        dearest_input=max(fresh, cached, write, write_1h),
    )
