"""A head that came before is read as if it were the first of its kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.http.server.head import CHUNKED, KnownHeads, MalformedHead, read_head

LINE = b"POST /v1/chat/completions HTTP/1.1\r\n"
HOST = b"Host: shop.example\r\n"
KEY = b"Authorization: Bearer sk-1\r\n"


def told(read, head):
    """What a reader says of a head, without what is only shared."""
    try:
        found = read(head)
    except MalformedHead as error:
        return str(error), error.headers
    return (
        found.method,
        found.path,
        found.query,
        dict(found.headers),
        found.length,
        found.is_http_10,
        found.keeps_alive,
        found.expects_continue,
    )


def with_length(number, before=KEY, after=b"", name=b"Content-Length"):
    return LINE + HOST + before + name + b": " + number + b"\r\n" + after + b"\r\n"


@pytest.mark.parametrize("name", [b"Content-Length", b"content-length", b"CONTENT-LENGTH"])
def test_the_same_head_with_other_lengths(name):
    heads = KnownHeads()
    for number in (b"5", b"0", b"1234567", b"999999999", b"007", b"5"):
        head = with_length(number, name=name)
        assert told(heads.read, head) == told(read_head, head)


ODD = {
    "no number": with_length(b""),
    "a sign": with_length(b"+5"),
    "below zero": with_length(b"-5"),
    "hexadecimal": with_length(b"0x5"),
    "two numbers": with_length(b"5, 5"),
    "blanks": with_length(b" 5 "),
    "a tab": with_length(b"5\t"),
    "digits of another script": with_length("\u0665".encode()),
    "a superscript": with_length(b"\xb2"),
    "ten digits": with_length(b"1234567890"),
    "sixteen digits": with_length(b"1" * 16),
    "a bare line feed": with_length(b"5\nX: 1"),
    "a bare return": with_length(b"5\rX: 1"),
    "a zero byte": with_length(b"5\x00"),
    "twice": with_length(b"5", after=b"Content-Length: 6\r\n"),
    "twice, in two spellings": with_length(b"5", after=b"content-length: 6\r\n"),
    "twice, the odd spelling first": with_length(b"5", before=b"CONTENT-length: 6\r\n"),
    "beside a coding": with_length(b"5", after=b"Transfer-Encoding: chunked\r\n"),
    "beside a coding before it": with_length(b"5", before=b"Transfer-Encoding: chunked\r\n"),
    "folded": with_length(b"5", after=b" 6\r\n"),
    "folded into it": LINE + HOST + b"X: 1\r\n Content-Length: 5\r\n\r\n",
    "a blank before the colon": LINE + HOST + b"Content-Length : 5\r\n\r\n",
    "no blank": LINE + HOST + b"Content-Length:5\r\n\r\n",
    "no host": LINE + b"Content-Length: 5\r\n\r\n",
    "two hosts": with_length(b"5", before=HOST),
    "http 1.0": LINE.replace(b"1.1", b"1.0") + b"Content-Length: 5\r\n\r\n",
    "in a value": LINE + HOST + b"X: Content-Length: 5\r\n\r\n",
    "in the target": LINE.replace(b"/v1", b"/Content-Length:%205") + HOST + b"\r\n",
    "chunked": LINE + HOST + b"Transfer-Encoding: chunked\r\n\r\n",
    "nothing": LINE + HOST + b"\r\n",
    "expecting": with_length(b"5", after=b"Expect: 100-continue\r\n"),
    "closing": with_length(b"5", after=b"Connection: close\r\n"),
    "upgrading": with_length(b"5", after=b"Connection: Upgrade\r\nUpgrade: h2c\r\n"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_read_alike_each_time(name):
    heads = KnownHeads()
    heads.read(with_length(b"5"))
    for _ in range(3):
        assert told(heads.read, ODD[name]) == told(read_head, ODD[name])
    plain = with_length(b"6")
    assert told(heads.read, plain) == told(read_head, plain)


@pytest.mark.parametrize("first", ODD)
def test_no_odd_head_changes_what_another_means(first):
    heads = KnownHeads()
    told(heads.read, ODD[first])
    for head in ODD.values():
        assert told(heads.read, head) == told(read_head, head)


PIECES = st.sampled_from(
    (b"Content-Length", b"content-length", b": ", b":", b"\r\n", b"\n", b" ", b"5", b"66", b"X")
) | st.sampled_from(
    (b"Transfer-Encoding: chunked", b"Host: a", b"\x00", b",", b"GET / HTTP/1.1\r\n")
)


@given(st.lists(st.lists(PIECES, max_size=12), min_size=2, max_size=4), st.integers(0, 10**12))
def test_any_lines_are_read_alike(heads_of_pieces, number):
    heads = KnownHeads()
    for pieces in heads_of_pieces:
        lines = b"".join(pieces)
        for length in (b"5", str(number).encode()):
            head = LINE + HOST + lines + b"Content-Length: " + length + b"\r\n\r\n"
            head = head[: head.index(b"\r\n\r\n") + 4]  # as the connection cuts it
            assert told(heads.read, head) == told(read_head, head)


def test_headers_belong_to_one_request():
    heads = KnownHeads()
    for number in (b"1", b"2", b"3"):
        head = heads.read(with_length(number))
        assert head.headers == {
            "host": "shop.example",
            "authorization": "Bearer sk-1",
            "content-length": number.decode(),
        }
        head.headers.clear()
        head.headers["authorization"] = "Bearer sk-other"


def test_what_is_derived_goes_with_the_bytes():
    heads = KnownHeads()
    first = heads.read(with_length(b"1"))
    first.derived["whose"] = "sk-1"
    assert heads.read(with_length(b"2")).derived == {"whose": "sk-1"}
    for other in (b"Authorization: Bearer sk-2\r\n", KEY + b"X: 1\r\n", KEY.lower(), b""):
        assert heads.read(with_length(b"2", before=other)).derived == {}
    assert heads.read(LINE + HOST + KEY + b"\r\n").derived == {}
    chunked = heads.read(LINE + HOST + KEY + b"Transfer-Encoding: chunked\r\n\r\n")
    assert (chunked.length, chunked.derived) == (CHUNKED, {})


def test_all_is_forgotten_after_a_minute():
    heads = KnownHeads()
    heads.forget(100.0)
    heads.read(with_length(b"1")).derived["whose"] = "sk-1"
    heads.forget(100.0 + heads.KEPT_SECONDS - 0.1)
    assert heads.read(with_length(b"1")).derived
    heads.forget(100.0 + heads.KEPT_SECONDS)
    assert not heads.read(with_length(b"1")).derived


def test_few_and_short_ones_are_kept():
    heads = KnownHeads()
    for number in range(3 * heads.HEADS_MAX):
        heads.read(with_length(b"1", before=b"X: %d\r\n" % number)).derived["x"] = number
    known = sum(
        bool(heads.read(with_length(b"1", before=b"X: %d\r\n" % number)).derived)
        for number in range(2 * heads.HEADS_MAX, 3 * heads.HEADS_MAX)
    )
    assert 0 < known <= heads.HEADS_MAX
    long = with_length(b"1", before=b"X: " + b"x" * heads.HEAD_BYTES_MAX + b"\r\n")
    heads.read(long).derived["x"] = 1
    assert not heads.read(long).derived
