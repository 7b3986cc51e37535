"""Tools beside functions: custom ones and namespaces, over every format and back."""

import copy
import json
from typing import Any

import pytest

from tests.unit.dialects.dialect_cases import (
    CHARGE,
    CHAT,
    DIALECTS,
    MESSAGES,
    RESPONSES,
    TARGET,
    USAGE,
    block_delta,
    block_start,
    block_stop,
    bodies,
    call_piece,
    chat,
    chunk,
    message_delta,
    message_start,
    relay,
    reply_to,
    responses,
    said,
)
from yiyuan.dialects.shared.custom_tools import TextReader, arguments_of, text_of
from yiyuan.kernel.errors import InvalidRequest

GEMINI = DIALECTS["gemini"]
UPSTREAMS = [CHAT, MESSAGES, GEMINI]
PATCH = '*** Begin Patch\n+ "a\\n"\n😀 \\ end'
GRAMMAR = {"type": "grammar", "syntax": "lark", "definition": "start: begin_patch hunk+"}
CUSTOM = {"type": "custom", "name": "apply_patch", "description": "Patches", "format": GRAMMAR}
SPACE = {
    "type": "namespace",
    "name": "multi_agent_v1",
    "description": "Agents",
    "tools": [{"type": "function", "name": "spawn", "parameters": {"type": "object"}}],
}
JOINED = "multi_agent_v1__spawn"


def offered(**more: Any) -> Any:
    return RESPONSES.read_request(copy.deepcopy(responses(tools=[CUSTOM, SPACE], **more)))


def functions(dialect: Any, body: Any) -> dict[str, Any]:
    """The functions that an upstream is offered: their descriptions and schemas."""
    if dialect is CHAT:
        own = [tool["function"] for tool in body["tools"]]
        return {f["name"]: (f.get("description"), f["parameters"]) for f in own}
    if dialect is MESSAGES:
        return {t["name"]: (t.get("description"), t["input_schema"]) for t in body["tools"]}
    declared = body["tools"][0]["functionDeclarations"]
    return {f["name"]: (f["description"], f["parametersJsonSchema"]) for f in declared}


@pytest.mark.parametrize("upstream", UPSTREAMS, ids=lambda dialect: dialect.name)
def test_they_are_offered_as_functions(upstream):
    request = offered()
    found = functions(upstream, upstream.write_request(request, TARGET))
    assert list(found) == ["apply_patch", JOINED]
    words, schema = found["apply_patch"]
    assert words.startswith("Patches")
    assert "start: begin_patch hunk+" in words
    assert schema["required"] == ["input"]
    assert request.dropped == []


ARGUMENTS = arguments_of(PATCH)


def whole(upstream: Any) -> Any:
    """An answer that calls both, read."""
    if upstream is CHAT:
        calls = [("a", "apply_patch", ARGUMENTS), ("b", JOINED, "{}")]
        told = [
            {"id": i, "type": "function", "function": {"name": n, "arguments": a}}
            for i, n, a in calls
        ]
        message = {"role": "assistant", "content": None, "tool_calls": told}
        raw: Any = {"choices": [{"message": message, "finish_reason": "tool_calls"}]}
    elif upstream is MESSAGES:
        content = [
            {"type": "tool_use", "id": "a", "name": "apply_patch", "input": {"input": PATCH}},
            {"type": "tool_use", "id": "b", "name": JOINED, "input": {}},
        ]
        raw = {"content": content, "stop_reason": "tool_use"}
    else:
        parts = [
            {"functionCall": {"id": "a", "name": "apply_patch", "args": {"input": PATCH}}},
            {"functionCall": {"id": "b", "name": JOINED, "args": {}}},
        ]
        raw = {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}
    return upstream.read_response(raw)


@pytest.mark.parametrize("upstream", UPSTREAMS, ids=lambda dialect: dialect.name)
def test_whole_calls_come_back_as_what_they_were(upstream):
    body = RESPONSES.write_response(whole(upstream), reply_to(offered()), USAGE, CHARGE)
    custom, function = body["output"]
    assert (custom["type"], custom["call_id"], custom["name"], custom["input"]) == (
        "custom_tool_call",
        "a",
        "apply_patch",
        PATCH,
    )
    assert "arguments" not in custom
    assert (function["type"], function["name"], function["namespace"]) == (
        "function_call",
        "spawn",
        "multi_agent_v1",
    )


def streamed(upstream: Any, size: int) -> list[str]:
    pieces = [ARGUMENTS[at : at + size] for at in range(0, len(ARGUMENTS), size)]
    if upstream is CHAT:
        parts = [call_piece(0, "", "a", "apply_patch")]
        parts += [call_piece(0, piece) for piece in pieces]
        parts.append(call_piece(1, "{}", "b", JOINED))
        events = [chunk([said({"tool_calls": [part]})]) for part in parts]
        return [*events, chunk([said({}, "tool_calls")]), "[DONE]"]
    if upstream is MESSAGES:
        return [
            message_start(),
            block_start(0, type="tool_use", id="a", name="apply_patch", input={}),
            *[block_delta(0, type="input_json_delta", partial_json=piece) for piece in pieces],
            block_stop(0),
            block_start(1, type="tool_use", id="b", name=JOINED, input={}),
            block_stop(1),
            message_delta("tool_use"),
        ]
    parts = [
        {"functionCall": {"id": "a", "name": "apply_patch", "args": {"input": PATCH}}},
        {"functionCall": {"id": "b", "name": JOINED, "args": {}}},
    ]
    candidate = {"index": 0, "content": {"parts": parts}, "finishReason": "STOP"}
    return [json.dumps({"candidates": [candidate]})]


@pytest.mark.parametrize("size", [1, 4, 1000])
@pytest.mark.parametrize("upstream", UPSTREAMS, ids=lambda dialect: dialect.name)
def test_streamed_calls_come_back_as_what_they_were(upstream, size):
    documents = bodies(relay(upstream, RESPONSES, streamed(upstream, size), offered(stream=True)))
    kinds = [document["type"] for document in documents]
    text = "".join(
        d["delta"] for d in documents if d["type"] == "response.custom_tool_call_input.delta"
    )
    assert text == PATCH
    [done] = [d for d in documents if d["type"] == "response.custom_tool_call_input.done"]
    assert done["input"] == PATCH
    custom, function = documents[-1]["response"]["output"]
    assert (custom["type"], custom["input"], custom["call_id"]) == ("custom_tool_call", PATCH, "a")
    assert (function["name"], function["namespace"]) == ("spawn", "multi_agent_v1")
    assert kinds.count("response.output_item.done") == 2


@pytest.mark.parametrize("upstream", UPSTREAMS, ids=lambda dialect: dialect.name)
def test_the_next_turn_goes_up_as_calls_of_functions(upstream):
    items = [
        {"role": "user", "content": "go"},
        {"type": "custom_tool_call", "call_id": "a", "name": "apply_patch", "input": PATCH},
        {"type": "custom_tool_call_output", "call_id": "a", "output": "done"},
        {
            "type": "function_call",
            "call_id": "b",
            "name": "spawn",
            "namespace": "multi_agent_v1",
            "arguments": "{}",
        },
        {"type": "function_call_output", "call_id": "b", "output": "started"},
    ]
    body = json.dumps(upstream.write_request(offered(input=items), TARGET), ensure_ascii=False)
    assert JOINED in body
    assert "Begin Patch" in body
    assert "done" in body


REFUSED = {
    "local_shell": {"tools": [{"type": "local_shell"}]},
    "shell": {"tools": [{"type": "shell"}]},
    "apply_patch": {"tools": [{"type": "apply_patch"}]},
    "compaction_trigger": {
        "input": [{"role": "user", "content": "x"}, {"type": "compaction_trigger"}]
    },
    "local_shell_call": {
        "input": [{"role": "user", "content": "x"}, {"type": "local_shell_call", "action": {}}]
    },
}


@pytest.mark.parametrize("upstream", UPSTREAMS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("kind", REFUSED)
def test_what_has_no_such_form_is_refused_by_name(kind, upstream):
    request = RESPONSES.read_request(responses(**copy.deepcopy(REFUSED[kind])))
    with pytest.raises(InvalidRequest) as refused:
        upstream.write_request(request, TARGET)
    assert refused.value.param.endswith("." + kind)
    assert kind in RESPONSES.write_request(request, TARGET).__repr__(), "its own format has it"


CONTAINERS = (
    {"type": "shell", "environment": {"type": "container_auto"}},
    {"type": "shell", "environment": {"type": "container_reference", "container_id": "c"}},
    {"type": "shell", "environment": {}},
    {"type": "shell_call_hosted"},
    {"type": "custom_search"},
    {"type": "namespace", "name": "n", "tools": [{"type": "web_search"}]},
)


@pytest.mark.parametrize("tool", CONTAINERS, ids=str)
def test_tools_that_the_vendor_runs_are_refused_under_any_name(tool):
    with pytest.raises(InvalidRequest) as refused:
        RESPONSES.read_request(responses(tools=[copy.deepcopy(tool)]))
    assert refused.value.code == "unsupported_parameter"


def test_a_shell_of_the_clients_own_is_passed_on():
    tool = {"type": "shell", "environment": {"type": "local"}}
    request = RESPONSES.read_request(responses(tools=[tool]))
    assert RESPONSES.write_request(request, TARGET)["tools"] == [tool]


def test_a_reference_to_an_item_says_what_to_do():
    items = [{"type": "item_reference", "id": "msg_1"}, {"role": "user", "content": "go"}]
    with pytest.raises(InvalidRequest) as refused:
        RESPONSES.read_request(responses(input=items))
    for language in ("en", "zh"):
        assert "store: false" in refused.value.message(language)


def test_what_costs_extra_does_not_hide_in_a_namespace():
    hidden = SPACE | {"tools": [{"type": "web_search"}]}
    with pytest.raises(InvalidRequest) as refused:
        RESPONSES.read_request(responses(tools=[hidden]))
    assert refused.value.param == "tools.tools.web_search"


CHAT_CUSTOM = {"type": "custom", "custom": {"name": "apply_patch", "format": {"type": "text"}}}


def chat_offered(**more: Any) -> Any:
    return CHAT.read_request(copy.deepcopy(chat(tools=[CHAT_CUSTOM], **more)))


@pytest.mark.parametrize("upstream", [MESSAGES, GEMINI], ids=lambda dialect: dialect.name)
def test_customs_of_chat(upstream):
    request = chat_offered(stream=True)
    found = functions(upstream, upstream.write_request(request, TARGET))
    assert list(found) == ["apply_patch"]
    documents = bodies(relay(upstream, CHAT, streamed(upstream, 3), request))
    pieces = [
        piece
        for document in documents
        for choice in document["choices"]
        for piece in choice["delta"].get("tool_calls", [])
        if piece["index"] == 0
    ]
    assert (pieces[0]["type"], pieces[0]["id"]) == ("custom", "a")
    assert "".join(piece["custom"]["input"] for piece in pieces) == PATCH
    body = CHAT.write_response(whole(upstream), reply_to(request), USAGE, CHARGE)
    first = body["choices"][0]["message"]["tool_calls"][0]
    assert first == {
        "id": "a",
        "type": "custom",
        "custom": {"name": "apply_patch", "input": PATCH},
    }


def test_customs_of_chat_pass_in_their_own_format():
    body = CHAT.write_request(chat_offered(), TARGET)
    assert body["tools"] == [CHAT_CUSTOM]
    part = {
        "index": 0,
        "id": "a",
        "type": "custom",
        "custom": {"name": "apply_patch", "input": "x"},
    }
    more = {"index": 0, "custom": {"input": "y"}}
    events = [chunk([said({"tool_calls": [piece]})]) for piece in (part, more)]
    documents = bodies(relay(CHAT, CHAT, events, chat_offered(stream=True)))
    pieces = [d["choices"][0]["delta"]["tool_calls"][0] for d in documents[:2]]
    assert pieces == [part, {"index": 0, "custom": {"input": "y"}}]


TEXTS = ['a\n"b"\\ \\\\', "😀x😀", '*** Begin\n+ "\\u0041"\n', "", "\\", '"', "é\u2028", '\\"\\']


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 1000])
def test_a_text_in_pieces(text, size):
    for written in (
        arguments_of(text),
        json.dumps({"input": text}),
        json.dumps({"input": text}, indent=1),
    ):
        reader = TextReader()
        pieces = [written[at : at + size] for at in range(0, len(written), size)]
        assert "".join(reader.read(piece) for piece in pieces) + reader.end() == text
        assert text_of(written) == text


@pytest.mark.parametrize("written", ["plain text", '{"patch":"x"}', '["a"]'])
def test_what_is_no_such_object_is_the_text(written):
    reader = TextReader()
    assert "".join(map(reader.read, written)) + reader.end() == written == text_of(written)
