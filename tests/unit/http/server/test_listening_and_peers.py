"""Sockets: bound before serving, shared between processes, IPv4 and IPv6."""

import asyncio
import socket

import pytest

from tests.unit.http.server.serving import Serving, echo, get
from yiyuan.http.server.peer import peer_address
from yiyuan.http.server.server import Server, bind
from yiyuan.kernel.clock import SystemClock


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")


@pytest.mark.parametrize(
    ("peername", "address"),
    [
        (("192.0.2.1", 5), "192.0.2.1"),
        (("2001:DB8::1", 5, 0, 0), "2001:db8::1"),
        (("::ffff:192.0.2.1", 5, 0, 0), "192.0.2.1"),
        (("fe80::1%eth0", 5, 0, 2), "fe80::1"),
        ("", ""),
        (None, ""),
        ((), ""),
    ],
)
def test_the_peer_s_address(peername, address):
    assert peer_address(peername) == address


@needs_ipv6
def test_ipv6_and_dual_stack(serve):
    serving = serve(echo, host="::1")
    assert serving.ask(get()).json()["peer"] == "::1"
    serving = serve(echo, host="::")
    port = serving.address[1]
    for address in ("::1", "127.0.0.1"):
        serving.address = (address, port)
        assert serving.ask(get()).json()["peer"] == address


def test_a_taken_port_is_an_error_and_a_shared_one_is_not():
    first = bind("127.0.0.1", 0, reuse_port=True)
    port = first[0].getsockname()[1]
    first[0].listen()
    second = bind("127.0.0.1", port, reuse_port=True)
    assert second[0].getsockname()[1] == port
    with pytest.raises(OSError, match="in use"):
        bind("127.0.0.1", port)
    for listening in first + second:
        listening.close()


def test_every_interface_has_one_port():
    sockets = bind("", 0)
    assert len({listening.getsockname()[1] for listening in sockets}) == 1
    for listening in sockets:
        listening.close()


def test_an_unknown_name_is_an_error():
    with pytest.raises(OSError, match=r".*"):
        bind("no such name.invalid", 0)


async def test_it_serves_in_the_running_loop_on_several_sockets():
    server = Server(echo, clock=SystemClock(), on_error=lambda *_: None)
    sockets = bind("127.0.0.1", 0) + bind("127.0.0.1", 0)
    addresses = [listening.getsockname() for listening in sockets]
    await server.start(sockets)
    for address in addresses:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(get())
        assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"
        writer.close()
        await writer.wait_closed()
    await server.stop(1)
    assert server.connection_count == 0


def test_the_date_moves_on():
    class Calendar:
        now = 0

        def wall_ms(self):
            return self.now

        def monotonic(self):
            return 0.0

    clock = Calendar()

    async def fixed(exchange):
        exchange.respond(200, [], b"")

    serving = Serving(fixed)
    serving.server._clock = clock
    serving.call(serving.server._sweep)
    assert serving.ask(get()).headers["date"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    clock.now = 1_999
    serving.call(serving.server._sweep)
    assert serving.ask(get()).headers["date"] == "Thu, 01 Jan 1970 00:00:01 GMT"
    serving.stop()
