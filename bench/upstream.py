"""The mock upstream: an OpenAI-shaped server on bare epoll that never is the bottleneck.

    python -m bench.upstream PORT

A request whose body asks for a stream gets `STREAM_CHUNKS` deltas of one token, one every
`CHUNK_SECONDS` (the model `bench-idle`: one every second, for the memory of open streams;
`bench-many`: one every 20 ms); any other gets one fixed completion. A path that ends in
`/messages` is answered in Anthropic's format, everything else in OpenAI's. Usage comes as
upstreams send it: in the body, and in a last chunk when `include_usage` is asked for.
"""

import heapq
import json
import re
import select
import socket
import sys
import time
from typing import NamedTuple

ANSWER_TEXT = "The mock upstream says hello."
STREAM_CHUNKS = 200
CHUNK_SECONDS = 0.01
IDLE_CHUNK_SECONDS = 1.0
MANY_CHUNK_SECONDS = 0.02
IDLE_MODEL = b"bench-idle"
MANY_MODEL = b"bench-many"
DELTA_MARK = b'"content":" t'
WORDS = (" the", " two", " then", " they", " this", " time", " that", " to")

LENGTH = re.compile(rb"\ncontent-length: *(\d+)", re.IGNORECASE)
STREAMED = re.compile(rb'"stream": ?true')


class Script(NamedTuple):
    """How one stream goes: what comes first, what over and over, what last, how often."""

    begin: bytes
    deltas: tuple[bytes, ...]
    end: bytes
    pause: float


Stream = tuple[float, int, int, int, Script]  # due at, descriptor, generation, index, script


def encode(document: dict) -> bytes:
    """JSON as upstreams send it: compact."""
    return json.dumps(document, separators=(",", ":")).encode()


def usage(output_tokens: int) -> dict:
    """The usage object for an answer of `output_tokens`."""
    return {
        "prompt_tokens": 12,
        "completion_tokens": output_tokens,
        "total_tokens": 12 + output_tokens,
    }


def whole_answer() -> bytes:
    """Head and body of the completion that is not streamed."""
    message = {"role": "assistant", "content": ANSWER_TEXT, "refusal": None}
    body = encode(
        {
            "id": "chatcmpl-bench00000000000000000000000",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": "bench-model-2026-01-01",
            "choices": [
                {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
            ],
            "usage": usage(7),
            "system_fingerprint": "fp_bench",
        }
    )
    return with_head(body)


def with_head(body: bytes) -> bytes:
    """A whole answer's head before its body."""
    head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n"
    return head.format(len(body)).encode() + body


def whole_message() -> bytes:
    """The same answer in Anthropic's format."""
    return with_head(encode(message([{"type": "text", "text": ANSWER_TEXT}], "end_turn", 7)))


def message(content: list[dict], stop_reason: str | None, output_tokens: int) -> dict:
    """Anthropic's message object."""
    return {
        "id": "msg_bench000000000000000000",
        "type": "message",
        "role": "assistant",
        "model": "bench-model-2026-01-01",
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 12, "output_tokens": output_tokens},
    }


def named(kind: str, **more: object) -> bytes:
    """One of Anthropic's events."""
    return chunk(b"event: %b\ndata: " % kind.encode() + encode({"type": kind, **more}) + b"\n\n")


def event(choices: list[dict], **more: object) -> bytes:
    """One chunk of a stream as an event in an HTTP chunk of its own."""
    document = {
        "id": "chatcmpl-bench00000000000000000000000",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "bench-model-2026-01-01",
        "system_fingerprint": "fp_bench",
        "choices": choices,
        **more,
    }
    return chunk(b"data: " + encode(document) + b"\n\n")


def chunk(data: bytes) -> bytes:
    """HTTP's chunked framing."""
    return b"%x\r\n%b\r\n" % (len(data), data)


STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
    b"x-accel-buffering: no\r\ntransfer-encoding: chunked\r\n\r\n"
)
DELTAS = tuple(
    event([{"index": 0, "delta": {"content": word}, "logprobs": None, "finish_reason": None}])
    for word in WORDS  # not one word over and over: LiteLLM takes that for a broken model
)
FINISH = event([{"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}])
USAGE = event([], usage=usage(STREAM_CHUNKS))
DONE = chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"
BEGIN_MESSAGE = named("message_start", message=message([], None, 1)) + named(
    "content_block_start", index=0, content_block={"type": "text", "text": ""}
)
MESSAGE_DELTAS = tuple(
    named("content_block_delta", index=0, delta={"type": "text_delta", "text": word})
    for word in WORDS
)
END_MESSAGE = (
    named("content_block_stop", index=0)
    + named(
        "message_delta",
        delta={"stop_reason": "end_turn", "stop_sequence": None},
        usage={"output_tokens": STREAM_CHUNKS},
    )
    + named("message_stop")
    + b"0\r\n\r\n"
)


def whole_body(request: bytes) -> bytes | None:
    """The body of `request`, or None while some of it is missing."""
    head_end = request.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    length = LENGTH.search(request, 0, head_end)
    body = request[head_end + 4 :]
    return body if len(body) >= (int(length[1]) if length else 0) else None


def script_of(body: bytes, *, is_message: bool) -> Script:
    """The stream that a body asks for: its format, and by its model how fast it comes."""
    pause = CHUNK_SECONDS
    if IDLE_MODEL in body:
        pause = IDLE_CHUNK_SECONDS
    elif MANY_MODEL in body:
        pause = MANY_CHUNK_SECONDS
    if is_message:
        return Script(STREAM_HEAD + BEGIN_MESSAGE, MESSAGE_DELTAS, END_MESSAGE, pause)
    tail = USAGE if b"include_usage" in body else b""
    return Script(STREAM_HEAD, DELTAS, FINISH + tail + DONE, pause)


class Upstream:
    """The server: connections by descriptor, running streams in a heap by due time."""

    def __init__(self, port: int) -> None:
        self.listener = socket.create_server(("127.0.0.1", port), backlog=4096)
        self.listener.setblocking(False)  # noqa: FBT003
        self.poll = select.epoll()
        self.poll.register(self.listener, select.EPOLLIN)
        self.connections: dict[int, socket.socket] = {}
        self.unread: dict[int, bytes] = {}
        self.generations: dict[int, int] = {}
        self.streams: list[Stream] = []
        self.answer, self.message = whole_answer(), whole_message()
        self.last_request = b"none yet"

    def run(self) -> None:
        """Serve until killed."""
        while True:
            self.send_due_chunks()
            wait = max(0.0, self.streams[0][0] - time.monotonic()) if self.streams else 1.0
            for descriptor, _ in self.poll.poll(wait):
                if descriptor == self.listener.fileno():
                    self.accept()
                else:
                    self.read(descriptor)

    def accept(self) -> None:
        """Take the next connection."""
        connection, _ = self.listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        descriptor = connection.fileno()
        self.connections[descriptor] = connection
        self.unread[descriptor] = b""
        self.generations[descriptor] = self.generations.get(descriptor, 0) + 1
        self.poll.register(descriptor, select.EPOLLIN)

    def read(self, descriptor: int) -> None:
        """Read what came; answer when a request is whole."""
        try:
            data = self.connections[descriptor].recv(65_536)
        except ConnectionError:
            data = b""
        if data == self.last_request:  # nginx forwards the same bytes each time
            self.connections[descriptor].send(self.answer)
            return
        if not data:
            self.close(descriptor)
            return
        request = self.unread[descriptor] + data
        body = whole_body(request)
        if body is None:
            self.unread[descriptor] = request
            return
        self.unread[descriptor] = b""
        is_message = request.startswith(b"POST /v1/messages ")
        if STREAMED.search(body):
            self.begin_stream(descriptor, script_of(body, is_message=is_message))
        elif is_message:
            self.send(descriptor, self.message)
        else:
            self.last_request = request
            self.send(descriptor, self.answer)

    def begin_stream(self, descriptor: int, script: Script) -> None:
        """Send the head; the chunks come by their time."""
        self.send(descriptor, script.begin)
        generation = self.generations[descriptor]
        heapq.heappush(self.streams, (time.monotonic(), descriptor, generation, 0, script))

    def send_due_chunks(self) -> None:
        """Send one delta of each stream whose time has come."""
        moment = time.monotonic()
        while self.streams and self.streams[0][0] <= moment:
            due, descriptor, generation, index, script = heapq.heappop(self.streams)
            if self.generations.get(descriptor) != generation or descriptor not in self.unread:
                continue
            if index == STREAM_CHUNKS:
                self.send(descriptor, script.end)
                continue
            self.send(descriptor, script.deltas[index % len(script.deltas)])
            following = (due + script.pause, descriptor, generation, index + 1, script)
            heapq.heappush(self.streams, following)

    def send(self, descriptor: int, data: bytes) -> None:
        """Send to a peer that may be gone."""
        try:
            self.connections[descriptor].send(data)
        except ConnectionError:
            self.close(descriptor)

    def close(self, descriptor: int) -> None:
        """Forget a connection."""
        self.unread.pop(descriptor, None)
        connection = self.connections.pop(descriptor, None)
        if connection is not None:
            connection.close()


if __name__ == "__main__":
    Upstream(int(sys.argv[1])).run()
