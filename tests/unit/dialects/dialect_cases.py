"""What the tests of the dialects share: the dialects, a reply, and streams to read."""

from typing import Any

import orjson

from tests.unit.dialects.responses_cases import RESPONSES_STREAM
from yiyuan.dialects.canonical import Delta, GenerationRequest, Reply, Target
from yiyuan.dialects.contract import discover
from yiyuan.kernel.usage import Usage

DIALECTS = discover()
CHAT = DIALECTS["openai_chat"]
COMPLETIONS = DIALECTS["openai_completions"]
EMBEDDINGS = DIALECTS["openai_embeddings"]
MESSAGES = DIALECTS["anthropic_messages"]
RESPONSES = DIALECTS["openai_responses"]
GENERATION = [CHAT, COMPLETIONS, MESSAGES] + [
    dialect
    for dialect in DIALECTS.values()
    if dialect.operation == "generation"
    and dialect not in (CHAT, COMPLETIONS, MESSAGES)
    # Google's has a suite of its own, against a server that enforces it: test_gemini.py.
    and dialect.name != "gemini"
]

TARGET = Target(model="upstream-model", public_model="gpt-4")
USAGE = Usage(input_tokens=20, output_tokens=9, cached_input_tokens=5, reasoning_tokens=3)
CHARGE = 1234


def chat(**fields: Any) -> dict[str, Any]:
    return {"model": "gpt-4", "messages": [{"role": "user", "content": "hi"}]} | fields


def completion(**fields: Any) -> dict[str, Any]:
    return {"model": "gpt-4", "prompt": "Once upon"} | fields


def message(**fields: Any) -> dict[str, Any]:
    return chat(max_tokens=50) | fields


def responses(**fields: Any) -> dict[str, Any]:
    return {"model": "gpt-4", "input": "hi"} | fields


def gemini(**fields: Any) -> dict[str, Any]:
    contents = [{"role": "user", "parts": [{"text": "hi"}]}]
    return {"model": "gpt-4", "contents": contents} | fields


BODIES = {
    "openai_chat": chat,
    "openai_completions": completion,
    "anthropic_messages": message,
    "openai_responses": responses,
    "gemini": gemini,
}


def request_for(dialect, **fields: Any) -> GenerationRequest:
    request = dialect.read_request(BODIES[dialect.name](**fields))
    assert isinstance(request, GenerationRequest)
    return request


def reply_to(request, model: str = "gpt-4") -> Reply:
    return Reply("ex_0199c1c0f3a2", 1_700_000_000, request, model, input_tokens=20)


def data(**body: Any) -> str:
    return orjson.dumps(body).decode()


def read_all(dialect, events: list[str]) -> list[Delta]:
    reader = dialect.stream_reader()
    return [delta for event in events for delta in reader.feed(None, event)]


def relay(upstream, client, events: list[str], request) -> bytes:
    """A whole stream from an upstream's events to a client's bytes."""
    writer = client.stream_writer(reply_to(request))
    out = [writer.write(delta) for delta in read_all(upstream, events)]
    return b"".join([*out, writer.close(USAGE, CHARGE)])


def parse(stream: bytes) -> list[tuple[str | None, Any]]:
    """The events of a stream: (name, JSON or `[DONE]`), framing checked."""
    assert stream.endswith(b"\n\n")
    found = []
    for block in stream.decode().removesuffix("\n\n").split("\n\n"):
        *names, line = block.split("\n")
        assert line.startswith("data: ")
        assert all(name.startswith("event: ") for name in names)
        value = line.removeprefix("data: ")
        name = names[0].removeprefix("event: ") if names else None
        found.append((name, value if value == "[DONE]" else orjson.loads(value)))
    return found


def bodies(stream: bytes) -> list[Any]:
    return [body for _, body in parse(stream) if body != "[DONE]"]


def chunk(choices: list[Any], **more: Any) -> str:
    head = {"id": "up-1", "object": "chat.completion.chunk", "created": 7, "model": "up"}
    return data(**head, choices=choices, **more)


def said(delta: dict[str, Any], finish: str | None = None, index: int = 0) -> dict[str, Any]:
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}


def text_choice(text: str, finish: str | None = None, index: int = 0) -> dict[str, Any]:
    return {"index": index, "text": text, "logprobs": None, "finish_reason": finish}


def call_piece(index: int, arguments: str, call_id: str | None = None, name: str | None = None):
    function: dict[str, Any] = {"arguments": arguments}
    piece: dict[str, Any] = {"index": index, "function": function}
    if call_id:
        piece |= {"id": call_id, "type": "function"}
        function["name"] = name
    return piece


OPENAI_USAGE = {
    "prompt_tokens": 20,
    "completion_tokens": 9,
    "total_tokens": 29,
    "prompt_tokens_details": {"cached_tokens": 5},
    "completion_tokens_details": {"reasoning_tokens": 3},
}
ANTHROPIC_START = {
    "input_tokens": 10,
    "cache_read_input_tokens": 5,
    "cache_creation_input_tokens": 5,
    "cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 3},
    "output_tokens": 1,
}


def block_start(index: int, **block: Any) -> str:
    return data(type="content_block_start", index=index, content_block=block)


def block_delta(index: int, **delta: Any) -> str:
    return data(type="content_block_delta", index=index, delta=delta)


def block_stop(index: int) -> str:
    return data(type="content_block_stop", index=index)


def message_start(**usage: Any) -> str:
    body = {"id": "msg_up", "type": "message", "role": "assistant", "model": "up", "content": []}
    ends = {"stop_reason": None, "stop_sequence": None}
    return data(type="message_start", message=body | ends | {"usage": usage or ANTHROPIC_START})


def message_delta(reason: str | None, sequence: str | None = None, **usage: Any) -> str:
    delta = {"stop_reason": reason, "stop_sequence": sequence}
    return data(type="message_delta", delta=delta, usage=usage or {"output_tokens": 9})


STREAMS = {
    "openai_responses": RESPONSES_STREAM,
    "openai_chat": [
        chunk([said({"role": "assistant", "content": ""})], usage=None),
        chunk([said({"reasoning_content": "Let me "})], usage=None),
        chunk([said({"reasoning_content": "see."})], usage=None),
        chunk([said({"content": "Hello"})], usage=None),
        chunk([said({"content": " 世界"})], usage=None),
        chunk([said({"tool_calls": [call_piece(0, "", "call_a", "weather")]})], usage=None),
        chunk([said({"tool_calls": [call_piece(0, '{"city":')]})], usage=None),
        chunk([said({"tool_calls": [call_piece(0, '"北京"}')]})], usage=None),
        chunk([said({"tool_calls": [call_piece(1, "{}", "call_b", "time")]})], usage=None),
        chunk([said({}, "tool_calls")], usage=None),
        chunk([], usage=OPENAI_USAGE),
        "[DONE]",
    ],
    "openai_completions": [
        chunk([text_choice("Hello")]),
        chunk([text_choice(" 世界")]),
        chunk([text_choice("", "length")]),
        chunk([], usage=OPENAI_USAGE),
        "[DONE]",
    ],
    "anthropic_messages": [
        message_start(),
        block_start(0, type="thinking", thinking="", signature=""),
        data(type="ping"),
        block_delta(0, type="thinking_delta", thinking="Let me see."),
        block_delta(0, type="signature_delta", signature="c2ln"),
        block_stop(0),
        block_start(1, type="text", text=""),
        block_delta(1, type="text_delta", text="Hello"),
        block_delta(1, type="text_delta", text=" 世界"),
        block_stop(1),
        block_start(2, type="tool_use", id="toolu_a", name="weather", input={}),
        block_delta(2, type="input_json_delta", partial_json=""),
        block_delta(2, type="input_json_delta", partial_json='{"city":'),
        block_delta(2, type="input_json_delta", partial_json='"北京"}'),
        block_stop(2),
        block_start(3, type="tool_use", id="toolu_b", name="time", input={}),
        block_delta(3, type="input_json_delta", partial_json=""),
        block_stop(3),
        message_delta("tool_use"),
        data(type="message_stop"),
    ],
}
