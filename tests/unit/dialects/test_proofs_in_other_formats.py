"""Where a proof travels in a client's format that is not its maker's, and to whom it goes back."""

import base64

import orjson
import pytest
from google.genai import types

from tests.unit.dialects.dialect_cases import (
    CHAT,
    DIALECTS,
    MESSAGES,
    RESPONSES,
    bodies,
    chat,
    message,
    relay,
    reply_to,
    request_for,
)
from yiyuan.dialects.canonical import Target
from yiyuan.dialects.gemini.signatures import read_signature, write_signature
from yiyuan.dialects.proofs import SERIES, Proof, opened, packed, sealed
from yiyuan.kernel.usage import Usage

GEMINI = DIALECTS["gemini"]
THOUGHT = {"type": "thinking", "thinking": "so 想", "signature": "c2ln.+/"}
CALL = {"type": "tool_use", "id": "t1", "name": "look", "input": {}}
PROOF = Proof("anthropic", "c2ln.+/", "so 想")
USAGE = Usage(input_tokens=1, output_tokens=1)


@pytest.mark.parametrize(
    "proof",
    [
        PROOF,
        Proof("google", "a.b:c"),
        Proof("ch_1", "x" * 5000, "\ud83d half of a sign"),
        Proof("moonshot", "s", "w"),
    ],
    ids=lambda proof: proof.family,
)
def test_a_seal_opens_as_it_was(proof):
    assert opened(sealed(proof)) == proof
    written = write_signature(proof)["thoughtSignature"]
    assert read_signature(written) == proof


@pytest.mark.parametrize("text", ["", "sig", "yy1.", "yy1.x", "yy1..v", "yy1.x:A.v", "yy1.x:é.v"])
def test_what_is_no_seal_is_none(text):
    assert opened(text) is None


def test_googles_library_holds_a_seal_and_gives_it_back():
    written = write_signature(PROOF)["thoughtSignature"]
    part = types.Part.model_validate_json(
        orjson.dumps({"functionCall": {"name": "look"}, "thoughtSignature": written})
    )
    assert part.thought_signature == sealed(PROOF).encode()
    again = orjson.loads(part.model_dump_json(by_alias=True))["thoughtSignature"]
    assert read_signature(again) == PROOF


def answer(*blocks, client=CHAT):
    body = {"content": [*blocks], "stop_reason": "tool_use", "usage": {"input_tokens": 1}}
    response = MESSAGES.read_response(body)
    return client.write_response(response, reply_to(request_for(client)), USAGE, 7)


def proofs_of(written):
    calls = written["choices"][0]["message"]["tool_calls"]
    return [
        opened(call.get("extra_content", {}).get("google", {}).get("thought_signature"))
        for call in calls
    ]


REDACTED = {"type": "redacted_thinking", "data": "x"}
TEXT = {"type": "text", "text": "I look."}


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([THOUGHT, CALL], [PROOF]),
        ([THOUGHT, TEXT, CALL, CALL], [PROOF, None]),
        (
            [THOUGHT, CALL, THOUGHT | {"signature": "two"}, CALL],
            [PROOF, PROOF._replace(value="two")],
        ),
        ([THOUGHT | {"thinking": ""}, CALL], [PROOF._replace(text="")]),
        ([THOUGHT | {"signature": ""}, CALL], [None]),
        ([THOUGHT, {"type": "redacted_thinking"}, CALL], [None]),
        ([THOUGHT, THOUGHT | {"signature": ""}, CALL], [None]),
    ],
)
def test_thinking_before_a_call_goes_with_it(blocks, expected):
    """A block without a proof would be missed with the others: then none comes back."""
    assert proofs_of(answer(*blocks)) == expected


SECOND = THOUGHT | {"thinking": "and \ud83d", "signature": "dHdv"}


@pytest.mark.parametrize("family", ["anthropic", "moonshot"])
@pytest.mark.parametrize(
    "thoughts",
    [[THOUGHT, THOUGHT | {"signature": "dHdv"}], [THOUGHT, REDACTED], [REDACTED]],
    ids=["two", "one hidden", "hidden"],
)
def test_several_blocks_go_together(thoughts, family):
    [proof] = proofs_of(answer(*thoughts, CALL))
    request = asked(proof._replace(family=family))
    target = Target(model="kimi-k3", proof_family=family, default_max_output_tokens=9000)
    body = MESSAGES.write_request(request, target)
    assert body["messages"][1]["content"] == [*thoughts, TEXT, CALL]
    assert body["thinking"]["type"] == "enabled"
    elsewhere = Target(model="kimi-k3", proof_family="zhipu", default_max_output_tokens=9000)
    body = MESSAGES.write_request(asked(proof._replace(family=family)), elsewhere)
    assert body["messages"][1]["content"] == [TEXT, CALL]


def test_half_of_a_sign_breaks_no_answer():
    [proof] = proofs_of(answer(SECOND, THOUGHT, CALL))
    assert proof.is_series


@pytest.mark.parametrize(
    "value",
    [
        "!",
        packed("[[]]"),
        packed("{"),
        packed('{"type": "thinking"}'),
        packed('[{"type": "text", "text": "so"}]'),
        packed('[{"type": "redacted_thinking", "data": 1}]'),
        packed('[{"type": "redacted_thinking", "data": "x", "more": "y"}]'),
    ],
)
def test_what_is_no_series_is_left_out(value):
    request = asked(Proof("anthropic", SERIES + value))
    target = Target(model="claude-sonnet-4-5", default_max_output_tokens=9000)
    body = MESSAGES.write_request(request, target)
    assert body["messages"][1]["content"] == [TEXT, CALL]
    assert request.dropped == ["reasoning_effort"]


def test_the_same_of_a_stream():
    events = [
        {"type": "message_start", "message": {"usage": {"input_tokens": 1}}},
        *(
            {"type": "content_block_start", "index": 0, "content_block": block}
            for block in [{"type": "thinking", "thinking": "", "signature": ""}]
        ),
        *(
            {"type": "content_block_delta", "index": 0, "delta": delta}
            for delta in (
                {"type": "thinking_delta", "thinking": "so "},
                {"type": "thinking_delta", "thinking": "想"},
                {"type": "signature_delta", "signature": "c2ln.+/"},
            )
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": CALL},
        {"type": "content_block_stop", "index": 1},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {}},
        {"type": "message_stop"},
    ]
    stream = [orjson.dumps(event).decode() for event in events]
    written = relay(MESSAGES, CHAT, stream, request_for(CHAT, stream=True))
    deltas = [choice["delta"] for body in bodies(written) for choice in body["choices"]]
    [piece] = [
        d["tool_calls"][0] for d in deltas if d.get("tool_calls") and "id" in d["tool_calls"][0]
    ]
    assert opened(piece["extra_content"]["google"]["thought_signature"]) == PROOF


def asked(proof, **fields):
    """A client of chat that kept the call and no reasoning."""
    kept = {"id": "t1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    kept["extra_content"] = {"google": {"thought_signature": sealed(proof)}}
    said = {"role": "assistant", "content": "I look.", "tool_calls": [kept]} | fields
    result = {"role": "tool", "tool_call_id": "t1", "content": "a cat"}
    turns = [{"role": "user", "content": "hi"}, said, result]
    function = {"name": "look", "parameters": {"type": "object"}}
    tools = [{"type": "function", "function": function}]
    return CHAT.read_request(chat(messages=turns, tools=tools, reasoning_effort="high"))


def test_words_come_back_though_the_client_kept_none():
    request = asked(PROOF)
    target = Target(model="claude-sonnet-4-5", default_max_output_tokens=9000)
    body = MESSAGES.write_request(request, target)
    assert body["messages"][1]["content"] == [THOUGHT, TEXT, CALL]
    assert body["thinking"]["type"] == "enabled"
    assert request.dropped == []


@pytest.mark.parametrize("family", ["moonshot", "vertex"])
def test_anothers_stays_behind_and_thinking_with_it(family):
    request = asked(PROOF._replace(family=family))
    target = Target(model="claude-sonnet-4-5", default_max_output_tokens=9000)
    body = MESSAGES.write_request(request, target)
    assert body["messages"][1]["content"] == [TEXT, CALL]
    assert "thinking" not in body
    assert request.dropped == ["reasoning_effort"]
    other = Target(model="kimi-k3", proof_family=family, default_max_output_tokens=9000)
    body = MESSAGES.write_request(asked(PROOF._replace(family=family)), other)
    assert body["messages"][1]["content"] == [THOUGHT, TEXT, CALL]


def test_a_vendors_own_signature_says_whose_it_is_to_clients_of_responses():
    body = {"content": [THOUGHT, CALL], "stop_reason": "tool_use", "usage": {"input_tokens": 1}}
    reply = reply_to(request_for(RESPONSES, include=["reasoning.encrypted_content"]))
    reply.proof_family = "moonshot"
    written = RESPONSES.write_response(MESSAGES.read_response(body), reply, USAGE, 7)
    [item] = [item for item in written["output"] if item["type"] == "reasoning"]
    turns = [{"role": "user", "content": "hi"}, *written["output"]]
    turns.append({"type": "function_call_output", "call_id": "t1", "output": "a cat"})
    for family, kept in (("moonshot", [THOUGHT, CALL]), ("", [CALL]), ("zhipu", [CALL])):
        request = RESPONSES.read_request({"model": "m", "input": turns})
        sent = MESSAGES.write_request(request, Target(model="m", proof_family=family))
        assert sent["messages"][1]["content"] == kept, item


def test_encrypted_reasoning_is_asked_for_where_a_tool_may_be_called():
    target = Target(model="gpt-5.2", proof_family="ch_1")
    body = RESPONSES.write_request(asked(Proof("ch_1", "enc"), reasoning_content="hm"), target)
    assert body["include"] == ["reasoning.encrypted_content"]
    kinds = [item["type"] for item in body["input"]]
    assert kinds == ["message", "reasoning", "message", "function_call", "function_call_output"]
    assert body["input"][1] == {"type": "reasoning", "summary": [], "encrypted_content": "enc"}
    plain = RESPONSES.write_request(CHAT.read_request(chat()), target)
    assert "include" not in plain
    small = RESPONSES.write_request(asked(PROOF), Target(model="gpt-4o", proof_family="ch_1"))
    assert "include" not in small


def test_chat_that_passes_keeps_googles_signature_and_no_seal():
    body = CHAT.write_request(asked(PROOF), Target(model="m"))
    assert "extra_content" not in body["messages"][1]["tool_calls"][0]
    request = asked(PROOF)
    google = {"google": {"thought_signature": "raw"}}
    request.raw["messages"][1]["tool_calls"][0]["extra_content"] = google
    body = CHAT.write_request(request, Target(model="m"))
    assert body["messages"][1]["tool_calls"][0]["extra_content"] == google


SKIP = "skip_thought_signature_validator"
VERTEX = write_signature(Proof("vertex", "v"))["thoughtSignature"]


@pytest.mark.parametrize(
    ("family", "model", "given", "sent"),
    [
        ("", "gemini-3-pro", "g", "g"),
        ("", "gemini-3-pro", VERTEX, SKIP),
        ("", "gemini-3-pro", None, SKIP),
        ("", "gemini-2.5-pro", VERTEX, None),
        ("", "gemini-2.5-pro", "g", "g"),
        ("vertex", "gemini-3-pro", VERTEX, "v"),
        ("vertex", "gemini-3-pro", "g", SKIP),
        ("vertex", "gemini-3-pro", SKIP, SKIP),
    ],
)
def test_googles_two_doors_do_not_know_each_others(family, model, given, sent):
    part = {"functionCall": {"name": "look", "args": {}}}
    part |= {} if given is None else {"thoughtSignature": given}
    contents = [{"role": "user", "parts": [{"text": "hi"}]}, {"role": "model", "parts": [part]}]
    request = GEMINI.read_request({"model": "m", "contents": contents})
    body = GEMINI.write_request(request, Target(model=model, proof_family=family))
    assert body["contents"][1]["parts"][0].get("thoughtSignature") == sent


@pytest.mark.parametrize("family", ["", "vertex"])
def test_what_passes_from_vertex_is_marked(family):
    part = {"functionCall": {"name": "look", "args": {}}, "thoughtSignature": "v"}
    body = {
        "candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2},
    }
    reply = reply_to(request_for(GEMINI))
    reply.proof_family = family
    events = [orjson.dumps(body).decode()]
    streamed = relay(GEMINI, GEMINI, events, request_for(GEMINI, stream=True))
    assert b'"thoughtSignature":"v"' in streamed
    writer, reader = GEMINI.stream_writer(reply), GEMINI.stream_reader()
    passed = b"".join(writer.write(delta) for delta in reader.feed(None, events[0]))
    whole = GEMINI.write_response(GEMINI.read_response(body), reply, USAGE, 7)
    value = VERTEX if family else "v"
    assert whole["candidates"][0]["content"]["parts"][0]["thoughtSignature"] == value
    assert orjson.dumps(value) in passed


def test_a_client_of_messages_sends_an_encrypted_item_back_whole():
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "enc"}
    called = {"type": "function_call", "call_id": "t1", "name": "look", "arguments": "{}"}
    body = {"output": [item, called], "usage": {"input_tokens": 1, "output_tokens": 1}}
    response = RESPONSES.read_response(body)
    [call] = response.choices[0].tool_calls
    call.proof = call.proof._replace(family="ch_1")
    said = MESSAGES.write_response(response, reply_to(request_for(MESSAGES)), USAGE, 7)
    assert [block["type"] for block in said["content"]] == ["thinking", "tool_use"]
    result = {"type": "tool_result", "tool_use_id": "t1", "content": "a cat"}
    turns = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": said["content"]}]
    turns.append({"role": "user", "content": [result]})
    for family, kinds in (("ch_1", ["reasoning"]), ("ch_2", [])):
        request = MESSAGES.read_request(message(messages=turns))
        sent = RESPONSES.write_request(request, Target(model="gpt-5", proof_family=family))
        assert [i["type"] for i in sent["input"] if i["type"] == "reasoning"] == kinds


def test_what_looks_like_a_seal_in_base64_and_is_none_is_googles():
    odd = base64.b64encode(b"yy1.\xff\xff").decode()
    assert read_signature(odd) == Proof("google", odd)
