"""Requests in OpenAI chat: what passes, what is converted, what is refused."""

import pytest

from tests.unit.dialects.dialect_cases import CHAT, DIALECTS, MESSAGES, TARGET, chat, request_for
from yiyuan.dialects.canonical import Target
from yiyuan.dialects.quirks import Quirks
from yiyuan.kernel.errors import InvalidRequest

TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def read(**fields):
    return request_for(CHAT, **fields)


def over_messages(*messages, **fields):
    request = read(messages=list(messages), **fields)
    return MESSAGES.write_request(request, TARGET), request


def user(content):
    return {"role": "user", "content": content}


def assistant(content, **more):
    return {"role": "assistant", "content": content} | more


def system(content):
    return {"role": "system", "content": content}


WRONG = [
    ({"messages": None}, "messages", "missing_required_parameter"),
    ({"messages": []}, "messages", "invalid_value"),
    ({"messages": "hi"}, "messages", "invalid_type"),
    ({"messages": ["hi"]}, "messages[0]", "invalid_type"),
    ({"messages": [{"content": "hi"}]}, "messages[0].role", "missing_required_parameter"),
    ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "invalid_value"),
    ({"messages": [{"role": 1}]}, "messages[0].role", "invalid_type"),
    ({"messages": [user(7)]}, "messages[0].content", "invalid_type"),
    ({"messages": [user([7])]}, "messages[0].content[0]", "invalid_type"),
    (
        {"messages": [user([{"text": "x"}])]},
        "messages[0].content[0].type",
        "missing_required_parameter",
    ),
    (
        {"messages": [user([{"type": "text"}])]},
        "messages[0].content[0].text",
        "missing_required_parameter",
    ),
    (
        {"messages": [user([{"type": "image_url"}])]},
        "messages[0].content[0].image_url",
        "missing_required_parameter",
    ),
    (
        {"messages": [user([{"type": "image_url", "image_url": []}])]},
        "messages[0].content[0].image_url",
        "invalid_type",
    ),
    (
        {"messages": [{"role": "tool", "content": "x"}]},
        "messages[0].tool_call_id",
        "missing_required_parameter",
    ),
    (
        {"messages": [assistant(None, tool_calls=[{"id": "x"}])]},
        "messages[0].tool_calls[0].function",
        "missing_required_parameter",
    ),
    ({"messages": [assistant(None, tool_calls={})]}, "messages[0].tool_calls", "invalid_type"),
    ({"n": 0}, "n", "invalid_value"),
    ({"n": 129}, "n", "invalid_value"),
    ({"max_tokens": 0}, "max_tokens", "invalid_value"),
    ({"max_completion_tokens": 1e9}, "max_completion_tokens", "invalid_type"),
    ({"temperature": -1}, "temperature", "invalid_value"),
    ({"top_logprobs": 21}, "top_logprobs", "invalid_value"),
    ({"tools": {}}, "tools", "invalid_type"),
    ({"tools": [1]}, "tools[0]", "invalid_type"),
    (
        {"tools": [{"type": "function", "function": {}}]},
        "tools[0].function.name",
        "missing_required_parameter",
    ),
    ({"tool_choice": "maybe"}, "tool_choice", "invalid_value"),
    ({"tool_choice": 3}, "tool_choice", "invalid_type"),
    ({"response_format": "json"}, "response_format", "invalid_type"),
    (
        {"response_format": {"type": "json_schema"}},
        "response_format.json_schema",
        "missing_required_parameter",
    ),
    ({"seed": 2**64}, "seed", "invalid_value"),
    ({"stream": 1}, "stream", "invalid_type"),
    ({"parallel_tool_calls": "no"}, "parallel_tool_calls", "invalid_type"),
]


@pytest.mark.parametrize(("fields", "param", "code"), WRONG)
def test_what_is_wrong_is_refused_by_name(fields, param, code):
    with pytest.raises(InvalidRequest) as refused:
        CHAT.read_request(chat(**fields))
    assert (refused.value.code, refused.value.param) == (code, param)
    assert refused.value.message("en")
    assert refused.value.message("zh")


def test_explicit_nulls_are_absent_and_unknown_fields_are_left_out():
    nulls = dict.fromkeys(["stream", "n", "max_tokens", "tools", "tool_choice", "stop", "user"])
    nulls |= dict.fromkeys(["stream_options", "response_format", "logit_bias", "top_logprobs"])
    body = chat(**nulls, brand_new={"a": 1}, metadata={"k": "v"})
    request = CHAT.read_request(body)
    written = CHAT.write_request(request, TARGET)
    del body["stream_options"], body["brand_new"]
    assert written == body | {"model": "upstream-model"}
    assert request.dropped == ["brand_new"]
    MESSAGES.write_request(request, TARGET)
    assert request.dropped == ["brand_new", "metadata"]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
def test_fields_that_steer_routing_or_credentials_never_pass(dialect):
    own = {"input": "hi", "messages": [user("hi")], "model": "gpt-4", "max_tokens": 5}
    if dialect is DIALECTS["openai_completions"]:
        own |= {"prompt": "hi"}
    if dialect is DIALECTS["gemini"]:
        own = {"contents": [{"parts": [{"text": "hi"}]}], "model": "gpt-4"}
    if dialect is DIALECTS["rerank"]:
        own = {"model": "m", "query": "hi", "documents": ["a"]}
    if dialect is DIALECTS["gemini_embeddings"]:
        own = {"content": {"parts": [{"text": "hi"}]}, "model": "gpt-4"}
    steering = {
        "api_base": "https://evil.invalid",
        "api_key": "sk-evil",
        "base_url": "https://evil.invalid",
        "extra_headers": {"x": "y"},
        "user_config": {"model_list": []},
        "models": ["another"],
    }
    request = dialect.read_request(own | steering)
    written = dialect.write_request(request, TARGET)
    found = {name.replace("_", "").lower() for name in written}
    names = {name.replace("_", "") for name in steering}
    assert not names & found
    if dialect is not DIALECTS["gemini_embeddings"]:  # it is written anew for each text
        assert names <= {name.replace("_", "").lower() for name in request.dropped}


def test_names_of_fields_cannot_break_a_header():
    evil = {"a\r\nx-evil: 1": 1, "名": 1, "": 1, "x" * 65: 1} | {f"f{i}": 1 for i in range(99)}
    request = read(**evil)
    MESSAGES.write_request(request, TARGET)
    MESSAGES.write_request(request, TARGET)
    odd = ["a??x-evil??1", "?", "x" * 65]
    assert request.dropped == odd + [f"f{i}" for i in range(29)]


def test_nested_names_cannot_break_a_header_either():
    message = {"role": "user", "content": "hi", "姓名": 1, "a\r\nx-evil: 1": 1, "n" * 300: 1}
    message |= {f"f{i}": 1 for i in range(99)}
    dropped = read(messages=[message]).dropped
    assert dropped[:2] == ["messages.??", "messages.a??x-evil??1"]
    assert dropped[2] == ("messages." + "n" * 300)[:128]
    assert len(dropped) == 32


BOTH, NEW = Quirks(), Quirks(max_tokens="max_completion_tokens")


@pytest.mark.parametrize("given", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize(
    ("model", "quirks", "known"),
    [
        ("gpt-4", None, "max_tokens"),
        ("some-model", None, "max_tokens"),
        ("gpt-4", BOTH, None),
        ("o3", None, "max_completion_tokens"),
        ("gpt-6", BOTH, "max_completion_tokens"),
        ("some-model", NEW, "max_completion_tokens"),
    ],
)
def test_the_maximum_has_the_name_that_the_upstream_knows(given, model, quirks, known):
    request = read(**{given: 100})
    assert request.max_output_tokens == 100
    for clamped_to in (None, 30):
        target = Target(model=model, quirks=quirks, max_output_tokens=clamped_to)
        written = CHAT.write_request(request, target)
        found = {"max_tokens", "max_completion_tokens"} & set(written)
        assert found == {known or given}
        assert written[known or given] == (clamped_to or 100)


def test_both_names_are_bounded_by_the_larger():
    request = read(max_tokens=10, max_completion_tokens=20)
    assert request.max_output_tokens == 20
    written = CHAT.write_request(request, Target(model="m"))
    assert written["max_tokens"] == 20
    assert "max_completion_tokens" not in written


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-4.1", "max_tokens"),
        ("o1", "max_completion_tokens"),
        ("o3-mini", "max_completion_tokens"),
        ("o4-mini-2025", "max_completion_tokens"),
        ("gpt-5", "max_completion_tokens"),
        ("gpt-5.1-codex", "max_completion_tokens"),
        ("openai/gpt-5-mini", "max_completion_tokens"),
        ("gpt-6", "max_completion_tokens"),
        ("gpt-10.5-mini", "max_completion_tokens"),
        ("o7-pro", "max_completion_tokens"),
        ("gpt-35-turbo", "max_tokens"),
        ("gpt-oss-120b", "max_tokens"),
        ("llama-o3x", "max_tokens"),
    ],
)
def test_the_name_of_the_maximum_when_converted_or_clamped(model, name):
    converted = CHAT.write_request(request_for(MESSAGES), Target(model=model))
    clamped = CHAT.write_request(read(), Target(model=model, max_output_tokens=9))
    for written in (converted, clamped):
        assert {"max_tokens", "max_completion_tokens"} & set(written) == {name}


def test_reasoning_models_get_an_effort_and_no_default_sampling():
    body = {"temperature": 1, "thinking": {"type": "enabled", "budget_tokens": 5000}}
    request = request_for(MESSAGES, **body)
    written = CHAT.write_request(request, Target(model="gpt-5"))
    assert written["reasoning_effort"] == "medium"
    assert "temperature" not in written
    written = CHAT.write_request(request, Target(model="gpt-4.1"))
    assert "reasoning_effort" not in written
    assert written["temperature"] == 1
    assert request.dropped == ["reasoning_effort"]


@pytest.mark.parametrize("effort", ["low", "medium", "high", "xhigh", "max"])
def test_efforts(effort):
    request = request_for(MESSAGES, output_config={"effort": effort})
    written = CHAT.write_request(request, Target(model="o3"))
    assert written["reasoning_effort"] == ("high" if "max" in effort or "x" in effort else effort)


@pytest.mark.parametrize("options", [None, {"include_usage": False, "include_obfuscation": False}])
def test_usage_is_always_asked_of_a_streaming_upstream(options):
    request = read(stream=True, stream_options=options)
    assert not request.wants_usage
    written = CHAT.write_request(request, TARGET)
    assert written["stream_options"] == (options or {}) | {"include_usage": True}
    refusing = Target(model="m", stream_usage=False)
    assert "stream_options" not in CHAT.write_request(request, refusing)
    assert "stream_options" not in CHAT.write_request(read(), TARGET)


def test_system_texts_anywhere_come_first_for_anthropic():
    written, _ = over_messages(
        {"role": "developer", "content": "A"},
        user("hi"),
        system([{"type": "text", "text": "B"}]),
        assistant("yes"),
        user("go"),
    )
    assert written["system"] == [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}]
    assert [m["role"] for m in written["messages"]] == ["user", "assistant", "user"]


def test_a_conversation_of_system_texts_alone_is_asked_by_the_user():
    written, _ = over_messages(system("Say hi"))
    assert written["messages"] == [user("Say hi")]
    assert "system" not in written


def test_anthropic_begins_with_the_user_and_has_no_empty_texts():
    written, _ = over_messages(
        assistant("Hello!"),
        user([{"type": "text", "text": " "}, {"type": "text", "text": "hi"}]),
        assistant(""),
        assistant(None),
        user("more"),
    )
    assert written["messages"] == [
        user("."),
        assistant("Hello!"),
        user([{"type": "text", "text": "hi"}, {"type": "text", "text": "more"}]),
    ]


def test_a_beginning_of_the_answer_has_no_white_space_at_its_end():
    written, _ = over_messages(user("hi"), assistant("So: \n"))
    assert written["messages"][-1] == assistant("So:")


@pytest.mark.parametrize("last", [user(""), user(None), user([]), user("  ")])
def test_nothing_to_answer_is_refused(last):
    for messages in ([last], [user("hi"), assistant("yes"), last]):
        with pytest.raises(InvalidRequest) as refused:
            over_messages(*messages)
        assert refused.value.param == "messages"


def test_tool_results_of_parallel_calls_are_one_turn():
    second = CALL | {"id": "functions.f:1"}
    written, _ = over_messages(
        user("hi"),
        assistant(None, tool_calls=[CALL, second]),
        {"role": "tool", "tool_call_id": "c1", "content": "one"},
        {
            "role": "tool",
            "tool_call_id": "functions.f:1",
            "content": [{"type": "text", "text": ""}],
        },
        user("go on"),
        tools=[TOOL],
    )
    assert [block["id"] for block in written["messages"][1]["content"]] == ["c1", "functions_f_1"]
    assert written["messages"][2]["content"] == [
        {"type": "tool_result", "tool_use_id": "c1", "content": "one"},
        {"type": "tool_result", "tool_use_id": "functions_f_1"},
        {"type": "text", "text": "go on"},
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", {}),
        ("{}", {}),
        ('{"a": 1}', {"a": 1}),
        ("{oops", {"arguments": "{oops"}),
        ("[1]", {"arguments": [1]}),
        ({"a": 1}, {"a": 1}),
    ],
)
def test_arguments_become_an_object(arguments, expected):
    call = {"id": "c", "function": {"name": "f", "arguments": arguments}}
    written, _ = over_messages(user("hi"), assistant(None, tool_calls=[call]), user("x"))
    assert written["messages"][1]["content"][0]["input"] == expected


CHOICES = [
    ("auto", None, {"type": "auto"}),
    ("none", None, {"type": "none"}),
    ("none", False, {"type": "none"}),
    ("required", None, {"type": "any"}),
    ({"type": "function", "function": {"name": "f"}}, None, {"type": "tool", "name": "f"}),
    (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
    ("required", False, {"type": "any", "disable_parallel_tool_use": True}),
    (None, True, None),
]


@pytest.mark.parametrize(("choice", "parallel", "expected"), CHOICES)
def test_tool_choice(choice, parallel, expected):
    fields = {"tools": [TOOL], "tool_choice": choice, "parallel_tool_calls": parallel}
    written, _ = over_messages(user("hi"), **fields)
    assert written.get("tool_choice") == expected
    assert written["tools"] == [{"name": "f", "input_schema": {"type": "object"}}]
    written, _ = over_messages(user("hi"), tool_choice=choice, parallel_tool_calls=parallel)
    assert "tool_choice" not in written


def test_custom_tools_are_functions_elsewhere():
    fields = {"tools": [TOOL, {"type": "custom", "custom": {"name": "g"}}]}
    written, request = over_messages(user("hi"), **fields)
    assert [tool["name"] for tool in written["tools"]] == ["f", "g"]
    assert request.dropped == []
    assert CHAT.write_request(request, TARGET)["tools"] == fields["tools"]


@pytest.mark.parametrize("name", ["functions", "function_call", "audio", "web_search_options"])
def test_what_must_not_be_lost_is_refused(name):
    with pytest.raises(InvalidRequest) as refused:
        over_messages(user("hi"), **{name: {"a": 1}})
    assert (refused.value.code, refused.value.param) == ("unsupported_parameter", name)
    assert "gpt-4" in refused.value.message("en")


@pytest.mark.parametrize(
    "message",
    [
        user([{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}]),
        user([{"type": "file", "file": {"file_id": "f"}}]),
        assistant(None, function_call={"name": "f", "arguments": "{}"}),
        {"role": "function", "name": "f", "content": "x"},
        assistant(None, tool_calls=[{"id": "x", "type": "other", "other": {}}]),
    ],
)
def test_content_that_another_format_has_not(message):
    with pytest.raises(InvalidRequest) as refused:
        over_messages(user("hi"), message)
    assert (refused.value.code, refused.value.param) == ("unsupported_value", "messages")
    CHAT.write_request(read(messages=[message]), TARGET)


def test_response_formats_over_anthropic():
    schema = {"type": "object", "properties": {}}
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    written, _ = over_messages(user("hi"), response_format=wanted)
    strict = schema | {"additionalProperties": False}
    assert written["output_config"] == {"format": {"type": "json_schema", "schema": strict}}
    written, _ = over_messages(user("hi"), response_format={"type": "text"})
    assert "output_config" not in written
    written, _ = over_messages(user("hi"), response_format={"type": "json_object"})
    assert "JSON object" in written["system"]
    with pytest.raises(InvalidRequest) as refused:
        over_messages(user("hi"), response_format={"type": "grammar"})
    assert refused.value.param == "response_format"


def test_images_go_on_and_are_never_fetched():
    parts = [
        {"type": "image_url", "image_url": {"url": "https://a.invalid/b.png", "detail": "low"}},
        {"type": "image_url", "image_url": "data:image/webp;charset=x;base64,QUJD"},
    ]
    written, _ = over_messages(user(parts))
    assert [block["source"] for block in written["messages"][0]["content"]] == [
        {"type": "url", "url": "https://a.invalid/b.png"},
        {"type": "base64", "media_type": "image/webp", "data": "QUJD"},
    ]


def test_what_is_dropped_for_anthropic_is_said():
    content = [{"type": "text", "text": "hi", "cache_control": {"type": "ephemeral"}}]
    written, request = over_messages(
        user(content),
        assistant("yes", reasoning_content="hmm"),
        user("go"),
        reasoning_effort="low",
        service_tier="auto",
        store=True,
        user="x" * 300,
    )
    assert request.dropped == [
        "service_tier",
        "store",
        "reasoning_content",
        "user",
    ]
    [block, *_] = written["messages"][0]["content"]
    assert block["cache_control"] == {"type": "ephemeral"}, "it is carried"
    assert "metadata" not in written
    assert written["thinking"] == {"type": "enabled", "budget_tokens": 2048}


def test_the_maximum_that_anthropic_requires():
    assert MESSAGES.write_request(read(), TARGET)["max_tokens"] == 4096
    assert MESSAGES.write_request(read(max_tokens=9), TARGET)["max_tokens"] == 9
    small = Target(model="m", default_max_output_tokens=77)
    assert MESSAGES.write_request(read(), small)["max_tokens"] == 77
    clamped = Target(model="m", max_output_tokens=5)
    assert MESSAGES.write_request(read(max_tokens=9), clamped)["max_tokens"] == 5


def test_names_details_and_refusals_go_along_in_its_own_words():
    """Over another server of the same format, when the request was split."""
    refusal = {"type": "refusal", "refusal": "no"}
    picture = {"url": "https://a.invalid/b.png", "detail": "low"}
    request = read(
        messages=[
            {
                "role": "user",
                "name": "ann",
                "content": [{"type": "image_url", "image_url": picture}],
            },
            {"role": "assistant", "name": "bot", "content": [refusal]},
            assistant(None, refusal="never"),
            user("go"),
        ],
        tool_choice={"type": "allowed_tools"},
    )
    request.source = ""
    assert CHAT.write_request(request, TARGET)["messages"] == [
        {"role": "user", "name": "ann", "content": [{"type": "image_url", "image_url": picture}]},
        {"role": "assistant", "name": "bot", "content": "no"},
        {"role": "assistant", "content": "never"},
        {"role": "user", "content": "go"},
    ]
    assert request.dropped == ["tool_choice"]


def test_an_old_function_result_is_refused_by_another_server_too():
    request = read(messages=[{"role": "function", "name": "f", "content": "x"}])
    request.source = ""
    with pytest.raises(InvalidRequest):
        CHAT.write_request(request, TARGET)


@pytest.mark.parametrize(("budget", "effort"), [(1024, "low"), (8192, "medium"), (9000, "high")])
def test_a_budget_for_thinking_becomes_an_effort(budget, effort):
    thinking = {"type": "enabled", "budget_tokens": budget}
    written = CHAT.write_request(request_for(MESSAGES, thinking=thinking), Target(model="o4-mini"))
    assert written["reasoning_effort"] == effort
