"""A handler may raise, leave or hang: its client gets a clear end, and the server goes on."""

import asyncio

import pytest

from tests.unit.http.server.serving import LOOPS, TEXT, Serving, get, post, until
from yiyuan.kernel.errors import Overloaded, RateLimitExceeded, retry_headers


@pytest.fixture(params=LOOPS)
def failing(request):
    """A server whose handlers may fail: the reports are the test's to look at."""
    running = []

    def start(handler, **options):
        running.append(Serving(handler, loop=request.param, linger_seconds=0.3, **options))
        return running[-1]

    yield start
    for serving in running:
        serving.stop()
        assert all(exchange is not None for exchange, _ in serving.errors)


async def boom(exchange):
    raise KeyError("the secret")


async def nothing(exchange):
    pass


async def cancelled_from_within(exchange):
    future = asyncio.get_running_loop().create_future()
    future.cancel()
    await future


async def unsafe(exchange):
    exchange.respond(200, [("a", "b\r\nc: d")], b"")


async def refusal_without_its_fields(exchange):
    raise RateLimitExceeded


async def refusal_with_unsafe_headers(exchange):
    raise Overloaded(headers=(("a", "b\r\nc: d"),))


FAILURES = [boom, nothing, cancelled_from_within, unsafe]
FAILURES += [refusal_without_its_fields, refusal_with_unsafe_headers]


@pytest.mark.parametrize("handler", FAILURES)
def test_an_unanswered_request_is_answered_500_with_its_id(failing, handler):
    serving = failing(handler)
    with serving.dial(get(extra=b"accept-language: zh\r\n") + get()) as peer:
        answer = peer.answer()
        assert (answer.status, answer.reason) == (500, "Internal Server Error")
        assert answer.code == "internal_error"
        error = answer.json()["error"]
        assert error["type"] == "server_error"
        assert error["message"].startswith("我们这边出错了")
        assert answer.headers["x-request-id"] in error["message"]
        assert b"secret" not in answer.body
        assert peer.answer().status == 500  # the connection lives on
    (exchange, reported), _ = serving.errors
    assert exchange.request_id == answer.headers["x-request-id"]
    assert isinstance(reported, (KeyError, RuntimeError, ValueError, asyncio.CancelledError))


def test_a_failure_with_an_unread_body_closes(failing):
    serving = failing(boom)
    with serving.dial(post(b"z" * 1_000_000)) as peer:
        answer = peer.answer()
        assert (answer.status, answer.headers["connection"]) == (500, "close")
        assert peer.is_closed()


@pytest.mark.parametrize("how", ["raises", "leaves"])
def test_a_begun_answer_is_cut(failing, how):
    async def handler(exchange):
        exchange.begin_stream(200, TEXT)
        exchange.write(b"begun")
        await exchange.drain()
        await asyncio.sleep(0.05)
        if how == "raises":
            raise KeyError("x")

    serving = failing(handler)
    with serving.dial(get()) as peer:
        peer.until(b"begun")
        with pytest.raises((EOFError, ConnectionResetError)):
            peer.until(b"0\r\n\r\n")
    until(lambda: len(serving.errors) == 1)


def test_a_failure_after_the_answer_is_reported_and_harmless(failing):
    async def handler(exchange):
        exchange.respond(200, TEXT, b"fine")
        raise KeyError("x")

    serving = failing(handler)
    with serving.dial(get() + get()) as peer:
        assert [peer.answer().body for _ in range(2)] == [b"fine", b"fine"]
        until(lambda: len(serving.errors) == 2)


def test_a_refusal_that_a_handler_lets_through_is_rendered(failing):
    async def handler(exchange):
        raise RateLimitExceeded(
            headers=retry_headers(1.5), model="m", limit=3, retry_seconds=2, details={"held": 5}
        )

    serving = failing(handler)
    answer = serving.ask(get())
    assert (answer.status, answer.code) == (429, "rate_limit_exceeded")
    assert answer.headers["retry-after"] == "2"
    assert answer.json()["error"]["held"] == 5
    assert serving.errors == []
    assert serving.server.refusals == {"rate_limit_exceeded": 1}


def test_a_handler_may_cut_the_connection_and_go_on(failing):
    notes = []

    async def handler(exchange):
        exchange.begin_stream(200, TEXT)
        exchange.write(b"begun")
        await asyncio.sleep(0.05)
        exchange.abort()
        await asyncio.sleep(0.1)
        notes.append(exchange.is_gone)

    serving = failing(handler)
    with serving.dial(get()) as peer:
        peer.until(b"begun")
        with pytest.raises((EOFError, ConnectionResetError)):
            peer.until(b"0\r\n\r\n")
    until(lambda: notes == [True])
    assert serving.errors == []


def test_cancelling_the_server_s_tasks_from_outside_ends_them(failing):
    async def handler(exchange):
        await asyncio.Event().wait()

    serving = failing(handler)
    with serving.dial(get()) as peer:
        until(lambda: not serving.is_empty())
        serving.call(lambda: [task.cancel() for task in serving.server._tasks])
        assert peer.is_closed()
    assert serving.errors == []
