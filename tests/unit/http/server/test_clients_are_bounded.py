"""Every limit: what a client sends too much of, or too slowly, is answered clearly and ended."""

import asyncio
import time

import pytest

from tests.unit.http.server.serving import TEXT, chunked, echo, get, post, until
from yiyuan.http.server.server_limits import ServerLimits

QUICK = {"linger_seconds": 0.3}


def sized_head(size):
    start = get(extra=b"x: \r\n")
    return get(extra=b"x: " + b"y" * (size - len(start)) + b"\r\n")


def test_a_head_has_a_size(serve):
    serving = serve(echo, head_bytes_max=2_000, **QUICK)
    assert serving.ask(sized_head(2_000)).status == 200
    for data in (sized_head(2_100), sized_head(40_000), b"GET /" + b"a" * 2_100):
        with serving.dial(data) as peer:
            answer = peer.answer()
            assert (answer.status, answer.code) == (431, "headers_too_large")
            assert answer.reason == "Request Header Fields Too Large"
            assert "2000" in answer.json()["error"]["message"]
            assert answer.headers["connection"] == "close"
            assert peer.is_closed()


def test_an_endless_head_is_refused_before_its_end(serve):
    serving = serve(echo, head_bytes_max=2_000, **QUICK)
    with serving.dial(b"GET / HTTP/1.1\r\n") as peer:
        for _ in range(40):
            peer.send(b"a: " + b"b" * 60 + b"\r\n")
        assert peer.answer().status == 431


def test_a_head_has_a_time(serve):
    serving = serve(echo, head_seconds=0.12, **QUICK)
    for start in (b"G", get()[:-2]):
        with serving.dial(start) as peer:
            began = time.monotonic()
            answer = peer.answer()
            assert (answer.status, answer.code) == (408, "request_timeout")
            assert 0.1 < time.monotonic() - began < 1.0
            assert peer.is_closed()


def test_dripping_does_not_prolong_a_head_s_time(serve):
    serving = serve(echo, head_seconds=0.2, **QUICK)
    with serving.dial(get()) as peer:
        assert peer.answer().status == 200
        began = time.monotonic()
        with pytest.raises(OSError):
            for byte in b"GET / HTTP/1.1 and so on" * 9:
                peer.send(bytes([byte]))
                time.sleep(0.02)
        assert time.monotonic() - began < 2.0


@pytest.mark.parametrize("before", [b"", get(), b"\r\n"])
def test_an_idle_connection_is_closed_without_a_word(serve, before):
    serving = serve(echo, idle_seconds=0.12, **QUICK)
    with serving.dial(before) as peer:
        if before == get():
            assert peer.answer().status == 200
        began = time.monotonic()
        assert peer.is_closed()
        assert 0.08 < time.monotonic() - began < 1.0


def test_a_busy_connection_is_not_idle(serve):
    async def handler(exchange):
        await asyncio.sleep(0.3)
        exchange.respond(200, TEXT, b"")

    serving = serve(handler, idle_seconds=0.1, head_seconds=0.1, body_stall_seconds=0.1)
    assert serving.ask(post(b"abc")).status == 200


@pytest.mark.parametrize("data", [post(b"z" * 100)[:-1], chunked(b"z" * 100, end=b"")])
def test_a_stalled_body_times_out(serve, data):
    serving = serve(echo, body_stall_seconds=0.15, **QUICK)
    with serving.dial(data) as peer:
        answer = peer.answer()
        assert (answer.status, answer.code) == (408, "request_timeout")
        assert answer.headers["connection"] == "close"
        assert peer.is_closed()


def test_a_dripping_body_times_out(serve):
    serving = serve(echo, body_stall_seconds=0.15, body_bytes_per_second_min=100, **QUICK)
    with serving.dial(post(b"z" * 1_000)[:-1_000]) as peer:
        began = time.monotonic()
        for _ in range(14):
            peer.send(b"z")
            time.sleep(0.04)
        assert peer.answer().status == 408
        assert time.monotonic() - began < 1.0


def test_a_slow_body_above_the_least_rate_is_taken(serve):
    serving = serve(echo, body_stall_seconds=0.15, body_bytes_per_second_min=100, **QUICK)
    whole = post(b"z" * 100)
    with serving.dial(whole[:-100]) as peer:
        for _ in range(10):
            time.sleep(0.03)
            peer.send(b"z" * 10)
        assert peer.answer().json()["body"] == "z" * 100


def test_time_counts_only_while_the_body_is_waited_for(serve):
    async def handler(exchange):
        await asyncio.sleep(0.3)
        exchange.respond(200, TEXT, await exchange.body(100))

    serving = serve(handler, body_stall_seconds=0.15)
    with serving.dial(post(b"abcd")[:-2]) as peer:
        time.sleep(0.35)
        peer.send(b"cd")
        assert peer.answer().body == b"abcd"


def test_a_body_nobody_wanted_has_a_time_too(serve):
    async def handler(exchange):
        exchange.respond(401, TEXT, b"")

    serving = serve(handler, body_stall_seconds=0.15)
    with serving.dial(post(b"z" * 100)[:-1]) as peer:
        assert peer.answer().status == 401
        assert peer.is_closed()


def limited(seen):
    async def handler(exchange):
        try:
            body = await exchange.body(1_000)
        finally:
            seen.append(exchange.path)
        exchange.respond(200, TEXT, b"%d" % len(body))

    return handler


@pytest.mark.parametrize(
    "data",
    [
        post(b"z" * 1_001),
        post(b"z" * 1_001)[:-900],
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 999999999999999\r\n\r\n",
        chunked(b"z" * 1_001),
        chunked(b"z" * 500, b"z" * 501),
        chunked(b"z" * 1_001, end=b""),
        chunked(b"z" * 500_000),
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffffffff\r\n"
        + b"z" * 2_000,
    ],
)
def test_a_body_has_a_size(serve, data):
    seen = []
    serving = serve(limited(seen), **QUICK)
    with serving.dial(data) as peer:
        answer = peer.answer()
        assert (answer.status, answer.code) == (413, "request_too_large")
        assert "1000" in answer.json()["error"]["message"]
    assert seen == ["/"]


def test_a_body_of_just_the_size_is_taken(serve):
    serving = serve(limited([]))
    assert serving.ask(post(b"z" * 1_000)).body == b"1000"
    assert serving.ask(chunked(b"z" * 600, b"z" * 400)).body == b"1000"


def test_too_large_is_said_before_the_client_that_waits_sends_it(serve):
    serving = serve(limited([]), **QUICK)
    head = post(b"z" * 2_000, extra=b"expect: 100-continue\r\n")[:-2_000]
    assert serving.ask(head).status == 413


def test_a_handler_may_answer_a_body_error_itself(serve):
    async def handler(exchange):
        try:
            await exchange.body(1)
        except Exception as error:
            exchange.respond(error.status, TEXT, b"mine")

    serving = serve(handler, body_stall_seconds=0.15, **QUICK)
    assert serving.ask(post(b"ab")).body == b"mine"
    answer = serving.ask(post(b"a")[:-1])
    assert (answer.status, answer.body) == (408, b"mine")
    assert serving.ask(chunked(end=b"x\r\n")).status == 400


def test_connections_above_the_limit_are_told_and_closed(serve):
    serving = serve(echo, connections_max=3, **QUICK)
    guests = [serving.dial(get()) for _ in range(3)]
    assert [guest.answer().status for guest in guests] == [200] * 3
    with serving.dial(get()) as peer:
        began = time.monotonic()
        answer = peer.answer()
        assert time.monotonic() - began < 0.2
        assert (answer.status, answer.code) == (503, "overloaded")
        assert answer.headers["retry-after"] == "1"
        assert answer.headers["retry-after-ms"] == "1000"
        assert answer.headers["connection"] == "close"
        assert peer.is_closed()
    guests[0].send(get())
    assert guests[0].answer().status == 200
    for guest in guests:
        guest.socket.close()
    until(serving.is_empty)
    assert serving.ask(get()).status == 200
    assert serving.server.refusals == {"overloaded": 1}


def test_far_more_connections_are_cut_without_a_word(serve):
    serving = serve(echo, connections_max=1, linger_seconds=5.0)
    guests = [serving.dial() for _ in range(70)]
    cut = 0
    for guest in guests[-4:]:
        guest.socket.settimeout(2)
        cut += guest.is_closed()
    assert cut == 4
    for guest in guests:
        guest.socket.close()


def test_the_defaults_are_the_documented_ones():
    limits = ServerLimits()
    assert limits.head_bytes_max == 32 * 1024
    assert (limits.head_seconds, limits.body_stall_seconds, limits.idle_seconds) == (10, 30, 75)
    assert limits.connections_max == 10_000
