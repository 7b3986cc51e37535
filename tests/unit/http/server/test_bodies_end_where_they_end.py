"""Body framing: any split gives the same content and the same end; the rest is refused."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yiyuan.http.server.body_framing import ChunkedBody, LengthBody


def feed(body, data, cuts=()):
    """Feed `data` cut at `cuts`; returns what was not taken."""
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    rest = b""
    for start, end in pairwise(edges):
        piece = data[start:end]
        if body.is_complete or body.is_broken:
            rest += piece
        else:
            rest += piece[body.feed(piece, 0) :]
    return rest


def frame(chunks, extension=b"", trailers=b""):
    framed = b"".join(b"%x%b\r\n%b\r\n" % (len(c), extension, c) for c in chunks if c)
    return framed + b"0\r\n" + trailers + b"\r\n"


CUTS = st.lists(st.integers(0, 10_000), max_size=12)
EXTENSIONS = st.sampled_from([b"", b";a", b"; a=b", b' ;a="b c"', b';a="\\"";b\t=\tc'])
TRAILERS = st.sampled_from([b"", b"A: b\r\n", b"Content-Length: 9\r\nX:\r\n"])


@settings(max_examples=200)
@given(st.binary(min_size=1, max_size=300), st.binary(max_size=30), CUTS)
def test_a_length_splits_anywhere(content, after, cuts):
    body = LengthBody(len(content))
    assert feed(body, content + after, cuts) == after
    assert body.is_complete
    assert bytes(body.received) == content
    assert body.rest == 0


@settings(max_examples=200)
@given(
    st.lists(st.binary(max_size=80), max_size=6), EXTENSIONS, TRAILERS, st.binary(max_size=9), CUTS
)
def test_chunks_split_anywhere(chunks, extension, trailers, after, cuts):
    body = ChunkedBody()
    assert feed(body, frame(chunks, extension, trailers) + after, cuts) == after
    assert body.is_complete
    assert not body.is_broken
    assert bytes(body.received) == b"".join(chunks)
    assert body.count == len(body.received)


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n",
        b"x\r\n",
        b"-1\r\n",
        b"+1\r\n",
        b" 1\r\n",
        b"1 \r\n",
        b"0x1\r\n",
        b"1_0\r\n",
        b"\xb2\r\n",
        b"1\na",
        b"1\r\na\n",
        b"1\r\nab\r\n",
        b"1\r\na\r\r\n",
        b"1\r\naX",
        b"1\r\na\rX",
        b"100000000\r\n",
        b"fffffffffffffffff\r\n",
        b"00000000000000001\r\n",
        b"1;\x00\r\n",
        b"1;\r\n",
        b"1;;a\r\n",
        b"1;a=\r\n",
        b"1;=b\r\n",
        b"1;a b\r\n",
        b'1;a="b\r\n',
        b'1;a="b"c\r\n',
        b"1;a=b,c\r\n",
        b"1;a\rb\r\n",
        b"1;" + b"a" * 1_100,
        b"0\r\n\n",
        b"0\r\nA\r\n",
        b"0\r\n A: b\r\n",
        b"0\r\nA : b\r\n",
        b"0\r\nA: \x00\r\n",
        b"0\r\n" + b"A: " + b"b" * 1_100,
        b"0\r\n" + b"A: b\r\n" * 3_000,
        b"1;" + b"a" * 500 + b"\r\na\r\n" + (b"1;" + b"a" * 500 + b"\r\na\r\n") * 40,
        b"1\r\na\r\n" * 5_000,
    ],
)
@pytest.mark.parametrize("size", [1, 3, 100_000])
def test_wrong_chunks_are_broken_however_they_are_cut(data, size):
    body = ChunkedBody()
    feed(body, data, range(0, len(data), size) if size < 100 else ())
    assert body.is_broken
    assert not body.is_complete


def test_an_unfinished_extension_is_bounded():
    body = ChunkedBody()
    for _ in range(2_000):
        body.feed(b"1;aaaaaaaa"[: 10 if body.count == 0 else 0] or b"a", 0)
    assert body.is_broken


def test_small_chunks_are_fine_when_they_bring_more_than_they_cost():
    body = ChunkedBody()
    assert feed(body, frame([b"abcdef"] * 20_000)) == b""
    assert body.is_complete
    assert body.count == 120_000


@settings(max_examples=200)
@given(st.binary(max_size=200), CUTS)
def test_garbage_never_raises_and_is_judged_alike_however_cut(data, cuts):
    whole, pieces = ChunkedBody(), ChunkedBody()
    rest = feed(whole, data)
    rest_of_pieces = feed(pieces, data, cuts)
    assert whole.is_complete == pieces.is_complete
    assert whole.is_broken == pieces.is_broken
    if whole.is_complete:
        assert rest == rest_of_pieces
        assert whole.received == pieces.received
