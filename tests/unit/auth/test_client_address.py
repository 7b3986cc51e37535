"""Whose address counts behind proxies: only what trusted ones say, right to left."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.auth.client_address import client_address, client_scheme

TRUSTED = tuple(ip_network(net) for net in ("10.0.0.0/8", "127.0.0.1/32", "fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "expected"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "1.1.1.1", "203.0.113.9"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1", "1.1.1.1"),
        ("10.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        ("10.0.0.1", "6.6.6.6, 1.1.1.1, 10.9.9.9", "1.1.1.1"),
        ("10.0.0.1", "10.0.0.7,10.0.0.8", "10.0.0.7"),
        ("10.0.0.1", "1.1.1.1, unknown", "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1, , 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "1.1.1.1; drop table", "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1:54321", "1.1.1.1"),
        ("10.0.0.1", "1.1.1.1:", "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1:x", "10.0.0.1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "[2001:DB8::1]", "2001:db8::1"),
        ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.1", "[2001:db8::1]x", "10.0.0.1"),
        ("10.0.0.1", "[2001:db8::1", "10.0.0.1"),
        ("10.0.0.1", "::ffff:1.1.1.1", "1.1.1.1"),
        ("10.0.0.1", "01.1.1.1", "10.0.0.1"),
        ("10.0.0.1", "16843009", "10.0.0.1"),
        ("::ffff:10.0.0.1", "1.1.1.1", "1.1.1.1"),
        ("::ffff:203.0.113.9", "1.1.1.1", "203.0.113.9"),
        ("fd00::5", "2001:db8::9", "2001:db8::9"),
        ("fe80::1%eth0", "1.1.1.1", "fe80::1"),
        ("", "1.1.1.1", ""),
    ],
)
def test_the_clients_address(peer, forwarded_for, expected):
    assert client_address(peer, forwarded_for, TRUSTED) == expected


def test_without_trusted_proxies_nothing_is_believed():
    assert client_address("127.0.0.1", "1.1.1.1", ()) == "127.0.0.1"
    assert client_address("::ffff:127.0.0.1", "1.1.1.1", ()) == "127.0.0.1"
    assert client_scheme("127.0.0.1", "https", ()) == "http"


def test_everyone_trusted_gives_the_first_entry():
    everyone = (ip_network("0.0.0.0/0"), ip_network("::/0"))
    assert client_address("9.9.9.9", "1.1.1.1, 2001:db8::1", everyone) == "1.1.1.1"


@given(st.text(max_size=60))
def test_whatever_stands_left_of_the_client_has_no_say(forged):
    assert client_address("10.0.0.1", f"{forged}, 203.0.113.9", TRUSTED) == "203.0.113.9"


@given(st.text(max_size=60))
def test_the_result_is_an_address(garbage):
    ip_address(client_address("10.0.0.1", garbage, TRUSTED))


@pytest.mark.parametrize(
    ("peer", "forwarded_proto", "expected"),
    [
        ("10.0.0.1", "https", "https"),
        ("10.0.0.1", "HTTPS ", "https"),
        ("10.0.0.1", "http, https", "https"),
        ("10.0.0.1", "https, http", "http"),
        ("10.0.0.1", "wss", "http"),
        ("10.0.0.1", "", "http"),
        ("10.0.0.1", None, "http"),
        ("203.0.113.9", "https", "http"),
        ("", "https", "http"),
    ],
)
def test_the_clients_scheme(peer, forwarded_proto, expected):
    assert client_scheme(peer, forwarded_proto, TRUSTED) == expected
