"""Slow readers and fast senders: memory stays bounded, and nothing is lost."""

import asyncio
import time

import pytest

from tests.unit.http.server.serving import LOOPS, TEXT, Peer, get, post, settled, until

PIECE = b"z" * 10_000


@pytest.mark.parametrize("loop", LOOPS)
def test_a_slow_reader_stops_the_writer(serve, loop):
    written = []

    async def handler(exchange):
        exchange.begin_stream(200, TEXT)
        for _ in range(1_500):
            exchange.write(PIECE)
            written.append(len(PIECE))
            await exchange.drain()
        exchange.finish()

    serving = serve(handler, loop=loop)
    with Peer(serving.address, get(), receive_bytes=4_096) as peer:
        settled(lambda: len(written))
        assert sum(written) < 8_000_000  # the kernel's buffers, and no more of ours than 64 KiB
        assert serving.call(lambda: _unsent(serving)) < 64 * 1024 + 2 * len(PIECE)
        assert len(peer.answer().body) == 1_500 * len(PIECE)


def _unsent(serving):
    return sum(c._transport.get_write_buffer_size() for c in serving.server._connections)


def test_many_slow_readers_take_little_memory(serve):
    async def handler(exchange):
        exchange.begin_stream(200, TEXT)
        while True:
            exchange.write(PIECE)
            await exchange.drain()

    serving = serve(handler)
    peers = [Peer(serving.address, get(), receive_bytes=4_096) for _ in range(30)]
    assert settled(lambda: serving.call(lambda: _unsent(serving)), 0.1) < 30 * (
        64 * 1024 + 2 * len(PIECE)
    )
    for peer in peers:
        peer.reset()
    until(serving.is_empty)


def test_a_reader_that_takes_nothing_is_cut_off(serve):
    notes = []

    async def handler(exchange):
        exchange.begin_stream(200, TEXT)
        try:
            while True:
                exchange.write(PIECE)
                await exchange.drain()
        except asyncio.CancelledError:
            notes.append("cancelled")
            raise

    serving = serve(handler, send_stall_seconds=0.2)
    with Peer(serving.address, get(), receive_bytes=4_096):
        until(lambda: notes == ["cancelled"])
        until(serving.is_empty)


def test_a_reader_that_takes_a_little_is_not(serve):
    async def handler(exchange):
        exchange.begin_stream(200, TEXT)
        for _ in range(1_600):
            exchange.write(PIECE)
            await exchange.drain()
        exchange.finish()

    serving = serve(handler, send_stall_seconds=0.2)
    data = get(extra=b"connection: close\r\n")
    with Peer(serving.address, data, receive_bytes=65_536) as peer:
        for _ in range(12):
            time.sleep(0.05)
            peer.exactly(1_000_000)
        assert peer.all().endswith(b"0\r\n\r\n")


def test_a_last_answer_that_nobody_takes_is_cut_off(serve):
    async def handler(exchange):
        exchange.respond(200, TEXT, b"z" * 20_000_000)

    serving = serve(handler, send_stall_seconds=0.2)
    data = get(extra=b"connection: close\r\n")
    with Peer(serving.address, data, receive_bytes=4_096):
        until(lambda: serving.call(lambda: serving.server.connection_count) == 1)
        until(serving.is_empty)


@pytest.mark.parametrize("loop", LOOPS)
def test_a_writer_that_never_drains_loses_its_client(serve, loop):
    notes = []

    async def handler(exchange):
        exchange.begin_stream(200, TEXT)
        try:
            while True:
                exchange.write(b"z" * 100_000)
                notes.append(1)
                await asyncio.sleep(0)
        finally:
            assert exchange.is_gone

    serving = serve(handler, loop=loop, write_bytes_max=1_000_000)
    with Peer(serving.address, get(), receive_bytes=4_096):
        until(lambda: notes and serving.is_empty())
    assert len(notes) < 200


@pytest.mark.parametrize("loop", LOOPS)
def test_a_fast_sender_is_held_back_until_its_body_is_wanted(serve, loop):
    proceed = []

    async def handler(exchange):
        while not proceed:
            await asyncio.sleep(0.01)
        total = 0
        while piece := await exchange.read():
            total += len(piece)
            notes.append(len(piece))
            await asyncio.sleep(0)
        exchange.respond(200, TEXT, b"%d" % total)

    notes = []
    serving = serve(handler, loop=loop)
    size = 30_000_000
    with serving.dial(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % size) as peer:
        peer.socket.setblocking(False)
        sent = 0
        quiet = 0
        while quiet < 10:
            try:
                sent += peer.socket.send(b"z" * min(100_000, size - sent))
                quiet = 0
            except BlockingIOError:
                quiet += 1
                time.sleep(0.01)
        assert sent < 12_000_000
        assert serving.call(lambda: _received(serving)) < 64 * 1024 + 256 * 1024 + 1
        proceed.append(True)
        peer.socket.settimeout(5)
        peer.send(b"z" * (size - sent))
        assert peer.answer().body == b"%d" % size
    assert max(notes) <= 64 * 1024 + 256 * 1024


def _received(serving):
    inboxes = [c._inbox for c in serving.server._connections if c._inbox is not None]
    return sum(len(inbox._body.received) for inbox in inboxes)


def test_endless_pipelining_is_held_back(serve):
    async def handler(exchange):
        await asyncio.Event().wait()

    serving = serve(handler)
    with serving.dial(get()) as peer:
        peer.socket.setblocking(False)
        quiet = 0
        while quiet < 10:
            try:
                peer.socket.send(get() * 3_000)
                quiet = 0
            except BlockingIOError:
                quiet += 1
                time.sleep(0.01)
        kept = serving.call(lambda: sum(len(c._buffer) for c in serving.server._connections))
        assert kept <= 64 * 1024 + 256 * 1024


def test_pipelined_answers_wait_for_a_reader(serve):
    answered = []

    async def handler(exchange):
        answered.append(exchange.path)
        exchange.respond(200, TEXT, b"z" * 100_000)

    serving = serve(handler)
    with Peer(serving.address, receive_bytes=4_096) as peer:
        peer.send(get() * 300)
        assert settled(lambda: len(answered)) < 100
        for _ in range(300):
            assert len(peer.answer().body) == 100_000


def test_pipelined_requests_are_answered_in_order_one_at_a_time(serve):
    running = []

    async def handler(exchange):
        running.append(exchange.path)
        assert len(running) == 1
        await asyncio.sleep(0.001 * (len(exchange.path) % 3))
        body = await exchange.body(100)
        running.pop()
        exchange.respond(200, TEXT, exchange.path.encode() + body)

    serving = serve(handler)
    requests = [get(f"/{'x' * i}") if i % 2 else post(b"b", path=f"/{'x' * i}") for i in range(100)]
    with serving.dial(b"".join(requests)) as peer:
        for i in range(100):
            assert peer.answer().body == b"/" + b"x" * i + (b"" if i % 2 else b"b")


def test_a_pipelining_client_does_not_starve_the_others(serve):
    async def handler(exchange):
        exchange.respond(200, TEXT, b"")

    serving = serve(handler)
    with serving.dial() as busy, serving.dial() as other:
        busy.send(get() * 5_000)
        other.send(get())
        began = time.monotonic()
        assert other.answer().status == 200
        assert time.monotonic() - began < 0.5
        for _ in range(5_000):
            assert busy.answer().status == 200


@pytest.mark.parametrize("loop", LOOPS)
def test_what_need_not_wait_is_written_at_once(serve, loop):
    """And a piece for which the client must be waited for is not written at all."""
    written, tries = [], []

    async def handler(exchange):
        exchange.begin_stream(200, TEXT)
        tries.append(exchange.try_write(b"before the head"))
        exchange.write(b"head")
        tries.append(exchange.try_write(b""))
        while exchange.try_write(PIECE):
            written.append(PIECE)
            await asyncio.sleep(0)
        await exchange.drain()
        tries.append(exchange.try_write(b"more"))
        exchange.finish()
        tries.append(exchange.try_write(b"after the end"))

    serving = serve(handler, loop=loop)
    with Peer(serving.address, get(), receive_bytes=4_096) as peer:
        assert peer.answer().body == b"head" + b"".join(written) + b"more"
    assert tries == [False, False, True, False]


def test_nothing_is_tried_on_a_client_that_has_gone(serve):
    tries = []

    async def handler(exchange):
        exchange.begin_stream(200, TEXT)
        exchange.write(b"head")
        try:
            await asyncio.sleep(10)
        finally:
            tries.append(exchange.try_write(b"more"))

    serving = serve(handler)
    with Peer(serving.address, get()) as peer:
        peer.exactly(4)
        peer.reset()
        until(lambda: tries)
    assert tries == [False]


def test_a_stream_that_is_not_in_chunks_is_written_the_long_way(serve):
    tries = []

    async def handler(exchange):
        exchange.begin_stream(200, TEXT, content_length=8)
        exchange.write(b"head")
        tries.append(exchange.try_write(b"more"))
        exchange.finish(b"tail")

    serving = serve(handler)
    with Peer(serving.address, get()) as peer:
        assert peer.answer().body == b"headtail"
    assert tries == [False]
