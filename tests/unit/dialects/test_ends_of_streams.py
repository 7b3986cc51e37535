"""Where a stream ends: each format's own mark, the others', and what follows is nobody's."""

import asyncio

import pytest

from tests.unit.dialects.dialect_cases import (
    DIALECTS,
    STREAMS,
    chunk,
    data,
    request_for,
    said,
    text_choice,
)
from yiyuan.gateway.operations.generation import OPERATION
from yiyuan.gateway.request.context import UpstreamCall
from yiyuan.gateway.upstream.answer import Truncated, open_stream
from yiyuan.http.client.errors import UpstreamFailure

GEMINI_EVENT = data(
    candidates=[{"index": 0, "content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}],
    usageMetadata={"promptTokenCount": 3, "candidatesTokenCount": 1, "totalTokenCount": 4},
)
UP_TO_THE_REASON = {
    "openai_chat": [chunk([said({"content": "x"})]), chunk([said({}, "stop")])],
    "openai_completions": [chunk([text_choice("x")]), chunk([text_choice("", "stop")])],
    "anthropic_messages": STREAMS["anthropic_messages"][:-1],
    "openai_responses": STREAMS["openai_responses"],
    "gemini": [GEMINI_EVENT],
}
SAID = {
    "openai_chat": UP_TO_THE_REASON["openai_chat"][:1],
    "openai_completions": UP_TO_THE_REASON["openai_completions"][:1],
    "anthropic_messages": STREAMS["anthropic_messages"][:8],
    "openai_responses": STREAMS["openai_responses"][:-1],
    "gemini": [data(candidates=[{"index": 0, "content": {"parts": [{"text": "x"}]}}])],
}
MARKS = {
    "[DONE]": b"data: [DONE]\n\n",
    "[DONE] and a blank": b"data: [DONE] \n\n",
    "message_stop": b'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    "message_stop by name": b"event: message_stop\ndata: {}\n\n",
}
JUNK = b'data: {"error":{"message":"late"}}\n\ndata: not json\n\n'
NAMES = sorted(UP_TO_THE_REASON)


class Upstream:
    """A response of these pieces, and a failure in the end if there is one."""

    status = 200
    headers: dict[str, str] = {}  # noqa: RUF012 – a stand-in for a socket's response

    def __init__(self, pieces: list[bytes], failure: Exception | None = None) -> None:
        self.pieces, self.failure = pieces, failure
        self.is_closed = False

    async def __aiter__(self):
        for piece in self.pieces:
            yield piece
        if self.failure is not None:
            raise self.failure

    def close(self) -> None:
        self.is_closed = True


class AtOnce:
    async def run_owed(self, function):
        return function()

    async def make_room(self, more_bytes):
        pass


def framed(events: list[str]) -> bytes:
    return b"".join(b"data: %b\n\n" % event.encode() for event in events)


def read(name: str, pieces: list[bytes], failure: Exception | None = None):
    """All deltas of a stream, and the call that collected what it told."""
    dialect = DIALECTS[name]
    call = UpstreamCall(OPERATION, request_for(dialect, stream=True))

    async def run():
        answer = await open_stream(Upstream(pieces, failure), dialect, call, AtOnce())
        found = []
        while (deltas := await answer.next()) is not None:
            found += deltas
        return found

    return asyncio.run(run()), call


@pytest.mark.parametrize("where", ["the same packet", "the next"])
@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("name", NAMES)
def test_what_follows_an_end_is_ignored(name, mark, where):
    whole, _ = read(name, [framed(UP_TO_THE_REASON[name])])
    end = framed(SAID[name]) + MARKS[mark]
    pieces = [end + JUNK] if where == "the same packet" else [end, JUNK]
    found, call = read(name, pieces)
    assert call.is_complete
    text = "".join(delta.text for delta in found)
    assert text
    assert "".join(delta.text for delta in whole).startswith(text)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "failure",
    [None, UpstreamFailure("reset", "the connection was closed", request_was_written=True)],
    ids=["end of the body", "end of the connection"],
)
def test_a_reason_to_stop_and_the_end_is_a_regular_end(name, failure):
    _, call = read(name, [framed(UP_TO_THE_REASON[name])], failure)
    assert call.is_complete


@pytest.mark.parametrize("name", NAMES)
def test_an_event_that_was_cut_after_the_reason_is_no_failure(name):
    cut = framed(UP_TO_THE_REASON[name]) + b'data: {"usage'
    _, call = read(name, [cut])
    assert call.is_complete


@pytest.mark.parametrize("name", NAMES)
def test_an_end_without_a_reason_or_a_mark_is_none(name):
    with pytest.raises(Truncated):
        read(name, [framed(SAID[name])])
    reset = UpstreamFailure("reset", "the connection was closed", request_was_written=True)
    with pytest.raises(UpstreamFailure):
        read(name, [framed(SAID[name])], reset)
