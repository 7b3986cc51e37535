"""One address may hold only so many connections; others, and proxies, are not touched by it."""

from tests.unit.http.server.serving import Peer, echo, get, until
from yiyuan.http.server.addresses import Addresses

ONE, OTHER = "127.0.0.1", "127.0.0.2"
QUICK = {"linger_seconds": 0.3}


def dial(serving, source, data=b""):
    """A client that comes from `source`."""
    return Peer(("127.0.0.1", serving.address[1]), data, source=source)


def test_the_address_with_too_many_is_told_and_others_are_served(serve):
    serving = serve(echo, host="0.0.0.0", connections_per_address_max=3, **QUICK)
    guests = [dial(serving, ONE, get()) for _ in range(3)]
    assert [guest.answer().status for guest in guests] == [200] * 3
    with dial(serving, ONE, get()) as peer:
        answer = peer.answer()
        assert (answer.status, answer.code) == (429, "too_many_connections")
        assert "3" in answer.json()["error"]["message"]
        assert int(answer.headers["retry-after"]) >= 1
        assert peer.is_closed()
    with dial(serving, OTHER, get()) as neighbour:
        assert neighbour.answer().status == 200
    guests[0].send(get())
    assert guests[0].answer().status == 200, "those that are there stay"
    guests[1].socket.close()
    until(lambda: serving.server.connection_count <= 2)
    with dial(serving, ONE, get()) as peer:
        assert peer.answer().status == 200, "one went, so one may come"
    for guest in guests:
        guest.socket.close()
    until(serving.is_empty)
    assert serving.server.refusals == {"too_many_connections": 1}


def test_a_trusted_proxy_has_as_many_as_it_needs(serve):
    serving = serve(echo, host="0.0.0.0", exempt={OTHER}, connections_per_address_max=2, **QUICK)
    guests = [dial(serving, OTHER, get()) for _ in range(8)]
    assert [guest.answer().status for guest in guests] == [200] * 8
    for guest in guests:
        guest.socket.close()


def test_far_more_of_one_address_are_cut_without_a_word(serve):
    serving = serve(echo, host="0.0.0.0", connections_per_address_max=1, linger_seconds=5.0)
    guests = [dial(serving, ONE) for _ in range(70)]
    for guest in guests[-4:]:
        guest.socket.settimeout(2)
        assert guest.is_closed()
    with dial(serving, OTHER, get()) as neighbour:
        assert neighbour.answer().status == 200
    for guest in guests:
        guest.socket.close()
    until(serving.is_empty)


def test_nought_is_no_limit(serve):
    serving = serve(echo, connections_per_address_max=0, **QUICK)
    guests = [serving.dial(get()) for _ in range(20)]
    assert [guest.answer().status for guest in guests] == [200] * 20
    for guest in guests:
        guest.socket.close()


def test_an_ipv6_address_counts_with_its_neighbours():
    """Whoever has one address of a /64 has all of them; an exempt one is named itself."""
    addresses = Addresses(2, is_exempt={"2001:db8:0:1::9"}.__contains__)
    seats = ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2"]
    assert [addresses.joined(seat) for seat in seats] == [None, None]
    refused = addresses.joined("2001:db8:0:1::3")
    assert refused is not None
    assert refused.code == "too_many_connections"
    addresses.left("2001:db8:0:1::3")
    assert addresses.joined("2001:db8:0:1::9") is None
    addresses.left("2001:db8:0:1::9")
    assert addresses.joined("2001:db8:0:2::1") is None
    assert addresses.joined("192.0.2.1") is None
    addresses.left(seats[0])
    assert addresses.joined("2001:db8:0:1::3") is None


def test_ipv4_clients_of_an_ipv6_socket_count_apart():
    addresses = Addresses(1, is_exempt=lambda _: False)
    assert addresses.joined("::ffff:192.0.2.1") is None
    assert addresses.joined("::ffff:192.0.2.2") is None
    refused = addresses.joined("::ffff:192.0.2.1")
    assert refused is not None
    assert refused.code == "too_many_connections"
