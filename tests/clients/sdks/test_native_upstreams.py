"""Codex and Claude Code before an upstream that speaks their own format: nothing is translated.

Their recorded requests are replayed; what goes up is what they sent but for what is named
here, and what comes back is what the upstream said.
"""

import json
from typing import Any

import pytest

from tests.clients.sdks.test_recordings import HEADERS, RECORDED
from tests.support.catalogs import model, table
from tests.support.drivers import MESSAGES, RESPONSES
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.serving import Answered, Asked, serving
from tests.support.upstreams.signing_server import Signing

CODEX, CLAUDE = "@openai/codex 0.169.0", "@anthropic-ai/claude-code 2.1.197"
PRICE = {"input": "2", "output": "10"}
CHARGE = 10 * 2 + 7 * 10
"""What the scripted vendors say they used."""


@pytest.fixture(scope="module")
def native():
    """Both vendors on one origin; `answers` is what was said to each request."""
    scripted, answers = Signing(), []

    def handle(asked: Asked) -> Answered:
        answers.append(scripted.handle(asked))
        return answers[-1]

    with serving(handle) as server:
        server.answers = answers
        yield server


@pytest.fixture(scope="module")
def customer(native, cli, tmp_path_factory):
    channels = {
        "codex": {"provider": "openai", "base_url": f"{native.origin}/v1"},
        "claude": {"provider": "anthropic", "base_url": native.origin},
    }
    channels["codex"] |= {"speaks": ["openai_responses"], "models": {"codex": "gpt-5.2-codex"}}
    channels["claude"] |= {"models": {"claude": "claude-opus-4-6"}}
    parts = []
    for name, fields in channels.items():
        parts += [table("channel", name=name, api_key="upkey-1", **fields), model(name, PRICE)]
    home = tmp_path_factory.mktemp("native") / "home"
    with running_gateway(home, cli, "\n".join(parts)) as running:
        yield running.customer(10**12)


def replayed(customer: Any, native: Any, client: str, name: str) -> tuple[Any, Any, Any]:
    """(what was sent by the client, what arrived, the stream's events)."""
    (request,) = [r for r in RECORDED[client] if r["body"].get("stream")]
    body = json.loads(json.dumps(request["body"])) | {"model": name}
    headers = HEADERS[client] | {"session-id": "0199-of-a-session"}
    query = "?beta=true" if client == CLAUDE else ""
    with customer.stream(request["path"] + query, body, headers=headers) as stream:
        assert stream.status == 200, stream.answer().body
        events = stream.rest()
    return body, native.asked[-1], events


def differences(sent: dict[str, Any], arrived: dict[str, Any]) -> set[str]:
    """Fields that are not the same on both sides."""
    return {name for name in sent.keys() | arrived.keys() if sent.get(name) != arrived.get(name)}


def test_codex_over_responses(customer, native) -> None:
    sent, arrived, events = replayed(customer, native, CODEX, "codex")
    assert arrived.path == "/v1/responses"
    # Codex names no maximum: what is held for is said (docs/adr/0018).
    assert differences(sent, arrived.body) == {"model", "tools", "max_output_tokens"}
    assert arrived.body["max_output_tokens"] == 4096
    unpriced = [tool for tool in sent["tools"] if tool["type"] != "web_search"]
    assert arrived.body["tools"] == unpriced
    assert arrived.body["model"] == "gpt-5.2-codex"
    assert arrived.headers["session-id"] == "0199-of-a-session"
    assert "originator" not in arrived.headers
    said = native.answers[-1].events
    assert [event.event for event in events] == [each["type"] for each in said]
    assert RESPONSES.is_complete(events)
    assert RESPONSES.stream_told(events).charge == CHARGE


def test_claude_code_over_messages(customer, native) -> None:
    sent, arrived, events = replayed(customer, native, CLAUDE, "claude")
    assert arrived.path == "/v1/messages"
    assert differences(sent, arrived.body) == {"model"}
    assert arrived.body["model"] == "claude-opus-4-6"
    betas = HEADERS[CLAUDE]["anthropic-beta"]
    assert arrived.headers["anthropic-beta"] == betas
    assert customer.key not in str(arrived.headers)
    said = native.answers[-1].events
    assert [event.event for event in events] == [each["type"] for each in said]
    assert MESSAGES.is_complete(events)
    assert MESSAGES.stream_told(events).charge == CHARGE
    proofs = [each["delta"]["signature"] for each in said if "signature" in each.get("delta", {})]
    assert all(f'"{proof}"' in str([e.data for e in events]) for proof in proofs)
