"""What must be seen 4: 400 at once on a balance for 25."""

from concurrent.futures import ThreadPoolExecutor

from tests.support import wire
from tests.support.drivers import CHAT
from tests.support.waiting import wait_for

# " one" × 4 out of a prompt that is scripted to 10 tokens: 10 × 30 + 4 × 60 = 540
COST = 540


def test_400_at_once_on_a_balance_for_25(gateway, upstream):
    script = upstream.script({"input_tokens": 10, "output_tokens": 4})
    poor = gateway.customer(25 * COST)
    body = CHAT.body("gpt-4", script.mark, 4)
    load = wire.flood(gateway.origin, [(poor.key, CHAT.path, body)] * 400, connections=400)
    served = load.count(200)
    assert load.count(402) == 400 - served
    assert len(script.log()) == served, "no refused request reached the upstream"
    assert 0 < served <= 25
    assert poor.balance == (25 - served) * COST
    shown = poor.show()
    assert (shown["balance"], shown["held"]) == ((25 - served) * COST, 0)
    gateway.verify()


def test_the_last_affordable_request_is_served(gateway, upstream):
    """Holds are bounds, so a crowd may leave something; one after another spends it all."""
    script = upstream.script({"input_tokens": 10, "output_tokens": 4})
    body = CHAT.body("gpt-4", script.mark, 4)
    probe = gateway.customer(0)
    required = probe.post(CHAT.path, body).error["required"]
    poor = gateway.customer(24 * COST + required)
    posts = [(poor.key, CHAT.path, body)] * 40
    load = wire.flood(gateway.origin, posts, connections=1)
    assert load.count(200) == 25
    assert poor.balance == required - COST


def test_a_crowd_of_streams(gateway, upstream):
    script = upstream.script({"input_tokens": 10, "output_tokens": 4, "delay_chunk": 0.005})
    poor = gateway.customer(25 * COST)
    body = {**CHAT.body("gpt-4", script.mark, 4), "stream": True}
    load = wire.flood(gateway.origin, [(poor.key, CHAT.path, body)] * 100, connections=100)
    served = [answer for answer in load.answers if answer.status == 200]
    assert all(b"[DONE]" in answer.body for answer in served)
    assert poor.balance == (25 - len(served)) * COST
    assert poor.show()["held"] == 0


def test_a_crowd_on_a_tokens_own_budget(gateway, upstream):
    script = upstream.script({"input_tokens": 10, "output_tokens": 4})
    rich = gateway.customer(1_000_000_000)
    narrow = rich.another_token(budget=10 * COST)
    body = CHAT.body("gpt-4", script.mark, 4)
    load = wire.flood(gateway.origin, [(narrow.key, CHAT.path, body)] * 100, connections=100)
    served = load.count(200)
    refused = [answer for answer in load.answers if answer.status == 402]
    assert served + len(refused) == 100
    assert 0 < served <= 10
    assert {answer.error["code"] for answer in refused} == {"token_budget_exceeded"}
    assert rich.balance == 1_000_000_000 - served * COST
    sql = "SELECT spent, held FROM budgets WHERE api_token_id = ?"
    assert gateway.rows(sql, narrow.token_id) == [{"spent": served * COST, "held": 0}]


def test_money_moves_while_requests_run(gateway, upstream):
    """Credits and debits race with charges: every sum is exact in the end."""
    script = upstream.script({"input_tokens": 10, "output_tokens": 4, "delay_head": 0.01})
    customer = gateway.customer(1_000 * COST)
    body = CHAT.body("gpt-4", script.mark, 4)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(
            wire.flood, gateway.origin, [(customer.key, CHAT.path, body)] * 200, connections=8
        )
        for _ in range(10):
            gateway.cli("account", "credit", customer.id, "1000", "--reason", "in")
            gateway.cli("account", "debit", customer.id, "400", "--reason", "out")
        load = running.result(60)
    served = load.count(200)
    assert served == 200
    assert customer.balance == 1_000 * COST + 10 * (1000 - 400) - served * COST
    gateway.verify()


def test_the_hold_covers_all_choices_of_all_prompts(gateway, upstream):
    script = upstream.script({})
    broke = gateway.customer(0)
    one = {"model": "gpt-4", "prompt": script.mark, "max_tokens": 100}
    many = {**one, "prompt": [script.mark] * 3, "n": 4}
    required = [broke.post("/v1/completions", body).error["required"] for body in (one, many)]
    assert required[0] >= 100 * 60
    assert required[1] >= 12 * 100 * 60
    assert script.log() == []


def test_a_suspended_account_finishes_what_it_began(gateway, upstream):
    script = upstream.script({"input_tokens": 10, "output_tokens": 4, "gate_after": 2})
    customer = gateway.customer(1_000_000)
    with customer.stream(CHAT.path, CHAT.body("gpt-4", script.mark)) as stream:
        stream.take(2)
        gateway.cli("account", "suspend", customer.id)
        # Beside a shared database the server follows within a second, not at once.
        wait_for(lambda: customer.get("/v1/key").status == 403, timeout=1.0, what="a refusal")
        assert customer.post(CHAT.path, CHAT.body("gpt-4", "new")).status == 403
        script.open_gate()
        assert CHAT.is_complete(stream.rest())
    assert customer.balance == 1_000_000 - COST
