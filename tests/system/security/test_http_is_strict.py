"""Requests that two parsers might read differently are refused, and the connection closed."""

import re
import socket

import pytest

from tests.support import wire
from tests.support.drivers import CHAT

BODY = wire.encode(CHAT.body("gpt-4", "Hi", 1))
LENGTH = len(BODY)


def send(gateway, customer, head: str | bytes, body: bytes = BODY, **options) -> bytes:
    raw = head if isinstance(head, bytes) else head.encode("latin-1")
    raw = raw.replace(b"KEY", customer.key.encode())
    return wire.raw(gateway.origin, raw + body, **options)


START = "POST /v1/chat/completions HTTP/1.1\r\n"
HOST = "Host: localhost\r\n"
AUTH = "Authorization: Bearer KEY\r\n"
SMUGGLING = {
    "two lengths": f"{START}{HOST}{AUTH}Content-Length: {LENGTH}\r\nContent-Length: 5\r\n\r\n",
    "two equal lengths in one": f"{START}{HOST}{AUTH}Content-Length: {LENGTH}, 5\r\n\r\n",
    "length and chunked": (
        f"{START}{HOST}{AUTH}Content-Length: {LENGTH}\r\nTransfer-Encoding: chunked\r\n\r\n"
    ),
    "chunked twice": (
        f"{START}{HOST}{AUTH}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
    ),
    "unknown coding": f"{START}{HOST}{AUTH}Transfer-Encoding: xchunked\r\n\r\n",
    "chunked, identity": f"{START}{HOST}{AUTH}Transfer-Encoding: chunked, identity\r\n\r\n",
    "negative length": f"{START}{HOST}{AUTH}Content-Length: -1\r\n\r\n",
    "plus length": f"{START}{HOST}{AUTH}Content-Length: +{LENGTH}\r\n\r\n",
    "hex length": f"{START}{HOST}{AUTH}Content-Length: 0x10\r\n\r\n",
    "huge length": f"{START}{HOST}{AUTH}Content-Length: {'9' * 40}\r\n\r\n",
    "no host": f"{START}{AUTH}Content-Length: {LENGTH}\r\n\r\n",
    "two hosts": f"{START}{HOST}Host: localhost\r\n{AUTH}Content-Length: {LENGTH}\r\n\r\n",
    "folded header": f"{START}{HOST}{AUTH}X-A: 1\r\n  2\r\nContent-Length: {LENGTH}\r\n\r\n",
    "space before colon": f"{START}{HOST}{AUTH}Content-Length : {LENGTH}\r\n\r\n",
    "nul in a value": f"{START}{HOST}{AUTH}X-A: a\0b\r\nContent-Length: {LENGTH}\r\n\r\n",
    "nul in the path": f"POST /v1/chat\0 HTTP/1.1\r\n{HOST}{AUTH}\r\n",
    "bare line feeds": f"{START}{HOST}{AUTH}Content-Length: {LENGTH}\n\n",
    "bare cr": f"{START}{HOST}{AUTH}X-A: a\rb\r\nContent-Length: {LENGTH}\r\n\r\n",
    "no colon": f"{START}{HOST}{AUTH}nonsense\r\nContent-Length: {LENGTH}\r\n\r\n",
    "bad version": f"POST /v1/chat/completions HTTP/9.9\r\n{HOST}{AUTH}\r\n",
    "no request line": "nonsense\r\n\r\n",
    "tls hello": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}


@pytest.mark.parametrize("head", SMUGGLING.values(), ids=SMUGGLING)
def test_ambiguous_requests(gateway, customer, head):
    follow_up = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer KEY\r\n\r\n"
    received = send(
        gateway,
        customer,
        head,
        BODY + follow_up.replace(b"KEY", customer.key.encode()),
        half_close=True,
    )
    assert received.count(b"HTTP/1.1 ") <= 1, "what follows is never read as a request"
    if received:
        answer = wire.parse_raw(received)
        assert answer.status in (400, 401, 404, 413, 501, 505), received[:200]
        assert answer.headers["connection"] == "close"
        assert set(answer.error) >= {"message", "type", "param", "code"}
    assert customer.spent == 0


def test_bad_chunks(gateway, customer):
    head = f"{START}{HOST}{AUTH}Transfer-Encoding: chunked\r\n\r\n"
    bad = {
        "no size": b"zz\r\n",
        "negative": b"-5\r\nhello\r\n0\r\n\r\n",
        "huge": b"ffffffffffffffffff\r\n",
        "no line end": b"5\r\nhelloX0\r\n\r\n",
        "bare lf": b"5\nhello\n0\n\n",
        "long extension": b"5;" + b"x" * 100_000 + b"\r\nhello\r\n",
    }
    for name, chunks in bad.items():
        received = send(gateway, customer, head, chunks, half_close=True)
        if received:
            assert wire.parse_raw(received).status in (400, 413, 431), name
    assert customer.spent == 0


def test_large_heads(gateway, customer):
    many = "".join(f"X-H{i}: {'v' * 50}\r\n" for i in range(2_000))
    for head in (
        f"{START}{HOST}{AUTH}X-Big: {'x' * 40_000}\r\nContent-Length: {LENGTH}\r\n\r\n",
        f"{START}{HOST}{AUTH}{many}Content-Length: {LENGTH}\r\n\r\n",
        f"GET /{'p' * 40_000} HTTP/1.1\r\n{HOST}\r\n",
    ):
        received = send(gateway, customer, head)
        assert re.match(rb"HTTP/1.1 (431|414|400) ", received), received[:100]


def test_a_body_that_never_ends_the_head_is_not_charged(gateway, customer):
    received = send(gateway, customer, f"{START}{HOST}{AUTH}", b"", half_close=True)
    assert received == b"" or received.startswith(b"HTTP/1.1 400")


def test_pipelined_requests_are_answered_in_order(gateway, customer):
    one = f"{START}{HOST}{AUTH}Content-Length: {LENGTH}\r\n\r\n".encode() + BODY
    listed = f"GET /v1/models/gpt-4 HTTP/1.1\r\n{HOST}{AUTH}Connection: close\r\n\r\n".encode()
    received = send(gateway, customer, one + one + listed, b"")
    kinds = re.findall(rb'"object": ?"([a-z.]+)"', received)
    assert kinds == [b"chat.completion", b"chat.completion", b"model"]


def test_http_1_0(gateway, customer):
    head = f"POST /v1/chat/completions HTTP/1.0\r\n{AUTH}Content-Length: {LENGTH}\r\n\r\n"
    answer = wire.parse_raw(send(gateway, customer, head))
    assert answer.status == 200
    streamed = wire.encode({**CHAT.body("gpt-4", "Hi", 2), "stream": True})
    head = f"POST /v1/chat/completions HTTP/1.0\r\n{AUTH}Content-Length: {len(streamed)}\r\n\r\n"
    received = send(gateway, customer, head, streamed)
    assert b"transfer-encoding" not in received.lower().split(b"\r\n\r\n")[0]
    assert received.endswith(b"data: [DONE]\n\n")


def test_expect_100_continue(gateway, customer):
    head = (
        f"{START}{HOST}{AUTH}Content-Length: {LENGTH}\r\nExpect: 100-continue\r\n"
        "Connection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as sock:
        sock.sendall(head.replace("KEY", customer.key).encode())
        assert sock.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(BODY)
        assert sock.recv(4096).startswith(b"HTTP/1.1 200 OK")


def test_a_refused_request_is_not_asked_for_its_body(gateway):
    head = f"{START}{HOST}Content-Length: {LENGTH}\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as sock:
        sock.sendall(head.encode())
        assert sock.recv(4096).startswith(b"HTTP/1.1 401 Unauthorized")


def test_a_client_that_closes_its_sending_side_is_gone(gateway, customer):
    """Half-close: the request is complete, and is either answered or given up; never stuck."""
    head = f"{START}{HOST}{AUTH}Content-Length: {LENGTH}\r\n\r\n"
    received = send(gateway, customer, head, half_close=True)
    assert received == b"" or received.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "path",
    [
        "//v1/models",
        "/v1/../v1/models",
        "/v1/%2e%2e/models",
        "/v1/models%00",
        "/V1/models",
        "/v1/models;x=1",
        "http://other.example/v1/models",
        "*",
    ],
)
def test_odd_paths_never_break_anything(gateway, customer, path):
    head = f"GET {path} HTTP/1.1\r\n{HOST}{AUTH}Connection: close\r\n\r\n"
    received = send(gateway, customer, head, b"")
    assert re.match(rb"HTTP/1.1 (200|400|404|405) ", received), received[:100]


@pytest.mark.parametrize("host", ["evil.example", "x/admin?", "127.0.0.1:1@evil", "[::1", ""])
def test_the_host_header_decides_nothing(gateway, customer, host):
    head = f"GET /v1/models HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    received = send(gateway, customer, head, b"")
    assert re.match(rb"HTTP/1.1 (400|401|421) ", received), received[:100]
    assert b"evil" not in received or received.startswith(b"HTTP/1.1 421 ")
