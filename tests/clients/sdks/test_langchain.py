"""LangChain (`langchain-openai`) in an environment of its own, installed into `.clients`."""

import json
import pathlib
import subprocess
from typing import Any

import pytest

from tests.clients.programs.seen import charged, used
from tests.support.upstreams.behaviour import WORD

pytestmark = pytest.mark.timeout(900)  # the first test installs it

PROGRAM = pathlib.Path(__file__).with_name("langchain_program.py")
SECONDS = 240.0
MODELS = ("gpt-4", "claude-2")


@pytest.fixture
def langchain(installed, own_home, gateway, customer):
    """`langchain({"name": CASE, …}, …)` runs cases in one process; what each of them saw."""
    python = installed("langchain").command("python")
    usual = {"origin": gateway.origin, "key": customer.key, "model": "gpt-4", "prompt": "Hi"}

    def run(*cases: dict[str, Any]) -> list[Any]:
        done = subprocess.run(
            [python, str(PROGRAM), json.dumps([usual | case for case in cases])],
            env=own_home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


@pytest.mark.checks("langchain", "OTHERS 1")
def test_a_list_of_prompts_and_nulls(langchain, customer, upstream):
    """Legacy completions: it sends a list, a maximum of 256, and nulls for what is not set."""
    one = upstream.script({"input_tokens": 10, "output_tokens": 3})
    many = upstream.script({"input_tokens": 10})
    cases = [
        {"name": name, "model": model, "prompt": script.mark}
        for model in MODELS
        for name, script in (("legacy", one), ("legacy_many", many))
    ]
    expected = [{"text": WORD * 3}, {"texts": [WORD * 3] * 2}]
    assert langchain(*cases) == expected * 2
    total = used(customer)
    assert (total["requests"], total["input_tokens"], total["output_tokens"]) == (4, 60, 18)


@pytest.mark.checks("langchain", "OTHERS 1")
@pytest.mark.parametrize("model", ["odd", "claude-2"])
def test_chat(langchain, customer, upstream, model):
    """Whole and in pieces, tools, a schema, and over /v1/responses."""
    script = upstream.script({"input_tokens": 10, "output_tokens": 3})
    calling = upstream.script({"tool_calls": [{"name": "look", "arguments": '{"at": "sky"}'}]})
    following = upstream.script({"text": '{"colour": "blue"}'})
    asked = (
        ("chat", script),
        ("stream", script),
        ("responses", script),
        ("tools", calling),
        ("structured", following),
    )
    whole, pieces, responses, tools, structured = langchain(
        *({"name": name, "model": model, "prompt": played.mark} for name, played in asked)
    )
    assert whole["text"] == pieces["text"] == responses["text"] == WORD * 3
    assert (whole["usage"]["input_tokens"], whole["usage"]["output_tokens"]) == (10, 3)
    assert pieces["count"] > 3
    assert responses["id"].startswith("resp_")
    (call,) = tools["calls"]
    assert (call["name"], call["args"]) == ("look", {"at": "sky"})
    assert structured == {"found": {"colour": "blue"}}
    amounts = [entry["amount"] for entry in charged(customer)]
    assert len(amounts) == 5
    assert len(set(amounts[:3])) == 1, "the same charge, although a stream asks for no usage"


@pytest.mark.checks("langchain", "OTHERS 1")
def test_embeddings_and_a_refusal(langchain, gateway):
    """Embeddings come in base64; without a balance it says our sentence."""
    poor = gateway.customer(0)
    made, refused = langchain({"name": "embeddings"}, {"name": "chat", "key": poor.key})
    assert made == {"vectors": [[0.5, -0.25, 1.0, 0.0]] * 2}
    assert "Insufficient balance: " in refused["message"]
    assert charged(poor) == []
