"""A hold that was too small is an event, and an account with several waits for an operator."""

import pytest

from tests.support.catalogs import GPT_4, model, table
from tests.support.drivers import CHAT, EVERY_FORMAT
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.raw_server import EVENTS, JSON, raw_server
from tests.support.waiting import wait_for

MORE = {"input_tokens": 50, "output_tokens": 1000, "chunk_tokens": 1000}
"""An upstream that writes a thousand tokens where five were allowed."""


def ask(customer, script, driver, model="gpt-4"):
    return customer.post(driver.address(model), driver.body(model, script.mark, 5))


@pytest.mark.parametrize("name", EVERY_FORMAT)
def test_a_whole_answer_above_the_bound_costs_the_hold_and_is_shown(gateway, upstream, name):
    driver, customer = EVERY_FORMAT[name], gateway.customer()
    before = shortfalls(gateway)
    answer = ask(customer, upstream.script(MORE), driver)
    assert answer.status == 200
    row = gateway.usage(answer.request_id)
    cost = 50 * 30 + 1000 * 60
    assert row["charge"] == row["hold_amount"] == answer.charge == customer.spent
    assert row["shortfall"] == cost - row["charge"] > 0
    assert shortfalls(gateway) == before + 1
    shown = gateway.cli("requests", "show", answer.request_id)
    assert shown["shortfall"] == row["shortfall"]
    assert answer.request_id in gateway.said()


def shortfalls(gateway) -> int:
    lines = [
        line
        for line in gateway.metrics().splitlines()
        if line.startswith("yiyuan_shortfalls_total{") and 'model="gpt-4"' in line
    ]
    assert all('channel="' in line for line in lines)
    return sum(int(float(line.rpartition(" ")[2])) for line in lines)


def test_the_third_within_an_hour_stops_the_account_at_the_model(gateway, upstream):
    customer, other = gateway.customer(), gateway.customer()
    chat = CHAT
    script, fine = upstream.script(MORE), upstream.script({"output_tokens": 2})
    assert [ask(customer, script, chat).status for _ in range(3)] == [200] * 3
    refused = ask(customer, script, chat)
    assert (refused.status, refused.error["code"]) == (402, "shortfall_limit_exceeded")
    assert "gpt-4" in refused.error["message"]
    assert refused.headers["x-should-retry"] == "false"
    assert len(script.log()) == 3, "a refused request reaches no upstream"
    chinese = customer.post(
        chat.path, chat.body("gpt-4", script.mark, 5), **{"Accept-Language": "zh"}
    )
    assert "运营者" in chinese.error["message"]
    assert ask(other, fine, chat).status == 200, "nobody else is stopped"
    assert ask(customer, fine, chat, "claude-2").status == 200, "no other model is"

    wait_for(lambda: customer.show().get("stopped_models") == ["gpt-4"])
    assert gateway.cli("account", "release", customer.id)["released"] == ["gpt-4"]
    assert "stopped_models" not in customer.show()
    wait_for(lambda: ask(customer, fine, chat).status == 200)
    assert gateway.cli("account", "release", customer.id)["released"] == []
    assert [ask(customer, script, chat).status for _ in range(3)] == [200] * 3, "counted anew"
    assert ask(customer, script, chat).status == 402


def unmetered(gateway) -> int:
    lines = gateway.metrics().splitlines()
    found = [line for line in lines if line.startswith("yiyuan_unmetered_answers_total{")]
    assert all('channel="' in line for line in found)
    return sum(int(float(line.rpartition(" ")[2])) for line in found)


@pytest.mark.parametrize("name", EVERY_FORMAT)
@pytest.mark.parametrize("is_stream", [False, True])
def test_an_answer_without_the_upstreams_own_usage_is_counted_and_shown(
    gateway, upstream, name, is_stream
):
    driver, customer = EVERY_FORMAT[name], gateway.customer()
    for behaviour, more, source in (
        ({"output_tokens": 3}, 0, "upstream"),
        ({"output_tokens": 3, "usage": "missing"}, 1, "counted"),
        ({"output_tokens": 0, "empty": True, "usage": "missing"}, 0, "none"),
    ):
        before, script = unmetered(gateway), upstream.script(behaviour)
        body = driver.body("gpt-4", script.mark, 5)
        if is_stream:
            address = driver.address("gpt-4", is_stream=True)
            with customer.stream(address, driver.streamed(body)) as stream:
                stream.rest()
            request_id = stream.request_id
        else:
            request_id = customer.post(driver.address("gpt-4"), body).request_id
        row = gateway.usage(request_id)
        assert row["source"] == source
        assert unmetered(gateway) == before + more
        assert gateway.cli("requests", "show", request_id)["usage_source"] == source


def test_small_shortfalls_stop_nobody(gateway, upstream):
    """Up to a thousand micros, or a hundredth of the charge."""
    customer, chat = gateway.customer(), CHAT
    before = shortfalls(gateway)
    script = upstream.script({"input_tokens": 1, "output_tokens": 5 + 16})
    held = gateway.usage(ask(customer, script, chat).request_id)["hold_amount"]
    over = -(-held // 60) + 10  # ten tokens of 60 above the hold, more or less
    script = upstream.script({"input_tokens": 1, "output_tokens": over})
    for _ in range(4):
        answer = ask(customer, script, chat)
        assert answer.status == 200
    assert 0 < gateway.usage(answer.request_id)["shortfall"] <= 1000
    assert shortfalls(gateway) == before


TOO_LARGE = {
    "a whole answer": (b'{"choices": [' + b" " * (65 * 1024 * 1024), JSON),
    "an event": (b'data: {"choices": [' + b" " * (11 * 1024 * 1024), EVENTS),
}


@pytest.mark.parametrize("case", TOO_LARGE)
def test_what_our_own_limit_keeps_from_its_client_is_asked_for_thrice_at_most(cli, tmp_path, case):
    """The upstream wants its money, the client has nothing: nobody else may be asked for it."""
    with raw_server() as server:
        channels = [
            table(
                "channel",
                name=name,
                provider="openai",
                base_url=f"{server.origin}/v1",
                api_key=f"upkey-{name}",
                models={"large": "up"},
            )
            for name in ("first", "second")
        ]
        catalog = "\n".join([*channels, model("large", GPT_4)])
        with running_gateway(tmp_path / "home", cli, catalog) as gateway:
            customer = gateway.customer()
            answer, content_type = TOO_LARGE[case]
            server.say(answer, content_type=content_type)
            body = CHAT.body("large", "hi", 100) | {"stream": content_type == EVENTS}
            for asked in (1, 2, 3):
                refused = customer.post(CHAT.path, body)
                assert (refused.status, customer.spent) == (502, 0)
                assert len(server.asked) == asked, "another channel's would be as large"
            refused = customer.post(CHAT.path, body)
            assert (refused.status, refused.error["code"]) == (402, "shortfall_limit_exceeded")
            assert len(server.asked) == 3
            assert "its answer was too large to pass on" in gateway.said()
