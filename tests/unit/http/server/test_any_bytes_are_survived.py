"""Fuzz: no bytes, however cut, hang the server, make it answer 5xx or end it."""

import re
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.http.server.serving import Serving, chunked, echo, get, post

FUZZ = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
STATUS = re.compile(rb"HTTP/1\.1 (\d\d\d) ")


@pytest.fixture(scope="module")
def impatient():
    """A server whose every time-out is short, so that a wait always ends soon."""
    serving = Serving(
        echo,
        head_seconds=0.04,
        idle_seconds=0.04,
        body_stall_seconds=0.04,
        linger_seconds=0.04,
        head_bytes_max=4_000,
    )
    yield serving
    serving.stop()
    assert serving.errors == []


REQUESTS = (get(), post(b"abc"), chunked(b"abc", b"d"))
LINES = (
    *(b"GET ", b"POST / HTTP/1.1\r\n", b"host: x\r\n", b"connection: close\r\n"),
    *(b"content-length: 3\r\n", b"content-length: 99\r\n", b"transfer-encoding: chunked\r\n"),
    *(b"expect: 100-continue\r\n", b"0\r\n\r\n", b"5;x\r\nhello\r\n", b"http://x/", b": "),
)
BLANKS = (b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\x00", b"\xff" * 9, b"a" * 5_000, b"/" * 100)
FRAGMENTS = st.sampled_from((*REQUESTS, *LINES, *BLANKS))
BYTES = st.one_of(
    st.binary(max_size=300),
    st.lists(FRAGMENTS, min_size=1, max_size=8).map(b"".join),
    st.lists(st.one_of(FRAGMENTS, st.binary(max_size=8)), max_size=10).map(b"".join),
)


@FUZZ
@given(BYTES, st.lists(st.integers(0, 5_000), max_size=4), st.sampled_from(["fin", "wait", "rst"]))
def test_any_bytes(impatient, data, cuts, ending):
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    with impatient.dial() as peer:
        received = b""
        try:
            for start, end in pairwise(edges):
                peer.send(data[start:end])
            if ending == "rst":
                peer.reset()
                return
            if ending == "fin":
                peer.finish()
            received = peer.all()
        except (ConnectionResetError, BrokenPipeError):
            pass
        for status in STATUS.findall(received):
            assert status in (b"200", b"100", b"400", b"408", b"413", b"431")


@FUZZ
@given(st.sampled_from(REQUESTS), st.data())
def test_a_mutated_request(impatient, request_bytes, data):
    at = data.draw(st.integers(0, len(request_bytes) - 1))
    kind = data.draw(st.sampled_from(["change", "drop", "add", "cut"]))
    byte = bytes([data.draw(st.integers(0, 255))])
    tail = {
        "change": byte + request_bytes[at + 1 :],
        "drop": request_bytes[at + 1 :],
        "add": byte + request_bytes[at:],
        "cut": b"",
    }[kind]
    with impatient.dial(request_bytes[:at] + tail) as peer:
        statuses = STATUS.findall(peer.all())
    assert set(statuses) <= {b"200", b"400", b"408"}


def test_the_server_is_well_afterwards(impatient):
    assert impatient.ask(get("/well")).json()["path"] == "/well"
    assert impatient.call(lambda: impatient.server.connection_count) <= 2
