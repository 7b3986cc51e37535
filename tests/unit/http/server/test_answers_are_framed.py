"""Every answer ends where the client can see it, and carries nothing it must not."""

import re
from email.utils import parsedate_to_datetime
from time import time

import pytest

from tests.unit.http.server.serving import TEXT, chunked, get, post
from yiyuan.http.server.status_lines import encode_headers


def answering(serve, act, **options):
    async def handler(exchange):
        result = act(exchange)
        if result is not None:
            await result

    return serve(handler, **options)


def test_a_whole_answer(serve):
    serving = answering(serve, lambda x: x.respond(200, TEXT, b"hello"))
    with serving.dial(get()) as peer:
        answer = peer.answer()
        assert (answer.status, answer.reason, answer.body) == (200, "OK", b"hello")
        assert answer.headers["content-type"] == "text/plain"
        assert re.fullmatch("ex_[0-9a-f]{32}", answer.headers["x-request-id"])
        assert answer.headers["request-id"] == answer.headers["x-request-id"]
        assert abs(parsedate_to_datetime(answer.headers["date"]).timestamp() - time()) < 3
        assert "connection" not in answer.headers
        peer.send(get())
        assert peer.answer().headers["x-request-id"] != answer.headers["x-request-id"]


def test_the_request_id_is_the_exchange_s(serve):
    serving = answering(serve, lambda x: x.respond(200, TEXT, x.request_id.encode()))
    answer = serving.ask(get())
    assert answer.body.decode() == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("status", "reason"),
    [(402, "Payment Required"), (429, "Too Many Requests"), (529, "Unknown"), (500, None)],
)
def test_reason_phrases(serve, status, reason):
    answer = answering(serve, lambda x: x.respond(status, TEXT, b"")).ask(get())
    assert answer.status == status
    assert answer.reason == (reason or "Internal Server Error")
    assert answer.headers["content-length"] == "0"


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body(serve, status):
    serving = answering(serve, lambda x: x.respond(status, TEXT, b"not sent"))
    with serving.dial(get() + get()) as peer:
        for _ in range(2):
            answer = peer.answer()
            assert answer.status == status
            assert "content-length" not in answer.headers


def test_head_gets_the_length_and_no_body(serve):
    serving = answering(serve, lambda x: x.respond(200, TEXT, b"hello"))
    with serving.dial(get().replace(b"GET", b"HEAD") + get()) as peer:
        assert peer.answer(is_head=True).headers["content-length"] == "5"
        assert peer.answer().body == b"hello"


def test_a_large_answer(serve):
    body = bytes(range(256)) * 20_000
    serving = answering(serve, lambda x: x.respond(200, TEXT, body))
    with serving.dial(get() + get()) as peer:
        assert peer.answer().body == body
        assert peer.answer().body == body


async def stream(exchange):
    exchange.begin_stream(200, TEXT)
    for piece in (b"one", b"", b"two"):
        exchange.write(piece)
        await exchange.drain()
    exchange.finish(b"three")


def test_a_streamed_answer(serve):
    serving = answering(serve, stream)
    with serving.dial(get() + get()) as peer:
        for _ in range(2):
            answer = peer.answer()
            assert answer.headers["transfer-encoding"] == "chunked"
            assert answer.chunks == [b"one", b"two", b"three"]
            assert "connection" not in answer.headers


def test_a_streamed_answer_to_head(serve):
    serving = answering(serve, stream)
    with serving.dial(get().replace(b"GET", b"HEAD") + get()) as peer:
        assert peer.answer(is_head=True).headers["transfer-encoding"] == "chunked"
        assert peer.answer().body == b"onetwothree"


def test_a_streamed_answer_in_http_10_ends_with_the_connection(serve):
    serving = answering(serve, stream)
    for extra in (b"", b"connection: keep-alive\r\n"):
        answer = serving.ask(get(version=b"1.0", extra=extra))
        assert answer.body == b"onetwothree"
        assert "transfer-encoding" not in answer.headers
        assert answer.headers["connection"] == "close"


async def stream_of_known_length(exchange):
    exchange.begin_stream(200, TEXT, content_length=6)
    exchange.write(b"one")
    exchange.finish(b"two")


def test_a_stream_of_known_length(serve):
    serving = answering(serve, stream_of_known_length)
    both = get() + get(version=b"1.0", extra=b"connection: keep-alive\r\n") + get()
    with serving.dial(both) as peer:
        for _ in range(3):
            answer = peer.answer()
            assert answer.headers["content-length"] == "6"
            assert answer.body == b"onetwo"
    assert (
        serving.ask(get().replace(b"GET", b"HEAD"), is_head=True).headers["content-length"] == "6"
    )


@pytest.mark.parametrize("length", [5, 7])
def test_a_stream_of_another_length_than_declared_is_cut(serve, length):
    async def handler(exchange):
        exchange.begin_stream(200, TEXT, content_length=length)
        exchange.write(b"one")
        with pytest.raises(RuntimeError):
            exchange.finish(b"two")

    with serve(handler).dial(get()) as peer, pytest.raises((EOFError, ConnectionResetError)):
        peer.answer()
        peer.exactly(1)


def test_http_10(serve):
    serving = answering(serve, lambda x: x.respond(200, TEXT, b"hello"))
    with serving.dial(get(version=b"1.0")) as peer:
        answer = peer.answer()
        assert answer.body == b"hello"
        assert answer.headers["connection"] == "close"
        assert peer.is_closed()
    with serving.dial(get(version=b"1.0", extra=b"connection: keep-alive\r\n") * 2) as peer:
        for _ in range(2):
            assert peer.answer().headers["connection"] == "keep-alive"


def test_a_client_may_ask_to_close(serve):
    serving = answering(serve, lambda x: x.respond(200, TEXT, b"hello"))
    with serving.dial(get(extra=b"connection: close\r\n") + get()) as peer:
        assert peer.answer().headers["connection"] == "close"
        assert peer.all() == b""


def test_shared_headers_go_with_every_answer(serve):
    async def handler(exchange):
        exchange.shared_headers = encode_headers([("access-control-allow-origin", "*")])
        if exchange.path == "/whole":
            exchange.respond(200, [], b"")
        elif exchange.path == "/stream":
            await stream(exchange)
        else:
            await exchange.body(1)

    serving = serve(handler)
    for path in ("/whole", "/stream", "/too/large"):
        answer = serving.ask(post(b"xx", path=path))
        assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.status == 413


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "a\rb", "a\0b", "中"])
def test_unsafe_header_values_are_refused(serve, value):
    async def handler(exchange):
        for headers in ([("a", value)], [(value, "a")], [("x", "y"), ("a", value)]):
            with pytest.raises(ValueError, match=r"CR, LF or NUL|latin"):
                exchange.respond(200, headers, b"")
            with pytest.raises(ValueError, match=r"CR, LF or NUL|latin"):
                exchange.begin_stream(200, headers)
        assert not exchange.is_started
        exchange.respond(200, encode_headers([("a", "b")]), b"fine")

    answer = serve(handler).ask(get())
    assert answer.body == b"fine"
    assert answer.headers["a"] == "b"


def test_one_exchange_has_one_answer(serve):
    def misuse(exchange):
        with pytest.raises(RuntimeError):
            exchange.write(b"x")
        with pytest.raises(RuntimeError):
            exchange.finish()
        with pytest.raises(ValueError, match="99"):
            exchange.respond(99, TEXT, b"")
        exchange.respond(200, TEXT, b"once")
        for again in (
            lambda: exchange.respond(200, TEXT, b"twice"),
            lambda: exchange.begin_stream(200, TEXT),
            lambda: exchange.write(b"x"),
            exchange.finish,
        ):
            with pytest.raises(RuntimeError):
                again()

    with answering(serve, misuse).dial(get() + get()) as peer:
        assert peer.answer().body == b"once"
        assert peer.answer().body == b"once"


def test_an_early_answer_drains_a_small_rest_and_keeps_the_connection(serve):
    serving = answering(serve, lambda x: x.respond(401, TEXT, b"no"))
    whole = post(b"z" * 50_000)
    with serving.dial(whole[:1_000]) as peer:
        answer = peer.answer()
        assert answer.status == 401
        assert "connection" not in answer.headers
        peer.send(whole[1_000:] + post(b"z" * 20) + get())
        assert [peer.answer().status for _ in range(2)] == [401, 401]


def test_an_early_answer_to_a_whole_chunked_body_keeps_the_connection(serve):
    serving = answering(serve, lambda x: x.respond(401, TEXT, b"no"))
    with serving.dial(chunked(b"abc") + get()) as peer:
        assert [peer.answer().status for _ in range(2)] == [401, 401]


@pytest.mark.parametrize("rest", [b"z" * 3_000_000, None])
def test_an_early_answer_to_a_large_or_endless_body_reaches_the_client(serve, rest):
    serving = answering(serve, lambda x: x.respond(401, TEXT, b"no"), linger_seconds=1.0)
    whole = post(rest) if rest else chunked(b"z" * 40_000, end=b"5\r\n")
    with serving.dial() as peer:
        peer.send(whole)  # all of it: nothing is reset meanwhile
        answer = peer.answer()
        assert answer.status == 401
        assert answer.headers["connection"] == "close"
        assert peer.is_closed()
