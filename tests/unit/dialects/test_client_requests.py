"""What real clients were seen to send goes to every upstream that can chat, unrefused."""

import json
from pathlib import Path

import pytest

from tests.unit.dialects.dialect_cases import (
    CHAT,
    COMPLETIONS,
    EMBEDDINGS,
    MESSAGES,
    RESPONSES,
    TARGET,
)

RECORDED = json.loads(Path(__file__).with_name("client_requests.json").read_text(encoding="utf-8"))
DIALECT_AT = {
    "/v1/chat/completions": CHAT,
    "/v1/completions": COMPLETIONS,
    "/v1/embeddings": EMBEDDINGS,
    "/v1/messages": MESSAGES,
    "/v1/messages/count_tokens": MESSAGES,
    "/v1/responses": RESPONSES,
}
REQUESTS = [
    pytest.param(DIALECT_AT[request["path"]], request["body"], id=f"{client} {request['path']}")
    for client, requests in RECORDED.items()
    for request in requests
]
HARMLESS = {"cache_control", "context_management", "thinking", "reasoning_effort", "user"}
HARMLESS |= {"tools.namespace", "tools.web_search"}


@pytest.mark.parametrize(("dialect", "body"), REQUESTS)
def test_it_goes_to_every_upstream(dialect, body):
    request = dialect.read_request(body)
    upstreams = [EMBEDDINGS] if dialect is EMBEDDINGS else [CHAT, MESSAGES, RESPONSES]
    for upstream in upstreams:
        written = upstream.write_request(request, TARGET)
        assert written["model"] == "upstream-model"
        assert set(request.dropped) <= HARMLESS


@pytest.mark.parametrize(("dialect", "body"), REQUESTS)
def test_nothing_but_what_must_change_is_changed_in_its_own_format(dialect, body):
    request = dialect.read_request(body)
    written = dialect.write_request(request, TARGET)
    mine = {"model", "max_tokens", "max_output_tokens", "stream_options", "store"}
    assert {n: v for n, v in written.items() if n not in mine} == {
        n: v for n, v in body.items() if n not in mine
    }
    if dialect in (CHAT, COMPLETIONS) and body.get("stream"):
        assert written["stream_options"]["include_usage"] is True


def test_the_agent_of_anthropic_over_chat():
    """System texts from both places, its tools, and the maximum."""
    body = RECORDED["@anthropic-ai/claude-code 2.1.197"][0]["body"]
    written = CHAT.write_request(MESSAGES.read_request(body), TARGET)
    assert [message["role"] for message in written["messages"]] == ["system", "user", "system"]
    assert written["messages"][1]["content"].endswith("\n\nSay hello")
    assert len(written["tools"]) == len(body["tools"])
    assert written["max_tokens"] == 32000


def test_a_tool_round_trip_over_anthropic():
    body = RECORDED["cline 3.0.65"][1]["body"]
    written = MESSAGES.write_request(CHAT.read_request(body), TARGET)
    assert [message["role"] for message in written["messages"]] == ["user", "assistant", "user"]
    call = written["messages"][1]["content"][0]
    assert (call["type"], call["id"], call["input"]) == (
        "tool_use",
        "call_1",
        {"commands": ["echo hi"]},
    )
    result = written["messages"][2]["content"][0]
    assert (result["type"], result["tool_use_id"]) == ("tool_result", "call_1")
