"""Prices as people write them: what is read, what is refused and how, what is kept."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.kernel.money import MICROS_MAX, format_millionths
from yiyuan.pricing.price import (
    Line,
    PriceError,
    from_json,
    parse_price,
    to_document,
    to_json,
)

BASE = {"input": "30", "output": "60"}


def test_reads_a_whole_document():
    price = parse_price(
        {
            "input": 3,
            "cached_input": "0.3",
            "cache_write": "3.75",
            "cache_write_1h": "6",
            "output": "15.000001",
            "request": 7,
            "steps": [
                {"min_input_tokens": 500, "input": "9"},
                {"min_input_tokens": 200, "output": "20", "request": 0},
            ],
            "hours": [{"utc": "16:30-24:00", "input": "1"}, {"utc": "00:00-00:30", "output": "2"}],
        },
        price_id="price_1",
        model="m",
    )
    assert (price.id, price.model) == ("price_1", "m")
    assert price.base == Line(3_000_000, 300_000, 3_750_000, 6_000_000, 15_000_001, 7)
    assert price.steps == (
        Line(output=20_000_000, request_micros=0, min_input_tokens=200),
        Line(input=9_000_000, min_input_tokens=500),
    )
    assert price.hours == (
        Line(output=2_000_000, utc_minutes=(0, 30)),
        Line(input=1_000_000, utc_minutes=(990, 0)),
    )


@pytest.mark.parametrize(
    ("document", "field", "reason"),
    [
        ("30", "price", "must be a table"),
        ({"input": "30"}, "price.output", "is required"),
        ({"output": "30"}, "price.input", "is required"),
        ({**BASE, "inptu": "1"}, "price.inptu", "is not known"),
        ({**BASE, "utc": "1"}, "price.utc", "is not known"),
        ({"input": 0.5, "output": "1"}, "price.input", 'must be a string: write "0.5"'),
        ({**BASE, "cached_input": True}, "price.cached_input", "decimal string"),
        ({**BASE, "cached_input": None}, "price.cached_input", "decimal string"),
        ({**BASE, "input": "-1"}, "price.input", "not a decimal number"),
        ({**BASE, "input": -1}, "price.input", "not a decimal number"),
        ({**BASE, "input": "1e3"}, "price.input", "not a decimal number"),
        ({**BASE, "input": "0.1234567"}, "price.input", "six places"),
        ({**BASE, "input": "1000000001"}, "price.input", "is more than"),
        ({**BASE, "request": "7"}, "price.request", "whole number of at least 0"),
        ({**BASE, "request": 1.0}, "price.request", "whole number"),
        ({**BASE, "request": True}, "price.request", "whole number"),
        ({**BASE, "request": -1}, "price.request", "whole number"),
        ({**BASE, "request": MICROS_MAX + 1}, "price.request", "whole number"),
        ({**BASE, "steps": {}}, "price.steps", "must be a list"),
        ({**BASE, "steps": ["x"]}, "price.steps[0]", "must be a table"),
        ({**BASE, "steps": [{"input": "1"}]}, "price.steps[0].min_input_tokens", "at least 1"),
        (
            {**BASE, "steps": [{"min_input_tokens": 0}]},
            "price.steps[0].min_input_tokens",
            "at least 1",
        ),
        (
            {**BASE, "steps": [{"min_input_tokens": 5}, {"min_input_tokens": 5}]},
            "price.steps[1].min_input_tokens",
            "another step begins at 5",
        ),
        (
            {**BASE, "steps": [{"min_input_tokens": 5, "input": 1.5}]},
            "price.steps[0].input",
            'write "1.5"',
        ),
        (
            {**BASE, "steps": [{"min_input_tokens": 5, "utc": "01:00-02:00"}]},
            "price.steps[0].utc",
            "is not known",
        ),
        ({**BASE, "hours": [{"input": "1"}]}, "price.hours[0].utc", 'such as "16:30-00:30"'),
        ({**BASE, "hours": [{"utc": "24:00-01:00"}]}, "price.hours[0].utc", "such as"),
        ({**BASE, "hours": [{"utc": "1:00-2:00"}]}, "price.hours[0].utc", "such as"),
        ({**BASE, "hours": [{"utc": "01:60-02:00"}]}, "price.hours[0].utc", "such as"),
        ({**BASE, "hours": [{"utc": "00:00-24:00"}]}, "price.hours[0].utc", "whole day"),
        ({**BASE, "hours": [{"utc": "07:00-07:00"}]}, "price.hours[0].utc", "whole day"),
        (
            {**BASE, "hours": [{"utc": "22:00-02:00"}, {"utc": "01:00-03:00"}]},
            "price.hours[1].utc",
            "overlaps",
        ),
    ],
)
def test_refuses_and_names_the_field(document, field, reason):
    with pytest.raises(PriceError) as caught:
        parse_price(document)
    assert caught.value.field == field
    assert reason in str(caught.value.reason)
    assert str(caught.value) == f"{field}: {caught.value.reason}"


def test_the_field_begins_where_the_caller_says():
    with pytest.raises(PriceError, match=r"^channel\[0\]\.cost\.gpt-4\.output: is required"):
        parse_price({"input": "1"}, field="channel[0].cost.gpt-4")


def test_a_toml_float_is_explained():
    with pytest.raises(PriceError, match=r"price\.input: a decimal number must be a string"):
        parse_price(tomllib.loads("input = 0.5\noutput = 1"))


def test_equal_prices_have_equal_text():
    one = parse_price({"output": "60", "input": 30, "request": 0})
    other = parse_price({"input": "30.000", "output": "60.0"}, price_id="p", model="m")
    assert to_json(one) == to_json(other) == '{"input":"30","output":"60"}'


def test_broken_stored_text_is_refused():
    with pytest.raises(ValueError):
        from_json("{")
    with pytest.raises(PriceError):
        from_json("[]")


amounts = st.one_of(st.integers(0, 10**15).map(format_millionths), st.integers(0, 10**9))
lines = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("input", "cached_input", "cache_write", "cache_write_1h"), amounts),
        "output": amounts,
        "request": st.integers(0, MICROS_MAX),
    },
)


@st.composite
def documents(draw):
    steps = [
        {**draw(lines), "min_input_tokens": start}
        for start in draw(st.sets(st.integers(1, 10**6), max_size=3))
    ]
    edges = sorted(draw(st.sets(st.integers(0, 1439), min_size=2, max_size=4)))
    spans = zip(edges[::2], edges[1::2], strict=False)
    hours = [
        {**draw(lines), "utc": f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}"}
        for a, b in spans
    ]
    base = {**draw(lines), "input": draw(amounts), "output": draw(amounts)}
    return {**base, "steps": steps, "hours": hours}


@given(documents())
def test_documents_and_text_are_read_back_unchanged(document):
    price = parse_price(document, price_id="p", model="m")
    assert parse_price(to_document(price), price_id="p", model="m") == price
    assert from_json(to_json(price), price_id="p", model="m") == price
    assert to_json(from_json(to_json(price))) == to_json(price)
