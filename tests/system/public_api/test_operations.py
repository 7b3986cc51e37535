"""Health, readiness, metrics and who may read them; ending by SIGTERM."""

import socket
import time

import pytest

from tests.support import wire
from tests.support.catalogs import main_catalog
from tests.support.drivers import CHAT
from tests.support.gateway_process import ON_POSTGRES, Gateway, running_gateway
from tests.support.upstreams.behaviour import WORD
from tests.support.waiting import wait_for


@pytest.fixture
def own(upstream, cli, tmp_path):
    """A gateway that this test may end."""
    catalog = main_catalog(upstream, timeout=60)  # a hundred streams wait for each other
    with running_gateway(tmp_path / "home", cli, catalog) as running:
        yield running


def test_health_and_readiness(gateway):
    for path in ("/healthz", "/readyz"):
        answer = wire.call(gateway.origin, "GET", path)
        assert answer.status == 200
        assert wire.call(gateway.origin, "HEAD", path).status == 200


SERIES = ["request", "error", "charge", "hold", "token", "breaker", "lag"]


def test_metrics_for_a_loopback_peer(gateway, customer):
    assert customer.post(CHAT.path, CHAT.body("gpt-4", "Hi")).status == 200
    text = gateway.metrics()
    for name in SERIES:
        assert name in text, name
    assert customer.id not in text
    assert customer.name not in text
    assert customer.key not in text


def test_metrics_not_through_a_proxy(gateway):
    """A loopback peer that forwards for somebody is not a direct one."""
    headers = {"x-forwarded-for": "203.0.113.9"}
    answer = wire.call(gateway.origin, "GET", "/metrics", headers=headers)
    assert answer.status in (401, 403, 404)


def test_metrics_with_a_token(upstream, cli, tmp_path):
    catalog = main_catalog(upstream)
    secret = "metrics-secret-12345"
    with running_gateway(tmp_path / "home", cli, catalog, YIYUAN_METRICS_TOKEN=secret) as running:
        for key in (None, "wrong", secret[:-1]):
            answer = wire.call(running.origin, "GET", "/metrics", key=key)
            assert answer.status in (401, 403, 404)
            assert "yiyuan_" not in answer.body.decode()
        assert wire.call(running.origin, "GET", "/metrics", key=secret).status == 200
        assert secret not in running.said()


def test_sigterm_lets_open_streams_finish(own, upstream):
    customer = own.customer()
    script = upstream.script({"gate_after": 2, "output_tokens": 5})
    with customer.stream(CHAT.path, CHAT.body("gpt-4", script.mark)) as stream:
        stream.take(2)
        own.terminate()
        wait_for(lambda: not is_ready(own), what="the drain to begin")
        with pytest.raises((OSError, AssertionError)):
            assert customer.post(CHAT.path, CHAT.body("gpt-4", "new")).status == 200
        script.open_gate()
        stream.rest()
        assert CHAT.stream_text(stream.seen) == WORD * 5
        assert CHAT.is_complete(stream.seen)
    assert own.process.wait(10) == 0
    assert own.usage(stream.request_id)["output_tokens"] == 5
    own.start()


def test_sigterm_under_a_hundred_streams_cuts_none(own, upstream):
    customer = own.customer()
    script = upstream.script({"gate_after": 1, "output_tokens": 3})
    body = CHAT.body("gpt-4", script.mark)
    streams = [customer.stream(CHAT.path, body) for _ in range(100)]
    try:
        for stream in streams:
            stream.take(1)
        own.terminate()
        wait_for(lambda: not is_ready(own), what="the drain to begin")
        script.open_gate()
        for stream in streams:
            stream.rest()
            assert CHAT.stream_text(stream.seen) == WORD * 3
            assert CHAT.is_complete(stream.seen)
    finally:
        for stream in streams:
            stream.close()
    assert own.process.wait(10) == 0
    own.start()
    assert len(own.rows("SELECT 1 FROM usage WHERE output_tokens = 3")) == 100


def is_ready(gateway: Gateway) -> bool:
    try:
        return wire.call(gateway.origin, "GET", "/readyz").status == 200
    except OSError:
        return False


def test_the_drain_has_an_end(upstream, cli, tmp_path):
    catalog = main_catalog(upstream)
    with running_gateway(tmp_path / "home", cli, catalog, "--drain-seconds", "1") as running:
        customer = running.customer()
        script = upstream.script({"stall_after": 3, "input_tokens": 10})
        with customer.stream(CHAT.path, CHAT.body("gpt-4", script.mark, 50)) as stream:
            stream.take(3)
            began = time.monotonic()
            running.terminate()
            assert running.process.wait(10) == 0
            assert time.monotonic() - began < 5
        row = running.usage(stream.request_id)
        delivered = CHAT.stream_text(stream.seen).count("one")
        assert row["output_tokens"] in (delivered, 3)
        assert row["charge"] > 0
        running.start()


@pytest.mark.skipif(ON_POSTGRES, reason="with PostgreSQL any number of servers may share it")
def test_a_second_server_on_the_same_home_is_refused(gateway, cli):
    said = gateway.run("serve", "--port", "0")
    assert said.code == 1
    assert "is in use by process" in said.stderr
    assert wire.call(gateway.origin, "GET", "/readyz").status == 200


def test_an_idle_connection_does_not_delay_the_end(own):
    with socket.create_connection(("127.0.0.1", own.port)) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert sock.recv(4096).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        assert own.stop() == 0
        assert time.monotonic() - began < 3
    own.start()


def test_the_ledger_outlives_a_restart(own, upstream):
    customer = own.customer(1_000_000)
    script = upstream.script({"input_tokens": 10, "output_tokens": 5})
    assert customer.post(CHAT.path, CHAT.body("gpt-4", script.mark)).charge == 600
    assert own.stop() == 0
    assert own.cli("account", "show", customer.id)["balance"] == 1_000_000 - 600
    own.start()
    assert customer.post(CHAT.path, CHAT.body("gpt-4", script.mark)).charge == 600
    assert customer.balance == 1_000_000 - 1_200


def test_the_log_has_one_line_for_each_exchange(own, upstream):
    customer = own.customer()
    script = upstream.script({})
    answer = customer.post(CHAT.path, CHAT.body("gpt-4", "a secret prompt " + script.mark))
    line = wait_for(
        lambda: [line for line in own.said().splitlines() if answer.request_id in line],
        what="the log line",
    )
    assert len(line) == 1
    assert "gpt-4" in line[0]
    assert "200" in line[0]
    assert "secret prompt" not in own.said()
    assert customer.key not in own.said()
