"""Every recorded request of every client, replayed over HTTP against a started gateway.

The bodies are those that the dialects' own tests read; here they are sent as the clients
send them, to an upstream of either kind, and what the books hold is counted.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.drivers import DRIVERS
from tests.support.wire import EventStream

FILE = Path(__file__).parents[2] / "unit/dialects/client_requests.json"
RECORDED: dict[str, list[dict[str, Any]]] = json.loads(FILE.read_text(encoding="utf-8"))
FREE = ("/v1/messages/count_tokens",)
BY_PATH = {driver.path: driver for driver in DRIVERS.values()}
HEADERS = {
    "@anthropic-ai/claude-code 2.1.197": {
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "claude-code-20250219,context-management-2025-06-27,effort-2025-11-24",
        "anthropic-dangerous-direct-browser-access": "true",
        "user-agent": "claude-cli/2.1.197 (external, sdk-cli)",
        "x-app": "cli",
        "x-stainless-timeout": "600",
    },
    "@openai/codex 0.169.0": {
        "accept": "text/event-stream",
        "originator": "codex_exec",
        "x-codex-beta-features": "remote_compaction_v2",
        "x-client-request-id": "0199",
    },
}
"""What is particular to a client."""


@pytest.mark.parametrize("model", ["gpt-4", "claude-2"])
@pytest.mark.parametrize("client", RECORDED)
def test_every_request_is_answered_and_counted_once(gateway, client, model):
    customer = gateway.customer()
    metered = 0
    for request in RECORDED[client]:
        path, body = request["path"], request["body"]
        body = body if path == "/v1/embeddings" else {**body, "model": model}
        query = "?beta=true" if "claude-code" in client else ""
        with EventStream(
            gateway.origin, path + query, body, key=customer.key, headers=HEADERS.get(client)
        ) as answer:
            assert answer.status == 200, answer.answer().body
            if body.get("stream"):
                events = answer.rest()
                assert BY_PATH[path].is_complete(events), events[-1]
            else:
                assert not answer.answer().json().get("error")
        metered += path not in FREE
    total = gateway.cli("usage", customer.name)["total"]
    assert total["requests"] == metered
    assert total["charge"] == customer.spent
