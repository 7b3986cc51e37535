"""Whatever two servers could read differently: 400, closed, and nothing of it is handled.

Each case carries a second request in what an attacker hopes is the body. The
handler must never see it.
"""

import pytest

from tests.unit.http.server.serving import get

SECRET = b"GET /secret HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: x\r\n"

CASES = {
    "length and coding": POST + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding and length": POST + b"transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"content-length: 0\r\ncontent-length: 34\r\n\r\n",
    "two equal lengths": POST + b"content-length: 0\r\ncontent-length: 0\r\n\r\n",
    "a list of lengths": POST + b"content-length: 0, 34\r\n\r\n",
    "a signed length": POST + b"content-length: +0\r\n\r\n",
    "an endless length": POST + b"content-length: 184467440737095516160\r\n\r\n",
    "another coding": POST + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a hidden coding": POST + b"transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "two codings": POST + b"transfer-encoding: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "a blank before the colon": POST + b"transfer-encoding : chunked\r\n\r\n0\r\n\r\n",
    "a folded header": POST + b"x: y\r\n transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "a folded coding": POST + b"transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a bare line feed": b"GET / HTTP/1.1\nhost: x\n\n",
    "a bare line feed between headers": POST + b"a: b\ncontent-length: 34\r\n\r\n",
    "a bare carriage return": POST + b"a: b\rcontent-length: 34\r\n\r\n",
    "a bare line feed at the end": b"GET / HTTP/1.1\r\nhost: x\r\n\n",
    "a NUL in a value": POST + b"a: b\x00\r\n\r\n",
    "a NUL in a name": POST + b"a\x00: b\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "another host in the target": b"GET http://y/ HTTP/1.1\r\nhost: x\r\n\r\n",
    "a host with a path": b"GET / HTTP/1.1\r\nhost: x/secret\r\n\r\n",
    "an authority": b"CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "coding in HTTP/1.0": b"POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "a blank after the version": b"GET / HTTP/1.1 \r\nhost: x\r\n\r\n",
    "two blanks": b"GET  / HTTP/1.1\r\nhost: x\r\n\r\n",
}

CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"
CHUNK_CASES = {
    "a size too large": CHUNKED + b"10000000000000000\r\n",
    "a size that wraps": CHUNKED + b"100000000\r\n",
    "a hexadecimal mark": CHUNKED + b"0x0\r\n\r\n",
    "a negative size": CHUNKED + b"-1\r\n\r\n",
    "a bare line feed after the size": CHUNKED + b"0\n\r\n",
    "a bare line feed after the data": CHUNKED + b"1\r\na\n0\r\n\r\n",
    "data longer than its size": CHUNKED + b"1\r\nab\r\n0\r\n\r\n",
    "an endless extension": CHUNKED + b"1;" + b"a" * 2_000 + b"\r\na\r\n0\r\n\r\n",
    "endless trailers": CHUNKED + b"0\r\n" + b"a: b\r\n" * 4_000 + b"\r\n",
    "a wrong trailer": CHUNKED + b"0\r\nno trailer\r\n\r\n",
}


@pytest.mark.parametrize("case", CASES | CHUNK_CASES)
def test_it_is_answered_400_and_closed(echoing, case):
    data = (CASES | CHUNK_CASES)[case]
    with echoing.dial(data + SECRET) as peer:
        answer = peer.answer()
        assert answer.status == 400
        assert answer.reason == "Bad Request"
        assert answer.headers["connection"] == "close"
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["request-id"] == answer.headers["x-request-id"]
        error = answer.json()["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert error["code"] == "malformed_request"
        assert error["type"] == "invalid_request_error"
        assert peer.all() == b""


def test_the_reason_is_given_in_the_reader_s_language(echoing):
    chinese = b"accept-language: zh-CN,zh;q=0.9\r\n"
    answer = echoing.ask(b"GET / HTTP/1.1\r\n" + chinese + b"\r\n")
    assert "Host" in answer.json()["error"]["message"]
    assert "请求不是有效的" in answer.json()["error"]["message"]
    broken = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n" + chinese
    assert "分块" in echoing.ask(broken + b"\r\nx\r\n").json()["error"]["message"]
    assert "chunked" in echoing.ask(CHUNKED + b"x\r\n").json()["error"]["message"]


def test_trailers_and_extensions_are_read_over(echoing):
    body = b"1;a=b\r\nx\r\n0\r\ncontent-length: 9\r\nhost: y\r\nx-admin: 1\r\n\r\n"
    with echoing.dial(CHUNKED + body + get("/next")) as peer:
        seen = peer.answer().json()
        assert seen["body"] == "x"
        assert seen["headers"] == {"host": "x", "transfer-encoding": "chunked"}
        assert peer.answer().json()["path"] == "/next"


def test_a_malformed_request_after_good_ones_is_answered_in_its_turn(echoing):
    with echoing.dial(get("/1") + get("/2") + CASES["no host"] + get("/3")) as peer:
        assert peer.answer().json()["path"] == "/1"
        assert peer.answer().json()["path"] == "/2"
        assert peer.answer().status == 400
        assert peer.all() == b""


def test_empty_lines_between_requests_are_read_over(echoing):
    with echoing.dial(b"\r\n\r\n" + get("/1") + b"\r\n" + get("/2")) as peer:
        assert peer.answer().json()["path"] == "/1"
        assert peer.answer().json()["path"] == "/2"
        peer.send(b"\r")
        peer.send(b"\n" + get("/3"))
        assert peer.answer().json()["path"] == "/3"
