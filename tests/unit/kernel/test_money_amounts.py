"""Decimal strings to integers and back; division that rounds up."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.kernel.money import divide_up, format_amount, format_millionths, parse_millionths


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("30", 30_000_000),
        ("0.5", 500_000),
        ("0.000001", 1),
        ("007.10", 7_100_000),
        ("999999999999.999999", 999_999_999_999_999_999),
    ],
)
def test_reads_decimal_strings(text, value):
    assert parse_millionths(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".5",
        "5.",
        "-1",
        "+1",
        "1e3",
        " 1",
        "1\n",
        "1,5",
        "0.0000001",
        "1" * 13,
        "\u0663",
        "\uff11",
        "NaN",
    ],
)
def test_refuses_everything_else(text):
    with pytest.raises(ValueError, match="decimal number"):
        parse_millionths(text)


@given(st.integers(0, 10**18 - 1))
def test_writes_what_it_reads(value):
    assert parse_millionths(format_millionths(value)) == value


def test_writes_the_shortest_form():
    assert format_millionths(500_000) == "0.5"
    assert format_millionths(30_000_000) == "30"
    assert format_millionths(0) == "0"
    assert format_millionths(-1_500_000) == "-1.5"
    assert format_millionths(100_000_000_000_000) == "100000000"


@given(st.integers(), st.integers(1))
def test_division_rounds_towards_plus_infinity(numerator, denominator):
    assert divide_up(numerator, denominator) == ceil(Fraction(numerator, denominator))


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "¥0.00 (0 词元)"),
        (30_000, "¥0.03 (30,000 词元)"),
        (12_500_000, "¥12.50 (12,500,000 词元)"),
        (1_234_567, "¥1.234567 (1,234,567 词元)"),
        (-500_000, "¥-0.50 (-500,000 词元)"),
    ],
)
def test_amounts_for_people(micros, text):
    assert format_amount(micros) == text
