"""The connection to Valkey: over TCP, a socket file, TLS; replies in pieces, late, or nonsense."""

import asyncio
import contextlib
import ssl

import pytest

from tests.support.valkey_process import running_valkey
from tests.unit.http.client.certificates import client_context, server_context
from yiyuan.ratelimit.valkey.pipeline import Away, Pipeline
from yiyuan.ratelimit.valkey.resp import Incomplete, ReplyError, pack, unpack

PING = pack(b"PING")


async def ping(url):
    pipe = await Pipeline.open(url, lambda: None)
    try:
        return await pipe.call(PING).future
    finally:
        pipe.close()


@contextlib.asynccontextmanager
async def served(answer, **options):
    """A server on a free port that gives each connection to `answer`; its port."""

    running = set()

    async def handle(reader, writer):
        running.add(asyncio.current_task())
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await answer(reader, writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, **options)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.wait_for(asyncio.gather(*running), 5)


async def test_over_tcp_and_a_socket_file(tmp_path):
    with running_valkey("--unixsocket", f"{tmp_path}/socket") as valkey:
        assert await ping(valkey.url) == b"PONG"
        assert await ping(valkey.url.replace("redis://", "valkey://")) == b"PONG"
        assert await ping(f"unix://{tmp_path}/socket?db=3") == b"PONG"


async def test_over_tls_the_name_is_checked(tmp_path):
    (authority,) = client_context().get_ca_certs(binary_form=True)
    file = tmp_path / "authority.pem"
    file.write_text(ssl.DER_cert_to_PEM_cert(authority))

    async def answer(reader, writer):
        while await reader.readuntil(b"PING\r\n"):
            writer.write(b"+PONG\r\n")

    async with served(answer, ssl=server_context("localhost")) as port:
        trusted = f"?ssl_ca_certs={file}"
        assert await ping(f"rediss://localhost:{port}/0{trusted}") == b"PONG"
        unchecked = f"{trusted}&ssl_check_hostname=false"
        assert await ping(f"valkeys://127.0.0.1:{port}/0{unchecked}") == b"PONG"
        for url in (f"rediss://127.0.0.1:{port}/0{trusted}", f"rediss://localhost:{port}/0"):
            with pytest.raises(Away, match="certificate"):
                await ping(url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("redis://127.0.0.1:1", "cannot connect"),
        ("redis://:SECRET@127.0.0.1:SECRET", "its URL cannot be read"),
        ("unix:///nowhere/socket", "cannot connect"),
        ("rediss://127.0.0.1:1/0?ssl_cert_reqs=maybe", "its URL cannot be read"),
    ],
)
async def test_what_cannot_be_reached_is_away(url, why):
    with pytest.raises(Away, match=why) as caught:
        await ping(url)
    assert "SECRET" not in str(caught.value)


async def test_replies_may_come_in_pieces_and_too_late():
    may_answer = asyncio.Event()

    async def answer(reader, writer):
        await reader.readuntil(b"PING\r\n")
        await may_answer.wait()
        for byte in b":1\r\n*3\r\n:2\r\n$2\r\nab\r\n$-1\r\n-READONLY no\r\n+in time\r\n":
            writer.write(bytes([byte]))
            await writer.drain()
        await reader.read()

    async with served(answer) as port:
        pipe = await Pipeline.open(f"redis://127.0.0.1:{port}", lambda: None)
        late = []
        for _ in range(3):
            call = pipe.call(PING)
            call.late = late.append
            with pytest.raises(Away, match="too slow") as caught:
                await call.future
            assert caught.value.call is call
        last = pipe.call(PING, 5.0)
        may_answer.set()
        assert await last.future == b"in time"
        assert late[:2] == [1, [2, b"ab", None]]
        assert late[2].code == "READONLY"
        pipe.close()


@pytest.mark.parametrize("nonsense", [b"HTTP/1.1 400\r\n\r\n", b":x\r\n", b"*1\r\n" * 50_000])
async def test_nonsense_ends_the_connection(nonsense):
    async def answer(reader, writer):
        await reader.readuntil(b"PING\r\n")
        writer.write(nonsense)
        await reader.read()

    lost = []
    async with served(answer) as port:
        pipe = await Pipeline.open(f"redis://127.0.0.1:{port}", lambda: lost.append(1))
        with pytest.raises(Away, match="connection was lost"):
            await pipe.call(PING, 5.0).future
        assert lost == [1]
        assert not pipe.is_open
        with pytest.raises(Away, match="connection was lost"):
            await pipe.call(PING).future


async def test_a_reply_nobody_asked_for_ends_the_connection():
    async def answer(reader, writer):
        writer.write(b"+HELLO\r\n")
        await reader.read()

    lost = asyncio.Event()
    async with served(answer) as port:
        pipe = await Pipeline.open(f"redis://127.0.0.1:{port}", lost.set)
        await asyncio.wait_for(lost.wait(), 5)
        assert not pipe.is_open


async def test_a_loop_that_was_busy_is_not_a_slow_valkey():
    """After 80 ms of work elsewhere the answer lies in the socket: it is read first."""
    with running_valkey() as valkey:
        pipe = await Pipeline.open(valkey.url, lambda: None)
        call = pipe.call(PING)
        await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        end = loop.time() + 0.08
        while loop.time() < end:
            pass
        assert await call.future == b"PONG"
        pipe.close()


def test_replies_are_read_as_they_are_written():
    reply = b"*5\r\n:-12\r\n$3\r\na\r\n\r\n$-1\r\n+OK\r\n-ERR no\r\nrest"
    found, end = unpack(reply, 0)
    assert found[:4] == [-12, b"a\r\n", None, b"OK"]
    assert isinstance(found[4], ReplyError)
    assert found[4].code == "ERR"
    assert reply[end:] == b"rest"
    for length in range(end):
        with pytest.raises(Incomplete):
            unpack(reply[:length], 0)
    assert pack(b"GET", "键".encode()) == b"*2\r\n$3\r\nGET\r\n$3\r\n\xe9\x94\xae\r\n"
