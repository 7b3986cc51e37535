"""Amounts are integers of the smallest unit, and nothing is ever rounded."""

import pytest

from yiyuan.integrations.payments.minor_units import EXPONENTS, exponent_of, to_minor, to_text


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1", "cny", 100),
        ("1.0", "cny", 100),
        ("1.00", "cny", 100),
        ("0.1", "cny", 10),
        ("1.000", "cny", 100),
        ("0.01", "usd", 1),
        ("1000", "jpy", 1000),
        ("1000.0", "jpy", 1000),
        ("0", "cny", 0),
    ],
)
def test_an_amount_is_read_exactly(text, currency, minor):
    assert to_minor(text, currency) == minor


@pytest.mark.parametrize(
    "text",
    [
        *("1.001", "-1", "+1", "1e2", "", ".", "1,00", " 1", "1 ", "NaN", "Infinity", "\uff11"),
        *("1.0.0", "9" * 30, "100000000000000", "0x10", "1_000"),
    ],
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match=r"amount|fraction"):
        to_minor(text, "cny")


@pytest.mark.parametrize("currency", ["kwd", "bhd", "twd", "ugx", "isk", "huf", "clp", "CNY", ""])
def test_a_currency_with_rules_of_its_own_is_refused(currency):
    with pytest.raises(ValueError, match="no currency"):
        exponent_of(currency)


@pytest.mark.parametrize("currency", sorted(EXPONENTS))
@pytest.mark.parametrize("minor", [1, 9, 10, 99, 100, 101, 123456789])
def test_text_and_minor_units_are_the_same_thing(currency, minor):
    assert to_minor(to_text(minor, currency), currency) == minor
