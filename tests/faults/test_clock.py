"""A wall clock that jumps under a real server: records are dated, nothing is decided by it."""

import contextlib
import time

import pytest

from tests.faults.shims import ClockShim
from tests.support.catalogs import model, openai_channel
from tests.support.drivers import CHAT
from tests.support.gateway_process import Gateway
from tests.support.upstreams.behaviour import WORD
from tests.support.valkey_process import running_valkey

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


def test_nodes_whose_clocks_disagree_by_five_minutes(postgres, upstream, cli, tmp_path):
    """One is five minutes ahead, one as much behind: the servers' clocks decide, not theirs."""
    catalog = openai_channel(upstream, {"m": "up", "limited": "up"})
    catalog += model("m", A_TOKEN) + model("limited", A_TOKEN, rpm=6)
    with contextlib.ExitStack() as stack:
        shared = {
            "YIYUAN_DATABASE_URL": postgres.new_database(),
            "YIYUAN_REDIS_URL": stack.enter_context(running_valkey()).url,
            "YIYUAN_SECRET_KEY": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=",
        }
        nodes = []
        for name, seconds in (("ahead", 300), ("behind", -300)):
            folder = tmp_path / name
            folder.mkdir()
            shim = ClockShim(folder)
            shim.turn(seconds)
            node = Gateway(folder / "home", cli, **shared, **shim.environment)
            nodes.append(stack.enter_context(node))
        nodes[0].apply(catalog)
        for node in nodes:
            node.start()
        first = nodes[0].customer(10**9)
        both = [first, type(first)(nodes[1], first.id, "", first.key, "")]
        script = upstream.script({"output_tokens": 200, "gate_after": 100})
        body = CHAT.body("m", script.mark, 300)
        streams = [stack.enter_context(each.stream(CHAT.path, body, timeout=90)) for each in both]
        taken = [stream.take(50) for stream in streams]
        # Longer than a process may be silent: by either's clock the other has been for long.
        until = time.monotonic() + 20
        short = CHAT.body("m", upstream.script({"output_tokens": 7}).mark, 10)
        served = 0
        while time.monotonic() < until:
            assert both[served % 2].post(CHAT.path, short).charge == 7
            served += 1
        assert nodes[0].rows("SELECT count(*) AS n FROM holds")[0]["n"] == 2
        states = nodes[0].rows("SELECT count(*) AS n FROM epochs WHERE state = 'dead'")
        assert states[0]["n"] == 0, "nobody was buried"
        limited = CHAT.body("limited", upstream.script({"output_tokens": 1}).mark, 5)
        statuses = [both[turn % 2].post(CHAT.path, limited).status for turn in range(10)]
        assert statuses == [200] * 6 + [429] * 4
        script.open_gate()
        for begun, stream in zip(taken, streams, strict=True):
            assert CHAT.stream_text(begun + stream.rest()) == WORD * 200
        assert first.spent == 2 * 200 + 7 * served + 6
        dates = [row["at"] for row in nodes[0].rows("SELECT at FROM entries ORDER BY seq")]
        assert dates == sorted(dates), "an account's entries are in order of time"
        nodes[0].settle_down()
        for node in nodes:
            assert node.stop() == 0
