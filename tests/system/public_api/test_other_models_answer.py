"""Another model answers where the one that was asked for cannot: one hold, the other's price."""

import pytest

from tests.support.catalogs import anthropic_channel, model, openai_channel
from tests.support.drivers import CHAT, DRIVERS, GEMINI, MESSAGES
from tests.support.gateway_process import free_port, running_gateway
from tests.support.upstreams.behaviour import WORD

CHEAP = {"input": "2", "output": "10"}
DEAR = {"input": "30", "output": "60"}
# 20 × 30 + 4 × 60 and 20 × 2 + 4 × 10
USED = {"input_tokens": 20, "output_tokens": 4}
DEAR_CHARGE, CHEAP_CHARGE = 840, 80
TEXT = " and" * 40
"""Long enough that no scripted count passes a hold's bound."""
CAUSES = {
    "500": {"status": 500},
    "429": {"status": 429},
    "404": {"status": 404},
    "401": {"status": 401},
    "late": {"hang": True},
    "reset": {"reset_after": 0},
    "cut": {"truncate_after": 0},
    "nonsense": {"body": "no JSON"},
    "filtered": {"empty": True, "finish": "content_filter"},
}


def catalog(upstream) -> str:
    nowhere = f"http://127.0.0.1:{free_port()}/v1"
    dead = ["dead", "dead-claude", "dead-too", "dead-embedder"]
    causes = {f"{cause}-{kind}": "up" for cause in CAUSES for kind in ("whole", "stream")}
    return "\n".join(
        [
            openai_channel(upstream, dict.fromkeys(dead, "x"), name="nowhere", base_url=nowhere),
            openai_channel(
                upstream,
                {"dear": "dear-up", "cheap": "cheap-up", "narrow": "up", "single": "up"}
                | {"embedder": "up", "refuses": "up", "fine": "up"},
            ),
            openai_channel(upstream, causes, name="failing", timeout=1),
            anthropic_channel(upstream, {"claude": "claude-up"}),
            model("dear", DEAR),
            model("cheap", CHEAP),
            model("claude", DEAR),
            model("fine", CHEAP, fallback=["dear"]),
            model("dead", CHEAP, fallback=["dear"], rpm=1000),
            model("dead-claude", CHEAP, fallback=["claude"]),
            model("dead-too", CHEAP, fallback=["dead", "cheap"]),
            model("dead-embedder", CHEAP, fallback=["embedder"]),
            model("embedder", CHEAP),
            model("nobodys", CHEAP, fallback=["dear"]),
            model("refuses", CHEAP, fallback=["dear"]),
            model("narrow", DEAR, rpm=1),
            model("single", DEAR, concurrency=1),
            *(model(name, CHEAP, fallback=["dear"]) for name in causes),
        ]
    )


@pytest.fixture(scope="module")
def shop(upstream, cli, tmp_path_factory):
    home = tmp_path_factory.mktemp("others") / "home"
    with running_gateway(home, cli, catalog(upstream)) as running:
        yield running
        running.settle_down()


@pytest.fixture
def customer(shop):
    return shop.customer()


def ask(customer, name, upstream, **more):
    script = upstream.script(USED)
    return customer.post(CHAT.path, CHAT.body(name, script.mark + TEXT, 50, **more))


def is_failed(answer) -> bool:
    """Whether nobody answered; 503 once the breaker of the dead address is open."""
    return answer.status in (502, 503)


def answered_by(answer) -> str | None:
    """The model that answered, where it is another one."""
    told = answer.headers.get("x-yiyuan-model")
    assert answer.status == 200, answer.body
    assert told is None or answer.json()["model"] == told
    return told


@pytest.mark.parametrize("asked", ["dead", "dead-claude", "nobodys"])
@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
def test_a_whole_answer_in_every_format(shop, customer, upstream, driver, asked):
    script = upstream.script(USED)
    answer = customer.post(driver.path, driver.body(asked, script.mark + TEXT, 50))
    assert answer.status == 200, answer.body
    other = "claude" if asked == "dead-claude" else "dear"
    document = answer.json()
    assert (document["model"], answer.headers["x-yiyuan-model"]) == (other, other)
    told = driver.told(document)
    assert (told.input, told.output, told.charge) == (20, 4, DEAR_CHARGE)
    assert customer.spent == answer.charge == DEAR_CHARGE
    row = shop.usage(answer.request_id)
    assert (row["model"], row["charge"], row["outcome"]) == (other, DEAR_CHARGE, "completed")
    (price,) = shop.rows("SELECT model FROM prices WHERE id = ?", row["price_id"])
    assert price["model"] == other
    outcomes = [attempt["outcome"] for attempt in shop.attempts(answer.request_id)]
    assert outcomes[-1] == "ok"
    assert len(outcomes) == (1 if asked == "nobodys" else 2)


@pytest.mark.parametrize("asked", ["dead", "dead-claude", "nobodys"])
@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
def test_a_stream_in_every_format(shop, customer, upstream, driver, asked):
    script = upstream.script(USED)
    body = driver.streamed(driver.body(asked, script.mark + TEXT, 50))
    with customer.stream(driver.path, body) as stream:
        assert stream.status == 200, stream.answer().body
        events = stream.rest()
    other = "claude" if asked == "dead-claude" else "dear"
    assert stream.headers["x-yiyuan-model"] == other
    text = "".join(event.data for event in events)
    assert f'"model":"{other}"' in text
    assert f'"model":"{asked}"' not in text
    assert driver.stream_text(events) == WORD * 4
    told = driver.stream_told(events)
    assert (told.input, told.output, told.charge) == (20, 4, DEAR_CHARGE)
    assert driver.is_complete(events)
    assert customer.spent == DEAR_CHARGE
    row = shop.usage(stream.request_id)
    assert (row["model"], row["streamed"], row["charge"]) == (other, 1, DEAR_CHARGE)


@pytest.mark.parametrize("verb", ["generateContent", "streamGenerateContent?alt=sse"])
def test_googles_format(customer, upstream, verb):
    script = upstream.script(USED)
    answer = customer.post(f"/v1beta/models/dead:{verb}", GEMINI.body("", script.mark + TEXT, 50))
    assert answer.status == 200, answer.body
    assert answer.headers["x-yiyuan-model"] == "dear"
    assert b'"modelVersion":"dear"' in answer.body.replace(b'": "', b'":"')
    assert customer.spent == DEAR_CHARGE


@pytest.mark.parametrize("kind", ["whole", "stream"])
@pytest.mark.parametrize("cause", CAUSES)
def test_what_lets_another_model_answer(shop, customer, upstream, cause, kind):
    script = upstream.script(CAUSES[cause], USED)
    body = CHAT.body(f"{cause}-{kind}", script.mark + TEXT, 50)
    if kind == "stream":
        with customer.stream(CHAT.path, body) as stream:
            assert stream.status == 200, stream.answer().body
            assert CHAT.stream_text(stream.rest()) == WORD * 4
            assert stream.headers["x-yiyuan-model"] == "dear"
            found = stream.request_id
    else:
        answer = customer.post(CHAT.path, body)
        assert answered_by(answer) == "dear"
        found = answer.request_id
    assert shop.usage(found)["charge"] == customer.spent == DEAR_CHARGE


def test_a_model_that_answers_is_asked_alone(shop, customer, upstream):
    answer = ask(customer, "fine", upstream)
    assert answered_by(answer) is None
    assert answer.json()["model"] == "fine"
    assert customer.spent == CHEAP_CHARGE
    # 30 x the bytes of the prompt at least: what the dearest of the two may cost was held.
    assert shop.usage(answer.request_id)["hold_amount"] > 30 * len(TEXT) + 60 * 50


def test_a_request_that_is_at_fault_itself_goes_nowhere_else(customer, upstream):
    script = upstream.script({"status": 400, "body": {"error": {"message": "no such thing"}}}, USED)
    answer = customer.post(CHAT.path, CHAT.body("refuses", script.mark, 50))
    assert (answer.status, len(script.log()), customer.spent) == (400, 1, 0)


@pytest.mark.parametrize(
    ("more", "other"),
    [
        ({"models": ["cheap"]}, "cheap"),
        ({"models": ["nobody-knows-it", "dead", "cheap", "claude"]}, "cheap"),
        ({"fallbacks": [{"model": "cheap"}]}, "cheap"),
        ({"fallbacks": ["claude"]}, "claude"),
        ({"models": ["dead-claude", "dead-too", "claude"]}, "claude"),
        ({"models": "cheap"}, "dear"),
        ({"models": None, "fallbacks": None}, "dear"),
        ({"models": []}, None),
        ({"fallbacks": []}, None),
        ({"models": ["nobody-knows-it", 7, {"model": None}]}, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("driver", [CHAT, MESSAGES], ids=["chat", "messages"])
def test_a_client_names_other_models_itself(customer, upstream, driver, more, other):
    script = upstream.script(USED)
    answer = customer.post(driver.path, driver.body("dead", script.mark + TEXT, 50, **more))
    if other is None:
        assert is_failed(answer)
        assert customer.spent == 0
        return
    assert answered_by(answer) == other
    assert "x-yiyuan-dropped-params" not in answer.headers
    assert not {"models", "fallbacks"} & script.only()["body"].keys()
    assert customer.spent == (CHEAP_CHARGE if other == "cheap" else DEAR_CHARGE)


def test_only_three_more_are_tried(customer, upstream):
    names = ["dead-too", "dead-claude", "dead-embedder", "cheap"]
    assert is_failed(ask(customer, "dead", upstream, models=names))
    assert answered_by(ask(customer, "dead", upstream, models=["unknown", *names[1:]])) == "cheap"


def test_what_a_token_may_not_use_does_not_answer(shop, upstream):
    narrow = shop.customer(models="dead,cheap")
    assert is_failed(ask(narrow, "dead", upstream))
    assert answered_by(ask(narrow, "dead", upstream, models=["dear", "cheap"])) == "cheap"


def test_the_first_failure_is_told_when_all_fail(shop, customer, upstream):
    answer = ask(customer, "dead", upstream, models=["dead-claude"])
    assert is_failed(answer)
    assert "dead-claude" not in answer.error["message"]
    assert customer.spent == 0
    row = shop.usage(answer.request_id)
    assert (row["model"], row["charge"], row["outcome"]) == ("dead-claude", 0, "failed")


def test_one_hold_covers_the_dearest(shop, customer, upstream):
    script = upstream.script({**USED, "gate_head": True})
    with customer.stream(CHAT.path, CHAT.body("dead", script.mark + TEXT, 50)) as stream:
        script.wait(bool)
        held = customer.show()["held"]
        assert held >= 30 * len(TEXT) + 60 * 50
        script.open_gate()
        assert CHAT.stream_text(stream.rest()) == WORD * 4
    assert shop.usage(stream.request_id)["hold_amount"] == held
    assert customer.show()["held"] == 0


def test_a_model_that_cannot_be_paid_is_left_out(shop, upstream):
    poor = shop.customer(balance=2000)
    assert is_failed(ask(poor, "dead", upstream))
    assert answered_by(ask(poor, "dead", upstream, models=["dear", "cheap"])) == "cheap"
    assert poor.spent == CHEAP_CHARGE
    assert answered_by(ask(poor, "fine", upstream)) is None


@pytest.mark.parametrize("what", ["minute", "at once", "budget"])
def test_a_model_counts_in_its_own_limits(shop, upstream, what):
    options = {"model_budget": "dear=100/day"} if what == "budget" else {}
    customer = shop.customer(**options)
    name = {"minute": "narrow", "at once": "single", "budget": "dear"}[what]
    more = {"models": [name, "cheap"]}
    if what == "minute":
        assert answered_by(ask(customer, "dead", upstream, **more)) == "narrow"
    if what != "at once":
        assert answered_by(ask(customer, "dead", upstream, **more)) == "cheap"
        return
    script = upstream.script({**USED, "gate_head": True})
    with customer.stream(CHAT.path, CHAT.body("dead", script.mark + TEXT, 50, **more)) as stream:
        script.wait(bool)
        assert answered_by(ask(customer, "dead", upstream, **more)) == "cheap"
        script.open_gate()
        stream.rest()
    assert stream.headers["x-yiyuan-model"] == "single"
    assert answered_by(ask(customer, "dead", upstream, **more)) == "single"


def test_vectors_of_another_model_are_never_given(customer):
    body = {"model": "dead-embedder", "input": "Hi"}
    assert is_failed(customer.post("/v1/embeddings", body))
    assert customer.spent == 0


def test_several_answers_come_from_one_other_model(customer, upstream):
    script = upstream.script(USED)
    answer = customer.post(CHAT.path, CHAT.body("dead-claude", script.mark + TEXT, 50, n=2))
    assert answered_by(answer) == "claude"
    assert len(answer.json()["choices"]) == 2
    assert customer.spent == 2 * DEAR_CHARGE


def test_it_is_counted_which_models_stood_in(shop, customer, upstream):
    ask(customer, "dead", upstream)
    assert 'yiyuan_model_fallbacks_total{model="dead",tried="dear"}' in shop.metrics()
