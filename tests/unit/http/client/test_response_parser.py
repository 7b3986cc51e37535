"""Responses by their bytes alone: the same wherever the pieces are cut, and no fault missed."""

import pytest

from yiyuan.http.client.response_parser import ResponseParser
from yiyuan.http.header_names import HeaderNames

WHOLE = {
    "by length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-One: a\r\n\r\nhello",
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-One: a\r\n\r\n"
    b"3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: t\r\n\r\n",
    "after a 103": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-One: a\r\n\r\nhello",
}


def parser(*, is_head_request: bool = False) -> ResponseParser:
    made = ResponseParser(HeaderNames())
    made.begin(is_head_request=is_head_request)
    return made


@pytest.mark.parametrize("raw", WHOLE.values(), ids=WHOLE.keys())
@pytest.mark.parametrize("step", [1, 2, 7, 1000])
def test_a_response_is_the_same_wherever_it_is_cut(raw: bytes, step: int) -> None:
    reader = parser()
    body = b"".join(reader.feed(raw[at : at + step]) for at in range(0, len(raw), step))
    assert (reader.status, body, reader.headers["x-one"]) == (200, b"hello", "a")
    assert reader.is_ended
    assert reader.has_length
    assert reader.keep_alive
    assert reader.fault is None


def test_a_body_without_length_ends_with_the_connection() -> None:
    reader = parser()
    assert reader.feed(b"HTTP/1.1 200 OK\r\n\r\nhel") + reader.feed(b"lo") == b"hello"
    assert not reader.is_ended
    assert not reader.has_length


def test_the_next_response_begins_anew() -> None:
    reader = parser()
    assert reader.feed(WHOLE["chunked"]) == b"hello"
    reader.begin(is_head_request=False)
    assert (reader.status, reader.is_ended) == (0, False)
    assert reader.feed(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno") == b"no"
    assert (reader.status, reader.headers) == (404, {"content-length": "2"})


def test_a_head_request_has_no_body_and_ends_the_connection() -> None:
    reader = parser(is_head_request=True)
    reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    assert reader.is_ended
    assert not reader.keep_alive


@pytest.mark.parametrize(
    "more", [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", b"x", b"HTTP/1.1 200"]
)
def test_what_follows_a_response_is_not_taken_and_ends_the_connection(more: bytes) -> None:
    for pieces in ([WHOLE["by length"] + more], [WHOLE["by length"], more]):
        reader = parser()
        assert b"".join(reader.feed(piece) for piece in pieces) == b"hello"
        assert reader.is_ended
        assert not reader.keep_alive
        assert reader.fault is None


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"SSH-2.0-x\r\n", "not HTTP/1.1"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "unexpected status 101"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "a transfer encoding"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "not HTTP/1.1"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "not HTTP/1.1"),
    ],
)
def test_what_is_no_response_is_a_fault(raw: bytes, fault: str) -> None:
    reader = parser()
    reader.feed(raw)
    assert reader.fault is not None
    assert reader.fault.startswith(fault)
