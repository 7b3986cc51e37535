"""Heads and bodies in any number of pieces; what handlers see; 100-continue; streams in."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.http.server.serving import LOOPS, TEXT, chunked, get, post, until


def test_what_a_handler_sees(echoing):
    extra = b"X-A: 1\r\nAuthorization: Bearer sk-1\r\nx-a: 2\r\nx-latin: \xe9\r\n"
    answer = echoing.ask(post(b"abc", path="/v1/a%20b?c=%20d", extra=extra))
    assert answer.status == 200
    assert answer.json() == {
        "method": "POST",
        "path": "/v1/a b",
        "query": "c=%20d",
        "headers": {
            "host": "x",
            "content-length": "3",
            "x-a": "1, 2",
            "authorization": "Bearer sk-1",
            "x-latin": "é",
        },
        "peer": "127.0.0.1",
        "body": "abc",
    }


REQUESTS = st.lists(
    st.sampled_from(
        [
            get("/a"),
            get("/b", extra=b"x: y\r\n"),
            post(b"some body"),
            post(b""),
            post(b"\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
            chunked(b"one", b"two", b"three"),
            chunked(),
            chunked(b"x", end=b"0;e\r\nt: u\r\n\r\n"),
        ]
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(REQUESTS, st.lists(st.integers(0, 1_000), max_size=8))
def test_any_split_of_any_requests_gives_the_same_answers(echoing, requests, cuts):
    data = b"".join(requests)
    edges = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    with echoing.dial() as whole, echoing.dial() as pieces:
        whole.send(data)
        for start, end in pairwise(edges):
            pieces.send(data[start:end])
        expected = [whole.answer().json() for _ in requests]
        assert [pieces.answer().json() for _ in requests] == expected


@pytest.mark.parametrize("make", [lambda: post(b"hello"), lambda: chunked(b"he", b"llo")])
def test_byte_by_byte(echoing, make):
    with echoing.dial() as peer:
        for byte in make():
            peer.send(bytes([byte]))
        assert peer.answer().json()["body"] == "hello"


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("make", [post, lambda body: chunked(*_slices(body, 10_000))])
def test_a_large_body(serve, loop, make):
    async def handler(exchange):
        body = await exchange.body(20_000_000)
        assert await exchange.body(20_000_000) == body
        exchange.respond(200, TEXT, hashlib.sha256(body).hexdigest().encode())

    body = b"0123456789abcdef" * 300_000
    serving = serve(handler, loop=loop)
    with serving.dial(make(body)) as peer:
        assert peer.answer().body.decode() == hashlib.sha256(body).hexdigest()
        peer.send(post(b"again"))
        assert peer.answer().body.decode() == hashlib.sha256(b"again").hexdigest()


def _slices(body, size):
    return [body[at : at + size] for at in range(0, len(body), size)]


def test_a_body_is_the_same_when_asked_for_again(serve):
    async def handler(exchange):
        bodies = [await exchange.body(9), await exchange.body(9)]
        exchange.respond(200, TEXT, b"|".join(bodies))

    serving = serve(handler)
    assert serving.ask(post(b"abc")).body == b"abc|abc"
    assert serving.ask(chunked(b"abc")).body == b"abc|abc"
    assert serving.ask(get()).body == b"|"


def test_a_body_read_piece_by_piece(serve):
    async def handler(exchange):
        pieces = []
        while piece := await exchange.read():
            pieces.append(piece)
            serving.notes.append(piece)
        assert await exchange.read() == b""
        exchange.respond(200, TEXT, b"".join(pieces))

    serving = serve(handler)
    assert serving.ask(post(b"abc")).body == b"abc"
    assert serving.ask(get()).body == b""
    serving.notes.clear()
    head, _, chunks = chunked(b"one", b"two").partition(b"\r\n\r\n")
    with serving.dial(head + b"\r\n\r\n" + chunks[:8]) as peer:
        until(lambda: serving.notes == [b"one"])
        peer.send(chunks[8:])
        assert peer.answer().body == b"onetwo"


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
EXPECT = b"expect: 100-continue\r\n"


@pytest.mark.parametrize("make", [post, chunked])
def test_a_client_that_waits_is_told_to_go_on(echoing, make):
    head, _, body = make(b"hello", extra=EXPECT).partition(b"\r\n\r\n")
    with echoing.dial(head + b"\r\n\r\n") as peer:
        assert peer.until(b"\r\n\r\n") == CONTINUE
        peer.send(body)
        assert peer.answer().json()["body"] == "hello"
        peer.send(get("/next"))
        assert peer.answer().json()["path"] == "/next"


def test_a_client_that_does_not_wait_is_not_told(echoing):
    assert echoing.ask(post(b"hello", extra=EXPECT)).status == 200
    assert echoing.ask(post(b"", extra=EXPECT)).status == 200


def test_a_refused_client_that_waits_is_not_told_and_must_close(serve):
    async def handler(exchange):
        exchange.respond(401, TEXT, b"no")

    serving = serve(handler)
    head = post(b"hello", extra=EXPECT)[:-5]
    with serving.dial(head) as peer:
        answer = peer.answer()
        assert answer.status == 401
        assert answer.headers["connection"] == "close"
        assert peer.is_closed()


def test_http_10_is_not_told_to_continue(echoing):
    head = b"POST / HTTP/1.0\r\ncontent-length: 2\r\n" + EXPECT + b"\r\n"
    with echoing.dial(head) as peer:
        peer.send(b"ab")
        assert peer.answer().json()["body"] == "ab"


@pytest.mark.parametrize("make", [post, chunked])
def test_an_idle_connection_keeps_nothing_of_its_last_body(serve, make):
    async def handler(exchange):
        exchange.respond(200, TEXT, b"%d" % len(await exchange.body(1_000_000)))

    serving = serve(handler)
    with serving.dial(make(b"z" * 900_000)) as peer:
        assert peer.answer().body == b"900000"
        (connection,) = serving.server._connections
        until(lambda: connection._inbox is None and not connection._content + connection._buffer)
