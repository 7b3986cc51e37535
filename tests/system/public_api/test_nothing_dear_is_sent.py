"""Each request that would cost more than it is held for: refused by name, or sent without that."""

import json

import pytest

from tests.system.public_api.test_nothing_runs_below_its_cost import (
    chat,
    completions,
    marked,
    messages,
    responses,
)

DROPPED = [
    (chat, "MAX_TOKENS", 100_000),
    (chat, "Model", "gpt-5"),
    (chat, "n_predict", 100_000),
    (chat, "min_tokens", 5_000),
    (chat, "ignore_eos", True),
    (chat, "num_return_sequences", 9),
    (chat, "options", {"num_predict": 9_000}),
    (chat, "best_of", 9),
    (chat, "service_tier", "priority"),
    (chat, "\uff4dodel", "gpt-5"),
    (messages, "speed", "fast"),
    (messages, "service_tier", "priority"),
    (messages, "Max_Tokens", 100_000),
    (responses, "service_tier", "priority"),
    (completions, "n_predict", 100_000),
]
AUTO = {"environment": {"type": "container_auto"}}
HIDDEN = {"tools": [{"type": "code_interpreter"}]}
REFUSED = [
    (chat, "web_search_options", {}, {"web_search_options": {"search_context_size": "high"}}),
    (chat, "web_search_options", {}, {"web_search_options": {}}),
    (chat, "search_parameters", {}, {"search_parameters": {}}),
    (chat, "modalities", {}, {"modalities": ["text", "audio"]}),
    (chat, "plugins", {}, {"plugins": [{"id": "web"}]}),
    (chat, "inference_geo", {}, {"inference_geo": "us"}),
    (messages, "inference_geo", {}, {"inference_geo": "us"}),
    (messages, "mcp_servers", {}, {"mcp_servers": [{"type": "url", "url": "https://x.invalid"}]}),
    (messages, "container", {}, {"container": "c_1"}),
    (messages, "tools", {}, {"tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
    (messages, "tools", {}, {"tools": [{"type": "code_execution_20250825", "name": "x"}]}),
    (messages, "anthropic-beta", {"anthropic-beta": "context-1m-2025-08-07"}, {}),
    (
        messages,
        "anthropic-beta",
        {"anthropic-beta": "effort-2025-11-24, Context-1M-2025-08-07"},
        {},
    ),
    (responses, "tool_choice", {}, {"tool_choice": {"type": "web_search"}}),
    (responses, "web_search", {}, {"tools": [{"type": "web_search"}]}),
    (responses, "tools", {}, {"tools": [{"type": "code_interpreter"}]}),
    (responses, "tools", {}, {"tools": [{"type": "image_generation"}]}),
    (responses, "container_auto", {}, {"tools": [{"type": "shell"} | AUTO]}),
    (responses, "environment", {}, {"tools": [{"type": "shell", "environment": {}}]}),
    (responses, "computer", {}, {"tools": [{"type": "computer_use_preview"}]}),
    (responses, "tools.mcp", {}, {"tools": [{"type": "mcp", "server_url": "https://x.invalid"}]}),
    (responses, "tools.tools", {}, {"tools": [{"type": "namespace", "name": "n"} | HIDDEN]}),
    (chat, "tools.web_search", {}, {"tools": [{"type": "web_search"}]}),
    (chat, "code_interpreter", {}, {"tools": [{"type": "code_interpreter"}]}),
    (chat, "tools.mcp", {}, {"tools": [{"type": "mcp", "server_url": "https://x.invalid"}]}),
    (chat, "enable_search", {}, {"enable_search": True}),
    (chat, "tool_choice", {}, {"tool_choice": {"type": "web_search"}}),
    (messages, "computer", {}, {"tools": [{"type": "computer_20250124", "name": "computer"}]}),
    (messages, "web_fetch", {}, {"tools": [{"type": "web_fetch_20250910", "name": "x"}]}),
]


@pytest.mark.parametrize(("make", "name", "value"), DROPPED)
def test_what_lengthens_an_answer_is_not_sent(upstream, customer, make, name, value):
    script = upstream.script({"output_tokens": 1})
    path, body = make()
    answer = customer.post(path, marked(body, script.mark) | {name: value})
    assert answer.status == 200, answer.body
    assert name not in script.log()[0]["body"]
    told = answer.headers.get("x-yiyuan-dropped-params", "")
    assert told == "".join(c if c.isascii() else "?" for c in name)


@pytest.mark.parametrize(("make", "param", "headers", "more"), REFUSED)
def test_what_costs_extra_is_refused(upstream, customer, make, param, headers, more):
    script = upstream.script({"output_tokens": 1})
    path, body = make()
    answer = customer.post(path, marked(body, script.mark) | more, **headers)
    assert answer.status == 400, answer.body
    error = answer.error
    assert param in json.dumps(error), error
    assert script.log() == []


def test_other_betas_go_on(customer, upstream):
    script = upstream.script({"output_tokens": 1})
    path, body = messages()
    beta = {"anthropic-beta": "context-management-2025-06-27,effort-2025-11-24"}
    assert customer.post(path, marked(body, script.mark), **beta).status == 200
    assert len(script.log()) == 1
