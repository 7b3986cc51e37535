"""What the command line changes is in force in a running server within one second.

Each test makes its change with the command in another process and then asks
until the answer is the new one; the time from the command's end is the measure.
"""

import time

import pytest

from tests.support.catalogs import GPT_4, model, openai_channel, table
from tests.support.drivers import CHAT
from tests.support.gateway_process import running_gateway
from tests.support.waiting import wait_for


@pytest.fixture(scope="module")
def changing(upstream, cli, tmp_path_factory):
    home = tmp_path_factory.mktemp("changing") / "home"
    with running_gateway(home, cli, catalog(upstream)) as running:
        yield running


def catalog(upstream, *, price="60", rpm=100, name="gpt-up", prefix="", more="") -> str:
    return "\n".join(
        [
            openai_channel(upstream, {"gpt-4": name, "other": "other-up"}, prefix=prefix),
            model("gpt-4", {**GPT_4, "output": price}, rpm=rpm),
            model("other", GPT_4),
            table("tier", min_balance=0, rate=1),
            more,
        ]
    )


def within_a_second(condition) -> None:
    began = time.monotonic()
    wait_for(condition, timeout=5)
    assert time.monotonic() - began <= 1.0


def ask(customer):
    return customer.post(CHAT.path, CHAT.body("gpt-4", "Hi", 1))


def test_a_revoked_token(changing):
    customer = changing.customer()
    assert ask(customer).status == 200
    changing.cli("token", "revoke", customer.token_id)
    within_a_second(lambda: ask(customer).status == 401)
    assert "revoked" in ask(customer).error["message"]


def test_a_rotated_token(changing):
    customer = changing.customer()
    assert ask(customer).status == 200
    old = customer.key
    customer.key = changing.cli("token", "rotate", customer.token_id)["key"]
    within_a_second(lambda: ask(customer).status == 200)
    assert customer.key != old


def test_a_new_token_works_at_once(changing):
    assert ask(changing.customer()).status == 200


def test_a_suspended_and_resumed_account(changing):
    customer = changing.customer()
    assert ask(customer).status == 200
    changing.cli("account", "suspend", customer.id)
    within_a_second(lambda: ask(customer).status == 403)
    changing.cli("account", "resume", customer.id)
    within_a_second(lambda: ask(customer).status == 200)


def test_a_credited_account(changing):
    customer = changing.customer(0)
    assert ask(customer).status == 402
    changing.cli("account", "credit", customer.id, "1000000", "--reason", "paid")
    within_a_second(lambda: ask(customer).status == 200)


def test_a_changed_price(changing, upstream):
    customer = changing.customer()
    script = upstream.script({"input_tokens": 2, "output_tokens": 1})
    body = CHAT.body("gpt-4", script.mark, 1)
    assert customer.post(CHAT.path, body).charge == 120
    changing.apply(catalog(upstream, price="61"))
    within_a_second(lambda: customer.post(CHAT.path, body).charge == 121)
    changing.apply(catalog(upstream))
    within_a_second(lambda: customer.post(CHAT.path, body).charge == 120)


def test_an_open_request_keeps_the_price_it_began_with(changing, upstream):
    customer = changing.customer()
    script = upstream.script({"input_tokens": 2, "output_tokens": 3, "gate_after": 1})
    with customer.stream(CHAT.path, CHAT.body("gpt-4", script.mark, 3)) as stream:
        stream.take(1)
        changing.apply(catalog(upstream, price="600"))
        other = upstream.script({"input_tokens": 2, "output_tokens": 1})
        body = CHAT.body("gpt-4", other.mark, 1)
        wait_for(lambda: customer.post(CHAT.path, body).charge == 660)
        script.open_gate()
        stream.rest()
    assert changing.usage(stream.request_id)["charge"] == 2 * 30 + 3 * 60
    changing.apply(catalog(upstream))


def test_a_changed_limit(changing, upstream):
    customer = changing.customer()

    def limit() -> str:
        return ask(customer).headers["x-ratelimit-limit-requests"]

    assert limit() == "100"
    changing.apply(catalog(upstream, rpm=7))
    within_a_second(lambda: limit() == "7")
    changing.apply(catalog(upstream))
    within_a_second(lambda: limit() == "100")
    assert ask(customer).headers["x-ratelimit-remaining-requests"] != "99", "no reset by a change"


def test_a_changed_channel(changing, upstream):
    customer = changing.customer()
    script = upstream.script({})
    body = CHAT.body("gpt-4", script.mark, 1)
    changing.apply(catalog(upstream, name="another-name", prefix="/elsewhere"))

    def is_elsewhere() -> bool:
        assert customer.post(CHAT.path, body).status == 200
        entry = script.log()[-1]
        moved: bool = entry["path"].startswith("/elsewhere/v1/")
        return moved and entry["body"]["model"] == "another-name"

    within_a_second(is_elsewhere)
    changing.apply(catalog(upstream))


def test_a_new_and_a_pruned_model(changing, upstream):
    customer = changing.customer()
    body = CHAT.body("brand-new", "Hi", 1)
    assert customer.post(CHAT.path, body).status == 404
    more = openai_channel(upstream, {"brand-new": "x"}, name="second") + model("brand-new", GPT_4)
    changing.apply(catalog(upstream, more=more))
    within_a_second(lambda: customer.post(CHAT.path, body).status == 200)
    file = changing.home.with_name("pruned.toml")
    file.write_text(catalog(upstream))
    changing.cli("apply", str(file), "--prune")
    within_a_second(lambda: customer.post(CHAT.path, body).status == 404)


def test_a_catalog_with_an_error_changes_nothing(changing, upstream):
    customer = changing.customer()
    file = changing.home.with_name("wrong.toml")
    file.write_text(catalog(upstream, price="61").replace('"input" = "30"', '"input" = "-30"', 1))
    said = changing.run("apply", str(file), "--json")
    assert said.code == 1 or said.code == 2
    assert said.stdout == ""
    assert "error" in said.stderr
    script = upstream.script({"input_tokens": 2, "output_tokens": 1})
    body = CHAT.body("gpt-4", script.mark, 1)
    assert customer.post(CHAT.path, body).charge == 120
