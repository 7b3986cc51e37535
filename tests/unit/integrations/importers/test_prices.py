"""Prices as three programs keep them."""

from fractions import Fraction

import pytest

from yiyuan.integrations.importers.contract import BadAnswer, Shop, Source
from yiyuan.integrations.importers.new_api.prices import Prices, read_expression
from yiyuan.integrations.importers.one_api.prices import Prices as OnePrices
from yiyuan.integrations.importers.one_api.prices import completion_by_name
from yiyuan.integrations.importers.one_hub.prices import Prices as HubPrices
from yiyuan.integrations.importers.shared.options import Options

F = Fraction


def shop_and_options(options, pricing=None, complete=True):
    rows = [{"key": name, "value": value} for name, value in options.items()]
    answers = {"option": {"success": True, "data": rows}} if complete else {}
    if pricing is not None:
        answers["pricing"] = {"data": pricing}
    source = Source(schema={}, tables={"options": [] if complete else rows}, answers=answers)
    shop = Shop(program="x", units_per_dollar=F(500_000), rounding="up")
    return shop, source, Options(source)


def new_price(name, options, pricing=None):
    shop, source, read = shop_and_options(options, pricing)
    return Prices(shop, source, read).price(name), {note.kind for note in shop.notes}


def test_a_ratio_is_units_per_token_and_output_follows_the_completion_ratio():
    price, _ = new_price(
        "gpt-4o",
        {"ModelRatio": '{"gpt-4o": 1.25}', "CacheRatio": '{"gpt-4o": 0.5}'},
        [{"model_name": "gpt-4o", "quota_type": 0, "completion_ratio": 4}],
    )
    assert (price.input, price.output, price.cached_input) == (F("1.25"), F(5), F("0.625"))


def test_the_price_page_alone_makes_no_price():
    page = [{"model_name": "mystery", "quota_type": 0, "model_ratio": 37.5, "completion_ratio": 1}]
    assert new_price("mystery", {"ModelRatio": "{}"}, page)[0] is None


def test_the_completion_ratio_that_is_locked_in_the_program_wins():
    price, _ = new_price(
        "m",
        {
            "ModelRatio": '{"m": 1}',
            "CompletionRatio": '{"m": 9}',
            "CompletionRatioMeta": '{"m": {"ratio": 4, "locked": true}}',
        },
    )
    assert price.output == 4


def test_without_a_completion_ratio_the_model_has_no_price_rather_than_a_guess():
    price, notes = new_price("m", {"ModelRatio": '{"m": 1}'})
    assert price is None
    assert "price_incomplete" in notes


def test_a_price_per_call_beats_a_ratio():
    options = {"ModelRatio": '{"m": 1}', "ModelPrice": '{"m": 0.002}'}
    price, _ = new_price("m", options)
    assert (price.input, price.output, price.request) == (0, 0, 1000)


def test_the_longest_wild_card_that_fits_is_taken():
    options = {"ModelPrice": '{"gpt-4-gizmo-*": 0.1, "gpt-*": 0.2}'}
    assert new_price("gpt-4-gizmo-g-abc", options)[0].request == 50_000


def test_claude_writes_to_the_cache_at_five_quarters_and_eight_fifths_more_for_an_hour():
    price, _ = new_price(
        "claude-x",
        {"ModelRatio": '{"claude-x": 2}', "CompletionRatioMeta": '{"claude-x": {"ratio": 5}}'},
    )
    assert (price.cache_write, price.cache_write_1h) == (F("2.5"), F(4))


@pytest.mark.parametrize(
    ("text", "tiers"),
    [
        ('p <= 500 ? tier("small", p * 2 + c * 8) : tier("big", p * 4 + c * 12)',
         [(0, F(2), F(8)), (501, F(4), F(12))]),
        ('p < 500 ? tier("a", p*2+c*8) : tier("b", p*4+c*12)',
         [(0, F(2), F(8)), (500, F(4), F(12))]),
        ('tier("only", p * 0.5 + c * 1.5)', [(0, F("0.5"), F("1.5"))]),
        ("""p <= 5 ? tier("a", p * 1 + c * 1) : p <= 9 ? tier("b", p * 2 + c * 2)
         : tier("c", p * 3 + c * 3)""",
         [(0, F(1), F(1)), (6, F(2), F(2)), (10, F(3), F(3))]),
        ('c <= 500 ? tier("a", p * 2 + c * 8) : tier("b", p * 4 + c * 12)', None),
        ('tier("a", p * 2 + c * 8 + cr * 1)', None),
        ("p * 2", None),
        ("", None),
    ],
)  # fmt: skip
def test_expressions_that_have_a_form_here(text, tiers):
    assert read_expression(text) == tiers


def test_an_expression_counts_dollars_per_million():
    options = {
        "billing_setting.billing_mode": '{"t": "tiered_expr"}',
        "billing_setting.billing_expr": '{"t": "tier(\\"a\\", p * 4 + c * 12)"}',
    }
    price, _ = new_price("t", options)
    assert (price.input, price.output) == (2, 6)


def one_price(name, kind, options, complete=True):
    shop, _, read = shop_and_options(options, complete=complete)
    return OnePrices(shop, read).price(name, kind), {note.kind for note in shop.notes}


def test_one_api_prefers_the_price_of_the_channels_type():
    options = {"ModelRatio": '{"m": 1, "m(36)": 0.05}', "CompletionRatio": '{"m(36)": 3.5}'}
    assert one_price("m", 36, options)[0].output == F("0.175")
    assert one_price("m", 1, options)[0].output == 1


def test_one_api_charges_the_default_for_a_name_without_a_price():
    price, notes = one_price("stranger", 1, {"ModelRatio": "{}"})
    assert (price.input, price.output) == (30, 30)
    assert "price_default" in notes


def test_one_api_without_its_answers_does_not_know_what_is_missing():
    assert one_price("stranger", 1, {"ModelRatio": "{}"}, complete=False)[0] is None


@pytest.mark.parametrize(
    ("name", "ratio"),
    [
        ("gpt-3.5-turbo", F(3)), ("gpt-3.5-turbo-0125", F(3)), ("gpt-3.5-turbo-1106", F(2)),
        ("gpt-3.5-turbo-16k", F(4, 3)), ("gpt-4o-mini", F(4)), ("gpt-4o-2024-05-13", F(3)),
        ("gpt-4-turbo-2024-04-09", F(3)), ("gpt-4-0125-preview", F(3)), ("gpt-4", F(2)),
        ("claude-3-haiku-20240307", F(5)), ("claude-2.1", F(3)), ("o1-mini", F(4)),
        ("gemini-1.5-pro", F(3)), ("unheard-of", F(1)),
    ],
)  # fmt: skip
def test_what_output_costs_follows_from_the_name(name, ratio):
    assert completion_by_name(name) == ratio


def test_one_hub_by_token_by_call_free_output_and_default():
    shop = Shop(program="one-hub", units_per_dollar=F(500_000), rounding="up")
    prices = HubPrices(
        shop,
        [
            {"model": "t", "type": "tokens", "input": 0.7, "output": 2.8,
             "extra_ratios": '{"cached_tokens": 0.1, "cached_write_tokens": 1.25}'},
            {"model": "c", "type": "times", "input": 7.5, "output": 0, "extra_ratios": None},
            {"model": "f", "type": "tokens", "input": 1, "output": -1, "extra_ratios": None},
        ],
    )  # fmt: skip
    by_token = prices.price("t")
    assert (by_token.input, by_token.output) == (F("0.7"), F("2.8"))
    assert (by_token.cached_input, by_token.cache_write) == (F("0.07"), F("0.875"))
    assert prices.price("c").request == 7500
    assert prices.price("f").output == 0
    assert prices.price("stranger").input == 30


@pytest.mark.parametrize(
    "answer",
    [[], {"message": "no"}, {"success": False, "data": []}, {"data": ["x"]}, "<html>"],
)
def test_an_answer_that_is_something_else_is_refused(answer):
    with pytest.raises(BadAnswer):
        Options(Source(schema={}, tables={}, answers={"option": answer}))


def test_numbers_that_are_no_json_are_refused():
    shop, source, read = shop_and_options({"ModelRatio": '{"m": NaN}'})
    with pytest.raises(BadAnswer):
        Prices(shop, source, read)
