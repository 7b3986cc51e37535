"""What a dialect writes, it reads back: `parse(emit(x)) == x` for what the canon carries."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from tests.unit.dialects.canon_strategies import REQUESTS, choices, streams, usages
from tests.unit.dialects.dialect_cases import GENERATION, parse, reply_to, request_for
from yiyuan.dialects.canonical import (
    Choice,
    Delta,
    GenerationRequest,
    GenerationResponse,
    Target,
    ToolCall,
)

EVERY = pytest.mark.parametrize("dialect", GENERATION, ids=lambda dialect: dialect.name)
FEW = settings(max_examples=30)
NOT_CARRIED = {"is_plain", "source", "raw", "dropped", "unmapped", "wants_usage"}


def carried(request: GenerationRequest) -> dict:
    names = [field.name for field in fields(request) if field.name not in NOT_CARRIED]
    return {name: getattr(request, name) for name in names}


@EVERY
@FEW
@given(st.data())
def test_requests(dialect, data):
    request = data.draw(REQUESTS[dialect.name])
    body = dialect.write_request(request, Target(model=request.model))
    again = dialect.read_request(orjson.loads(orjson.dumps(body)))
    assert carried(again) == carried(request)
    assert request.dropped == []


@EVERY
@FEW
@given(st.data())
def test_a_request_of_its_own_format_keeps_its_fields(dialect, data):
    request = data.draw(REQUESTS[dialect.name])
    written = dialect.write_request(request, Target(model=request.model))
    body = written | {"some_field": [1]}
    before = orjson.dumps(body)
    read = dialect.read_request(body)
    target = Target(model="other", pass_fields=frozenset({"some_field"}))
    assert dialect.write_request(read, target) == body | {"model": "other"}
    assert dialect.write_request(read, Target(model="other")) == written | {"model": "other"}
    assert read.dropped == ["some_field"]
    assert orjson.dumps(body) == before, "the request's own body is not modified"


@EVERY
@FEW
@given(st.data())
def test_responses(dialect, data):
    choice, usage = data.draw(choices(dialect.name)), data.draw(usages)
    reply = reply_to(request_for(dialect))
    response = GenerationResponse([choice], usage=usage)
    body = orjson.loads(orjson.dumps(dialect.write_response(response, reply, usage, 77)))
    again = dialect.read_response(body)
    for call in again.choices[0].tool_calls:  # its thinking is a proof, for other formats
        call.proof = None
    assert again.choices == [choice]
    assert again.usage == usage
    assert body["usage"]["charge"] == 77
    assert body["model"] == "gpt-4"


@EVERY
@FEW
@given(st.data())
def test_streams(dialect, data):
    deltas, whole = data.draw(streams(dialect.name))
    usage = data.draw(usages)
    asked = {"stream_options": {"include_usage": True}} if "openai" in dialect.name else {}
    reply = reply_to(request_for(dialect, stream=True, **asked))
    reply.input_tokens = usage.input_tokens
    writer = dialect.stream_writer(reply)
    written = b"".join([*map(writer.write, deltas), writer.close(usage, 77)])
    reader = dialect.stream_reader()
    found, told = Choice(finish="stop"), None
    for name, body in parse(written):
        event = body if body == "[DONE]" else orjson.dumps(body).decode()
        for delta in reader.feed(name, event):
            gather(found, delta)
            told = delta.usage or told
    assert found == whole
    assert told == usage
    assert reader.is_complete


def gather(choice: Choice, delta: Delta) -> None:
    choice.text += delta.text
    choice.reasoning += delta.reasoning
    choice.reasoning_signature = delta.reasoning_signature or choice.reasoning_signature
    for piece in delta.tool_calls:
        if piece.position == len(choice.tool_calls):
            choice.tool_calls.append(ToolCall(piece.id, piece.name, ""))
        call = choice.tool_calls[piece.position]
        choice.tool_calls[piece.position] = replace(
            call, arguments=call.arguments + piece.arguments
        )
    if delta.finish is not None:
        choice.finish, choice.stop_sequence = delta.finish, delta.stop_sequence


@EVERY
@FEW
@given(st.data())
def test_a_stream_cut_in_pieces_says_the_same(dialect, data):
    """The gateway cuts large deltas: pieces of an upstream's own events have no `raw`."""
    deltas, whole = data.draw(streams(dialect.name))
    reply = reply_to(request_for(dialect, stream=True))
    source = dialect.stream_writer(reply)
    upstream = b"".join([*map(source.write, deltas), source.close(data.draw(usages), 0)])
    reader, writer = dialect.stream_reader(), dialect.stream_writer(reply)
    written = []
    for name, body in parse(upstream):
        event = body if body == "[DONE]" else orjson.dumps(body).decode()
        for delta in reader.feed(name, event):
            if delta.has_output() and data.draw(st.booleans()):
                written += [writer.write(piece) for piece in cut(delta)]
            else:
                written.append(writer.write(delta))
    written.append(writer.close(data.draw(usages), 0))
    again, found = dialect.stream_reader(), Choice(finish="stop")
    for name, body in parse(b"".join(written)):
        event = body if body == "[DONE]" else orjson.dumps(body).decode()
        for delta in again.feed(name, event):
            gather(found, delta)
    assert found == whole


def test_a_call_that_is_cut_repeats_no_proof_of_thinking_that_passed():
    """The block of thinking is its proof; a second one would be refused on the way back."""
    dialect = next(each for each in GENERATION if each.name == "anthropic_messages")
    call = {"type": "tool_use", "id": "c", "name": "f", "input": {"a": "long " * 90}}
    signed = {"type": "signature_delta", "signature": "sig"}
    events = [
        {"type": "message_start", "message": {"id": "m", "content": [], "usage": {}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking"}},
        {"type": "content_block_delta", "index": 0, "delta": signed},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": call},
        {"type": "content_block_stop", "index": 1},
    ]
    reader = dialect.stream_reader()
    writer = dialect.stream_writer(reply_to(request_for(dialect, stream=True)))
    written = b""
    for event in events:
        for delta in reader.feed(None, orjson.dumps(event).decode()):
            pieces = cut(delta) if delta.tool_calls else [delta]
            written += b"".join(map(writer.write, pieces))
    assert written.count(b'"thinking"') == 1
    assert written.count(b"signature_delta") == 1
    assert written.count(b'"sig"') == 1
    assert written.count(b'"tool_use"') == 1


def cut(delta: Delta) -> list[Delta]:
    """As the gateway does: output in pieces, then all the rest."""
    pieces = [Delta(index=delta.index, reasoning=part) for part in delta.reasoning]
    pieces += [Delta(index=delta.index, text=part) for part in delta.text]
    for call in delta.tool_calls:
        pieces.append(Delta(index=delta.index, tool_calls=[replace(call, arguments="")]))
        for part in call.arguments:
            piece = replace(call, id=None, name=None, arguments=part)
            pieces.append(Delta(index=delta.index, tool_calls=[piece]))
    return [*pieces, replace(delta, text="", reasoning="", tool_calls=[], raw=None)]
