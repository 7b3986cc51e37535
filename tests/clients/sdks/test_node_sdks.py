"""The official SDKs for JavaScript, in Node: every endpoint, their classes of errors, retries.

They are installed into `.clients` once; where that cannot be done these tests are skipped.
"""

import json
import pathlib
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.clients.programs.seen import charged
from tests.support.catalogs import GPT_4, model, openai_channel
from tests.support.drivers import CHAT
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.behaviour import WORD
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(900)  # the first test of each installs it

SCRIPTS = pathlib.Path(__file__).parent / "node"
SECONDS = 120.0
OPENAI, ANTHROPIC = "openai-node", "anthropic-node"
MODELS = pytest.mark.parametrize("model", ["gpt-4", "claude-2"])


@pytest.fixture
def sdk(installed, own_home):
    """`sdk(CLIENT, KEY, CASE, …)` runs one case of a client's script and returns what it saw."""

    def run(client: str, origin: str, key: str, name: str, **case: Any) -> Any:
        folder = installed(client)
        node = shutil.which("node")
        assert node is not None, "npm installed it, so there is a node"
        script = (SCRIPTS / f"{client.partition('-')[0]}_sdk.mjs").read_text()
        case = {"name": name, "origin": origin, "key": key, "model": "gpt-4", "prompt": "Hi"} | case
        done = subprocess.run(
            [node, "--input-type=module", "-", json.dumps(case)],
            cwd=folder.path,  # imports are found from here
            env=own_home,
            input=script,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def statuses(seen: Any) -> list[int]:
    """The statuses of its requests."""
    return [status for status, _, _ in seen["statuses"]]


# --- openai --------------------------------------------------------------------------


@pytest.mark.checks("openai-node", "SDK 1")
def test_openai_models(sdk, gateway, customer):
    seen = sdk(OPENAI, gateway.origin, customer.key, "models")["answer"]
    assert {"gpt-4", "gpt-3.5-turbo", "claude-2"} <= set(seen["ids"])
    assert seen["one"] == "gpt-4"


@pytest.mark.checks("openai-node", "SDK 1")
@MODELS
def test_openai_chat(sdk, gateway, customer, upstream, model):
    script = upstream.script({"input_tokens": 10, "output_tokens": 3})
    seen = sdk(OPENAI, gateway.origin, customer.key, "chat", model=model, prompt=script.mark)
    answer = seen["answer"]
    assert answer["choices"][0]["message"]["content"] == WORD * 3
    assert answer["model"] == model
    assert answer["usage"]["charge"] == customer.spent > 0
    assert seen["requestId"].startswith("ex_")


@pytest.mark.checks("openai-node", "SDK 1")
@MODELS
def test_openai_stream(sdk, gateway, customer, upstream, model):
    script = upstream.script({"input_tokens": 10, "output_tokens": 3})
    case = {"model": model, "prompt": script.mark}
    chunks = sdk(OPENAI, gateway.origin, customer.key, "stream", **case)["answer"]
    texts = [c["choices"][0]["delta"].get("content") or "" for c in chunks if c["choices"]]
    assert "".join(texts) == WORD * 3
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["charge"] == customer.spent > 0


@pytest.mark.checks("openai-node", "SDK 1")
@MODELS
def test_openai_tools(sdk, gateway, customer, upstream, model):
    script = upstream.script({"tool_calls": [{"name": "look", "arguments": '{"at": "sky"}'}]})
    case = {"model": model, "prompt": script.mark}
    answer = sdk(OPENAI, gateway.origin, customer.key, "tools", **case)["answer"]
    (call,) = answer["choices"][0]["message"]["tool_calls"]
    assert call["function"]["name"] == "look"
    assert json.loads(call["function"]["arguments"]) == {"at": "sky"}
    assert answer["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.checks("openai-node", "SDK 1")
@MODELS
def test_openai_completions(sdk, gateway, customer, upstream, model):
    script = upstream.script({})
    case = {"model": model, "prompt": script.mark}
    whole = sdk(OPENAI, gateway.origin, customer.key, "completions", **case)["answer"]
    assert [choice["index"] for choice in whole["choices"]] == [0, 1, 2, 3]
    chunks = sdk(OPENAI, gateway.origin, customer.key, "completionsStream", **case)["answer"]
    assert "".join(c["choices"][0]["text"] for c in chunks) == WORD * 3, "no usage chunk leaks"
    assert len(charged(customer)) == 2


@pytest.mark.checks("openai-node", "SDK 1")
def test_openai_embeddings(sdk, gateway, customer):
    """In base64 by default, and as floats: the same numbers."""
    usual, plain = sdk(OPENAI, gateway.origin, customer.key, "embeddings")["answer"]
    assert usual == plain == [0.5, -0.25, 1.0, 0.0]


@pytest.mark.checks("openai-node", "SDK 1")
@MODELS
def test_openai_responses(sdk, gateway, customer, upstream, model):
    script = upstream.script({"input_tokens": 10, "output_tokens": 3})
    case = {"model": model, "prompt": script.mark}
    answer = sdk(OPENAI, gateway.origin, customer.key, "responses", **case)["answer"]
    assert answer["kinds"][0] == "response.created"
    assert answer["kinds"][-1] == "response.completed"
    final = answer["final"]
    assert final["output_text"] == WORD * 3
    assert final["usage"]["charge"] == customer.spent > 0


@pytest.mark.checks("openai-node", "SDK 2", "SDK 4")
def test_openai_errors(sdk, gateway, upstream):
    """What each refusal is thrown as; only the last one is worth a retry."""
    poor, narrow = gateway.customer(0), gateway.customer(models="claude-2")
    rich = gateway.customer()
    failing = upstream.script({"status": 500})
    for key, case, name, status, code in (
        ("sk-wrong", {}, "AuthenticationError", 401, "invalid_api_key"),
        (poor.key, {}, "APIError", 402, "insufficient_balance"),
        (narrow.key, {}, "PermissionDeniedError", 403, "model_not_allowed"),
        (rich.key, {"model": "gpt-9"}, "NotFoundError", 404, "model_not_found"),
        (rich.key, {"model": 4}, "BadRequestError", 400, "invalid_type"),
        (rich.key, {"prompt": failing.mark}, "InternalServerError", 502, "upstream_error"),
    ):
        seen = sdk(OPENAI, gateway.origin, key, "chat", **case)
        error = seen["error"]
        assert (error["name"], error["status"], error["code"]) == (name, status, code), error
        assert error["requestID"].startswith("ex_")
        assert error["type"]
        assert statuses(seen) == [status] * (3 if status >= 500 else 1)
        if status == 402:
            assert error["message"].startswith("402 Insufficient balance: ")
    assert charged(poor) == charged(narrow) == charged(rich) == []
    assert rich.post(CHAT.path, CHAT.body("gpt-4", "Hi")).status == 200, "for the breaker"


# --- @anthropic-ai/sdk ---------------------------------------------------------------


@pytest.mark.checks("anthropic-node", "SDK 1")
@MODELS
def test_anthropic_messages(sdk, gateway, customer, upstream, model):
    script = upstream.script({"input_tokens": 10, "output_tokens": 3})
    case = {"model": model, "prompt": script.mark}
    seen = sdk(ANTHROPIC, gateway.origin, customer.key, "messages", **case)
    answer = seen["answer"]
    assert answer["content"][0]["text"] == WORD * 3
    assert answer["model"] == model
    assert answer["usage"]["charge"] == customer.spent > 0
    assert seen["requestId"].startswith("ex_")


@pytest.mark.checks("anthropic-node", "SDK 1")
@MODELS
def test_anthropic_stream(sdk, gateway, customer, upstream, model):
    call = {"name": "look", "arguments": '{"at": "sky"}'}
    script = upstream.script({"text": "Wait a bit.", "tool_calls": [call], "input_tokens": 10})
    case = {"model": model, "prompt": script.mark}
    answer = sdk(ANTHROPIC, gateway.origin, customer.key, "stream", **case)["answer"]
    assert "".join(answer["texts"]) == "Wait a bit."
    final = answer["final"]
    assert [block["type"] for block in final["content"]] == ["text", "tool_use"]
    assert final["content"][1]["input"] == {"at": "sky"}
    assert final["stop_reason"] == "tool_use"
    assert len(charged(customer)) == 1


@pytest.mark.checks("anthropic-node", "SDK 1")
@MODELS
def test_anthropic_betas(sdk, gateway, customer, upstream, model):
    script = upstream.script({"reasoning_tokens": 2, "output_tokens": 2})
    case = {"model": model, "prompt": script.mark}
    answer = sdk(ANTHROPIC, gateway.origin, customer.key, "beta", **case)["answer"]
    assert [block["type"] for block in answer["content"]] == ["thinking", "text"]
    if model == "claude-2":
        assert script.only()["headers"]["anthropic-beta"] == "interleaved-thinking-2025-05-14"


@pytest.mark.checks("anthropic-node", "SDK 1")
@MODELS
def test_anthropic_goes_on_without_a_thread(sdk, gateway, customer, upstream, model):
    """Its own helper: refused once, it sends the whole conversation from then on."""
    script = upstream.script({"output_tokens": 3})
    case = {"model": model, "prompt": script.mark}
    seen = sdk(ANTHROPIC, gateway.origin, customer.key, "thread", **case)
    assert statuses(seen) == [400, 200, 200, 200]
    answer = seen["answer"]
    assert [reply["content"][0]["text"] for reply in answer["replies"]] == [WORD * 3] * 3
    assert answer["turns"] == 6
    assert len(charged(customer)) == 3


@pytest.mark.checks("anthropic-node", "SDK 5")
def test_anthropic_says_that_threads_are_not_served(sdk, gateway, customer):
    error = sdk(ANTHROPIC, gateway.origin, customer.key, "threadOnly", model="claude-2")["error"]
    assert (error["name"], error["status"]) == ("ThreadUnsupportedRequestError", 400)
    assert error["body"]["error"]["details"] == {
        "error_code": "thread_unsupported_request",
        "unsupported": ["thread"],
    }
    assert charged(customer) == []


@pytest.mark.checks("anthropic-node", "SDK 5")
def test_anthropic_counting_and_models(sdk, gateway):
    """Both are free, and answer without a balance."""
    poor = gateway.customer(0)
    counted = sdk(ANTHROPIC, gateway.origin, poor.key, "count", model="claude-2")["answer"]
    assert counted["input_tokens"] > 0
    answer = sdk(ANTHROPIC, gateway.origin, poor.key, "models")["answer"]
    assert {"gpt-4", "claude-2"} <= {item["id"] for item in answer["found"]}
    assert (answer["one"]["type"], answer["one"]["display_name"]) == ("model", "claude-2")


@pytest.mark.checks("anthropic-node", "SDK 2", "SDK 4", "SDK 5")
def test_anthropic_errors(sdk, gateway, upstream):
    poor, rich = gateway.customer(0), gateway.customer()
    busy = upstream.script({"status": 529})
    for key, case, name, status, kind in (
        ("sk-ant-wrong", {}, "AuthenticationError", 401, "authentication_error"),
        (poor.key, {}, "PaymentRequiredError", 402, "billing_error"),
        (rich.key, {"model": "claude-17"}, "NotFoundError", 404, "not_found_error"),
        (rich.key, {"model": 4}, "BadRequestError", 400, "invalid_request_error"),
        (
            rich.key,
            {"model": "claude-2", "prompt": busy.mark},
            "ServiceUnavailableError",
            503,
            "overloaded_error",
        ),
    ):
        seen = sdk(ANTHROPIC, gateway.origin, key, "messages", **case)
        error = seen["error"]
        assert (error["name"], error["status"]) == (name, status), error
        assert error["body"]["error"]["type"] == kind
        assert error["requestID"].startswith("ex_")
        assert statuses(seen) == [status] * (3 if status >= 500 else 1)
    assert charged(poor) == charged(rich) == []
    assert rich.post(CHAT.path, CHAT.body("claude-2", "Hi")).status == 200, "for the breaker"


@pytest.mark.parametrize(
    ("client", "case"),
    [
        pytest.param(OPENAI, "chat", marks=pytest.mark.checks("openai-node", "SDK 3")),
        pytest.param(ANTHROPIC, "messages", marks=pytest.mark.checks("anthropic-node", "SDK 3")),
    ],
)
def test_a_limit_is_waited_out_as_long_as_told(sdk, upstream, cli, tmp_path, client, case):
    """The account's only place is taken until the SDK was refused once."""
    catalog = openai_channel(upstream, {"gpt-4": "gpt-4.1"})
    catalog += model("gpt-4", GPT_4, rpm=500, concurrency=1)
    with running_gateway(tmp_path / "home", cli, catalog) as limited:
        customer = limited.customer()
        waiting = upstream.script({"gate_after": 1, "output_tokens": 2})
        with customer.stream(CHAT.path, CHAT.body("gpt-4", waiting.mark)) as stream:
            stream.take(1)
            with ThreadPoolExecutor() as pool:
                asked = pool.submit(sdk, client, limited.origin, customer.key, case)
                # Freed before the SDK comes again: it is told at least a second.
                pool.submit(free_once_refused, limited, waiting).result()
                seen = asked.result()
            stream.rest()
        assert statuses(seen)[0] == 429
        assert statuses(seen)[-1] == 200
        (_, told_ms, at), (_, _, again) = seen["statuses"][:2]
        assert again - at >= float(told_ms)
        assert len(charged(customer)) == 2


def free_once_refused(gateway, waiting) -> None:
    """Give the place free as soon as a request was refused."""
    wait_for(lambda: '"status":429' in gateway.said().replace(" ", ""), timeout=60, what="a 429")
    waiting.open_gate()
