"""Charges, bounds and what is affordable: exact, monotonic, rounded up once."""

import timeit
from dataclasses import replace
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.kernel.usage import Usage
from yiyuan.pricing.price import Line, Price, parse_price

PPM = 1_000_000
NOON = 12 * 3_600_000

meter = st.one_of(st.integers(0, 10**9), st.sampled_from([0, 1, 999_999, 30_000_000]))
named = st.one_of(st.none(), meter)
count = st.one_of(st.integers(0, 50), st.integers(0, 2_000_000))
factor = st.one_of(st.just(PPM), st.integers(0, 3 * PPM))
moment = st.integers(0, 2 * 86_400_000)


@st.composite
def prices(draw):
    def overlay(**more):
        request = draw(st.one_of(st.none(), st.integers(0, 10**7)))
        return Line(*(draw(named) for _ in range(5)), request_micros=request, **more)

    base = replace(overlay(), input=draw(meter), output=draw(meter))
    starts = sorted(draw(st.sets(st.integers(1, 300_000), max_size=3)))
    steps = tuple(overlay(min_input_tokens=start) for start in starts)
    edges = sorted(draw(st.sets(st.integers(0, 1439), min_size=0, max_size=4)))
    spans = list(zip(edges[::2], edges[1::2], strict=False))
    if len(edges) == 3:
        spans.append((edges[2], edges[0]))  # over midnight
    hours = tuple(overlay(utc_minutes=span) for span in spans)
    return Price("price_1", "m", base, steps, hours)


@st.composite
def usages(draw, input_max=2_000_000, output_max=2_000_000):
    total = draw(st.integers(0, input_max))
    cached = draw(st.integers(0, total))
    written = draw(st.integers(0, total - cached))
    written_1h = draw(st.integers(0, total - cached - written))
    return Usage(total, draw(st.integers(0, output_max)), cached, written, written_1h)


def reference_charge(price, usage, factor_ppm, admitted_ms):
    """The rule as the contract words it, in fractions."""
    names = ("input", "cached_input", "cache_write", "cache_write_1h", "output", "request_micros")
    minute = admitted_ms // 60_000 % 1440
    stack = [price.base]
    for line in price.hours:
        start, end = line.utc_minutes
        minutes = range(start, end) if start < end else [*range(start, 1440), *range(end)]
        if minute in minutes:
            stack.append(line)
    reached = [s for s in price.steps if s.min_input_tokens <= usage.input_tokens]
    stack += reached[-1:]
    found = {}
    for line in stack:
        found |= {name: getattr(line, name) for name in names if getattr(line, name) is not None}
    for name in names[1:4]:
        found.setdefault(name, found["input"])
    parts = (usage.cached_input_tokens, usage.cache_write_tokens, usage.cache_write_1h_tokens)
    counts = (usage.input_tokens - sum(parts), *parts, usage.output_tokens)
    total = sum(Fraction(n * found[name], PPM) for n, name in zip(counts, names, strict=False))
    return ceil((total + found.get("request_micros", 0)) * Fraction(factor_ppm, PPM))


def plain(**more):
    return parse_price({"input": "30", "cached_input": "15", "output": "60", **more})


def charge(price, usage, factor_ppm=PPM, admitted_ms=0):
    return price.charge_micros(usage, factor_ppm=factor_ppm, admitted_ms=admitted_ms)


def test_the_documented_example():
    usage = Usage(input_tokens=1234, cached_input_tokens=100, output_tokens=567)
    assert charge(plain(), usage) == 69_540


def test_rounds_up_once_and_not_per_meter():
    price = parse_price({"input": "0.1", "output": "0.1"})
    assert charge(price, Usage(1, 1)) == 1
    assert charge(price, Usage(5, 5)) == 1
    assert charge(price, Usage(5, 6)) == 2
    assert charge(price, Usage()) == 0


def test_the_factor_covers_the_price_per_request():
    price = plain(request=1000)
    assert charge(price, Usage()) == 1000
    assert charge(price, Usage(10, 0), factor_ppm=500_000) == 650
    assert charge(price, Usage(10, 10), factor_ppm=0) == 0


def test_caches_default_to_the_input_price():
    price = parse_price({"input": "3", "cache_write": "4", "output": "15"})
    assert charge(price, Usage(100, 0, 40, 30, 20)) == 10 * 3 + 40 * 3 + 30 * 4 + 20 * 3


def test_a_step_reprices_the_whole_request_once_crossed():
    price = plain(steps=[{"min_input_tokens": 200_000, "input": "60", "output": "90"}])
    assert charge(price, Usage(199_999, 1)) == 199_999 * 30 + 60
    assert charge(price, Usage(200_000, 1)) == 200_000 * 60 + 90


def test_a_cache_price_named_below_stays_when_a_step_does_not_name_it():
    price = plain(steps=[{"min_input_tokens": 10, "input": "60"}])
    assert charge(price, Usage(10, 0, 4)) == 6 * 60 + 4 * 15
    unnamed = parse_price(
        {"input": "30", "output": "60", "steps": [{"min_input_tokens": 10, "input": "60"}]}
    )
    assert charge(unnamed, Usage(10, 0, 4)) == 10 * 60


def test_hours_wrap_around_midnight():
    price = plain(hours=[{"utc": "16:30-00:30", "input": "15", "output": "30"}])

    def at(hour, minute, second=0):
        moment_ms = ((hour * 60 + minute) * 60 + second) * 1000
        return charge(price, Usage(1, 0), admitted_ms=moment_ms + 7 * 86_400_000)

    assert [at(16, 29, 59), at(16, 30), at(23, 59), at(0, 0), at(0, 29, 59), at(0, 30)] == [
        30,
        15,
        15,
        15,
        15,
        30,
    ]


def test_a_step_lies_over_the_hours():
    price = plain(
        hours=[{"utc": "11:00-13:00", "input": "10", "output": "20"}],
        steps=[{"min_input_tokens": 100, "output": "99"}],
    )
    assert charge(price, Usage(100, 1), admitted_ms=NOON) == 100 * 10 + 99


@pytest.mark.parametrize(
    "usage", [Usage(-1), Usage(0, -1), Usage(5, 0, 6), Usage(5, 0, 9, -4), Usage(9, 0, 0, 9, 1)]
)
def test_inconsistent_usage_is_refused(usage):
    with pytest.raises(ValueError, match="inconsistent"):
        charge(plain(), usage)


def test_a_cheaper_step_does_not_lower_the_bound():
    price = plain(steps=[{"min_input_tokens": 1000, "input": "1", "output": "1"}])
    bound = price.bound_micros(2000, 100, factor_ppm=PPM, admitted_ms=0)
    assert bound == 999 * 30 + 100 * 60


@given(prices(), usages(), factor, moment)
def test_charges_what_the_rule_says(price, usage, factor_ppm, admitted_ms):
    expected = reference_charge(price, usage, factor_ppm, admitted_ms)
    assert charge(price, usage, factor_ppm, admitted_ms) == expected


@given(st.data(), prices(), factor, moment, count, count)
def test_a_bound_covers_every_usage_within_it(
    data, price, factor_ppm, admitted_ms, most_in, most_out
):
    usage = data.draw(usages(most_in, most_out))
    bound = price.bound_micros(most_in, most_out, factor_ppm=factor_ppm, admitted_ms=admitted_ms)
    assert bound >= charge(price, usage, factor_ppm, admitted_ms) >= 0


@given(prices(), count, count)
def test_a_bound_is_reached_by_some_usage(price, most_in, most_out):
    bound = price.bound_micros(most_in, most_out, factor_ppm=PPM, admitted_ms=0)
    ends = [s.min_input_tokens - 1 for s in price.steps if s.min_input_tokens <= most_in]
    reached = max(
        charge(price, usage)
        for n in [most_in, *ends]
        for usage in (
            Usage(n, most_out),
            Usage(n, most_out, n),
            Usage(n, most_out, 0, n),
            Usage(n, most_out, 0, 0, n),
        )
    )
    assert bound == reached


@given(prices(), factor, moment, count, count, count)
def test_bounds_are_monotonic(price, factor_ppm, admitted_ms, most_in, most_out, more):
    where = {"factor_ppm": factor_ppm, "admitted_ms": admitted_ms}
    bound = price.bound_micros(most_in, most_out, **where)
    assert price.bound_micros(most_in + more, most_out, **where) >= bound
    assert price.bound_micros(most_in, most_out + more, **where) >= bound
    where["factor_ppm"] += more
    assert price.bound_micros(most_in, most_out, **where) >= bound


@given(prices(), factor, moment, st.integers(-5, 10**12), count, count)
def test_affordable_output_is_exact(price, factor_ppm, admitted_ms, available, most_in, most_out):
    where = {"factor_ppm": factor_ppm, "admitted_ms": admitted_ms}
    found = price.affordable_output(available, most_in, most_out, **where)
    assert -1 <= found <= most_out
    if found >= 0:
        assert price.bound_micros(most_in, found, **where) <= available
    if found < most_out:
        assert price.bound_micros(most_in, found + 1, **where) > available


def test_affordable_output_at_its_edges():
    price = plain()
    where = {"factor_ppm": PPM, "admitted_ms": 0}
    assert price.affordable_output(299, 10, 100, **where) == -1
    assert price.affordable_output(300, 10, 100, **where) == 0
    assert price.affordable_output(359, 10, 100, **where) == 0
    assert price.affordable_output(360, 10, 100, **where) == 1
    assert price.affordable_output(10**9, 10, 100, **where) == 100
    assert price.affordable_output(0, 10, 100, factor_ppm=0, admitted_ms=0) == 100
    assert price.affordable_output(-1, 0, 100, factor_ppm=0, admitted_ms=0) == -1


@given(prices(), usages(), usages(), factor, moment)
def test_one_request_is_never_dearer_than_two_halves_of_it_at_plain_prices(
    price, one, other, factor_ppm, admitted_ms
):
    price = Price("p", "m", replace(price.base, request_micros=None))
    together = charge(price, one + other, factor_ppm, admitted_ms)
    apart = charge(price, one, factor_ppm, admitted_ms) + charge(
        price, other, factor_ppm, admitted_ms
    )
    assert together <= apart <= together + 1


def test_steps_that_do_not_ascend_are_a_programming_error():
    base = Line(input=1, output=1)
    with pytest.raises(ValueError, match="ascend"):
        Price("p", "m", base, (Line(min_input_tokens=5), Line(min_input_tokens=5)))
    with pytest.raises(ValueError, match="input and output"):
        Price("p", "m", Line(input=1))


def test_a_plain_charge_takes_microseconds():
    price, usage = plain(), Usage(1234, 567, 100)
    times = timeit.repeat(lambda: charge(price, usage), number=2000, repeat=7)
    assert min(times) / 2000 < 10e-6  # 1.1 µs on an idle machine
