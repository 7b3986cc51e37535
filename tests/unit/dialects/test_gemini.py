"""Google's format against every other: requests over, answers back, proofs kept."""

import json
from typing import Any

import orjson
import pytest

from tests.support.upstreams.google_server import SKIP, THOUGHT, gemini, sign
from tests.support.upstreams.serving import Asked
from yiyuan.dialects.canonical import GenerationRequest, GenerationResponse, Reply, Target
from yiyuan.dialects.contract import UpstreamStreamError, discover
from yiyuan.dialects.gemini.errors import google_error, read_error
from yiyuan.dialects.gemini.usage import read_usage
from yiyuan.kernel.errors import InsufficientBalance, InvalidRequest, RateLimitExceeded
from yiyuan.kernel.usage import Usage

DIALECTS = discover()
GEMINI = DIALECTS["gemini"]
GOOGLE = gemini()
MODEL = "gemini-3-pro"


def ask(body: dict[str, Any], verb: str = "generateContent", model: str = MODEL) -> Any:
    """Send a body to the scripted Google, without a socket."""
    path, query = f"/v1beta/models/{model}:{verb}", {"alt": "sse"}
    headers = {"x-goog-api-key": "upkey-google"}
    answered = GOOGLE(Asked("POST", path, query, headers, orjson.dumps(body)))
    assert answered.status == 200, answered.body
    return answered.body if answered.events is None else answered.events


def reply_to(request: GenerationRequest) -> Reply:
    return Reply("ex_0199c1c0f3a2", 1_700_000_000, request, request.model, input_tokens=20)


TOOL_CHAT = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
TOOL_CLAUDE = {"name": "look", "input_schema": {"type": "object"}}
TOOL_RESPONSES = {"type": "function", "name": "look", "parameters": {"type": "object"}}
TOOL_GOOGLE = {"functionDeclarations": [{"name": "look", "parameters": {"type": "OBJECT"}}]}
START = "turns=3 look around"
FIRST: dict[str, dict[str, Any]] = {
    "openai_chat": {
        "messages": [{"role": "user", "content": START}],
        "tools": [TOOL_CHAT],
        "reasoning_effort": "high",
    },
    "anthropic_messages": {
        "messages": [{"role": "user", "content": START}],
        "max_tokens": 5000,
        "tools": [TOOL_CLAUDE],
        "thinking": {"type": "enabled", "budget_tokens": 2000},
    },
    "openai_responses": {
        "input": [{"role": "user", "content": START}],
        "tools": [TOOL_RESPONSES],
        "reasoning": {"effort": "high"},
        "include": ["reasoning.encrypted_content"],
    },
    "gemini": {
        "contents": [{"role": "user", "parts": [{"text": START}]}],
        "tools": [TOOL_GOOGLE],
        "generationConfig": {"thinkingConfig": {"thinkingLevel": "high", "includeThoughts": True}},
    },
}


def chat_next(body: dict[str, Any], answer: dict[str, Any]) -> bool:
    message = answer["choices"][0]["message"]
    body["messages"].append(message)
    for call in message.get("tool_calls") or []:
        result = {"role": "tool", "tool_call_id": call["id"], "content": "quiet"}
        body["messages"].append(result)
    return bool(message.get("tool_calls"))


def claude_next(body: dict[str, Any], answer: dict[str, Any]) -> bool:
    body["messages"].append({"role": "assistant", "content": answer["content"]})
    calls = [block for block in answer["content"] if block["type"] == "tool_use"]
    results = [
        {"type": "tool_result", "tool_use_id": call["id"], "content": "quiet"} for call in calls
    ]
    if results:
        body["messages"].append({"role": "user", "content": results})
    return bool(results)


def responses_next(body: dict[str, Any], answer: dict[str, Any]) -> bool:
    body["input"] += answer["output"]
    calls = [item for item in answer["output"] if item["type"] == "function_call"]
    body["input"] += [
        {"type": "function_call_output", "call_id": call["call_id"], "output": "quiet"}
        for call in calls
    ]
    return bool(calls)


def google_next(body: dict[str, Any], answer: dict[str, Any]) -> bool:
    content = answer["candidates"][0]["content"]
    body["contents"].append(content)
    calls = [part["functionCall"] for part in content["parts"] if "functionCall" in part]
    parts = [
        {"functionResponse": {"name": call["name"], "response": {"output": "quiet"}}}
        for call in calls
    ]
    if parts:
        body["contents"].append({"role": "user", "parts": parts})
    return bool(parts)


NEXT = {
    "openai_chat": chat_next,
    "anthropic_messages": claude_next,
    "openai_responses": responses_next,
    "gemini": google_next,
}


@pytest.mark.parametrize("client", FIRST)
def test_three_turns_of_tools_keep_their_signatures(client: str) -> None:
    dialect, body = DIALECTS[client], json.loads(json.dumps(FIRST[client]))
    signatures = []
    for _ in range(5):
        request = dialect.read_request(body | {"model": "public"})
        upstream = GEMINI.write_request(request, Target(model=MODEL, public_model="public"))
        signatures = [
            part["thoughtSignature"]
            for content in upstream["contents"]
            for part in content["parts"]
            if "functionCall" in part
        ]
        response = GEMINI.read_response(ask(upstream))
        answer = dialect.write_response(response, reply_to(request), response.usage, 7)
        if not NEXT[client](body, orjson.loads(orjson.dumps(answer))):
            break
    assert signatures == [sign(MODEL)] * 3


@pytest.mark.parametrize("client", FIRST)
def test_a_stream_tells_what_the_whole_answer_tells(client: str) -> None:
    dialect = DIALECTS[client]
    body = json.loads(json.dumps(FIRST[client])) | {"model": "public", "stream": True}
    body |= {"stream_options": {"include_usage": True}} if client == "openai_chat" else {}
    request = dialect.read_request(body)
    upstream = GEMINI.write_request(request, Target(model=MODEL, public_model="public"))
    reader, writer = GEMINI.stream_reader(), dialect.stream_writer(reply_to(request))
    out, usage = b"", None
    for event in ask(upstream, "streamGenerateContent"):
        for delta in reader.feed(None, json.dumps(event)):
            usage = delta.usage or usage
            out += writer.write(delta)
    assert reader.is_complete
    out += writer.close(usage, 7)
    assert b"look" in out
    assert sign(MODEL).encode() in out
    assert THOUGHT.encode() in out
    assert b'"charge":7' in out
    assert out.count(b'"charge"') == 1


def test_a_call_that_lost_its_signature_gets_googles_word_for_none() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    body = {
        "model": "public",
        "messages": [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": None, "tool_calls": [call, call | {"id": "c2"}]},
            {"role": "tool", "tool_call_id": "c2", "content": "two"},
            {"role": "tool", "tool_call_id": "c1", "content": "one"},
        ],
    }
    request = DIALECTS["openai_chat"].read_request(body)
    upstream = GEMINI.write_request(request, Target(model=MODEL))
    calls = upstream["contents"][1]["parts"]
    assert [part.get("thoughtSignature") for part in calls] == [SKIP, None]
    answers = [part["functionResponse"]["id"] for part in upstream["contents"][2]["parts"]]
    assert answers == ["c1", "c2"], "answers stand in the order of the calls"


def test_a_proof_of_another_family_does_not_reach_google() -> None:
    body = {"model": "public", "max_tokens": 50} | {
        "messages": [
            {"role": "user", "content": "hi"},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "hm", "signature": "of anthropic"},
                    {"type": "tool_use", "id": "t1", "name": "look", "input": {}},
                ],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "x"}],
            },
        ]
    }
    request = DIALECTS["anthropic_messages"].read_request(body)
    written = json.dumps(GEMINI.write_request(request, Target(model=MODEL)))
    assert "of anthropic" not in written
    assert SKIP in written


def test_googles_proof_does_not_reach_anthropic() -> None:
    body = json.loads(json.dumps(FIRST["anthropic_messages"])) | {"model": "public"}
    request = DIALECTS["anthropic_messages"].read_request(body)
    upstream = GEMINI.write_request(request, Target(model=MODEL))
    response = GEMINI.read_response(ask(upstream))
    answer = DIALECTS["anthropic_messages"].write_response(
        response, reply_to(request), response.usage, 7
    )
    claude_next(body, answer)
    again = DIALECTS["anthropic_messages"].read_request(body)
    again.source = ""
    written = json.dumps(
        DIALECTS["anthropic_messages"].write_request(again, Target(model="claude-sonnet-4"))
    )
    assert sign(MODEL) not in written


@pytest.mark.parametrize(
    ("metadata", "usage"),
    [
        (
            {
                "promptTokenCount": 12,
                "toolUsePromptTokenCount": 65,
                "candidatesTokenCount": 71,
                "thoughtsTokenCount": 89,
                "totalTokenCount": 237,
                "cachedContentTokenCount": 4,
            },
            Usage(77, 160, 4, 0, 0, 89),
        ),
        ({"promptTokenCount": 5}, Usage(5)),
        (
            {"promptTokenCount": 5, "candidatesTokenCount": 3, "totalTokenCount": 99},
            Usage(5, 94, 0, 0, 0, 91),
        ),
        ({"candidatesTokenCount": 3}, Usage(0, 3)),
        ({"promptTokenCount": 5, "candidatesTokenCount": 3, "totalTokenCount": 7}, Usage(5, 3)),
        ({"promptTokenCount": 5, "cachedContentTokenCount": 6}, Usage(5, 0, 5)),
        ({"promptTokenCount": -5}, None),
        ({"promptTokenCount": 5.0}, None),
        ({"promptTokenCount": 5, "thoughtsTokenCount": "3"}, Usage(5)),
        ({"promptTokenCount": True}, None),
        (None, None),
    ],
)
def test_usage_is_believed_only_when_it_can_be_true(metadata, usage) -> None:
    assert read_usage(metadata) == usage


def candidate(word: str | None, *parts: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    return {"candidates": [made | ({"finishReason": word} if word else {})]}


@pytest.mark.parametrize(
    ("word", "finish"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("IMAGE_SAFETY", "content_filter"),
        ("MALFORMED_FUNCTION_CALL", "stop"),
        ("SOMETHING_NEW", "stop"),
    ],
)
def test_every_word_for_an_end_is_read(word: str, finish: str) -> None:
    body = candidate(word, {"text": "so"})
    response = GEMINI.read_response(body)
    assert isinstance(response, GenerationResponse)
    assert response.choices[0].finish == finish
    deltas = GEMINI.stream_reader().feed(None, json.dumps(body))
    assert deltas[0].finish == finish


@pytest.mark.parametrize("word", ["MALFORMED_FUNCTION_CALL", "OTHER", "UNEXPECTED_TOOL_CALL"])
def test_a_model_astray_that_said_nothing_is_a_failed_attempt(word: str) -> None:
    with pytest.raises(UpstreamStreamError):
        GEMINI.read_response(candidate(word))
    with pytest.raises(UpstreamStreamError):
        GEMINI.stream_reader().feed(None, json.dumps(candidate(word)))


def test_a_blocked_prompt_is_one_empty_filtered_choice() -> None:
    body = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 3}}
    response = GEMINI.read_response(body)
    assert [choice.finish for choice in response.choices] == ["content_filter"]
    reader = GEMINI.stream_reader()
    (delta,) = reader.feed(None, json.dumps(body))
    assert (delta.finish, delta.usage) == ("content_filter", Usage(3))
    assert reader.is_complete


def test_a_stream_is_complete_only_when_every_candidate_has_ended() -> None:
    reader = GEMINI.stream_reader()
    reader.feed(None, json.dumps(candidate(None, {"text": "a"})))
    assert not reader.is_complete
    second = {"candidates": [{"content": {"parts": [{"text": "b"}]}, "index": 1}]}
    reader.feed(None, json.dumps(second))
    reader.feed(None, json.dumps(candidate("STOP")))
    assert not reader.is_complete
    second["candidates"][0]["finishReason"] = "STOP"
    reader.feed(None, json.dumps(second))
    assert reader.is_complete


@pytest.mark.parametrize("wrapped", [False, True])
def test_an_error_in_a_stream_is_one(wrapped: bool) -> None:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}
    error = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [info]}}
    with pytest.raises(UpstreamStreamError) as failed:
        GEMINI.stream_reader().feed(None, json.dumps([error] if wrapped else error))
    assert (failed.value.problem.code, failed.value.problem.retry_after) == (
        "RESOURCE_EXHAUSTED",
        34.0,
    )


def test_an_invalid_key_is_told_apart_from_a_bad_request() -> None:
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
    body = {"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": [info]}}
    assert read_error(orjson.dumps(body)).code == "API_KEY_INVALID"
    assert read_error(orjson.dumps({"error": {"status": "INVALID_ARGUMENT"}})).code == (
        "INVALID_ARGUMENT"
    )
    assert read_error(b"<html>").message == "<html>"


def test_our_errors_come_in_googles_form() -> None:
    limit = RateLimitExceeded(
        headers=(("retry-after-ms", "1500"),), model="m", limit=1, retry_seconds=2
    )
    written = google_error(limit, "en", "ex_1")["error"]
    assert (written["code"], written["status"]) == (429, "RESOURCE_EXHAUSTED")
    reasons = [detail.get("reason") for detail in written["details"]]
    assert reasons == ["rate_limit_exceeded", None]
    assert written["details"][1]["retryDelay"] == "1.5s"
    poor = InsufficientBalance(details={"required": 5}, required="1", available="0", topup_url="u")
    written = google_error(poor, "zh", "ex_1")["error"]
    assert (written["code"], written["status"]) == (402, "FAILED_PRECONDITION")
    assert written["details"][0]["metadata"]["required"] == "5"
    assert written["details"][0]["domain"] == "yiyuan"


@pytest.mark.parametrize(
    ("model", "fields", "config"),
    [
        (MODEL, {"reasoning_effort": "high"}, {"thinkingLevel": "high", "includeThoughts": True}),
        (MODEL, {"reasoning_effort": "max"}, {"thinkingLevel": "high", "includeThoughts": True}),
        (MODEL, {"reasoning_effort": "none"}, {"thinkingLevel": "minimal"}),
        ("gemini-2.5-flash", {"reasoning_effort": "none"}, {"thinkingBudget": 0}),
        (
            "gemini-2.5-flash",
            {"reasoning_effort": "high"},
            {"thinkingBudget": -1, "includeThoughts": True},
        ),
        (MODEL, {}, None),
    ],
)
def test_an_effort_is_a_level_or_a_budget_and_never_both(model, fields, config) -> None:
    body = {"model": "public", "messages": [{"role": "user", "content": "hi"}]} | fields
    request = DIALECTS["openai_chat"].read_request(body)
    written = GEMINI.write_request(request, Target(model=model))
    assert written.get("generationConfig", {}).get("thinkingConfig") == config
    ask(written, model=model)


def test_both_spellings_of_a_clients_fields_are_read() -> None:
    body = {
        "model": "public",
        "contents": [
            {"parts": [{"inline_data": {"mime_type": "image/png", "data": "AAAA"}}]},
        ],
        "system_instruction": {"parts": [{"text": "be kind"}]},
        "generation_config": {
            "max_output_tokens": 9,
            "thinking_config": {"thinking_level": "low"},
            "response_mime_type": "application/json",
            "response_schema": {"type": "OBJECT", "properties": {"some_name": {"type": "STRING"}}},
        },
        "tool_config": {"function_calling_config": {"mode": "ANY"}},
    }
    request = GEMINI.read_request(body)
    assert isinstance(request, GenerationRequest)
    assert request.max_output_tokens == 9
    assert request.reasoning_effort == "low"
    assert request.tool_choice == "required"
    schema = request.response_format["json_schema"]["schema"]
    assert schema == {"type": "object", "properties": {"some_name": {"type": "string"}}}
    assert request.unmapped == []


TEXTS = {"type": "STRING"}


def test_a_schema_in_either_spelling_is_json_schema() -> None:
    """Google's library writes a schema's keywords with underscores, and 64 bits are text."""
    schema = {
        "type": "OBJECT",
        "property_ordering": ["a_b"],
        "properties": {
            "a_b": {"any_of": [{"type": "STRING", "min_length": "2"}, {"ref": "#/defs/x_y"}]},
            "list": {
                "type": "ARRAY",
                "max_items": 3,
                "items": {"type": "STRING"},
                "nullable": True,
            },
        },
        "defs": {"x_y": {"type": "OBJECT", "additional_properties": {"type": "NUMBER"}}},
    }
    config = {"response_mime_type": "application/json", "response_schema": schema}
    body = {"model": "m", "contents": [{"parts": [{"text": "hi"}]}], "generation_config": config}
    request = GEMINI.read_request(body)
    assert isinstance(request, GenerationRequest)
    strings = {"type": "string"}
    assert request.response_format["json_schema"]["schema"] == {
        "type": "object",
        "properties": {
            "a_b": {"anyOf": [strings | {"minLength": 2}, {"$ref": "#/$defs/x_y"}]},
            "list": {"type": ["array", "null"], "maxItems": 3, "items": strings},
        },
        "$defs": {"x_y": {"type": "object", "additionalProperties": {"type": "number"}}},
    }


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"contents": None}, "contents"),
        ({"contents": []}, "contents"),
        ({"contents": [{"role": "assistant", "parts": []}]}, "contents[0].role"),
        ({"generationConfig": {"temperature": 3}}, "temperature"),
        ({"generationConfig": {"candidateCount": 0}}, "candidateCount"),
        ({"tools": [{"functionDeclarations": [{}]}]}, "tools[0].functionDeclarations[0].name"),
    ],
)
def test_a_wrong_field_is_named(change, param) -> None:
    body = {"model": "m", "contents": [{"parts": [{"text": "hi"}]}]} | change
    with pytest.raises(InvalidRequest) as refused:
        GEMINI.read_request(body)
    assert refused.value.param == param


def test_a_picture_behind_an_address_is_refused_and_never_fetched() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    body = {"model": "m", "messages": [{"role": "user", "content": [image]}]}
    request = DIALECTS["openai_chat"].read_request(body)
    with pytest.raises(InvalidRequest):
        GEMINI.write_request(request, Target(model=MODEL))
