"""FIN and RST at every point: the handler is cancelled once, and its clean-up runs to its end."""

import asyncio
import time

import pytest

from tests.unit.http.server.serving import LOOPS, TEXT, chunked, echo, get, post, until

LEAVE = {"fin": lambda peer: peer.finish(), "rst": lambda peer: peer.reset()}


@pytest.fixture(params=LEAVE)
def leave(request):
    return LEAVE[request.param]


@pytest.fixture(params=LOOPS)
def loop(request):
    return request.param


async def never(exchange):
    await asyncio.Event().wait()


async def body_that_never_comes(exchange):
    await exchange.body(10_000_000)


async def piece_that_never_comes(exchange):
    while await exchange.read():
        pass
    await asyncio.Event().wait()


async def begun(exchange):
    exchange.begin_stream(200, TEXT)
    await asyncio.Event().wait()


async def streaming(exchange):
    exchange.begin_stream(200, TEXT)
    while True:
        exchange.write(b"z" * 100)
        await exchange.drain()
        await asyncio.sleep(0.001)


async def against_a_full_socket(exchange):
    exchange.begin_stream(200, TEXT)
    while True:
        exchange.write(b"z" * 100_000)
        await exchange.drain()


POINTS = {
    "while the handler waits for something": (never, get()),
    "with more requests waiting": (never, get() * 3),
    "with a body nobody reads": (never, post(b"z" * 100_000)[:50_000]),
    "while its body is waited for": (body_that_never_comes, post(b"z" * 100)[:-1]),
    "while its chunks are waited for": (body_that_never_comes, chunked(b"abc", end=b"")),
    "while a large body comes in": (body_that_never_comes, post(b"z" * 3_000_000)[:-1]),
    "while a piece is waited for": (piece_that_never_comes, post(b"z" * 100)[:-1]),
    "before the first piece of the answer": (begun, get()),
    "in the middle of the answer": (streaming, get()),
    "while the answer waits for the client": (against_a_full_socket, get()),
}


@pytest.mark.parametrize("point", POINTS)
def test_the_handler_is_cancelled_and_cleans_up(serve, leave, loop, point):
    inner, data = POINTS[point]
    notes = []

    async def handler(exchange):
        notes.append("begun")
        try:
            await inner(exchange)
        except asyncio.CancelledError:
            notes.append("cancelled")
            raise
        finally:
            exchange.write(b"dropped") if exchange.is_started else None
            await exchange.drain()
            await asyncio.sleep(0.02)
            notes.append(f"cleaned up, gone={exchange.is_gone}")

    serving = serve(handler, loop=loop)
    peer = serving.dial(data)
    until(lambda: notes == ["begun"])
    time.sleep(0.01)
    began = time.monotonic()
    leave(peer)
    until(lambda: len(notes) == 3)
    assert time.monotonic() - began < 1.0
    assert notes == ["begun", "cancelled", "cleaned up, gone=True"]
    until(serving.is_empty)
    peer.socket.close()


@pytest.mark.parametrize("data", [b"", b"GET / HT", get(), b"\r\n"])
def test_going_away_between_requests_is_no_event(serve, leave, loop, data):
    serving = serve(echo, loop=loop)
    peer = serving.dial(data)
    if data == get():
        assert peer.answer().status == 200
    leave(peer)
    until(serving.is_empty)
    peer.socket.close()


def test_a_request_and_its_end_at_once_is_not_answered(serve, loop):
    """Half-closing clients are gone clients, as the module says."""
    serving = serve(echo, loop=loop)
    with serving.dial() as peer:
        peer.send(get())
        peer.finish()
        peer.all()
    until(serving.is_empty)


@pytest.mark.parametrize("streams", [False, True])
def test_after_a_complete_answer_the_handler_is_left_alone(serve, leave, loop, streams):
    notes = []

    async def handler(exchange):
        if streams:
            exchange.begin_stream(200, TEXT)
            exchange.finish(b"hello")
        else:
            exchange.respond(200, TEXT, b"hello")
        await asyncio.sleep(0.1)
        notes.append("done")

    serving = serve(handler, loop=loop)
    peer = serving.dial(get())
    assert peer.answer().body == b"hello"
    leave(peer)
    peer.socket.close()
    until(lambda: notes == ["done"])
    until(serving.is_empty)


def test_a_handler_that_ignores_its_cancellation_ends_with_its_connection(serve, leave):
    notes = []

    async def handler(exchange):
        notes.append(exchange.path)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            exchange.respond(200, TEXT, b"too late")

    serving = serve(handler)
    peer = serving.dial(get("/1") + get("/2"))
    until(lambda: notes == ["/1"])
    leave(peer)
    until(serving.is_empty)
    assert notes == ["/1"]
    peer.socket.close()


def test_what_was_pipelined_before_the_end_is_not_begun(serve, loop):
    notes = []

    async def handler(exchange):
        notes.append(exchange.path)
        exchange.respond(200, TEXT, b"z" * 20_000_000)
        await asyncio.sleep(0.1)

    serving = serve(handler, loop=loop, send_stall_seconds=0.3)
    with serving.dial(get("/1") + get("/2")) as peer:
        until(lambda: notes)
        peer.finish()
        until(serving.is_empty)
    assert notes == ["/1"]


def test_reading_a_body_after_the_client_left(serve):
    notes = []

    async def handler(exchange):
        try:
            await asyncio.Event().wait()
        finally:
            try:
                await exchange.body(100)
            except ConnectionResetError:
                notes.append("no body")

    serving = serve(handler)
    with serving.dial(post(b"abc")[:-1]) as peer:
        time.sleep(0.05)
        peer.finish()
        until(lambda: notes == ["no body"])


def test_a_body_waited_for_in_another_task_is_given_up(serve):
    notes = []

    async def waiting(exchange):
        try:
            await exchange.body(100)
        except ConnectionResetError:
            notes.append("given up")

    async def handler(exchange):
        task = asyncio.create_task(waiting(exchange))
        try:
            await asyncio.Event().wait()
        finally:
            await task

    serving = serve(handler)
    with serving.dial(post(b"abc")[:-1]) as peer:
        time.sleep(0.05)
        peer.finish()
        until(lambda: notes == ["given up"])


def test_many_come_and_go(serve):
    serving = serve(streaming)
    for round_ in range(5):
        peers = [serving.dial(get()) for _ in range(40)]
        for peer in peers[::2]:
            peer.more()
        for index, peer in enumerate(peers):
            LEAVE["rst" if (index + round_) % 3 else "fin"](peer)
            peer.socket.close()
    until(serving.is_empty)
