"""The arithmetic of moving in: units of the old gateway into micros, and both prices.

Each balance is rounded up on its own, always for the customer, by less than a micro: so
the same account gives the same number in any later run, whatever stands beside it.
"""

from fractions import Fraction
from math import ceil

from yiyuan.integrations.importers.contract import ModelPrice, Rounding

MILLION = 1_000_000


def target_micros(units: Fraction, micros_per_unit: Fraction) -> int:
    """What an account or a key has here: nothing for less than nothing, else rounded up."""
    return ceil(units * micros_per_unit) if units > 0 else 0


def price_millionths(units_per_token: Fraction, micros_per_unit: Fraction) -> int:
    """元 per million tokens in millionths, rounded half to even as `round` does."""
    return round(units_per_token * micros_per_unit * MILLION)


def factor_ppm(factor: Fraction) -> int:
    """A group's factor in millionths."""
    return round(factor * MILLION)


def old_charge(
    price: ModelPrice,
    factor: Fraction,
    input_tokens: int,
    output_tokens: int,
    rounding: Rounding,
) -> Fraction:
    """What the old gateway charged for a request, in its units."""
    in_, out = price.input, price.output
    for least, step_in, step_out in price.steps:
        if input_tokens >= least:
            in_, out = step_in, step_out
    exact = (in_ * input_tokens + out * output_tokens + price.request) * factor
    if rounding == "up":
        return Fraction(ceil(exact))
    if rounding == "half_up":
        return Fraction((exact + Fraction(1, 2)).__floor__())
    return exact
