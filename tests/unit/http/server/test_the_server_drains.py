"""Stopping: nothing new, idle connections close, what runs finishes, the rest is cut cleanly."""

import asyncio
import socket
import threading
import time

import pytest

from tests.unit.http.server.serving import LOOPS, TEXT, Serving, echo, get, post, until


@pytest.fixture(params=LOOPS)
def start(request):
    running = []

    def starting(handler, **options):
        running.append(Serving(handler, loop=request.param, linger_seconds=0.2, **options))
        return running[-1]

    yield starting
    for serving in running:
        if serving.is_running:
            serving.stop()
        assert serving.errors == []


def stopping(serving, seconds):
    results = []
    thread = threading.Thread(target=lambda: results.append(serving.stop(seconds)))
    thread.start()
    until(lambda: serving.server.is_draining)
    time.sleep(0.02)
    return thread, results


async def slow(exchange):
    if exchange.path == "/stream":
        exchange.begin_stream(200, TEXT)
        for _ in range(10):
            exchange.write(b"piece")
            await exchange.drain()
            await asyncio.sleep(0.015)
        exchange.finish()
    else:
        await asyncio.sleep(0.15)
        exchange.respond(200, TEXT, b"done")


def test_running_requests_finish_and_others_close(start):
    serving = start(slow)
    idle = serving.dial()
    used = serving.dial(get("/"))
    used.answer()
    whole = serving.dial(get("/") + get("/never"))
    streamed = serving.dial(get("/stream"))
    streamed.until(b"piece")
    thread, results = stopping(serving, 5)
    began = time.monotonic()
    assert idle.is_closed()
    assert used.is_closed()
    assert time.monotonic() - began < 0.2
    with pytest.raises(OSError):
        serving.dial(get()).answer()
    answer = whole.answer()
    assert answer.body == b"done"
    assert answer.headers["connection"] == "close"
    assert whole.all() == b""
    assert streamed.all().endswith(b"0\r\n\r\n")
    thread.join(5)
    assert results == [0]
    for peer in (idle, used, whole, streamed):
        peer.socket.close()


def test_what_does_not_finish_is_cut_and_cleans_up(start):
    notes = []

    async def handler(exchange):
        exchange.begin_stream(200, TEXT)
        exchange.write(b"begun")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.1)
            notes.append("clean")

    serving = start(handler)
    peers = [serving.dial(get()) for _ in range(3)]
    for peer in peers:
        peer.until(b"begun")
    began = time.monotonic()
    assert serving.stop(0.15) == 3
    assert 0.15 < time.monotonic() - began < 2
    assert notes == ["clean"] * 3
    for peer in peers:
        assert b"0\r\n\r\n" not in _all(peer)
        peer.socket.close()


def _all(peer):
    try:
        return peer.all()
    except ConnectionResetError:
        return b""


def test_a_request_on_its_way_in_is_still_answered(start):
    serving = start(echo)
    with serving.dial(post(b"abc")[:-1]) as body, serving.dial(get()[:-1]) as head:
        time.sleep(0.05)
        thread, results = stopping(serving, 5)
        body.send(b"c")
        head.send(b"\n")
        for peer in (body, head):
            answer = peer.answer()
            assert answer.status == 200
            assert answer.headers["connection"] == "close"
            assert peer.is_closed()
        thread.join(5)
        assert results == [0]


def test_an_idle_server_stops_at_once(start):
    serving = start(echo)
    assert serving.ask(get()).status == 200
    began = time.monotonic()
    assert serving.stop(30) == 0
    assert time.monotonic() - began < 1
    with pytest.raises(ConnectionRefusedError), socket.socket() as other:
        other.connect(serving.address)


def test_after_notice_it_serves_on_and_lets_each_client_go(start):
    """Between the notice and the end whoever comes is served, once a connection."""
    serving = start(echo)
    with serving.dial(get("/")) as known:
        assert "connection" not in known.answer().headers
        serving.call(serving.server.announce_end)
        known.send(get("/"))
        answer = known.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert known.is_closed()
    with serving.dial(get("/")) as late:
        answer = late.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert late.is_closed()
