"""What an upstream refuses, by the client's format: codes, details, and whose fault it is."""

import json
from contextlib import ExitStack

import anthropic
import pytest

from tests.support.catalogs import GPT_4, model, table
from tests.support.drivers import CHAT, COMPLETIONS, GEMINI, MESSAGES, RESPONSES
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.raw_server import EVENTS, JSON

DRIVERS = (CHAT, COMPLETIONS, MESSAGES, RESPONSES, GEMINI)
COUNT = 60


@pytest.fixture(scope="module")
def place(server, cli, tmp_path_factory):
    """Channels of both kinds, one for each case: an operator's fault shuts a channel."""
    with ExitStack() as stack:
        parts = []
        for at in range(COUNT):
            base = {"base_url": f"{server.origin}/v1", "api_key": f"upkey-survive-{at}"}
            models = {f"m{at}": "up"}
            parts.append(table("channel", name=f"c{at}", provider="openai", models=models, **base))
            parts.append(model(f"m{at}", GPT_4))
        home = tmp_path_factory.mktemp("survive") / "home"
        yield stack.enter_context(running_gateway(home, cli, "\n".join(parts)))


@pytest.fixture(scope="module")
def names():
    return iter(f"m{at}" for at in range(COUNT))


def ask(place, driver, name: str):
    customer = place.customer()
    answer = customer.post(driver.path.format(model=name), driver.body(name, "hi", 20))
    assert customer.spent == 0
    return answer


CODES = {
    "context_length_exceeded": {"code": "context_length_exceeded", "message": "too many tokens"},
    "context by words": {"message": "This model's maximum context length is 8192 tokens."},
    "content_filter": {"code": "content_filter", "message": "The response was filtered"},
}


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
@pytest.mark.parametrize("case", CODES)
def test_known_codes_survive(place, server, names, driver, case):
    server.say(json.dumps({"error": CODES[case]}).encode(), content_type=JSON, status=400)
    answer = ask(place, driver, next(names))
    assert answer.status == 400
    expected = "content_filter" if case == "content_filter" else "context_length_exceeded"
    assert driver.code(answer) == expected
    assert CODES[case]["message"] in answer.error["message"]


@pytest.mark.parametrize("driver", [CHAT, MESSAGES], ids=lambda driver: driver.name)
def test_an_error_in_a_200_survives_too(place, server, names, driver):
    server.say(json.dumps({"error": CODES["content_filter"]}).encode(), content_type=JSON)
    answer = ask(place, driver, next(names))
    assert (answer.status, driver.code(answer)) == (400, "content_filter")


@pytest.mark.parametrize("driver", [CHAT, MESSAGES, RESPONSES], ids=lambda driver: driver.name)
def test_details_are_kept_without_secrets(place, server, names, driver):
    name = next(names)
    details = {"error_code": "x", "seen": f"upkey-survive-{name[1:]}", "see": "https://in.side/x"}
    error = {"message": "no", "details": details}
    server.say(json.dumps({"error": error}).encode(), content_type=JSON, status=400)
    answer = ask(place, driver, name)
    assert answer.error["details"] == {"error_code": "x", "seen": "…", "see": "…"}


FAULTS = {
    "bad key": (400, {"code": "invalid_api_key", "message": "Incorrect API key provided: upkey"}),
    "bad key, google": (400, {"status": "INVALID_ARGUMENT", "message": "API key not valid. Pass"}),
    "arrears": (400, {"message": "Your credit balance is too low to access the API"}),
    "quota": (429, {"code": "insufficient_quota", "message": "You exceeded your current quota"}),
    "unprocessable": (422, {"code": "Arrearage", "message": "pay"}),
    "forbidden": (403, {"code": "Arrearage", "message": "Access denied, pay"}),
    "forbidden, in words": (
        403,
        {"code": 30001, "message": "Sorry, your account balance is insufficient"},
    ),
    "not found": (404, {"code": "billing_not_active", "message": "no such model for you"}),
}


@pytest.mark.parametrize("driver", [CHAT, MESSAGES, RESPONSES], ids=lambda driver: driver.name)
@pytest.mark.parametrize("case", FAULTS)
def test_the_operators_fault_is_never_the_customers(place, server, names, driver, case):
    status, error = FAULTS[case]
    server.say(json.dumps({"error": error}).encode(), content_type=JSON, status=status)
    answer = ask(place, driver, next(names))
    assert (answer.status, driver.code(answer)) == (502, "upstream_error")
    assert error["message"] not in answer.error["message"]
    assert {row["outcome"] for row in place.attempts(answer.request_id)} == {"account"}


THREAD = {"id": "thr_1"}
STREAM = [
    {"choices": [{"index": 0, "delta": {"content": "hello"}}]},
    {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}},
]


def test_a_thread_is_refused_in_the_form_that_libraries_know(place, names):
    name = next(names)
    customer = place.customer()
    for path in (MESSAGES.path, MESSAGES.path + "/count_tokens"):
        answer = customer.post(path, MESSAGES.body(name, "hi", 5, thread=THREAD))
        assert answer.status == 400
        assert answer.error["type"] == "invalid_request_error"
        assert answer.error["details"] == {
            "error_code": "thread_unsupported_request",
            "unsupported": ["thread"],
        }
        assert "x-should-retry" not in answer.headers


def test_anthropics_library_goes_on_without_a_thread(place, server, names):
    """Its own helper for threads: it sends the whole conversation from then on."""
    server.say(
        *[b"data: %b\n\n" % json.dumps(event).encode() for event in STREAM],
        b"data: [DONE]\n\n",
        content_type=EVENTS,
    )
    customer = place.customer()
    with anthropic.Anthropic(base_url=place.origin, api_key=customer.key) as client:
        thread = client.beta.messages.thread(
            model=next(names),
            max_tokens=20,
            messages=[{"role": "user", "content": "hi"}],
            unsupported_request_behavior="continue_unthreaded",
        )
        with thread.stream() as stream:
            first = stream.get_final_message()
        thread.append({"role": "user", "content": "again"})
        with thread.stream() as stream:
            second = stream.get_final_message()
    assert first.content[0].text == second.content[0].text == "hello"
    assert b"again" in server.asked[-1]
    assert b'"hi"' in server.asked[-1], "the whole conversation"
