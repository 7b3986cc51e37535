"""Complete answers between all formats, and errors in both shapes and directions."""

import pytest
from anthropic.types import Message as AnthropicMessage
from openai.types import Completion, CreateEmbeddingResponse
from openai.types.chat import ChatCompletion
from openai.types.responses import Response as OpenAIResponse

from tests.unit.dialects.dialect_cases import (
    CHARGE,
    CHAT,
    COMPLETIONS,
    DIALECTS,
    EMBEDDINGS,
    GENERATION,
    MESSAGES,
    RESPONSES,
    TARGET,
    USAGE,
    bodies,
    chat,
    reply_to,
    request_for,
)
from yiyuan.dialects.canonical import EmbeddingsRequest
from yiyuan.dialects.contract import MalformedUpstream, UpstreamStreamError
from yiyuan.kernel import errors

ANSWERS = {
    "openai_chat": {
        "id": "up-1",
        "object": "chat.completion",
        "created": 1,
        "model": "up",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "Hello",
                    "reasoning_content": "hmm",
                    "tool_calls": [
                        {
                            "id": "c1",
                            "type": "function",
                            "function": {"name": "f", "arguments": '{"a":1}'},
                        }
                    ],
                },
                "finish_reason": "tool_calls",
            }
        ],
        "usage": {"prompt_tokens": 20, "completion_tokens": 9, "cost": 1},
        "system_fingerprint": "fp",
    },
    "openai_completions": {
        "id": "up-1",
        "object": "text_completion",
        "created": 1,
        "model": "up",
        "choices": [{"index": 0, "text": "Hello", "logprobs": None, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 9},
    },
    "anthropic_messages": {
        "id": "msg_up",
        "type": "message",
        "role": "assistant",
        "model": "up",
        "content": [
            {"type": "thinking", "thinking": "hmm", "signature": "sig"},
            {"type": "text", "text": "Hel"},
            {"type": "text", "text": "lo"},
            {"type": "tool_use", "id": "c1", "name": "f", "input": {"a": 1}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 20, "output_tokens": 9},
    },
    "openai_responses": {
        "id": "up-1",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "error": None,
        "model": "up",
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "output": [
            {
                "id": "rs_1",
                "type": "reasoning",
                "summary": [{"type": "summary_text", "text": "hmm"}],
            },
            {
                "id": "m_1",
                "type": "message",
                "role": "assistant",
                "status": "completed",
                "content": [
                    {"type": "output_text", "text": "Hello", "annotations": [], "logprobs": []}
                ],
            },
            {
                "id": "fc_1",
                "type": "function_call",
                "call_id": "c1",
                "name": "f",
                "arguments": '{"a":1}',
                "status": "completed",
            },
        ],
        "usage": {
            "input_tokens": 20,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": 9,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 29,
        },
    },
}
TYPES = {
    "openai_chat": ChatCompletion,
    "openai_completions": Completion,
    "anthropic_messages": AnthropicMessage,
    "openai_responses": OpenAIResponse,
}


@pytest.mark.parametrize("upstream", GENERATION, ids=lambda d: d.name)
@pytest.mark.parametrize("client", GENERATION, ids=lambda d: d.name)
def test_every_answer_for_every_client(client, upstream):
    response = upstream.read_response(ANSWERS[upstream.name])
    assert response.upstream_id == ANSWERS[upstream.name]["id"]
    reply = reply_to(request_for(client))
    written = client.write_response(response, reply, USAGE, CHARGE)
    assert TYPES[client.name].model_validate(written, strict=False)
    assert written["model"] == "gpt-4"
    assert written["id"].endswith("0199c1c0f3a2")
    assert written["usage"]["charge"] == CHARGE
    again = client.read_response(written).choices[0]
    assert again.text == "Hello"
    if "openai_completions" not in (client.name, upstream.name):
        assert again.reasoning == "hmm"
        assert [(call.id, call.arguments) for call in again.tool_calls] == [("c1", '{"a":1}')]
        assert again.finish == "tool_calls"


def test_an_answer_in_its_own_format_keeps_what_only_it_knows():
    body = ANSWERS["openai_chat"]
    reply = reply_to(request_for(CHAT))
    written = CHAT.write_response(CHAT.read_response(body), reply, USAGE, CHARGE)
    assert written["system_fingerprint"] == "fp"
    assert written["choices"] == body["choices"]
    assert body["model"] == "up", "what was read is not modified"
    blocks = [{"type": "web_search_tool_result", "tool_use_id": "x", "content": []}]
    body = ANSWERS["anthropic_messages"] | {"content": blocks}
    reply = reply_to(request_for(MESSAGES))
    written = MESSAGES.write_response(MESSAGES.read_response(body), reply, USAGE, CHARGE)
    assert written["content"] == blocks


def test_several_choices_are_sorted():
    choices = [{"index": i, "message": {"content": str(i)}} for i in (2, 0, 1)]
    response = CHAT.read_response({"choices": choices})
    assert [choice.index for choice in response.choices] == [2, 0, 1]
    response.raw = None
    written = CHAT.write_response(response, reply_to(request_for(CHAT)), USAGE, CHARGE)
    assert [choice["message"]["content"] for choice in written["choices"]] == ["0", "1", "2"]


# Errors


ALL_ERRORS = [
    (errors.InvalidRequest("unsupported_parameter", param="n", model="m"), "invalid_request_error"),
    (errors.InvalidApiKey(hint="sk-…", console_url="u"), "authentication_error"),
    (
        errors.InsufficientBalance(
            required=5, available=1, topup_url="u", details={"required": 5, "message": "no"}
        ),
        "billing_error",
    ),
    (errors.ModelNotAllowed(model="m"), "permission_error"),
    (errors.ModelNotFound(model="m"), "not_found_error"),
    (errors.RequestTimeout(), "invalid_request_error"),
    (errors.RequestTooLarge(limit_bytes=1), "request_too_large"),
    (errors.RateLimitExceeded(model="m", limit=1, retry_seconds=1), "rate_limit_error"),
    (errors.InternalError(), "api_error"),
    (errors.UpstreamError(), "api_error"),
    (errors.NoChannelAvailable(model="m"), "overloaded_error"),
    (errors.UpstreamTimeout(), "timeout_error"),
]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("error", "kind"), ALL_ERRORS, ids=str)
def test_errors_in_both_shapes(error, kind, language):
    for dialect in (CHAT, COMPLETIONS, EMBEDDINGS):
        body = dialect.write_error(error, language, "ex_1")
        assert list(body["error"])[:4] == ["message", "type", "param", "code"]
        assert body["error"]["code"] == error.code
        assert body["error"]["message"] == error.message(language)
    body = MESSAGES.write_error(error, language, "ex_1")
    assert (body["type"], body["request_id"]) == ("error", "ex_1")
    assert body["error"]["type"] == kind
    assert body["error"]["message"] == error.message(language)
    if error.details:
        assert body["error"]["required"] == 5
        assert CHAT.write_error(error, language, "ex_1")["error"]["required"] == 5


def test_the_error_that_quotes_the_request():
    message = CHAT.write_error(errors.InternalError(), "en", "ex_77")["error"]["message"]
    assert "ex_77" in message
    assert (
        "ex_78" in MESSAGES.write_error(errors.InternalError(), "zh", "ex_78")["error"]["message"]
    )


@pytest.mark.parametrize("dialect", GENERATION, ids=lambda d: d.name)
def test_an_error_ends_a_stream_without_an_end_mark(dialect):
    writer = dialect.stream_writer(reply_to(request_for(dialect, stream=True)))
    written = writer.fail(errors.UpstreamError("stream_interrupted"), "zh")
    assert b"[DONE]" not in written
    assert b"message_stop" not in written
    [body] = bodies(written)
    assert body["error"]["code"] == "stream_interrupted"
    assert written.startswith(b"event: error\n" if dialect in (MESSAGES, RESPONSES) else b"data: ")


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda d: d.name)
@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        (b'{"error":{"message":"m","code":"c","type":"t","param":"p"}}', "m", "c"),
        (b'{"error":{"message":"m","code":401,"metadata":{}}}', "m", "401"),
        (b'[{"error":{"message":"m","code":400}}]', "m", "400"),
        (b'{"type":"error","error":{"type":"t","message":"m"}}', "m", None),
        (b'{"error":"m"}', "m", None),
        (b'{"object":"error","message":"m","code":400}', "m", "400"),
        (b'{"detail":"m"}', "m", None),
        (b'{"detail":[{"loc":["body"],"msg":"x"}]}', '[{"loc":["body"],"msg":"x"}]', None),
        (b'{"hello":1}', '{"hello":1}', None),
        (b"<html>no</html>", "<html>no</html>", None),
        (b"", "an empty body", None),
        (b"null", "null", None),
        (b"[]", "[]", None),
        (b"\xff\xfe", "\ufffd\ufffd", None),
        (b'{"error":{"message":{"a":1},"code":["x"]}}', '{"a":1}', None),
        (b"x" * 99_999, "x" * 2000, None),
        (b"[" * 2000, "[" * 2000, None),
    ],
)
def test_whatever_an_upstreams_error_is(dialect, body, message, code):
    problem = dialect.read_error(body)
    assert (problem.message, problem.code) == (message, code)


# Embeddings


VECTORS = {
    "object": "list",
    "data": [{"object": "embedding", "index": 0, "embedding": "AAAA"}],
    "model": "up",
    "usage": {"prompt_tokens": 3, "total_tokens": 3},
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x", ["x"]),
        (["x", ""], ["x", ""]),
        ([1, 2], [[1, 2]]),
        ([[1], [2, 3]], [[1], [2, 3]]),
    ],
)
def test_inputs_of_embeddings(value, expected):
    fields = {"model": "e", "input": value, "encoding_format": "base64", "dimensions": 5}
    request = EMBEDDINGS.read_request(fields | {"new": 1, "user": None})
    assert isinstance(request, EmbeddingsRequest)
    assert request.inputs == expected
    written = EMBEDDINGS.write_request(request, TARGET)
    assert written == fields | {"user": None, "model": "upstream-model"}
    assert request.dropped == ["new"]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": [[]]}, "input"),
        ({"input": 5}, "input"),
        ({"input": ["a", 1]}, "input"),
        ({"input": [True]}, "input"),
        ({"input": [-1]}, "input"),
        ({"input": [["a"]]}, "input"),
        ({"model": None}, "model"),
        ({"encoding_format": "hex"}, "encoding_format"),
        ({"encoding_format": 1}, "encoding_format"),
        ({"dimensions": 0}, "dimensions"),
        ({"user": 1}, "user"),
    ],
)
def test_wrong_inputs_of_embeddings(fields, param):
    with pytest.raises(errors.InvalidRequest) as refused:
        EMBEDDINGS.read_request({"model": "e", "input": "x"} | fields)
    assert refused.value.param == param


def test_an_answer_of_embeddings():
    response = EMBEDDINGS.read_response(VECTORS)
    request = EMBEDDINGS.read_request({"model": "e", "input": "x"})
    written = EMBEDDINGS.write_response(response, reply_to(request, "e"), USAGE, CHARGE)
    assert written["data"] == VECTORS["data"]
    assert written["model"] == "e"
    assert written["usage"] == {"prompt_tokens": 20, "total_tokens": 20, "charge": CHARGE}
    CreateEmbeddingResponse.model_validate(
        written | {"data": [{"object": "embedding", "index": 0, "embedding": [0.5]}]}
    )


@pytest.mark.parametrize("body", [[], {}, {"data": []}, {"data": 5}])
def test_nonsense_for_embeddings(body):
    with pytest.raises(MalformedUpstream):
        EMBEDDINGS.read_response(body)


def test_an_error_for_embeddings():
    with pytest.raises(UpstreamStreamError):
        EMBEDDINGS.read_response({"error": {"message": "boom"}})


def test_embeddings_do_not_stream():
    with pytest.raises(NotImplementedError):
        EMBEDDINGS.stream_reader()
    with pytest.raises(NotImplementedError):
        EMBEDDINGS.stream_writer(reply_to(CHAT.read_request(chat())))


def test_what_the_dialects_can_do():
    told = {
        name: (d.operation, d.upstream_path, d.many_conversations, d.many_choices)
        for name, d in DIALECTS.items()
    }
    assert told == {
        "openai_chat": ("generation", "/chat/completions", False, True),
        "openai_completions": ("generation", "/completions", True, True),
        "openai_embeddings": ("embeddings", "/embeddings", True, False),
        "anthropic_messages": ("generation", "/messages", False, False),
        "openai_responses": ("generation", "/responses", False, False),
        "gemini": ("generation", "/models/{model}:generateContent", False, True),
        "gemini_embeddings": ("embeddings", "/models/{model}:batchEmbedContents", True, False),
        "openai_moderations": ("moderation", "/moderations", True, False),
        "rerank": ("rerank", "/rerank", True, False),
    }
