"""Every client dialect over every upstream dialect: the stream, byte for byte.

The files in `golden/` are what a client gets. Each is also given to the vendor's
own SDK types, so that a golden file cannot be wrong together with the code.
"""

from pathlib import Path

import pytest
from anthropic.types import RawMessageStreamEvent
from openai.types import Completion
from openai.types.chat import ChatCompletionChunk
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from tests.unit.dialects.dialect_cases import (
    GENERATION,
    STREAMS,
    bodies,
    parse,
    relay,
    reply_to,
    request_for,
)

GOLDEN = Path(__file__).parent / "golden"
PAIRS = [(client, upstream) for client in GENERATION for upstream in GENERATION]
NAMES = [f"{client.name}-from-{upstream.name}" for client, upstream in PAIRS]
EVENT_TYPES = {
    "openai_chat": TypeAdapter(ChatCompletionChunk),
    "openai_completions": TypeAdapter(Completion),
    "anthropic_messages": TypeAdapter(RawMessageStreamEvent),
    "openai_responses": TypeAdapter(ResponseStreamEvent),
}


def stream(client, upstream) -> bytes:
    asked = (
        {"stream_options": {"include_usage": True}} if client.name != "anthropic_messages" else {}
    )
    request = request_for(client, stream=True, **asked)
    return relay(upstream, client, STREAMS[upstream.name], request)


@pytest.mark.parametrize(("client", "upstream"), PAIRS, ids=NAMES)
def test_the_stream_is_as_it_was(client, upstream):
    golden = GOLDEN / f"{client.name}-from-{upstream.name}.txt"
    assert stream(client, upstream).decode() == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize(("client", "upstream"), PAIRS, ids=NAMES)
def test_the_vendors_own_types_take_it(client, upstream):
    events = EVENT_TYPES[client.name]
    for body in bodies(stream(client, upstream)):
        for choice in body.get("choices", []):
            if client.name == "openai_completions":
                choice["finish_reason"] = choice["finish_reason"] or "stop"  # not null in the type
        parsed = events.validate_python(body, strict=False)
        assert parsed.to_dict()


@pytest.mark.parametrize(("client", "upstream"), PAIRS, ids=NAMES)
def test_nothing_of_the_upstream_shows(client, upstream):
    written = stream(client, upstream)
    assert b"up-1" not in written
    assert b"msg_up" not in written
    assert b'"model":"up"' not in written


@pytest.mark.parametrize("upstream", GENERATION, ids=lambda d: d.name)
def test_a_client_that_did_not_ask_sees_no_usage(upstream):
    for client in GENERATION[:2]:
        request = request_for(client, stream=True)
        written = relay(upstream, client, STREAMS[upstream.name], request)
        assert all("usage" not in body for body in bodies(written))
        assert all(body["choices"] for body in bodies(written))
        assert parse(written)[-1] == (None, "[DONE]")


@pytest.mark.parametrize(("client", "upstream"), PAIRS, ids=NAMES)
def test_every_written_piece_is_whole_events(client, upstream):
    reader = upstream.stream_reader()
    writer = client.stream_writer(reply_to(request_for(client, stream=True)))
    for event in STREAMS[upstream.name]:
        for delta in reader.feed(None, event):
            written = writer.write(delta)
            assert written == b"" or parse(written)
    assert reader.is_complete
    assert reader.is_over
