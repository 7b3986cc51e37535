"""A price list says what it would change, exactly, and changes nothing."""

import json

import pytest

from tests.unit.services.conftest import CATALOG

LITELLM = """{
  "sample_spec": {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
  "gpt-4.1": {"input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06,
              "cache_read_input_token_cost": 5e-07, "max_input_tokens": 1047576,
              "max_output_tokens": 32768},
  "gpt-4o": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05,
             "max_input_tokens": 128000},
  "dall-e-3": {"output_cost_per_image": 0.04},
  "a name with spaces": {"input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06}
}"""
MODELS_DEV = json.dumps(
    {"openai": {"models": {"gpt-4.1": {"cost": {"input": 2, "output": 8, "cache_read": 0.5}}}}}
)


async def prices(operator, text=LITELLM, form="litellm", **more):
    return await operator("prices.import", text=text, form=form, **more)


async def test_selling_prices_are_dollars_times_rate_times_markup(operator):
    await operator.apply(CATALOG)
    before = await operator("catalog.export")
    found = await prices(operator, currency_rate="7.1", markup="1.2")
    assert (found["created"], found["changed"], found["left"]) == (
        ["model gpt-4o"],
        ["model gpt-4"],
        [],
    )
    assert await operator("catalog.export") == before, "nothing is applied"
    await operator.apply(found["toml"])
    models = {each["name"]: each for each in (await operator("model.list"))["models"]}
    assert models["gpt-4"]["price"] == {"input": "17.04", "cached_input": "4.26", "output": "68.16"}
    assert models["gpt-4"]["rpm"] == 500, "what the list does not say stays"
    assert models["gpt-4o"]["price"] == {"input": "21.3", "output": "85.2"}
    assert models["gpt-4o"]["context_tokens"] == 128_000
    again = await prices(operator, currency_rate="7.1", markup="1.2")
    assert (again["created"], again["changed"]) == ([], [])


async def test_costs_go_to_channels_by_the_upstreams_names_and_have_no_markup(operator):
    await operator.apply(CATALOG)
    found = await prices(operator, currency_rate="7", markup="9", kind="cost")
    assert (found["created"], found["changed"]) == ([], ["channel openai"])
    await operator.apply(found["toml"])
    (channel,) = (await operator("catalog.export"))["catalog"]["channel"]
    assert channel["cost"] == {"gpt-4": {"input": "14", "cached_input": "3.5", "output": "56"}}
    assert (await prices(operator, currency_rate="7", kind="cost"))["changed"] == []


async def test_both_forms_say_the_same_of_the_same_prices(operator):
    await operator.apply(CATALOG)
    one = await prices(operator, currency_rate="7.1")
    other = await prices(operator, MODELS_DEV, "models-dev", currency_rate="7.1")
    assert other["changed"] == one["changed"] == ["model gpt-4"]
    assert other["toml"] in one["toml"] + "\n"


async def test_a_price_that_jumps_is_pointed_at(operator):
    await operator.apply(CATALOG)
    found = await prices(operator)
    assert found["warnings"] == ["gpt-4: input 30 → 2", "gpt-4: output 60 → 8"]
    usual = await prices(operator, currency_rate="15", markup="0.8")
    assert [line.partition(" ")[0] for line in usual["warnings"]] == []


async def test_more_than_six_places_are_rounded_up(operator):
    await operator.apply(CATALOG)
    text = '{"x": {"input_cost_per_token": 1.0000001e-06, "output_cost_per_token": 3e-13}}'
    found = await prices(operator, text)
    assert 'input = "1.000001"' in found["toml"]
    assert 'output = "0.000001"' in found["toml"]


@pytest.mark.parametrize(
    ("text", "more", "says"),
    [
        ("", {}, "the file is not JSON"),
        ("[]", {}, "the file is no price list of this form"),
        ("{}", {}, "the file has no model with a price per token"),
        ('{"x": {"input_cost_per_token": NaN}}', {}, "the file is not JSON"),
        (LITELLM, {"currency_rate": "seven"}, "currency_rate must be a number such as 7.1"),
        (LITELLM, {"markup": "0"}, "markup must be a number such as 7.1"),
        (LITELLM, {"markup": "1e999999"}, "markup must be a number such as 7.1"),
    ],
)
async def test_what_is_no_price_list_is_refused(operator, text, more, says):
    refusal = await operator.refused("prices.import", text=text, form="litellm", **more)
    assert refusal.code == "invalid_argument"
    assert refusal.message.startswith(says)
