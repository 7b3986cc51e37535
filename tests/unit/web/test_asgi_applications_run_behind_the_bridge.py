"""An ASGI application through an exchange: both ways, streamed, cancelled, refused."""

import asyncio

import pytest

from tests.unit.web.serving import Peer, Serving, chunked, get, post, settled, until
from yiyuan.web.asgi_bridge import AsgiBridge


@pytest.fixture
def serve_app():
    running = []

    def start(app, **options):
        running.append(Serving(AsgiBridge(app, scheme="https").handle, **options))
        return running[-1]

    yield start
    for serving in running:
        serving.stop()


async def read_all(receive):
    body = b""
    while True:
        message = await receive()
        assert message["type"] == "http.request"
        body += message["body"]
        if not message["more_body"]:
            return body


async def respond(send, body, *, status=200, headers=()):
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})


def test_the_scope(serve_app):
    scopes = []

    async def app(scope, receive, send):
        scopes.append(scope)
        await respond(send, await read_all(receive), headers=[(b"X-Y", b"z"), (b"x-y", b"2")])

    serving = serve_app(app)
    request = post(b"abc", path="/a%2Fb%20%E4%B8%80?c=%20", extra=b"cookie: a=1\r\nx: \xe9\r\n")
    with serving.dial(request) as peer:
        head = peer.until(b"\r\n\r\n")
        assert head.count(b"x-y: ") == 2
        assert peer.exactly(3) == b"abc"
    (scope,) = scopes
    assert scope["type"] == "http"
    assert scope["asgi"]["version"] == "3.0"
    assert scope["http_version"] == "1.1"
    assert (scope["method"], scope["scheme"], scope["root_path"]) == ("POST", "https", "")
    assert scope["path"] == "/a/b 一"
    assert scope["raw_path"] == b"/a/b%20%E4%B8%80"
    assert scope["query_string"] == b"c=%20"
    assert scope["client"] == ("127.0.0.1", 0)
    assert (b"cookie", b"a=1") in scope["headers"]
    assert (b"x", b"\xe9") in scope["headers"]


def test_bodies_stream_in_and_out(serve_app):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 201, "headers": [(b"date", b"never")]})
        while True:
            message = await receive()
            more = message["more_body"]
            await send({"type": "http.response.body", "body": message["body"], "more_body": more})
            if not more:
                return

    serving = serve_app(app)
    body = b"0123456789" * 200_000
    answer = serving.ask(post(body))
    assert answer.status == 201
    assert answer.body == body
    assert answer.headers["date"] != "never"
    assert serving.ask(chunked(b"a", b"b")).body == b"ab"
    assert serving.ask(get()).body == b""
    assert serving.errors == []


def test_a_declared_length_is_kept_and_head_works(serve_app):
    async def app(scope, receive, send):
        body = b"" if scope["method"] == "HEAD" else b"hello"
        headers = [(b"Content-Length", b"5"), (b"Connection", b"x"), (b"Transfer-Encoding", b"y")]
        await respond(send, body, headers=headers)

    serving = serve_app(app)
    with serving.dial(get().replace(b"GET", b"HEAD") + get()) as peer:
        answer = peer.answer(is_head=True)
        assert answer.headers["content-length"] == "5"
        assert {"connection", "transfer-encoding"} & set(answer.headers) == set()
        assert peer.answer().body == b"hello"


def test_a_slow_reader_holds_the_application_back(serve_app):
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})
        for _ in range(2_000):
            await send({"type": "http.response.body", "body": b"z" * 10_000, "more_body": True})
            sent.append(1)
        await send({"type": "http.response.body"})

    serving = serve_app(app)
    with Peer(serving.address, get(), receive_bytes=4_096) as peer:
        assert settled(lambda: len(sent)) < 1_000
        assert len(peer.answer().body) == 20_000_000


def test_a_client_that_goes_away_cancels_the_application(serve_app):
    notes = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await read_all(receive)
        try:
            await receive()
        except asyncio.CancelledError:
            notes.append("cancelled")
            raise

    serving = serve_app(app)
    with serving.dial(get()) as peer:
        peer.until(b"x")
    until(lambda: notes == ["cancelled"])
    assert serving.errors == []


def test_after_the_answer_receive_tells_of_a_disconnect(serve_app):
    notes = []

    async def app(scope, receive, send):
        await respond(send, b"x")
        notes.append(await receive())

    serving = serve_app(app)
    assert serving.ask(get()).body == b"x"
    until(lambda: notes == [{"type": "http.disconnect"}])


async def raises(scope, receive, send):
    raise KeyError("x")


async def leaves(scope, receive, send):
    await read_all(receive)


async def out_of_order(scope, receive, send):
    await send({"type": "http.response.body", "body": b"x"})


async def unknown(scope, receive, send):
    await send({"type": "websocket.accept"})


@pytest.mark.parametrize("app", [raises, leaves, out_of_order, unknown])
def test_a_failing_application_is_answered_for(serve_app, app):
    serving = serve_app(app)
    answer = serving.ask(get())
    assert (answer.status, answer.code) == (500, "internal_error")
    assert len(serving.errors) == 1
