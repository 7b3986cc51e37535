"""Events that a running gateway tells of: each arrives, in the place's language, and once."""

import re

import pytest

from tests.support import wire
from tests.support.catalogs import GPT_4, main_catalog, model, openai_channel
from tests.support.drivers import CHAT
from tests.support.upstreams.behaviour import WORD
from tests.support.waiting import wait_for
from tests.support.webhook_receiver import Receiver
from tests.system.console_api.person import operator, written

SECONDS = 40
HALF_AN_HOUR = 1_800_000


@pytest.fixture(scope="module")
def operators(house):
    """Where the operators are told everything."""
    receiver = Receiver()
    boss = operator(house.gateway, "is-told@example.com")
    asked = {"kind": "webhook", "fields": {"url": receiver.url}}
    made = boss.call("POST", "/api/operator/notices/sinks", asked)
    yield receiver
    boss.call("DELETE", f"/api/operator/notices/sinks/{made['sink']['id']}")
    receiver.close()


def told(receiver, event: str, **data: str) -> list[dict]:
    return [
        document["data"]
        for document in receiver.events()
        if document["type"] == event and data.items() <= document["data"].items()
    ]


def arrives(receiver, event: str, **data: str) -> dict:
    """What was told of it, at last; nothing is told twice in the looks that follow."""
    wait_for(lambda: told(receiver, event, **data), timeout=SECONDS, what=event)
    (only,) = told(receiver, event, **data)
    return only


def chat(house, key: str, name: str = "gpt-4", text: str = "hi") -> int:
    body = CHAT.body(name, text, 20)
    return wire.call(house.gateway.origin, "POST", CHAT.path, body, key=key).status


@pytest.fixture
def spender(house, request):
    """Somebody with money, and a key."""
    name = re.sub(r"[^a-z]+", "-", request.node.name.lower()).strip("-")[-50:]
    person = house.person(f"{name}@mail.example")
    made = person.call("POST", f"/api/accounts/{person.account}/tokens", {"name": "spends"})
    person.key, person.token, person.email = made["key"], made["id"], f"{name}@mail.example"
    return person


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_budget_that_is_nearly_used_up(house, spender, language):
    account = f"/api/accounts/{spender.account}"
    place = {"kind": "email", "fields": {"address": spender.email}, "language": language}
    spender.call("POST", f"{account}/notices/sinks", place)
    budget = {"period": "total", "limit": 1_000_000}
    spender.call("PATCH", f"{account}/tokens/{spender.token}", {"budgets": [budget]})
    assert chat(house, spender.key) == 200
    house.gateway.settle_down()
    (row,) = house.gateway.rows("SELECT spent FROM budgets WHERE api_token_id = ?", spender.token)
    budget["limit"] = row["spent"] + 1
    spender.call("PATCH", f"{account}/tokens/{spender.token}", {"budgets": [budget]})
    words = {"en": "The budget of the token spends", "zh": "词元密钥 spends 的预算"}[language]

    def mails() -> list:
        return [m for m in house.mail.to(spender.email) if words in m.message["subject"]]

    wait_for(mails, timeout=SECONDS, what="the mail")
    assert "¥" in mails()[0].text


def test_a_key_that_an_upstream_refuses(house, operators, upstream, spender):
    refusing = openai_channel(upstream, {"locked": "up"}, name="locked")
    house.gateway.apply(main_catalog(upstream) + refusing + model("locked", GPT_4))
    script = upstream.script({"status": 401})

    def is_refused() -> bool:
        return chat(house, spender.key, "locked", script.mark + f" {WORD}") >= 500

    wait_for(is_refused, timeout=10, what="the channel to be known and its key refused")
    found = arrives(operators, "channel.key_refused", channel="locked")
    assert found["count"] >= 1
    house.gateway.apply(main_catalog(upstream))


def test_mails_that_are_given_up(house, operators):
    house.mail.refusals = ["550 nobody here"]
    email = {"email": "bounces@mail.example"}
    house.stranger().call("POST", "/api/sign-up/start", email)
    found = arrives(operators, "mail.stuck")
    assert "550" in found["reason"]
    assert "bounces" not in str(found)


def test_answers_without_usage_and_costs_above_the_hold(house, operators, spender):
    for _ in range(3):
        assert chat(house, spender.key) == 200
    house.gateway.settle_down()
    house.gateway.stop()
    hour_ms = 2 * HALF_AN_HOUR
    # As if it had been in the hour before, with answers that told no usage and cost too much.
    (row,) = house.gateway.rows("SELECT max(ended_at) AS at FROM usage")
    then = row["at"] - row["at"] % hour_ms - HALF_AN_HOUR
    mine = f"api_token_id = '{spender.token}'"
    written(
        house.gateway,
        f"UPDATE usage SET ended_at = {then}, source = 'counted', shortfall = 7 WHERE {mine}",
    )
    house.gateway.start()
    try:
        assert arrives(operators, "channel.unmetered", channel="openai")["count"] == 3
        found = arrives(operators, "ledger.shortfall", model="gpt-4")
        assert (found["count"], found["shortfall"]) == (3, 21)
    finally:
        house.gateway.stop()
        written(
            house.gateway,
            f"UPDATE usage SET ended_at = {row['at']}, source = 'upstream', shortfall = 0"
            f" WHERE {mine}",
        )
        house.gateway.start()
