"""The client goes away: the upstream is cancelled within a second and the charge is fair."""

import contextlib
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.support import wire
from tests.support.catalogs import anthropic_channel, model, openai_channel, table
from tests.support.drivers import CHAT, COMPLETIONS, EVERY_FORMAT
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.behaviour import WORD
from tests.support.upstreams.control import now
from tests.support.waiting import wait_for

PRICE = {"input": "2", "output": "10"}
INPUT = 20


@pytest.fixture(scope="module")
def leaving(upstream, cli, tmp_path_factory):
    catalog = "\n".join(
        [
            openai_channel(upstream, {"gpt": "x"}, name="o"),
            anthropic_channel(upstream, {"claude": "y"}, name="a"),
            table(
                "channel",
                name="g",
                provider="gemini",
                base_url=upstream.origin,
                api_key="upkey-google",
                models={"gemini": "z"},
            ),
            openai_channel(upstream, {"drained": "x"}, name="d", on_disconnect="drain"),
            anthropic_channel(upstream, {"drained-claude": "y"}, name="e", on_disconnect="drain"),
            *(
                model(name, PRICE)
                for name in ("gpt", "claude", "gemini", "drained", "drained-claude")
            ),
        ]
    )
    home = tmp_path_factory.mktemp("leaving") / "home"
    with running_gateway(home, cli, catalog) as running:
        yield running


@pytest.fixture
def client(leaving):
    return leaving.customer()


@pytest.mark.parametrize("leave", ["fin", "rst"])
@pytest.mark.parametrize("driver", EVERY_FORMAT.values(), ids=EVERY_FORMAT)
@pytest.mark.parametrize("name", ["gpt", "claude", "gemini"])
def test_mid_stream(leaving, client, upstream, driver, name, leave):
    script = upstream.script({"input_tokens": INPUT, "output_tokens": 90, "stall_after": 5})
    address = driver.address(name, is_stream=True)
    stream = client.stream(address, driver.body(name, script.mark + WORD * 30, 100))
    for _ in stream.events():
        if driver.stream_text(stream.seen) == WORD * 5:
            break
    left = now()
    stream.close() if leave == "fin" else stream.abort()
    entry = script.only()
    assert entry["gone_at"] - left < 1.0
    row = leaving.usage(stream.request_id)
    assert row["output_tokens"] == 5
    assert row["charge"] == row["input_tokens"] * 2 + 5 * 10 == client.spent
    assert 0 < row["input_tokens"] <= 200
    assert row["outcome"] not in ("ok", "completed")
    if name != "gpt":
        assert row["input_tokens"] == INPUT, "Anthropic and Google tell the input first"


def leave_early(gateway, key: str, path: str, body: dict, condition) -> None:
    """Send a whole request, and leave once `condition` holds, without reading anything."""
    data = wire.encode(body)
    parts = urlsplit(gateway.origin)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname, parts.port)) as sock:
        sock.sendall(head.encode() + data)
        wait_for(condition)


def only_usage(gateway, customer) -> dict:
    sql = "SELECT * FROM usage WHERE account_id = ?"
    return wait_for(lambda: gateway.rows(sql, customer.id), what="the usage row")[0]


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
def test_before_the_first_byte(leaving, client, upstream, is_stream):
    """Fully sent upstream: the input is owed, also without a stream; output is not."""
    script = upstream.script({"hang": True})
    body = {**CHAT.body("gpt", script.mark + WORD * 30, 100), "stream": is_stream}
    leave_early(leaving, client.key, CHAT.path, body, script.log)
    left = now()
    entry = script.only()
    assert entry["gone_at"] - left < 1.0
    row = only_usage(leaving, client)
    assert row["output_tokens"] == 0
    assert row["charge"] == row["input_tokens"] * 2
    assert 0 < row["charge"] <= 400


def test_before_anything_was_sent(leaving, upstream):
    """While it waits for money, nothing is owed."""
    first = upstream.script({"gate_after": 1})
    second = upstream.script({})
    poor = leaving.customer(1_500)
    with poor.stream(CHAT.path, CHAT.body("gpt", first.mark, 100)) as stream:
        stream.take(1)
        body = CHAT.body("gpt", second.mark, 100)
        data = wire.encode(body)
        parts = urlsplit(leaving.origin)
        head = (
            f"POST {CHAT.path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {poor.key}\r\n"
            f"Content-Length: {len(data)}\r\n\r\n"
        )
        with socket.create_connection((parts.hostname, parts.port)) as sock:
            sock.sendall(head.encode() + data)
            sock.settimeout(0.3)
            with contextlib.suppress(TimeoutError):
                sock.recv(1)
        first.open_gate()
        stream.rest()
    assert second.log() == []
    rows = leaving.rows("SELECT * FROM usage WHERE account_id = ?", poor.id)
    assert sum(row["charge"] for row in rows) == leaving.usage(stream.request_id)["charge"]


@pytest.mark.parametrize("name", ["drained", "drained-claude"])
def test_a_draining_channel_reads_on_to_the_usage(leaving, client, upstream, name):
    script = upstream.script({"input_tokens": INPUT, "output_tokens": 40, "gate_after": 5})
    stream = client.stream(CHAT.path, CHAT.body(name, script.mark + WORD * 30, 100))
    for _ in stream.events():
        if CHAT.stream_text(stream.seen) == WORD * 5:
            break
    stream.close()
    script.open_gate()
    entry = script.only()
    assert entry["is_done"], "the upstream was allowed to finish"
    row = leaving.usage(stream.request_id)
    assert (row["input_tokens"], row["output_tokens"]) == (INPUT, 40)
    assert row["charge"] == INPUT * 2 + 40 * 10
    assert row["source"] == "upstream"


def test_many_leave_at_once(leaving, client, upstream):
    script = upstream.script({"input_tokens": INPUT, "output_tokens": 90, "stall_after": 2})
    streams = [
        client.stream(CHAT.path, CHAT.body("gpt", script.mark + WORD * 30, 100)) for _ in range(30)
    ]
    for stream in streams:
        stream.take(2)
    left = now()
    for stream in streams:
        stream.abort()
    log = script.wait(lambda log: len(log) == 30 and all(e["ended_at"] for e in log))
    assert max(entry["gone_at"] for entry in log) - left < 1.0
    wait_for(lambda: client.show()["held"] == 0)


def test_a_slow_reader_is_held_back_by_pressure_not_memory(leaving, client, upstream):
    """Nobody reads: the upstream must stop sending long before its end."""
    behaviour = {"output_tokens": 2_000_000, "chunk_tokens": 200, "input_tokens": 5}
    script = upstream.script(behaviour)
    body = CHAT.body("gpt", script.mark, 4_000_000)
    with client.stream(CHAT.path, body) as warm_up:  # the vocabulary is loaded now
        warm_up.take(100)
    script.wait(lambda log: log[-1]["ended_at"] is not None)
    memory = leaving.rss_bytes()
    with client.stream(CHAT.path, body, receive_buffer_bytes=8_192) as stream:
        stream.take(1)

        def sent() -> int:
            return script.log()[-1]["sent_bytes"]

        def is_still() -> bool:
            before = sent()
            time.sleep(0.5)
            return before > 0 and sent() == before

        wait_for(is_still, timeout=20, what="the upstream to be held back")
        entry = script.log()[-1]
        assert entry["sent_tokens"] < 1_500_000
        assert not entry["is_done"]
        assert leaving.rss_bytes() - memory < 20 * 2**20
    log = script.wait(lambda log: log[-1]["ended_at"] is not None)
    assert log[-1]["gone_at"] is not None


def test_a_slow_reader_gets_everything_in_the_end(leaving, client, upstream):
    script = upstream.script({"output_tokens": 10_000, "chunk_tokens": 20, "input_tokens": 5})
    with client.stream(
        CHAT.path, CHAT.body("gpt", script.mark, 40_000), receive_buffer_bytes=8_192
    ) as stream:
        stream.take(1)
        time.sleep(0.3)
        stream.rest()
    assert CHAT.stream_text(stream.seen) == WORD * 10_000
    assert leaving.usage(stream.request_id)["charge"] == 5 * 2 + 10_000 * 10


def test_others_are_served_while_one_does_not_read(leaving, client, upstream):
    script = upstream.script({"endless": True})
    lazy = client.stream(
        CHAT.path, CHAT.body("gpt", script.mark, 40_000), receive_buffer_bytes=8_192
    )
    lazy.take(1)
    for _ in range(20):
        began = time.monotonic()
        assert client.post(CHAT.path, CHAT.body("gpt", "Hi", 1)).status == 200
        assert time.monotonic() - began < 1.0
    lazy.abort()


def beat(client, driver, script, name: str) -> tuple[float, list[wire.Event]]:
    """Seconds until the head came, and everything that followed."""
    began = time.monotonic()
    address = driver.address(name, is_stream=True)
    with client.stream(address, driver.streamed(driver.body(name, script.mark))) as stream:
        assert stream.status == 200
        first = time.monotonic() - began
        return first, list(stream.events(comments=True))


@pytest.mark.slow
def test_a_heartbeat_while_the_upstream_is_slow_to_begin(client, upstream):
    """After about 15 s a comment or ping, so that clients' first-byte timeouts hold."""
    good = [upstream.script({"gate_head": True, "output_tokens": 3}) for _ in EVERY_FORMAT]
    bad = [upstream.script({"gate_head": True, "status": 500}) for _ in EVERY_FORMAT]
    opener = threading.Timer(17.5, lambda: [script.open_gate() for script in good + bad])
    opener.start()
    with ThreadPoolExecutor(2 * len(EVERY_FORMAT)) as threads:
        waits = [
            threads.submit(beat, client, driver, script, name)
            for scripts, name in ((good, "gpt"), (bad, "claude"))
            for driver, script in zip(EVERY_FORMAT.values(), scripts, strict=True)
        ]
        beats = [wait.result(60) for wait in waits]
    opener.join()
    for driver, (first, events) in zip([*EVERY_FORMAT.values()] * 2, beats, strict=True):
        assert 10 <= first <= 17, "the head comes with the first heartbeat"
        assert events[0].comment is not None or events[0].event == "ping", driver.name
    for driver, (_, events) in zip(EVERY_FORMAT.values(), beats[: len(EVERY_FORMAT)], strict=True):
        told = [event for event in events if event.comment is None]
        assert driver.stream_text(told) == WORD * 3
        assert driver.is_complete(told)
    for driver, (_, events) in zip(EVERY_FORMAT.values(), beats[len(EVERY_FORMAT) :], strict=True):
        told = [event for event in events if event.comment is None]
        assert driver.stream_error(told) is not None, "a failure is now an event"
        assert not driver.is_complete(told)
    wait_for(lambda: client.show()["held"] == 0)


def test_a_request_of_many_calls_is_cancelled_as_a_whole(leaving, client, upstream):
    """Two prompts × two choices over Anthropic are four calls: all of them end."""
    script = upstream.script({"input_tokens": INPUT, "output_tokens": 90, "stall_after": 3})
    body = {"model": "claude", "prompt": [script.mark + WORD * 30] * 2, "n": 2, "max_tokens": 100}
    stream = client.stream(COMPLETIONS.path, body)
    for _ in stream.events():
        texts = [c["text"] for i in range(4) for c in COMPLETIONS.choices(stream.seen, i)]
        if "".join(texts) == WORD * 12:
            break
    left = now()
    stream.close()
    log = script.wait(lambda log: len(log) == 4 and all(e["ended_at"] for e in log))
    assert max(entry["gone_at"] for entry in log) - left < 1.0
    row = leaving.usage(stream.request_id)
    assert (row["input_tokens"], row["output_tokens"]) == (4 * INPUT, 12)
    assert row["charge"] == 4 * INPUT * 2 + 12 * 10 == client.spent


def test_draining_has_a_cap(leaving, client, upstream):
    """An upstream that never ends is cut off; the customer never pays more than was held."""
    script = upstream.script({"endless": True, "chunk_tokens": 50})
    stream = client.stream(CHAT.path, CHAT.body("drained", script.mark, 100))
    stream.take(3)
    stream.close()
    entry = script.wait(lambda log: log[-1]["ended_at"] is not None, timeout=30)[-1]
    assert entry["gone_at"] is not None
    row = leaving.usage(stream.request_id)
    assert 0 < row["charge"] <= row["hold_amount"]
    wait_for(lambda: client.show()["held"] == 0)
