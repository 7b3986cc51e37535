"""Requests of Responses: what is read, what is refused, and what goes to each upstream."""

import copy
import json
from pathlib import Path

import orjson
import pytest

from tests.unit.dialects.dialect_cases import (
    BODIES,
    CHAT,
    GENERATION,
    MESSAGES,
    RESPONSES,
    TARGET,
    chat,
    message,
    responses,
)
from yiyuan.dialects.canonical import Image, Message, Other, Reasoning, Target, Text, ToolCall
from yiyuan.dialects.canonical import ToolResult as Result
from yiyuan.kernel.errors import InvalidRequest

RECORDED = json.loads(
    Path(__file__).with_name("responses_requests.json").read_text(encoding="utf-8")
)
EVERY = [
    pytest.param(body, id=f"{client} {number}")
    for client, requests in RECORDED.items()
    for number, body in enumerate(requests)
]
CODEX, CODEX_AGAIN = RECORDED["@openai/codex 0.169.0"]
CLINE, CLINE_AGAIN = RECORDED["cline 3.0.65 openai-native"]
TOOL = {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": True}


def read(**fields):
    return RESPONSES.read_request(responses(**fields))


def turns(*items, **fields):
    return read(input=list(items), **fields).conversations[0]


# What clients send


@pytest.mark.parametrize("body", EVERY)
def test_what_clients_were_seen_to_send_goes_to_every_upstream_that_chats(body):
    for upstream in (CHAT, MESSAGES, RESPONSES):
        request = RESPONSES.read_request(copy.deepcopy(body))
        written = upstream.write_request(request, TARGET)
        assert written["model"] == "upstream-model"
        assert orjson.dumps(written)
        harmless = {"tools.namespace", "tools.web_search", "reasoning_content", "reasoning_effort"}
        assert set(request.dropped) <= harmless


@pytest.mark.parametrize("body", EVERY)
def test_nothing_but_what_must_change_is_changed_in_its_own_format(body):
    request = RESPONSES.read_request(copy.deepcopy(body))
    before = orjson.dumps(request.raw)
    written = RESPONSES.write_request(request, TARGET)
    expected = body | {"model": "upstream-model", "store": False}
    if "tools" in body:  # a search that the vendor would charge for is left out, and named
        expected["tools"] = [tool for tool in body["tools"] if tool["type"] != "web_search"]
    assert written == expected
    assert orjson.dumps(request.raw) == before
    clamped = RESPONSES.write_request(
        RESPONSES.read_request(copy.deepcopy(body)), Target(model="up", max_output_tokens=7)
    )
    assert clamped["max_output_tokens"] == 7


def test_codex_over_chat():
    request = RESPONSES.read_request(copy.deepcopy(CODEX))
    written = CHAT.write_request(request, TARGET)
    roles = [message["role"] for message in written["messages"]]
    assert roles == ["system", "system", "user", "user"]
    assert written["messages"][3]["content"] == "Say hello"
    names = [tool["function"]["name"] for tool in written["tools"]]
    assert names == ["exec_command", "write_stdin", "view_image"]
    assert written["tools"][0]["function"]["strict"] is False
    assert written["tool_choice"] == "auto"
    assert written["parallel_tool_calls"] is True
    assert written["stream_options"] == {"include_usage": True}
    assert "max_tokens" not in written
    assert request.dropped == ["tools.web_search", "tools.namespace"]


def test_codex_goes_on_after_a_call():
    """Reasoning, words and the call are one turn, or no server takes the result."""
    written = CHAT.write_request(RESPONSES.read_request(copy.deepcopy(CODEX_AGAIN)), TARGET)
    asked, result = written["messages"][-2:]
    assert asked["content"] == "I look."
    assert asked["tool_calls"][0]["function"] == {
        "name": "exec_command",
        "arguments": '{"cmd":"ls"}',
    }
    assert result == {"role": "tool", "tool_call_id": "call_1", "content": "a.txt\n"}
    written = MESSAGES.write_request(RESPONSES.read_request(copy.deepcopy(CODEX_AGAIN)), TARGET)
    blocks = [block["type"] for block in written["messages"][-2]["content"]]
    assert blocks == ["text", "tool_use"]
    assert written["messages"][-1]["content"][0]["tool_use_id"] == "call_1"
    deepseek = CHAT.write_request(
        RESPONSES.read_request(copy.deepcopy(CODEX_AGAIN)), Target(model="deepseek-reasoner")
    )
    assert deepseek["messages"][-2]["reasoning_content"] == "A shell will do."


def test_cline_over_messages():
    written = MESSAGES.write_request(RESPONSES.read_request(copy.deepcopy(CLINE_AGAIN)), TARGET)
    assert written["system"] == "You are Cline"
    assert [message["role"] for message in written["messages"]] == ["user", "assistant", "user"]
    assert written["messages"][1]["content"][0]["input"] == {"commands": ["echo hi"]}
    assert written["tools"][0]["input_schema"]["required"] == ["commands"]
    assert written["max_tokens"] == TARGET.default_max_output_tokens
    reasons = CHAT.write_request(
        RESPONSES.read_request(copy.deepcopy(CLINE)), Target(model="gpt-5")
    )
    assert reasons["reasoning_effort"] == "medium"


# What is read


def test_instructions_and_roles():
    request = read(
        instructions="Be brief.",
        input=[
            {"role": "developer", "content": "a"},
            {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "b"}]},
            {"role": "user", "content": "c"},
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]},
        ],
    )
    roles = [(m.role, m.parts[0].text) for m in request.conversations[0]]
    system = [("system", "Be brief."), ("system", "a"), ("system", "b")]
    assert roles == [*system, ("user", "c"), ("assistant", "no")]


def test_images():
    [turn] = turns(
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "see"},
                {"type": "input_image", "image_url": "https://x.invalid/a.png", "detail": "low"},
                {"type": "input_image", "image_url": "data:image/png;base64,QUJD"},
                {"type": "input_image", "file_id": "file-1"},
            ],
        }
    )
    assert turn.parts[1] == Image(url="https://x.invalid/a.png", detail="low")
    assert turn.parts[2] == Image(media_type="image/png", data="QUJD")
    assert isinstance(turn.parts[3], Other)


def test_turns_of_the_assistant():
    def said(text):
        return {"role": "assistant", "content": text}

    def call(name):
        return {"type": "function_call", "call_id": name, "name": "f", "arguments": "{}"}

    def output(name):
        return {"type": "function_call_output", "call_id": name, "output": "ok"}

    thought = {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [{"type": "summary_text", "text": "h"}],
    }
    found = turns(
        {"role": "user", "content": "hi"},
        said("one"),
        said("two"),
        thought,
        call("a"),
        call("b"),
        said("and"),
        output("a"),
        output("b"),
        call("c"),
        output("c"),
        thought,
        {"role": "user", "content": "stop"},
    )
    a, b, c = (ToolCall(name, "f", "{}") for name in "abc")
    assert found == [
        Message("user", [Text("hi")]),
        Message("assistant", [Text("one")]),
        Message("assistant", [Text("two")]),
        Message("assistant", [Reasoning("h"), a, b, Text("and")]),
        Message("tool", [Result("a", [Text("ok")])]),
        Message("tool", [Result("b", [Text("ok")])]),
        Message("assistant", [c]),
        Message("tool", [Result("c", [Text("ok")])]),
        Message("user", [Text("stop")]),
    ]


def test_a_result_with_a_picture_and_a_custom_tools_call():
    found = turns(
        {"type": "custom_tool_call", "call_id": "p", "name": "patch", "input": "*** Begin"},
        {
            "type": "custom_tool_call_output",
            "call_id": "p",
            "output": [{"type": "input_image", "image_url": "https://x.invalid/a.png"}],
        },
    )
    assert found[0].parts == [ToolCall("p", "patch", '{"input":"*** Begin"}')]
    assert found[1].parts == [Result("p", [Image(url="https://x.invalid/a.png")])]


def test_what_only_openai_runs_is_left_out_by_name():
    request = read(
        input=[{"type": "web_search_call", "id": "ws_1"}, {"role": "user", "content": "hi"}],
        tools=[
            TOOL,
            {"type": "web_search"},
            {"type": "namespace", "name": "x"},
        ],
        tool_choice={"type": "allowed_tools", "mode": "required", "tools": []},
        text={"verbosity": "low"},
        truncation="auto",
        service_tier="flex",
        max_tool_calls=3,
        include=["reasoning.encrypted_content"],
        metadata={"a": "b"},
        prompt_cache_key="k",
        store=True,
        stream_options={"include_obfuscation": False},
    )
    written = MESSAGES.write_request(request, TARGET)
    assert [tool["name"] for tool in written["tools"]] == ["f"]
    assert written["tool_choice"] == {"type": "any"}
    assert set(request.dropped) == {
        "input.web_search_call",
        "tools.web_search",
        "tools.namespace",
        "tool_choice",
        "text.verbosity",
        "truncation",
        "service_tier",
        "max_tool_calls",
    }


def test_schemas_and_choices():
    schema = {"type": "object", "properties": {}}
    wanted = {"type": "json_schema", "name": "answer", "schema": schema, "strict": True}
    request = read(
        text={"format": wanted}, tools=[TOOL], tool_choice={"type": "function", "name": "f"}
    )
    written = CHAT.write_request(request, TARGET)
    inner = {"name": "answer", "schema": schema, "strict": True}
    assert written["response_format"] == {"type": "json_schema", "json_schema": inner}
    assert written["tool_choice"] == {"type": "function", "function": {"name": "f"}}
    strict = MESSAGES.write_request(request, TARGET)["output_config"]["format"]["schema"]
    assert strict == schema | {"additionalProperties": False}
    assert read(text={"format": {"type": "text"}}).response_format is None
    assert read(text={"format": {"type": "json_object"}}).response_format == {"type": "json_object"}


def test_logprobs():
    assert read().top_logprobs is None
    assert read(include=["message.output_text.logprobs"]).top_logprobs == 0
    written = CHAT.write_request(read(top_logprobs=2), TARGET)
    assert (written["logprobs"], written["top_logprobs"]) == (True, 2)


def test_a_proof_of_ours_goes_back_and_one_of_openais_does_not():
    def thought(proof):
        return {"type": "reasoning", "summary": [], "encrypted_content": proof}

    call = {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "a", "output": ""}
    asked = {"role": "user", "content": "hi"}
    ours = read(input=[asked, thought("signature:c2ln"), call, output])
    written = MESSAGES.write_request(ours, TARGET)
    assert written["messages"][1]["content"][0] == {
        "type": "thinking",
        "thinking": "",
        "signature": "c2ln",
    }
    foreign = read(input=[asked, thought("gAAAA"), call, output])
    written = MESSAGES.write_request(foreign, TARGET)
    assert [block["type"] for block in written["messages"][1]["content"]] == ["tool_use"]


# What is refused


WRONG = [
    ({"previous_response_id": "resp_1"}, "previous_response_id", "unsupported_value"),
    ({"conversation": {"id": "conv_1"}}, "conversation", "unsupported_value"),
    ({"conversation": "conv_1"}, "conversation", "unsupported_value"),
    ({"background": True}, "background", "unsupported_value"),
    ({"prompt": {"id": "pmpt_1"}}, "prompt", "unsupported_value"),
    ({"input": [{"type": "item_reference", "id": "x"}]}, "input[0]", "unsupported_value"),
    ({"input": None}, "input", "missing_required_parameter"),
    ({"input": 5}, "input", "invalid_type"),
    ({"input": []}, "input", "invalid_value"),
    ({"input": [{"type": "web_search_call"}]}, "input", "invalid_value"),
    ({"input": [5]}, "input[0]", "invalid_type"),
    ({"input": [{}]}, "input[0].type", "missing_required_parameter"),
    ({"input": [{"role": "tool", "content": "x"}]}, "input[0].role", "invalid_value"),
    ({"input": [{"role": "user"}]}, "input[0].content", "missing_required_parameter"),
    ({"input": [{"role": "user", "content": [{}]}]}, "input[0].content[0].type", None),
    ({"input": [{"type": "function_call", "name": "f"}]}, "input[0].call_id", None),
    ({"input": [{"type": "function_call_output"}]}, "input[0].call_id", None),
    ({"instructions": ["x"]}, "instructions", "invalid_type"),
    ({"model": None}, "model", "missing_required_parameter"),
    ({"stream": "yes"}, "stream", "invalid_type"),
    ({"store": "yes"}, "store", "invalid_type"),
    ({"metadata": []}, "metadata", "invalid_type"),
    ({"max_output_tokens": 0}, "max_output_tokens", "invalid_value"),
    ({"temperature": 3}, "temperature", "invalid_value"),
    ({"top_logprobs": 21}, "top_logprobs", "invalid_value"),
    ({"tools": [{}]}, "tools[0].type", "missing_required_parameter"),
    ({"tools": [{"type": "function"}]}, "tools[0].name", "missing_required_parameter"),
    ({"tool_choice": "any"}, "tool_choice", "invalid_value"),
    ({"tool_choice": 5}, "tool_choice", "invalid_type"),
    ({"text": {"format": {}}}, "text.format.type", "missing_required_parameter"),
    ({"text": {"format": {"type": "json_schema", "schema": 5}}}, "text.format.schema", None),
    ({"reasoning": {"effort": 5}}, "reasoning.effort", "invalid_type"),
    ({"include": "all"}, "include", "invalid_type"),
]


@pytest.mark.parametrize(("fields", "param", "code"), WRONG)
def test_what_is_wrong_is_refused_by_name(fields, param, code):
    with pytest.raises(InvalidRequest) as refused:
        read(**fields)
    assert refused.value.param == param
    assert code is None or refused.value.code == code
    for language in ("en", "zh"):
        assert param in refused.value.message(language)


def test_explicit_nulls_are_absent():
    names = ["previous_response_id", "conversation", "background", "prompt", "store", "tools"]
    names += ["include", "text", "reasoning", "metadata", "truncation", "instructions", "user"]
    request = read(**dict.fromkeys(names))
    CHAT.write_request(request, TARGET)
    assert request.dropped == []


@pytest.mark.parametrize("upstream", [CHAT, MESSAGES], ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("kind", ["input_file", "input_audio"])
def test_content_that_only_its_own_format_has(upstream, kind):
    request = read(input=[{"role": "user", "content": [{"type": kind, "file_id": "f"}]}])
    with pytest.raises(InvalidRequest) as refused:
        upstream.write_request(request, TARGET)
    assert kind in refused.value.message("en")
    assert RESPONSES.write_request(request, TARGET)["input"] == request.raw["input"]


# To an upstream that speaks it


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (chat(stop="x"), "stop"),
        (chat(seed=1), "seed"),
        (chat(n=2), "n"),
        (chat(presence_penalty=1), "presence_penalty"),
        (chat(logit_bias={"1": 1}), "logit_bias"),
        (message(stop_sequences=["x"]), "stop"),
    ],
)
def test_what_an_upstream_of_responses_has_no_parameter_for(body, param):
    dialect = MESSAGES if "stop_sequences" in body else CHAT
    with pytest.raises(InvalidRequest) as refused:
        RESPONSES.write_request(dialect.read_request(body), TARGET)
    assert refused.value.param == param


@pytest.mark.parametrize("dialect", GENERATION, ids=lambda dialect: dialect.name)
def test_nothing_is_ever_stored_upstream(dialect):
    body = BODIES[dialect.name](store=True)
    written = RESPONSES.write_request(dialect.read_request(body), TARGET)
    assert written["store"] is False


def test_chat_over_responses():
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    request = CHAT.read_request(
        chat(
            messages=[
                {"role": "system", "content": "s"},
                {"role": "user", "name": "ann", "content": "hi"},
                {"role": "assistant", "content": None, "reasoning": "h", "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "c1", "content": "ok"},
            ],
            tools=[{"type": "function", "function": {"name": "f"}}],
            tool_choice={"type": "function", "function": {"name": "f"}},
            max_tokens=9,
        )
    )
    written = RESPONSES.write_request(request, TARGET)
    assert written["input"] == [
        {"type": "message", "role": "system", "content": "s"},
        {"type": "message", "role": "user", "content": "hi"},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "ok"},
    ]
    empty = {"type": "object", "properties": {}}
    assert written["tools"] == [
        {"type": "function", "name": "f", "parameters": empty, "strict": False}
    ]
    assert written["tool_choice"] == {"type": "function", "name": "f"}
    assert written["max_output_tokens"] == 9
    assert request.dropped == ["reasoning_content", "name"]
