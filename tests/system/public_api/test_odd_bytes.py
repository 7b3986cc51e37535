"""Bytes that clients and upstreams send in other ways than most: read for what they are."""

import gzip
import json
import zlib
from typing import Any

import pytest
import zstandard

from tests.support import wire
from tests.support.drivers import CHAT, COMPLETIONS, MESSAGES, RESPONSES
from tests.support.upstreams.raw_server import EVENTS, JSON

DRIVERS = (CHAT, COMPLETIONS, MESSAGES, RESPONSES)
USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
CLAUDE_USAGE = {"input_tokens": 9, "output_tokens": 2}
CHARGE = 9 * 30 + 2 * 60


def whole_chat(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"id": "x", "choices": [choice], "usage": USAGE}


def whole_claude(text: str) -> dict[str, Any]:
    content = [{"type": "text", "text": text}]
    return {"id": "m", "content": content, "stop_reason": "end_turn", "usage": CLAUDE_USAGE}


def framed(*documents: Any) -> list[bytes]:
    return [b"data: %b\n\n" % json.dumps(document).encode() for document in documents]


def chat_events(*texts: str) -> list[bytes]:
    chunks = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": USAGE}
    return [*framed(*chunks, end), b"data: [DONE]\n\n"]


def claude_events(*texts: str) -> list[bytes]:
    message = {"id": "m", "type": "message", "role": "assistant", "content": []}
    deltas = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
        for text in texts
    ]
    return framed(
        {"type": "message_start", "message": message | {"usage": CLAUDE_USAGE}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *deltas,
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 2},
        },
        {"type": "message_stop"},
    )


WHOLE = {"chat": whole_chat, "messages": whole_claude}
STREAM = {"chat": chat_events, "messages": claude_events}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
def test_one_json_answer_to_a_stream(place, server, driver, name):
    server.say(json.dumps(WHOLE[name]("hello you")).encode(), content_type=JSON)
    customer = place.customer()
    with customer.stream(driver.path, driver.streamed(driver.body(name, "hi", 20))) as stream:
        events = stream.rest()
    assert driver.stream_text(events) == "hello you"
    assert driver.is_complete(events)
    assert customer.spent == CHARGE


@pytest.mark.parametrize("content_type", [EVENTS, f"{EVENTS}; charset=utf-8"])
@pytest.mark.parametrize("name", STREAM)
@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
def test_events_to_a_whole_request(place, server, driver, name, content_type):
    server.say(*STREAM[name]("hello ", "you"), content_type=content_type)
    customer = place.customer()
    answer = customer.post(driver.path, driver.body(name, "hi", 20))
    assert answer.status == 200, answer.body
    assert driver.text(answer.json()) == "hello you"
    assert customer.spent == CHARGE


def test_events_that_say_they_are_json_still_stream(place, server):
    server.say(*chat_events("hello ", "you"), content_type=JSON)
    with place.customer().stream(CHAT.path, CHAT.streamed(CHAT.body("chat", "hi", 20))) as stream:
        assert CHAT.stream_text(stream.rest()) == "hello you"


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
def test_half_a_character_from_an_upstream(place, server, driver):
    said = b'{"choices":[{"index":0,"delta":{"content":"a\\ud83d"}}]}'
    server.say(b"data: %b\n\n" % said, *chat_events("b"))
    with place.customer().stream(driver.path, driver.streamed(driver.body("chat", "hi"))) as stream:
        assert driver.stream_text(stream.rest()) == "a\ufffdb"
    body = json.dumps(whole_chat("x")).replace('"x"}', '"\\ud83d \\ud83d\\ude00 \\\\ud83d"}')
    server.say(body.encode(), content_type=JSON)
    answer = place.customer().post(driver.path, driver.body("chat", "hi"))
    assert driver.text(answer.json()) == "\ufffd 😀 \\ud83d"


def test_half_a_character_from_a_client(place, server):
    server.say(json.dumps(whole_chat("x")).encode(), content_type=JSON)
    body = json.dumps(CHAT.body("chat", "MARK")).replace("MARK", "cut \\ude00 here")
    assert send(place, body.encode()).status == 200
    assert "cut \ufffd here" in json.loads(server.asked[-1])["messages"][0]["content"]


MIB = 1024 * 1024


def test_an_event_of_eight_mebibytes_arrives(place, server):
    picture = {"choices": [{"index": 0, "delta": {"content": "x", "images": ["A" * 8 * MIB]}}]}
    server.say(*framed(picture), *chat_events("y"))
    memory = place.rss_bytes()
    with place.customer().stream(CHAT.path, CHAT.streamed(CHAT.body("chat", "hi", 20))) as stream:
        events = stream.rest()
    assert CHAT.stream_text(events) == "xy"
    assert any(len(event.data) > 8 * MIB for event in events)
    assert place.rss_bytes() - memory < 120 * MIB


def test_our_own_limit_is_no_failure_of_the_channel(place, server):
    """Many of them do not open the breaker: the next request goes through.

    Each is another account's: the third of one stops it at the model (`test_shortfalls.py`).
    """
    for _ in range(6):
        server.say(b"data: " + b"A" * 11 * MIB)
        body = CHAT.streamed(CHAT.body("chat", "hi", 20))
        assert place.customer().post(CHAT.path, body).status == 502
    server.say(*chat_events("fine"))
    with place.customer().stream(CHAT.path, CHAT.streamed(CHAT.body("chat", "hi", 20))) as stream:
        assert CHAT.stream_text(stream.rest()) == "fine"


def send(place, body: bytes, path: str = CHAT.path, **headers: str):
    key = place.customer().key
    sent = {"Authorization": f"Bearer {key}", **headers}
    return wire.call(place.origin, "POST", path, body, headers=sent)


ENCODINGS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "GZIP": gzip.compress,
}


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_compressed_bodies(place, server, encoding, driver):
    server.say(json.dumps(whole_chat("x")).encode(), content_type=JSON)
    for text in ("hi", " ".join(map(str, range(40_000)))):
        body = ENCODINGS[encoding](json.dumps(driver.body("chat", text)).encode())
        answer = send(place, body, driver.path, **{"content-encoding": encoding})
        assert answer.status == 200, answer.body
        assert driver.text(answer.json()) == "x"


def zstd_without_size(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_content_size=False).compress(body)


BOMBS = {
    "gzip": gzip.compress(b"0" * 200 * MIB),
    "zstd": zstd_without_size(b"0" * 200 * MIB),
    "deflate": zlib.compress(b"0" * 200 * MIB),
}


@pytest.mark.parametrize("encoding", BOMBS)
def test_what_grows_beyond_measure_is_refused(place, encoding):
    memory = place.rss_bytes()
    answer = send(place, BOMBS[encoding], **{"content-encoding": encoding})
    assert answer.status == 413
    assert place.rss_bytes() - memory < 60 * MIB


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "deflate", "br", "gzip, gzip"])
def test_what_is_not_compressed_as_it_says(place, encoding):
    answer = send(place, b"plainly not", **{"content-encoding": encoding})
    assert answer.status == 400


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_body_that_was_cut(place, encoding):
    whole = ENCODINGS[encoding](json.dumps(CHAT.body("chat", "words " * 1000)).encode())
    assert send(place, whole[: len(whole) // 2], **{"content-encoding": encoding}).status == 400


def test_a_body_in_several_frames_is_read_whole(place, server):
    server.say(json.dumps(whole_chat("x")).encode(), content_type=JSON)
    body, pack = json.dumps(CHAT.body("chat", "hi")).encode(), ENCODINGS["zstd"]
    answer = send(place, pack(body[:20]) + pack(body[20:]), **{"content-encoding": "zstd"})
    assert answer.status == 200, answer.body
    asked = len(server.asked)
    for more in (pack(b"x"), b"plainly not"):
        answer = send(place, pack(body) + more, **{"content-encoding": "zstd"})
        assert answer.status == 400, "what follows is not passed over"
    assert send(place, pack(b"0" * 60_000) * 2_000, **{"content-encoding": "zstd"}).status == 413
    assert len(server.asked) == asked


def test_a_byte_order_mark(place, server):
    server.say(json.dumps(whole_chat("x")).encode(), content_type=JSON)
    assert send(place, b"\xef\xbb\xbf" + json.dumps(CHAT.body("chat", "hi")).encode()).status == 200


@pytest.mark.parametrize(
    "path", ["//v1/chat/completions", "/v1//chat/completions", "/v1/v1//chat//completions/"]
)
def test_slashes_too_many(place, server, path):
    server.say(json.dumps(whole_chat("x")).encode(), content_type=JSON)
    assert send(place, json.dumps(CHAT.body("chat", "hi")).encode(), path).status == 200
    assert wire.call(place.origin, "GET", "//v1//models").status == 401


def raw(place, data: bytes, *, half_closes: bool = False) -> bytes:
    return wire.raw(place.origin, data, half_close=half_closes)


@pytest.mark.parametrize("path", ["/v1/responses", "/responses"])
def test_a_websocket_is_refused_and_the_connection_ends(place, path):
    head = f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: Upgrade\r\n"
    head += "upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: x\r\n\r\n"
    answer = raw(place, head.encode())
    assert answer.startswith(b"HTTP/1.1 426 Upgrade Required\r\n")
    assert b"\r\nconnection: close\r\n" in answer
    assert b'"code":"upgrade_refused"' in answer


@pytest.mark.parametrize("path", ["/healthz", "/v1/models", "/api/openapi.json"])
def test_a_client_that_closes_its_side_gets_what_is_there(place, path):
    for _ in range(20):
        head = f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode()
        answer = raw(place, head, half_closes=True)
        assert answer.startswith(b"HTTP/1.1 "), "an answer"
