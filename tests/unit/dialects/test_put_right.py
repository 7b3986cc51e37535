"""What clients send in a form that the target refuses: mapped, or named, in every format."""

from typing import Any

import pytest

from tests.unit.dialects.dialect_cases import (
    CHAT,
    DIALECTS,
    MESSAGES,
    RESPONSES,
    TARGET,
    chat,
    gemini,
    message,
    responses,
)
from yiyuan.dialects.canonical import Target
from yiyuan.dialects.quirks import Quirks

GEMINI = DIALECTS["gemini"]
TARGETS = [CHAT, MESSAGES, RESPONSES, GEMINI]
PNG = "iVBORw0KGgoAAAANSUhEUg=="
JPEG = "/9j/4AAQSkZJRgABAQAAAQ=="
WEBP = "UklGRhAAAABXRUJQVlA4IA=="
ODD = [
    ("image/jpg", JPEG, "image/jpeg", JPEG),
    ("IMAGE/PNG", PNG, "image/png", PNG),
    ("image/png", PNG[:8] + "\r\n" + PNG[8:] + "\n", "image/png", PNG),
    ("image/png", JPEG, "image/jpeg", JPEG),
    ("image/jpeg", WEBP, "image/webp", WEBP),
    ("image/x-png", "QUJD", "image/png", "QUJD"),
    ("image/gif", "_-8=", "image/gif", "/+8="),
]


def asked(source: Any, kind: str, data: str) -> Any:
    """A request with one picture, read."""
    url = f"data:{kind};base64,{data}"
    if source is CHAT:
        part = {"type": "image_url", "image_url": {"url": url}}
        body = chat(messages=[{"role": "user", "content": [part]}])
    elif source is MESSAGES:
        origin = {"type": "base64", "media_type": kind, "data": data}
        part = {"type": "image", "source": origin}
        body = message(messages=[{"role": "user", "content": [part]}])
    elif source is RESPONSES:
        part = {"type": "input_image", "image_url": url}
        body = responses(input=[{"role": "user", "content": [part]}])
    else:
        part = {"inlineData": {"mimeType": kind, "data": data}}
        body = gemini(contents=[{"role": "user", "parts": [part]}])
    return source.read_request(body)


def picture(target: Any, body: Any) -> tuple[str, str]:
    """The picture's type and base64 in an upstream's body."""
    if target is CHAT:
        url = body["messages"][0]["content"][0]["image_url"]["url"]
    elif target is MESSAGES:
        origin = body["messages"][0]["content"][0]["source"]
        return origin["media_type"], origin["data"]
    elif target is RESPONSES:
        url = body["input"][0]["content"][0]["image_url"]
    else:
        blob = body["contents"][0]["parts"][0]["inlineData"]
        return blob["mimeType"], blob["data"]
    kind, _, data = url.removeprefix("data:").partition(";base64,")
    return kind, data


@pytest.mark.parametrize("target", TARGETS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("source", TARGETS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize(("kind", "data", "right_kind", "right_data"), ODD)
def test_pictures(source, target, kind, data, right_kind, right_data):
    body = target.write_request(asked(source, kind, data), TARGET)
    assert picture(target, body) == (right_kind, right_data)


MARK = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
FUNCTION = {"name": "f", "parameters": {"type": "object"}}
PICTURE = {"type": "image_url", "image_url": {"url": "https://a.invalid/b.png"}}
MARKED = chat(
    messages=[
        {"role": "system", "content": [{"type": "text", "text": "be", **MARK}]},
        {"role": "user", "content": [{"type": "text", "text": "see"}, {**PICTURE, **MARK}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f"}}],
        },
        {"role": "tool", "tool_call_id": "a", "content": "x", **MARK},
    ],
    tools=[{"type": "function", "function": FUNCTION, **MARK}],
)


def marks(body: Any, path: str = "") -> list[str]:
    """Where marks stand in a body."""
    if isinstance(body, dict):
        own = [path] if "cache_control" in body else []
        return own + [at for name in body for at in marks(body[name], f"{path}/{name}")]
    if isinstance(body, list):
        return [found for at, item in enumerate(body) for found in marks(item, f"{path}/{at}")]
    return []


def test_marks_reach_anthropic_from_chat():
    request = CHAT.read_request(MARKED)
    body = MESSAGES.write_request(request, TARGET)
    assert sorted(marks(body)) == [
        "/messages/0/content/1",
        "/messages/2/content/0",
        "/system/0",
        "/tools/0",
    ]
    assert body["system"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}
    assert "cache_control" not in request.dropped


def test_four_marks_and_the_last_ones():
    parts = [{"type": "text", "text": str(at), **MARK} for at in range(6)]
    request = CHAT.read_request(chat(messages=[{"role": "user", "content": parts}]))
    body = MESSAGES.write_request(request, TARGET)
    assert marks(body) == [f"/messages/0/content/{at}" for at in (2, 3, 4, 5)]
    assert request.dropped == ["cache_control"]


def marked_messages() -> Any:
    return MESSAGES.read_request(
        message(
            system=[{"type": "text", "text": "be", **MARK}],
            messages=[{"role": "user", "content": [{"type": "text", "text": "hi", **MARK}]}],
            tools=[{"name": "f", "input_schema": {"type": "object"}, **MARK}],
        )
    )


def test_marks_reach_a_chat_server_that_knows_them():
    request = marked_messages()
    quirks = Quirks(flags=frozenset({"cache_marks"}))
    body = CHAT.write_request(request, Target(model="m", quirks=quirks))
    assert sorted(marks(body)) == ["/messages/0/content/0", "/messages/1/content/0", "/tools/0"]
    assert request.dropped == []


@pytest.mark.parametrize("target", [CHAT, RESPONSES, GEMINI], ids=lambda dialect: dialect.name)
def test_where_they_are_not_known_they_are_named(target):
    request = marked_messages()
    body = target.write_request(request, TARGET)
    assert marks(body) == []
    assert request.dropped == ["cache_control"]


@pytest.mark.parametrize(
    ("model", "fields", "expected", "dropped"),
    [
        ("claude-sonnet-4-5", {"temperature": 0.5, "top_p": 0.9}, {"temperature": 0.5}, ["top_p"]),
        ("claude-opus-4-1", {"temperature": 1, "top_p": 0.9}, {"top_p": 0.9}, []),
        ("claude-opus-4-1", {"temperature": 0.5, "top_p": 1}, {"temperature": 0.5}, []),
        ("claude-3-5-haiku", {"temperature": 0.5, "top_p": 0.9}, None, []),
        ("some-vendor", {"temperature": 0.5, "top_p": 0.9}, None, []),
        ("claude-sonnet-4-5", {"top_p": 0.9}, None, []),
    ],
)
@pytest.mark.parametrize("source", [CHAT, MESSAGES, RESPONSES], ids=lambda dialect: dialect.name)
def test_one_of_temperature_and_top_p(source, model, fields, expected, dropped):
    make = {"openai_chat": chat, "anthropic_messages": message, "openai_responses": responses}
    request = source.read_request(make[source.name](**fields))
    body = MESSAGES.write_request(request, Target(model=model))
    sent = {name: body[name] for name in ("temperature", "top_p") if name in body}
    assert sent == (fields if expected is None else expected)
    assert request.dropped == dropped


LONG = "x" * 100


def test_long_ids_are_shortened_in_pairs():
    body = message(
        messages=[
            {"role": "user", "content": "hi"},
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": LONG, "name": "f", "input": {}}],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": LONG, "content": "y"}],
            },
        ]
    )
    written = CHAT.write_request(MESSAGES.read_request(body), TARGET)["messages"]
    call_id = written[1]["tool_calls"][0]["id"]
    assert len(call_id) <= 40
    assert written[2]["tool_call_id"] == call_id
    items = RESPONSES.write_request(MESSAGES.read_request(body), TARGET)["input"]
    assert items[1]["call_id"] == items[2]["call_id"]
    assert len(items[1]["call_id"]) <= 64


def test_long_ids_in_the_same_format():
    call = {"id": LONG, "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": LONG, "content": "y"},
    ]
    written = CHAT.write_request(CHAT.read_request(chat(messages=messages)), TARGET)["messages"]
    assert written[1]["tool_calls"][0]["id"] == written[2]["tool_call_id"] != LONG
    assert messages[2]["tool_call_id"] == LONG, "the request's own body stays"


def test_ids_that_anthropic_refuses_in_its_own_format():
    body = message(
        messages=[
            {"role": "user", "content": "hi"},
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "functions.f:0", "name": "f", "input": {}}],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "functions.f:0"}],
            },
        ]
    )
    written = MESSAGES.write_request(MESSAGES.read_request(body), TARGET)["messages"]
    assert written[1]["content"][0]["id"] == "functions_f_0"
    assert written[2]["content"][0]["tool_use_id"] == "functions_f_0"


@pytest.mark.parametrize(
    ("model", "role"), [("gpt-4.1", "system"), ("deepseek-chat", "system"), ("gpt-5", "developer")]
)
def test_the_developer(model, role):
    messages = [{"role": "developer", "content": "be"}, {"role": "user", "content": "hi"}]
    request = CHAT.read_request(chat(messages=messages))
    body = CHAT.write_request(request, Target(model=model))
    assert [turn["role"] for turn in body["messages"]] == [role, "user"]
    assert messages[0]["role"] == "developer"


@pytest.mark.parametrize(("target", "count"), [(CHAT, 4), (GEMINI, 5)])
def test_stops_beyond_what_is_taken_are_named(target, count):
    request = MESSAGES.read_request(message(stop_sequences=list("abcdefg")))
    body = target.write_request(request, TARGET)
    found = body["stop"] if target is CHAT else body["generationConfig"]["stopSequences"]
    assert found == list("abcdefg")[:count]
    assert request.dropped == ["stop"]


@pytest.mark.parametrize(
    ("model", "stops", "kept", "dropped"),
    [
        ("gpt-4.1", "abcde", "abcd", ["stop"]),
        ("openai/gpt-4o", "abcde", "abcd", ["stop"]),
        ("o3", "abcdef", "abcd", ["stop"]),
        ("gpt-4.1", "abcd", "abcd", []),
        ("gpt-oss-120b", "abcde", "abcde", []),
        ("deepseek-chat", "abcdefg", "abcdefg", []),
        ("llama-4", "abcdefg", "abcdefg", []),
    ],
)
def test_stops_in_the_same_format_too_where_the_target_takes_four(model, stops, kept, dropped):
    """OpenAI's own models do; servers that only speak like it take more."""
    request = CHAT.read_request(chat(stop=list(stops)))
    body = CHAT.write_request(request, Target(model=model))
    assert body["stop"] == list(kept)
    assert request.dropped == dropped


@pytest.mark.parametrize("kind", ["function_call", "custom_tool_call"])
def test_long_ids_of_calls_in_responses_own_format(kind):
    long, short = "toolu_" + "x" * 70, "call_short"
    said = {"arguments": "{}"} if kind == "function_call" else {"input": "x"}
    pairs = [
        item
        for call in (long, short)
        for item in (
            {"type": kind, "call_id": call, "name": "look", **said},
            {"type": f"{kind}_output", "call_id": call, "output": "a cat"},
        )
    ]
    request = RESPONSES.read_request(responses(input=[{"role": "user", "content": "hi"}, *pairs]))
    body = RESPONSES.write_request(request, TARGET)
    ids = [item["call_id"] for item in body["input"][1:]]
    assert ids[0] == ids[1] != long
    assert len(ids[0]) <= 64
    assert ids[2:] == [short, short]
