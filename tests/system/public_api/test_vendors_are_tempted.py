"""What vendors refuse never reaches them: every client format asks for all of it at once."""

import pytest

from tests.support.catalogs import GPT_4, model, table
from tests.support.drivers import EVERY_FORMAT
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.serving import Answered, Asked, Json, serving
from tests.support.upstreams.vendor_server import TEXT, base_url, vendor

MODELS = {
    "deepseek-v4-pro": "deepseek",
    "glm-5.2": "zhipu",
    "glm-5.3": "zhipu",
    "glm-4.7": "zhipu",
    "kimi-k3": "moonshot",
    "kimi-k2.6": "moonshot",
    "qwen3-max": "qwen",
    "qwen3-32b": "qwen",
}
SCHEMA = {"type": "object", "properties": {"mood": {"type": "string"}}, "required": ["mood"]}
MAXIMUM = 5000
NAMED = {"name": "look", "description": "Look about.", "parameters": SCHEMA}
FORMAT = {"name": "mood", "schema": SCHEMA, "strict": True}
SAMPLING = {"temperature": 1.7, "top_p": 0.005}


def chat(name: str, temptation: str) -> Json:
    messages: list[Json] = [
        {"role": "system", "content": "be brief"},
        {"role": "developer", "content": "be kind"},
        {"role": "user", "name": "ann", "content": "how are you"},
    ]
    body: Json = {"model": name, "messages": messages, "max_tokens": MAXIMUM}
    body |= {"reasoning_effort": "medium"}
    if temptation == "shape":
        penalties = {"presence_penalty": 1, "frequency_penalty": 1}
        wanted = {"type": "json_schema", "json_schema": FORMAT}
        return body | SAMPLING | penalties | {"n": 1, "seed": 3, "response_format": wanted}
    body["tools"] = [{"type": "function", "function": NAMED | {"strict": True}}]
    body["parallel_tool_calls"] = False
    if temptation == "forced":
        return body | {"tool_choice": "required"}
    function = {"name": "look", "arguments": '{"mood": "calm"}'}
    call = {"id": "call_7", "type": "function", "function": function}
    messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
    messages.append({"role": "tool", "tool_call_id": "call_7", "content": "quiet"})
    return body


def completions(name: str, temptation: str) -> Json:
    more: Json = {"presence_penalty": 1, "frequency_penalty": 1, "seed": 3}
    if temptation == "forced":
        more = {"stop": ["never said"], "n": 1}
    if temptation == "second turn":
        more = {"logit_bias": {"50256": -100}, "user": "ann"}
    return {"model": name, "prompt": "how are you", "max_tokens": MAXIMUM} | SAMPLING | more


def messages(name: str, temptation: str) -> Json:
    turns: list[Json] = [{"role": "user", "content": "how are you"}]
    system = [{"type": "text", "text": "be brief", "cache_control": {"type": "ephemeral"}}]
    system.append({"type": "text", "text": "be kind"})
    body: Json = {"model": name, "max_tokens": MAXIMUM, "system": system, "messages": turns}
    if temptation == "shape":
        return body | {"temperature": 1.0, "top_p": 0.005, "top_k": 4}
    body["thinking"] = {"type": "enabled", "budget_tokens": 2000}
    body["tools"] = [{"name": "look", "description": "Look about.", "input_schema": SCHEMA}]
    if temptation == "forced":
        return body | {"tool_choice": {"type": "any", "disable_parallel_tool_use": True}}
    call = {"type": "tool_use", "id": "toolu_7", "name": "look", "input": {"mood": "calm"}}
    result = {"type": "tool_result", "tool_use_id": "toolu_7", "content": "quiet"}
    turns.append({"role": "assistant", "content": [call]})
    turns.append({"role": "user", "content": [result]})
    return body


def responses(name: str, temptation: str) -> Json:
    items: list[Json] = [
        {"role": "system", "content": "be brief"},
        {"role": "developer", "content": "be kind"},
        {"role": "user", "content": "how are you"},
    ]
    body: Json = {"model": name, "input": items, "max_output_tokens": MAXIMUM}
    body |= {"instructions": "be quick", "reasoning": {"effort": "medium"}, "store": False}
    if temptation == "shape":
        return body | SAMPLING | {"text": {"format": {"type": "json_schema"} | FORMAT}}
    body["tools"] = [{"type": "function", "strict": True} | NAMED]
    body["parallel_tool_calls"] = False
    if temptation == "forced":
        return body | {"tool_choice": "required"}
    call = {"type": "function_call", "call_id": "call_7", "name": "look"}
    items.append(call | {"arguments": '{"mood": "calm"}'})
    items.append({"type": "function_call_output", "call_id": "call_7", "output": "quiet"})
    return body


def gemini(_name: str, temptation: str) -> Json:
    contents: list[Json] = [{"role": "user", "parts": [{"text": "how are you"}]}]
    config: Json = {"maxOutputTokens": MAXIMUM, "thinkingConfig": {"thinkingLevel": "medium"}}
    body: Json = {"contents": contents, "generationConfig": config}
    body["systemInstruction"] = {"parts": [{"text": "be brief"}, {"text": "be kind"}]}
    if temptation == "shape":
        config |= {"temperature": 1.7, "topP": 0.005, "topK": 4, "seed": 3, "presencePenalty": 1}
        config |= {"responseMimeType": "application/json", "responseJsonSchema": SCHEMA}
        return body
    declared = {"name": "look", "description": "Look about.", "parametersJsonSchema": SCHEMA}
    body["tools"] = [{"functionDeclarations": [declared]}]
    if temptation == "forced":
        return body | {"toolConfig": {"functionCallingConfig": {"mode": "ANY"}}}
    call = {"functionCall": {"name": "look", "args": {"mood": "calm"}}}
    result = {"functionResponse": {"name": "look", "response": {"output": "quiet"}}}
    contents += [{"role": "model", "parts": [call]}, {"role": "user", "parts": [result]}]
    return body


BODIES = {
    "openai_chat": chat,
    "openai_completions": completions,
    "anthropic_messages": messages,
    "openai_responses": responses,
    "gemini": gemini,
}

WITH_SCHEMA = ("openai_chat", "openai_responses", "gemini")
"""Whose shape asks for a schema, which GLM has no way to keep: ours to refuse, by name."""


class Watched:
    """A vendor; `refused` is what it answered with an error."""

    def __init__(self, name: str) -> None:
        self.vendor = vendor(name)
        self.calls = 0
        self.refused: list[object] = []

    def handle(self, asked: Asked) -> Answered:
        answered = self.vendor(asked)
        if asked.method == "GET":  # what the gateway asks by the clock, as for its balance
            return answered
        self.calls += 1
        if answered.status != 200:
            self.refused.append((answered.body, asked.body))
        return answered


SERVERS = {name: Watched(name) for name in sorted(set(MODELS.values()))}


@pytest.fixture(scope="module")
def customer(cli, tmp_path_factory):
    """Each model twice: over all that its vendor speaks, and over chat alone."""
    opened = {name: serving(watched.handle) for name, watched in SERVERS.items()}
    origins = {name: context.__enter__().origin for name, context in opened.items()}
    parts = []
    for name, origin in origins.items():
        mine = [upstream for upstream, maker in MODELS.items() if maker == name]
        for surface, more in (("all", {}), ("chat", {"speaks": ["openai_chat"]})):
            channel = {"name": f"{name}-{surface}", "provider": name, "api_key": "upkey-1"}
            models = {f"{surface}-{upstream}": upstream for upstream in mine}
            address = base_url(name, origin)
            parts.append(table("channel", **channel, **more, base_url=address, models=models))
            parts += [model(known, GPT_4) for known in models]
    home = tmp_path_factory.mktemp("tempted") / "home"
    with running_gateway(home, cli, "\n".join(parts)) as running:
        yield running.customer(10**12)
    for context in opened.values():
        context.__exit__(None, None, None)


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("surface", ["all", "chat"])
@pytest.mark.parametrize("temptation", ["shape", "forced", "second turn"])
@pytest.mark.parametrize("dialect", sorted(BODIES))
@pytest.mark.parametrize("upstream", MODELS)
def test_no_vendor_refuses_what_a_client_may_ask(
    customer, upstream, dialect, temptation, surface, is_stream
) -> None:
    driver, server = EVERY_FORMAT[dialect], SERVERS[MODELS[upstream]]
    known, calls = f"{surface}-{upstream}", server.calls
    body = BODIES[dialect](upstream, temptation)
    body |= {} if dialect == "gemini" else {"model": known}
    path = driver.address(known, is_stream=is_stream)
    server.refused.clear()
    if MODELS[upstream] == "zhipu" and temptation == "shape" and dialect in WITH_SCHEMA:
        answer = customer.post(path, driver.streamed(body) if is_stream else body)
        assert (answer.status, driver.code(answer)) == (400, "unsupported_value")
        assert "json_schema" in answer.error["message"]
        assert server.calls == calls, "it is refused before any call"
        return
    if is_stream:
        with customer.stream(path, driver.streamed(body)) as stream:
            assert stream.status == 200, (stream.answer().body, server.refused)
            events = stream.rest()
        assert driver.is_complete(events)
        said = driver.stream_text(events)
    else:
        answer = customer.post(path, body)
        assert answer.status == 200, (answer.body, server.refused)
        said = "" if temptation == "forced" else driver.text(answer.json())
    assert server.refused == []
    assert server.calls == calls + 1
    if temptation != "forced":
        assert said.strip() == TEXT
