"""Requests in Anthropic's messages: what passes, what is converted, what is refused."""

import pytest

from tests.unit.dialects.dialect_cases import (
    CHAT,
    COMPLETIONS,
    MESSAGES,
    TARGET,
    message,
    request_for,
)
from yiyuan.dialects.canonical import Target
from yiyuan.kernel.errors import InvalidRequest


def read(**fields):
    return request_for(MESSAGES, **fields)


def over_chat(*messages, model="upstream-model", **fields):
    request = read(messages=list(messages), **fields)
    return CHAT.write_request(request, Target(model=model, public_model="claude-2")), request


def user(*blocks):
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks):
    return {"role": "assistant", "content": list(blocks)}


def text(value, **more):
    return {"type": "text", "text": value} | more


def tool_use(call_id="t1", name="f", **given):
    return {"type": "tool_use", "id": call_id, "name": name, "input": given}


def tool_result(call_id="t1", *content, **more):
    return {"type": "tool_result", "tool_use_id": call_id, "content": list(content)} | more


IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QQ=="}}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}}

WRONG = [
    ({"messages": None}, "messages", "missing_required_parameter"),
    ({"messages": []}, "messages", "invalid_value"),
    ({"messages": [{"role": "user"}]}, "messages[0].content", "missing_required_parameter"),
    ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role", "invalid_value"),
    ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content", "invalid_type"),
    ({"messages": [user(5)]}, "messages[0].content[0]", "invalid_type"),
    ({"messages": [user({})]}, "messages[0].content[0].type", "missing_required_parameter"),
    (
        {"messages": [user({"type": "text", "text": 1})]},
        "messages[0].content[0].text",
        "invalid_type",
    ),
    (
        {"messages": [user({"type": "image"})]},
        "messages[0].content[0].source",
        "missing_required_parameter",
    ),
    (
        {"messages": [user({"type": "tool_result", "content": "x"})]},
        "messages[0].content[0].tool_use_id",
        "missing_required_parameter",
    ),
    ({"system": 5}, "system", "invalid_type"),
    ({"temperature": 1.5}, "temperature", "invalid_value"),
    ({"max_tokens": -1}, "max_tokens", "invalid_value"),
    ({"stop_sequences": [1]}, "stop_sequences", "invalid_type"),
    ({"tool_choice": {"type": "maybe"}}, "tool_choice.type", "invalid_value"),
    ({"tool_choice": {"type": "tool"}}, "tool_choice.name", "missing_required_parameter"),
    ({"tools": [{"input_schema": {}}]}, "tools[0].name", "missing_required_parameter"),
    ({"thinking": "yes"}, "thinking", "invalid_type"),
    ({"metadata": {"user_id": 5}}, "metadata.user_id", "invalid_type"),
]


@pytest.mark.parametrize(("fields", "param", "code"), WRONG)
def test_what_is_wrong_is_refused_by_name(fields, param, code):
    with pytest.raises(InvalidRequest) as refused:
        MESSAGES.read_request(message(**fields))
    assert (refused.value.code, refused.value.param) == (code, param)


def test_its_own_format_passes_with_little_changed():
    body = message(
        system=[text("s", cache_control={"type": "ephemeral"})],
        messages=[
            user(text(""), {"type": "document", "source": {}}),
            {"role": "system", "content": "x"},
        ],
        thinking={"type": "adaptive"},
        context_management={"edits": []},
        output_config={"effort": "high", "task_budget": {}},
        tools=[{"type": "bash_20250124", "name": "bash"}],
        temperature=1,
        stream=True,
    )
    request = MESSAGES.read_request(body)
    assert MESSAGES.write_request(request, TARGET) == body | {"model": "upstream-model"}
    assert request.dropped == []
    clamped = Target(model="m", max_output_tokens=7)
    assert MESSAGES.write_request(request, clamped)["max_tokens"] == 7
    del body["max_tokens"]
    with pytest.raises(InvalidRequest) as refused:
        MESSAGES.read_request(body)
    assert (refused.value.code, refused.value.param) == ("missing_required_parameter", "max_tokens")


def test_system_texts_over_chat_stay_where_they_are():
    written, _ = over_chat(
        user(text("a"), text("b")),
        {"role": "system", "content": "later"},
        system=[text("one"), text("two")],
    )
    assert written["messages"] == [
        {"role": "system", "content": "one\n\ntwo"},
        {"role": "user", "content": "a\n\nb"},
        {"role": "system", "content": "later"},
    ]


def test_calls_and_results_over_chat():
    """Results first, then what the user says; pictures cannot be in a tool message."""
    written, request = over_chat(
        user(text("hi")),
        assistant(text("Let me."), tool_use("t1", city="北京"), tool_use("t2")),
        user(
            text("and"),
            tool_result("t1", text("one"), text("two"), IMAGE),
            {"type": "tool_result", "tool_use_id": "t2", "is_error": True},
        ),
        assistant(tool_use("t3")),
        user(tool_result("t3", IMAGE)),
        assistant(text("a"), text("b")),
        user(tool_result("t4", IMAGE)),
    )
    assert written["messages"][1:] == [
        {
            "role": "assistant",
            "content": "Let me.",
            "tool_calls": [
                {
                    "id": "t1",
                    "type": "function",
                    "function": {"name": "f", "arguments": '{"city":"北京"}'},
                },
                {"id": "t2", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            ],
        },
        {"role": "tool", "tool_call_id": "t1", "content": "one\n\ntwo"},
        {"role": "tool", "tool_call_id": "t2", "content": ""},
        {"role": "user", "content": [PICTURE, {"type": "text", "text": "and"}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "t3", "type": "function", "function": {"name": "f", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "t3", "content": ""},
        {"role": "user", "content": [PICTURE]},
        {"role": "assistant", "content": "ab"},
        {"role": "tool", "tool_call_id": "t4", "content": ""},
        {"role": "user", "content": [PICTURE]},
    ]
    assert request.dropped == []


@pytest.mark.parametrize(
    ("model", "is_given_back"),
    [("gpt-4.1", False), ("deepseek-chat", True), ("moonshotai/kimi-k2", True), ("glm-5", True)],
)
def test_earlier_reasoning_goes_back_to_those_who_want_it(model, is_given_back):
    thinking = {"type": "thinking", "thinking": "hmm", "signature": ""}
    written, request = over_chat(
        user(text("hi")), assistant(thinking, tool_use()), user(tool_result()), model=model
    )
    assert ("reasoning_content" in written["messages"][1]) == is_given_back
    assert ("reasoning_content" in request.dropped) != is_given_back


@pytest.mark.parametrize(
    ("choice", "expected", "parallel"),
    [
        ({"type": "auto"}, "auto", None),
        ({"type": "any", "disable_parallel_tool_use": True}, "required", False),
        ({"type": "none"}, "none", None),
        ({"type": "tool", "name": "f"}, {"type": "function", "function": {"name": "f"}}, None),
        (None, None, None),
    ],
)
def test_tools_over_chat(choice, expected, parallel):
    tool = {"name": "f", "description": "d", "input_schema": {"type": "object"}}
    written, _ = over_chat(user(text("hi")), tools=[tool], tool_choice=choice)
    function = {"name": "f", "description": "d", "parameters": {"type": "object"}}
    assert written["tools"] == [{"type": "function", "function": function}]
    assert written.get("tool_choice") == expected
    assert written.get("parallel_tool_calls") == parallel
    written, _ = over_chat(user(text("hi")), tool_choice=choice)
    assert not {"tool_choice", "parallel_tool_calls"} & set(written)


def test_what_is_dropped_over_chat_is_said():
    _, request = over_chat(
        user(text("hi", cache_control={"type": "ephemeral"})),
        system=[text("s", cache_control={"type": "ephemeral"})],
        tools=[
            {"name": "f", "cache_control": {"type": "ephemeral"}},
            {"type": "bash_20250124", "name": "bash"},
        ],
        thinking={"type": "adaptive"},
        output_config={"effort": "low", "task_budget": {"total": 1}},
        service_tier="auto",
        top_k=5,
        metadata={"user_id": "x" * 65},
    )
    assert request.dropped == [
        "service_tier",
        "output_config.task_budget",
        "cache_control",
        "tools.bash_20250124",
        "top_k",
        "reasoning_effort",
        "user",
    ]


def test_a_short_user_and_a_format_go_along():
    schema = {"type": "object"}
    written, request = over_chat(
        user(text("hi")),
        metadata={"user_id": "u"},
        output_config={"format": {"type": "json_schema", "schema": schema}},
        stop_sequences=["a", "b", "c", "d", "e"],
        thinking={"type": "disabled"},
    )
    assert written["user"] == "u"
    assert written["response_format"]["json_schema"]["schema"] == schema
    assert written["stop"] == ["a", "b", "c", "d"], "OpenAI takes four"
    assert request.dropped == ["stop"]


@pytest.mark.parametrize(
    "block",
    [
        {"type": "document", "source": {"type": "text", "data": "x"}},
        {"type": "image", "source": {"type": "file", "file_id": "x"}},
        {"type": "server_tool_use", "id": "x", "name": "web_search", "input": {}},
        tool_result("t1", {"type": "search_result", "source": "x"}),
    ],
)
def test_blocks_that_another_format_has_not(block):
    with pytest.raises(InvalidRequest) as refused:
        over_chat(user(text("hi"), block))
    assert (refused.value.code, refused.value.param) == ("unsupported_value", "messages")


def test_a_maximum_of_zero_is_anthropics_own():
    assert MESSAGES.write_request(read(max_tokens=0), TARGET)["max_tokens"] == 0
    with pytest.raises(InvalidRequest):
        CHAT.write_request(read(max_tokens=0), TARGET)


def test_redacted_reasoning_and_unproven_reasoning():
    """From one Anthropic upstream to another; what has no proof is left out when written."""
    request = read(
        messages=[
            user(text("hi")),
            assistant({"type": "redacted_thinking", "data": "xyz"}, text("yes")),
            user(text("go")),
        ]
    )
    request.source = "another"
    blocks = MESSAGES.write_request(request, TARGET)["messages"][1]["content"]
    assert blocks[0] == {"type": "redacted_thinking", "data": "xyz"}


def test_a_cache_mark_on_a_tool_alone_is_said():
    tool = {"name": "f", "cache_control": {"type": "ephemeral"}}
    assert over_chat(user(text("hi")), tools=[tool])[1].dropped == ["cache_control"]


@pytest.mark.parametrize("upstream", [CHAT, COMPLETIONS], ids=["chat", "completions"])
def test_a_plain_request_over_openai(upstream):
    request = read(messages=[{"role": "user", "content": "hi"}], stream=True)
    written = upstream.write_request(request, TARGET)
    assert written["max_tokens"] == 50
    assert written["stream_options"] == {"include_usage": True}
