"""A head is either understood as every other strict reader understands it, or refused."""

import httptools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yiyuan.http.server.head import CHUNKED, MalformedHead, is_hopeless, read_head

HOST = b"Host: x\r\n"


def reason(head):
    with pytest.raises(MalformedHead) as caught:
        read_head(head)
    assert caught.value.refusal.status == 400
    assert caught.value.refusal.code == "malformed_request"
    assert caught.value.refusal.message("zh") != caught.value.refusal.message("en")
    return str(caught.value)


def test_a_head_in_full():
    head = read_head(
        b"POST /v1/chat%20x?a=b%20c&d HTTP/1.1\r\nHOST: example.com:8000\r\n"
        b"Content-Length: 12 \r\nX-A:1\r\nx-a: \t2\t\r\nCookie: a=1\r\ncookie: b=2\r\n"
        b"X-Latin: \xe9\r\nEmpty:\r\nExpect: 100-Continue\r\n\r\n"
    )
    assert (head.method, head.path, head.query) == ("POST", "/v1/chat x", "a=b%20c&d")
    assert head.length == 12
    assert head.keeps_alive
    assert head.expects_continue
    assert not head.is_http_10
    assert dict(head.headers) == {
        "host": "example.com:8000",
        "content-length": "12",
        "x-a": "1, 2",
        "cookie": "a=1; b=2",
        "x-latin": "é",
        "empty": "",
        "expect": "100-Continue",
    }


@pytest.mark.parametrize(
    ("version", "connection", "keeps_alive"),
    [
        (b"1.1", b"", True),
        (b"1.1", b"Connection: close\r\n", False),
        (b"1.1", b"Connection: Keep-Alive, Close\r\n", False),
        (b"1.1", b"Connection: keep-alive\r\nConnection: close\r\n", False),
        (b"1.0", b"", False),
        (b"1.0", b"Connection: Keep-Alive\r\n", True),
        (b"1.0", b"Connection: keep-alive, close\r\n", False),
    ],
)
def test_whether_the_connection_is_kept(version, connection, keeps_alive):
    head = read_head(b"GET / HTTP/" + version + b"\r\n" + HOST + connection + b"\r\n")
    assert head.keeps_alive is keeps_alive


@pytest.mark.parametrize(
    "line",
    [
        b"GET /",
        b"GET / HTTP/0.9",
        b"GET / HTTP/1.2",
        b"GET / HTTP/2.0",
        b"GET / HTTP/1.10",
        b"GET / HTTP/1.1 ",
        b"GET  / HTTP/1.1",
        b"GET /  HTTP/1.1",
        b"GET /a b HTTP/1.1",
        b"GET\t/ HTTP/1.1",
        b" GET / HTTP/1.1",
        b"\nGET / HTTP/1.1",
        b"GET / http/1.1",
        b"GET / RTSP/1.0",
        b"get / HTTP/1.1",
        b"FOO / HTTP/1.1",
        b"G\x00T / HTTP/1.1",
        b"GET /\x00 HTTP/1.1",
        b"GET /\xc3\xa9 HTTP/1.1",
        b"GET / HTTP/1.1\rX: y",
        b"PRI * HTTP/2.0",
        b"",
    ],
)
def test_a_wrong_request_line_is_refused(line):
    assert reason(line + b"\r\n" + HOST + b"\r\n") == "http_request_line"


@pytest.mark.parametrize(
    "target",
    [
        *(b"x", b"*", b"?a", b"x:80", b"/a#b", b"/?#", b"/%00", b"/%0d%0a", b"/%ff"),
        *(b"http://y/", b"http://x:80/", b"http://u@x/", b"ftp://x/", b"http:///", b"http:/x"),
    ],
)
def test_a_wrong_target_is_refused(target):
    head = b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n"
    assert reason(head) in ("http_target", "http_header")


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"http://x/a?b", "/a", "b"),
        (b"HTTP://X", "/", ""),
        (b"https://x?b", "/", "b"),
        (b"/a?b?c", "/a", "b?c"),
        (b"/a/../b", "/a/../b", ""),
        (b"//y/", "//y/", ""),
        (b"/%", "/%", ""),
        (b"/%zz", "/%zz", ""),
        (b"/%E4%B8%80", "/一", ""),
    ],
)
def test_targets_that_are_understood(target, path, query):
    head = read_head(b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n")
    assert (head.path, head.query) == (path, query)


def test_the_star_is_for_options():
    assert read_head(b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n").path == "*"


@pytest.mark.parametrize(
    "lines",
    [
        b"",
        HOST + HOST,
        b"Host: x\r\nhost: y\r\n",
        b"Host:\r\n",
        b"Host: x y\r\n",
        b"Host: x/admin?\r\n",
        b"Host: u@x\r\n",
        b"Host: x,y\r\n",
        b"Host: x:80x\r\n",
        b"Host: [::1\r\n",
    ],
)
def test_anything_but_one_good_host_is_refused(lines):
    assert reason(b"GET / HTTP/1.1\r\n" + lines + b"\r\n") == "http_host"


@pytest.mark.parametrize("host", [b"x", b"a.b-c:8000", b"127.0.0.1", b"[::1]:80", b"[::1]", b"a_b"])
def test_good_hosts(host):
    assert read_head(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n").headers["host"]


def test_http_10_needs_no_host():
    assert read_head(b"GET / HTTP/1.0\r\n\r\n").is_http_10
    assert reason(b"GET / HTTP/1.0\r\n" + HOST + HOST + b"\r\n") == "http_host"


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5\r\nContent-Length: 5\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Content-Length: 5 5\r\n",
        b"Content-Length:\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: -5\r\n",
        b"Content-Length: 5.0\r\n",
        b"Content-Length: 0x5\r\n",
        b"Content-Length: \xb2\r\n",
        b"Content-Length: 1000000000000000\r\n",
        b"Content-Length: 18446744073709551621\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked, gzip\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked;q=1\r\n",
        b"Transfer-Encoding: \x0bchunked\r\n",
        b"Transfer-Encoding:\r\n",
        b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n",
        b"Transfer-Encoding\t: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding\r\n : chunked\r\n",
    ],
)
def test_ambiguous_framing_is_refused(lines):
    assert reason(b"POST / HTTP/1.1\r\n" + HOST + lines + b"\r\n") == "http_framing"


def test_chunked_is_not_for_http_10():
    lines = b"Transfer-Encoding: chunked\r\n"
    assert reason(b"POST / HTTP/1.0\r\n" + HOST + lines + b"\r\n") == "http_framing"
    assert read_head(b"POST / HTTP/1.1\r\n" + HOST + lines + b"\r\n").length == CHUNKED


@pytest.mark.parametrize(
    "line",
    [
        b"A : b\r\n",
        b"A\t: b\r\n",
        b" A: b\r\n",
        b"A: b\r\n c\r\n",
        b"A: b\r\n\tc\r\n",
        b"A: b\nB: c\r\n",
        b"A: b\rB: c\r\n",
        b"A: b\x00\r\n",
        b"A: \x01\r\n",
        b"A: \x7f\r\n",
        b"A\x00: b\r\n",
        b"A\x80: b\r\n",
        b"A\r\n",
        b": b\r\n",
        b"A(: b\r\n",
    ],
)
def test_a_wrong_header_line_is_refused(line):
    assert reason(b"GET / HTTP/1.1\r\n" + HOST + line + b"\r\n") == "http_header"


def test_an_upgrade_is_not_taken():
    lines = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
    assert read_head(b"GET / HTTP/1.1\r\n" + HOST + lines + b"\r\n").path == "/"


@pytest.mark.parametrize(
    ("part", "hopeless"),
    [
        (b"GET / HT", False),
        (b"GET / HTTP/1.1\r", False),
        (b"GET / HTTP/1.1\r\nA: \tb", False),
        (b"GET / HTTP/1.1\nA", True),
        (b"GET / HTTP/1.1\rA", True),
        (b"\x16\x03\x01", True),
        (b"A\x00", True),
    ],
)
def test_what_cannot_become_a_head_is_noticed_early(part, hopeless):
    assert is_hopeless(part) is hopeless


WORDS = st.sampled_from(
    (
        *(b"GET", b"POST", b" ", b"/", b"/a", b"HTTP/1.1", b"HTTP/1.0", b"\r\n", b"\n", b"\r"),
        *(b"Host", b"Content-Length", b"Transfer-Encoding", b"chunked", b"Connection", b"close"),
        *(b":", b": ", b"\t", b"5", b"0", b",", b"x", b"\x00", b"\xff", b"%41", b"?", b"#"),
    )
)
LINES = st.sampled_from(
    (
        *(b"Host: x", b"host: y", b"Content-Length: 5", b"Content-Length: 0"),
        *(b"Content-Length: x", b"Transfer-Encoding: chunked", b"transfer-encoding: gzip"),
        *(b"Connection: close", b"Expect: 100-continue", b"Upgrade: x"),
        *(b"A: b", b" folded", b"A:b\t", b"A : b", b"B: \xe4", b"C:\x0b"),
    )
)
HEADS = st.one_of(
    st.lists(WORDS, max_size=30).map(b"".join),
    st.lists(LINES, max_size=6).map(lambda lines: b"\r\n".join([b"POST /a HTTP/1.1", *lines])),
)


class Witness:
    """Another reader: the whole of llhttp on the whole message."""

    def __init__(self):
        self.url = b""
        self.headers = []
        self.bodies = []
        self.messages = 0

    def on_url(self, url):
        self.url += url

    def on_header(self, name, value):
        self.headers.append((name, value))

    def on_body(self, body):
        self.bodies.append(body)

    def on_headers_complete(self):
        self.keeps_alive = self.parser.should_keep_alive()

    def on_message_complete(self):
        self.messages += 1


@settings(max_examples=300)
@given(HEADS)
def test_what_is_accepted_another_reader_takes_for_the_same(start):
    data = start + b"\r\n\r\n"
    data = data[: data.index(b"\r\n\r\n") + 4]
    try:
        head = read_head(data)
    except MalformedHead:
        return
    witness = Witness()
    witness.parser = parser = httptools.HttpRequestParser(witness)
    body = b"0\r\n\r\n" if head.length == CHUNKED else b"z" * head.length
    try:
        parser.feed_data(data + body)
    except httptools.HttpParserUpgrade:
        return
    assert parser.get_method().decode() == head.method
    assert witness.url.decode().startswith(head.path) or b"%" in witness.url
    assert {name.lower().decode() for name, _ in witness.headers} == set(head.headers)
    assert witness.messages == 1
    assert b"".join(witness.bodies) == (b"" if head.length == CHUNKED else body)
    assert witness.keeps_alive == head.keeps_alive
