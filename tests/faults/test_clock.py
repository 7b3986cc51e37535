"""A wall clock that jumps under a real server: records are dated, nothing is decided by it."""

import pytest

from tests.catalogs import model, openai_channel
from tests.drivers import CHAT
from tests.faults.shims import ClockShim
from tests.gateway_process import Gateway
from tests.upstreams.behaviour import WORD

A_TOKEN = {"input": "0", "output": "1"}
HOUR_SECONDS = 3_600


@pytest.fixture
def turned(upstream, cli, tmp_path):
    """A gateway, and the clock that it sees."""
    shim = ClockShim(tmp_path)
    catalog = openai_channel(upstream, {"m": "up", "limited": "up"})
    catalog += model("m", A_TOKEN) + model("limited", A_TOKEN, rpm=3)
    with Gateway(tmp_path / "home", cli, **shim.environment) as gateway:
        gateway.apply(catalog)
        gateway.start()
        yield gateway, shim


@pytest.mark.parametrize("jump_seconds", [HOUR_SECONDS, -HOUR_SECONDS])
def test_a_jump_of_an_hour_ends_no_stream_and_recovers_no_hold(turned, upstream, jump_seconds):
    gateway, shim = turned
    customer = gateway.customer(10**9)
    script = upstream.script({"output_tokens": 200, "gate_after": 100})
    body = CHAT.body("m", script.mark, 300)
    before = gateway.rows("SELECT max(at) AS at FROM entries")[0]["at"]
    with customer.stream(CHAT.path, body, timeout=20) as stream:
        taken = stream.take(50)
        shim.turn(jump_seconds)
        # While the clock is wrong, others are served and charged, too.
        other = upstream.script({"output_tokens": 7})
        assert customer.post(CHAT.path, CHAT.body("m", other.mark, 10)).charge == 7
        assert gateway.rows("SELECT count(*) AS n FROM holds")[0]["n"] == 1
        script.open_gate()
        events = taken + stream.rest()
    assert CHAT.is_complete(events)
    assert CHAT.stream_text(events) == WORD * 200
    assert customer.spent == 207
    dates = [row["at"] for row in gateway.rows("SELECT at FROM entries ORDER BY account_id, seq")]
    assert dates == sorted(dates), "an account's entries are in order of time"
    if jump_seconds > 0:
        assert dates[-1] >= before + jump_seconds * 1000, "the shim must have turned the clock"
    gateway.settle_down()
    gateway.kill()
    shim.turn(-jump_seconds)
    gateway.start()
    gateway.settle_down()
    assert gateway.stop() == 0


def test_a_jump_changes_no_limit(turned, upstream):
    gateway, shim = turned
    customer = gateway.customer(10**9)
    body = CHAT.body("limited", upstream.script({"output_tokens": 1}).mark, 5)
    statuses = []
    for jump_seconds in (0, HOUR_SECONDS, -HOUR_SECONDS, 2 * HOUR_SECONDS, 0):
        shim.turn(jump_seconds)
        statuses.append(customer.post(CHAT.path, body).status)
    assert statuses == [200, 200, 200, 429, 429]
    shim.turn(HOUR_SECONDS)
    refused = customer.post(CHAT.path, body)
    assert refused.status == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60
    gateway.settle_down()
    assert gateway.stop() == 0
