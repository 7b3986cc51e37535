"""What must be seen 2: charges to the 词元, over both kinds of upstream, streamed or not.

The figures are worked out by hand in the comments, not by the product's code.
"""

import pytest

from tests.support.drivers import CHAT, COMPLETIONS, DRIVERS, MESSAGES
from tests.support.upstreams.behaviour import WORD

LONG = " and" * 500  # 2,000 bytes, so that no scripted count passes the hold's bound

# 1,134 × 30 + 100 × 15 + 567 × 60 = 69,540: the example of the ledger's design
ON_OPENAI = {"input_tokens": 1234, "cached_tokens": 100, "output_tokens": 567}
OPENAI_CHARGE = 69_540
# 1,000 × 8 + 100 × 10 + 50 × 16 + 200 × 0.8 + 300 × 24 = 17,160
ON_ANTHROPIC = {
    "input_tokens": 1350,
    "cached_tokens": 200,
    "cache_write_tokens": 100,
    "cache_write_1h_tokens": 50,
    "output_tokens": 300,
}
ANTHROPIC_CHARGE = 17_160
# 1,000 × 0.333333 + 3 × 1.000001 + 7 = 343.333003, rounded up once
ON_ODD = {"input_tokens": 1000, "output_tokens": 3}
ODD_CHARGE = 344
# 3 × 0.333333 + 2 × 1.000001 + 7 = 10.000001
ON_ODD_HAIR = {"input_tokens": 3, "output_tokens": 2}
ODD_HAIR_CHARGE = 11

CASES = [
    pytest.param("gpt-4", ON_OPENAI, OPENAI_CHARGE, id="openai"),
    pytest.param("claude-2", ON_ANTHROPIC, ANTHROPIC_CHARGE, id="anthropic"),
    pytest.param("odd", ON_ODD, ODD_CHARGE, id="odd"),
    pytest.param("odd", ON_ODD_HAIR, ODD_HAIR_CHARGE, id="odd-by-a-hair"),
    pytest.param("odd-claude", ON_ODD, ODD_CHARGE, id="odd-anthropic"),
]


@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
@pytest.mark.parametrize(("model", "behaviour", "charge"), CASES)
def test_a_whole_answer(gateway, customer, upstream, driver, model, behaviour, charge):
    script = upstream.script(behaviour)
    answer = customer.post(driver.path, driver.body(model, script.mark + LONG, 600))
    assert answer.status == 200, answer.body
    document = answer.json()
    told = driver.told(document)
    assert (told.charge, answer.charge) == (charge, charge)
    assert (told.input, told.output) == (behaviour["input_tokens"], behaviour["output_tokens"])
    assert told.cached == behaviour.get("cached_tokens", 0)
    assert driver.text(document) == WORD * behaviour["output_tokens"]
    assert document["model"] == model
    check_books(gateway, customer, answer.request_id, behaviour, charge)


@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
@pytest.mark.parametrize(("model", "behaviour", "charge"), CASES)
def test_a_stream(gateway, customer, upstream, driver, model, behaviour, charge):
    script = upstream.script(behaviour)
    body = driver.streamed(driver.body(model, script.mark + LONG, 600))
    with customer.stream(driver.path, body) as stream:
        assert stream.status == 200, stream.answer().body
        events = stream.rest()
    told = driver.stream_told(events)
    assert told is not None
    assert told.charge == charge
    assert (told.input, told.output) == (behaviour["input_tokens"], behaviour["output_tokens"])
    assert driver.stream_text(events) == WORD * behaviour["output_tokens"]
    assert driver.is_complete(events)
    check_books(gateway, customer, stream.request_id, behaviour, charge)


def check_books(gateway, customer, request_id, behaviour, charge) -> None:
    """Balance, statement and usage row all say the same, at the moment of the last byte."""
    assert customer.balance == 1_000_000_000 - charge
    row = gateway.usage(request_id)
    assert row["charge"] == charge
    assert row["input_tokens"] == behaviour["input_tokens"]
    assert row["output_tokens"] == behaviour["output_tokens"]
    assert row["cached_input_tokens"] == behaviour.get("cached_tokens", 0)
    assert row["cache_write_tokens"] == behaviour.get("cache_write_tokens", 0)
    assert row["cache_write_1h_tokens"] == behaviour.get("cache_write_1h_tokens", 0)
    assert (row["source"], row["shortfall"], row["status"]) == ("upstream", 0, 200)
    shown = customer.show()
    assert (shown["balance"], shown["held"]) == (1_000_000_000 - charge, 0)


@pytest.mark.parametrize("driver", [CHAT, COMPLETIONS], ids=["chat", "completions"])
@pytest.mark.parametrize("model", ["gpt-4", "claude-2"])
def test_usage_is_not_shown_to_who_did_not_ask_and_is_charged_all_the_same(
    customer, upstream, driver, model
):
    script = upstream.script({"input_tokens": 10, "output_tokens": 4})
    with customer.stream(driver.path, driver.body(model, script.mark)) as stream:
        events = stream.rest()
    assert driver.stream_told(events) is None
    assert not any('"usage":{' in (event.data or "").replace(" ", "") for event in events)
    assert not any(chunk["choices"] == [] for chunk in driver.chunks(events))
    assert driver.is_complete(events)
    price_in, price_out = (30, 60) if model == "gpt-4" else (8, 24)
    assert customer.spent == 10 * price_in + 4 * price_out


@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
@pytest.mark.parametrize("model", ["gpt-4", "claude-2"])
def test_reasoning_is_output(customer, upstream, driver, model):
    script = upstream.script(
        {
            "input_tokens": 10,
            "output_tokens": 4,
            "reasoning_tokens": 3,
            "hidden_reasoning_tokens": 5,
        }
    )
    answer = customer.post(driver.path, driver.body(model, script.mark, 50))
    assert answer.status == 200, answer.body
    price_in, price_out = (30, 60) if model == "gpt-4" else (8, 24)
    assert answer.charge == 10 * price_in + (4 + 3 + 5) * price_out
    assert driver.text(answer.json()) == WORD * 4, "reasoning is never part of the text"


@pytest.mark.parametrize("is_stream", [False, True])
def test_the_statement_adds_up(gateway, customer, upstream, is_stream):
    script = upstream.script({"input_tokens": 100, "output_tokens": 10})
    charges = []
    for driver in (CHAT, MESSAGES):
        body = driver.body("gpt-4", script.mark + LONG, 20)
        if is_stream:
            with customer.stream(driver.path, body) as stream:
                stream.rest()
        else:
            customer.post(driver.path, body)
        charges.append(3600)  # 100 × 30 + 10 × 60
    statement = gateway.cli("ledger", "statement", customer.id)
    assert statement["opening"] == 0
    amounts = [entry["amount"] for entry in statement["entries"]]
    assert amounts == [1_000_000_000, -3600, -3600]
    assert statement["closing"] == 1_000_000_000 - sum(charges)
