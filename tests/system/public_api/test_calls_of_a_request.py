"""How many Python calls a request and a chunk take: a count, the same on every machine.

Time depends on the machine and on what else it does; the number of calls depends on the
code alone, so what makes the path longer shows here, whoever adds it.
"""

import http.client
import json
import os
import pathlib
import signal
import sys
from urllib.parse import urlsplit

import pytest

from tests.support import catalogs
from tests.support.gateway_process import ON_POSTGRES, Gateway
from tests.support.waiting import wait_for

pytestmark = pytest.mark.skipif(ON_POSTGRES, reason="the ceilings are those of SQLite")

COUNTED = pathlib.Path(catalogs.__file__).with_name("counted_serve.py")
TRIES = 8
"""A busy machine is slow, so that more seconds go by in a request: up to 25 calls more."""
REQUESTS = 40
SHORT, LONG = 20, 120
"""Chunks of two streams; what the longer one takes more is the chunks' own."""
HELLO = [{"role": "user", "content": "Hello, world! Say something nice, please."}]


@pytest.fixture(scope="module")
def counted(upstream, cli, tmp_path_factory):
    """A gateway that counts its calls, and a customer."""
    folder = tmp_path_factory.mktemp("counted")
    with Gateway(folder / "home", cli, COUNT_CALLS_INTO=str(folder / "calls")) as gateway:
        gateway.program = [sys.executable, str(COUNTED)]
        gateway.apply(catalogs.main_catalog(upstream))
        gateway.start()
        yield gateway, gateway.customer()


@pytest.fixture
def asker(counted):
    found = Asker(*counted)
    yield found
    found.connection.close()


class Asker:
    """One client, who stays connected."""

    def __init__(self, gateway, customer):
        self.gateway = gateway
        parts = urlsplit(self.gateway.origin)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
        self.headers = {"authorization": f"Bearer {customer.key}"}
        self.status = 200

    def ask(self, path, body):
        self.connection.request("POST", path, json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status == self.status, text

    def calls(self, path, body, times):
        """Calls of the loop's thread each time that this is asked."""
        return self.counts(path, body, times)[0] / times

    def counts(self, path, body, times):
        """All calls of the loop's thread, and the objects left for the garbage collector."""
        file = pathlib.Path(self.gateway.environment["COUNT_CALLS_INTO"])
        file.unlink(missing_ok=True)
        for _ in range(10):
            self.ask(path, body)
        os.kill(self.gateway.process.pid, signal.SIGUSR1)
        for _ in range(times):
            self.ask(path, body)
        os.kill(self.gateway.process.pid, signal.SIGUSR2)
        wait_for(file.exists, timeout=10, what="the count")
        calls, left, _ = file.read_text().split("\n", 2)
        return int(calls), int(left)


@pytest.mark.parametrize(
    ("path", "model", "calls_max"),
    [
        ("/v1/chat/completions", "gpt-3.5-turbo", 436),
        ("/v1/messages", "claude-2", 490),
        ("/v1/chat/completions", "claude-2", 520),
    ],
    ids=["chat", "messages", "translated"],
)
def test_a_request_takes_so_many_calls(asker, path, model, calls_max):
    body = {"model": model, "messages": HELLO, "max_tokens": 16}
    calls = calls_max + 1.0
    for _ in range(TRIES):  # what the loop does every second belongs to no request
        calls = min(calls, asker.calls(path, body, REQUESTS))
        if calls <= calls_max:
            break
    print(f"{calls:.0f} calls a request")
    assert calls <= calls_max


@pytest.mark.parametrize(
    ("model", "calls_max"),
    [("gpt-3.5-turbo", 40), ("claude-2", 40)],
    ids=["same-format", "translated"],
)
def test_a_chunk_takes_so_many_calls(asker, upstream, model, calls_max):
    """Chunks that come one by one: those that come together share some of it."""

    def calls_of(chunks):
        script = upstream.script({"output_tokens": chunks, "delay_chunk": 0.005})
        content = [{"role": "user", "content": script.mark}]
        body = {"model": model, "messages": content, "max_tokens": 200, "stream": True}
        return asker.calls("/v1/chat/completions", body, 1)

    # What the loop does by the clock counts more on a busy machine: the least of three.
    short, long = (min(calls_of(chunks) for _ in range(3)) for chunks in (SHORT, LONG))
    calls = (long - short) / (LONG - SHORT)
    print(f"{calls:.0f} calls a chunk")
    assert 5 <= calls <= calls_max


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/chat/completions", {"model": "gpt-3.5-turbo", "messages": HELLO}, 200),
        ("/v1/messages", {"model": "claude-2", "messages": HELLO, "max_tokens": 9}, 200),
        ("/v1/messages", {"model": "gpt-3.5-turbo", "messages": HELLO, "max_tokens": 9}, 200),
        ("/v1/responses", {"model": "gpt-3.5-turbo", "input": "Hello"}, 200),
        ("/v1/completions", {"model": "gpt-3.5-turbo", "prompt": "Hello"}, 200),
        ("/v1/embeddings", {"model": "text-embedding-3-small", "input": "Hello"}, 200),
        ("/v1/chat/completions", {"model": "claude-2", "messages": HELLO, "stream": True}, 200),
        (
            "/v1/messages",
            {"model": "claude-2", "messages": HELLO, "max_tokens": 9, "stream": True},
            200,
        ),
        ("/v1/chat/completions", {"model": "nobody's", "messages": HELLO}, 404),
        ("/v1/chat/completions", {"model": "gpt-3.5-turbo", "messages": 3}, 400),
    ],
    ids=[
        "chat",
        "messages",
        "translated",
        "responses",
        "completions",
        "embeddings",
        "stream",
        "messages-stream",
        "unknown-model",
        "malformed",
    ],
)
def test_a_request_leaves_nothing_to_the_garbage_collector(asker, path, body, status):
    """What points in a circle costs a search through all that is alive, again and again."""
    asker.status = status
    _, left = asker.counts(path, body, 20)
    # Each request's circle would be some forty objects; what the loop does by the clock, a few.
    assert left < 20
