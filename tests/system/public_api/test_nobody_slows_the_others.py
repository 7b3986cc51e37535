"""One account that sends much, or what it cannot pay, costs the others next to nothing."""

import concurrent.futures
import contextlib
import json
import pathlib
import statistics
import subprocess
import sys
import threading
import time

import pytest

from tests.support import wire
from tests.support.catalogs import anthropic_channel, main_catalog, model
from tests.support.drivers import CHAT, MESSAGES
from tests.support.gateway_process import Gateway, running_gateway
from tests.support.waiting import wait_for

MIB = 2**20
LARGE_BYTES = 9_000_000
SENDERS = 10
ASKED = 40
ROUNDS_MAX = 6

# Ten connections of one account that send the same large body again and again, from a
# process of their own, so that this one only measures.
_SENDER = """
import http.client, json, os, sys, threading, time
os.nice(10)  # they stand for other machines, which take nothing of this one
port, key, path, seconds = int(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])
body = open(sys.argv[5], "rb").read()
end, statuses = time.monotonic() + seconds, []

def send():
    while time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            headers = {"authorization": "Bearer " + key, "content-type": "application/json"}
            connection.request("POST", path, body, headers)
            statuses.append(connection.getresponse().status)
        except OSError:
            statuses.append(0)
        finally:
            connection.close()

print("ready", flush=True)
senders = [threading.Thread(target=send) for _ in range(int(sys.argv[6]))]
[sender.start() for sender in senders]
[sender.join() for sender in senders]
print(json.dumps(statuses), flush=True)
"""


@pytest.fixture(scope="module")
def own(upstream, cli, tmp_path_factory):
    """A gateway whose other clients are only these."""
    home = tmp_path_factory.mktemp("fair") / "home"
    with running_gateway(home, cli, main_catalog(upstream, timeout=60)) as running:
        yield running


@contextlib.contextmanager
def sending(gateway: Gateway, key: str, body: bytes, folder: pathlib.Path, seconds: float):
    """Let `SENDERS` connections of one account send a body for some seconds."""
    file = folder / "body.json"
    file.write_bytes(body)
    arguments = [str(gateway.port), key, CHAT.path, str(seconds), str(file), str(SENDERS)]
    process = subprocess.Popen(
        [sys.executable, "-c", _SENDER, *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        statuses: list[int] = []
        yield statuses
        statuses += json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()


def times(customer, count: int) -> list[float]:
    """How long small paid requests take, one after another."""
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        assert customer.post(CHAT.path, CHAT.body("gpt-4", "Hi", 1)).status == 200
        taken.append(time.perf_counter() - began)
    return taken


def p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]


def stretch() -> float:
    """How much longer than its processor time a little work takes: 1 on an idle machine."""
    found = []
    for _ in range(9):
        began, worked = time.perf_counter(), time.thread_time()
        while time.thread_time() - worked < 0.01:
            pass
        found.append((time.perf_counter() - began) / 0.01)
    return statistics.median(found)


def large(text: str = " one") -> bytes:
    return json.dumps(CHAT.body("gpt-4", text * (LARGE_BYTES // len(text)), 16)).encode()


ONE, MANY, TOO_MANY = "one text", "many messages", "more messages than a body may have"
BODIES = {
    ONE: large(),
    MANY: json.dumps(
        {"model": "gpt-4", "messages": [{"role": "user", "content": "x" * 450}] * 19_000}
    ).encode(),
    TOO_MANY: json.dumps(
        {"model": "gpt-4", "messages": [{"role": "user", "content": "x" * 150}] * 45_000}
    ).encode(),
}


@pytest.mark.timing
@pytest.mark.parametrize("balance", [0, 1_000, 100_000])
@pytest.mark.parametrize("name", BODIES)
def test_small_paid_requests_hardly_notice_a_penniless_accounts_large_ones(
    own, tmp_path, name, balance
):
    """The 50 ms are those of a machine of our own: `stretch` is what others take of this one."""
    payer, seen = own.customer(), []
    times(payer, 5)
    for _ in range(ROUNDS_MAX):
        penniless = own.customer(balance)  # a new one: the other is told to wait by now
        stretched, undisturbed = stretch(), p95(times(payer, ASKED))
        with sending(own, penniless.key, BODIES[name], tmp_path, seconds=3) as statuses:
            disturbed = p95(times(payer, ASKED))
        assert set(statuses) & {400, 402}, "some were looked at"
        assert set(statuses) <= {400, 402, 429, 0}, "none was served"
        assert penniless.spent == 0
        seen.append((undisturbed, disturbed, stretched))
        print(seen, {status: statuses.count(status) for status in set(statuses)})
        if disturbed <= 2 * undisturbed + 0.05 * stretched:
            return
    pytest.fail(f"p95 undisturbed, disturbed and the machine's stretch: {seen}")


@pytest.mark.timing
def test_small_requests_hardly_notice_long_answers_whose_upstream_tells_nothing(own, upstream):
    """They are counted here, and not where everybody waits."""
    payer, reader, seen = own.customer(), own.customer(10**12), []
    words = {"output_tokens": 450_000, "chunk_tokens": 450_000}
    script = upstream.script(words | {"usage": "missing"})
    body = CHAT.body("gpt-4", script.mark, 500_000)
    for _ in range(ROUNDS_MAX):
        stretched, undisturbed = stretch(), p95(times(payer, ASKED))
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            answers = [pool.submit(reader.post, CHAT.path, body) for _ in range(3)]
            disturbed = p95(times(payer, ASKED))
            assert [each.result().status for each in answers] == [200] * 3
        row = own.usage(answers[0].result().request_id)
        assert (row["output_tokens"], row["source"]) == (450_000, "counted")
        seen.append((undisturbed, disturbed, stretched))
        if disturbed <= 2 * undisturbed + 0.05 * stretched:
            return
    pytest.fail(f"p95 undisturbed, disturbed and the machine's stretch: {seen}")


MEMORY_CASES = {
    "ten megabytes of {}": (b'{"model":"gpt-4","messages":[' + b"{}," * 3_300_000 + b"{}]}", 400),
    "one text": (large(), 402),
    "many messages": (BODIES[MANY], 402),
}


@pytest.mark.parametrize("case", MEMORY_CASES.values(), ids=MEMORY_CASES)
def test_one_large_body_takes_at_most_200_mb(own, case):
    body, expected = case
    customer = own.customer(1_000)
    times(own.customer(), 3)
    idle, peak, is_over = own.rss_bytes(), [0], threading.Event()

    def watch() -> None:
        while not is_over.is_set():
            peak[0] = max(peak[0], own.rss_bytes())
            time.sleep(0.002)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        answer = customer.post(CHAT.path, body)
    finally:
        is_over.set()
        watcher.join()
    assert answer.status == expected, answer.body[:300]
    assert peak[0] - idle <= 200_000_000, (peak[0] - idle) // MIB


def test_who_is_refused_too_often_waits_and_is_served_again(upstream, cli, tmp_path):
    catalog = main_catalog(upstream)
    limit = {"YIYUAN_REFUSED_PER_MINUTE": "60"}
    with running_gateway(tmp_path / "home", cli, catalog, **limit) as running:
        customer, neighbour = running.customer(10_000), running.customer()
        dear = CHAT.body("gpt-4", "Hi", 100_000)
        statuses = [customer.post(CHAT.path, dear).status for _ in range(61)]
        assert statuses[:60] == [402] * 60
        refused = customer.post(CHAT.path, dear, accept_language="zh")
        if statuses[60] == 402:  # a slow machine: the allowance has filled up by one
            refused = wait_for(lambda: over(customer.post(CHAT.path, dear)), every=0)
        assert (refused.status, refused.error["code"]) == (429, "rate_limit_exceeded")
        assert neighbour.post(CHAT.path, CHAT.body("gpt-4", "Hi", 1)).status == 200
        time.sleep(int(refused.headers["retry-after-ms"]) / 1000)
        assert customer.post(CHAT.path, CHAT.body("gpt-4", "Hi", 1)).status == 200


def over(answer: wire.Answer) -> wire.Answer | None:
    return answer if answer.status == 429 else None


def body_bytes(gateway: Gateway) -> float:
    lines = gateway.metrics().splitlines()
    (line,) = (line for line in lines if line.startswith("yiyuan_body_bytes "))
    return float(line.split()[1])


def test_bodies_of_one_account_have_a_budget_and_others_are_served(upstream, cli, tmp_path):
    """Three requests with large bodies wait for their upstream; the fourth finds no room."""
    limit = {"YIYUAN_ACCOUNT_BODY_MEMORY_BYTES": str(2 * MIB)}
    with running_gateway(tmp_path / "home", cli, main_catalog(upstream), **limit) as running:
        customer, neighbour = running.customer(10**12), running.customer(10**12)
        script = upstream.script({"gate_head": True})
        body = CHAT.body("gpt-4", script.mark + "x" * 600_000, 1)
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            waiting = [pool.submit(customer.post, CHAT.path, body) for _ in range(3)]
            script.wait(lambda log: len(log) == 3)
            refused = customer.post(CHAT.path, body)
            assert (refused.status, refused.error["code"]) == (429, "concurrency_limit_exceeded")
            assert int(refused.headers["retry-after"]) >= 1
            small = CHAT.body("gpt-4", "Hi", 1)
            assert customer.post(CHAT.path, small).status == 200
            other = CHAT.body("gpt-4", "y" * 600_000, 1)
            assert neighbour.post(CHAT.path, other).status == 200
            assert 1_800_000 < body_bytes(running) < 1_900_000
            script.open_gate()
            assert [each.result().status for each in waiting] == [200] * 3
        assert customer.post(CHAT.path, other).status == 200
        assert body_bytes(running) == 0


COUNTS = {
    "/v1/messages/count_tokens": MESSAGES.body("claude-2", "Hi"),
    "/v1beta/models/gpt-4:countTokens": {"contents": [{"parts": [{"text": "Hi"}]}]},
}


@pytest.mark.parametrize(("path", "body"), COUNTS.items(), ids=["messages", "gemini"])
def test_counting_has_a_limit_and_checks_suspension(gateway, path, body):
    customer = gateway.customer(0)
    statuses = [customer.post(path, body).status for _ in range(61)]
    assert statuses[:60] == [200] * 60
    if statuses[60] == 200:  # the first was over a minute ago
        pytest.skip("the machine is too slow to ask sixty times a minute")
    refused = customer.post(path, body)
    assert refused.status == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    other = gateway.customer(0)
    assert other.post(path, body).status == 200
    gateway.cli("account", "suspend", other.id)
    assert wait_for(lambda: other.post(path, body).status == 403)


def test_an_upstream_counts_no_more_often_than_the_model_may_be_asked(upstream, cli, tmp_path):
    catalog = "\n".join(
        [
            anthropic_channel(upstream, {"slow": "claude-up"}),
            model("slow", {"input": "1", "output": "1"}, rpm=3),
        ]
    )
    with running_gateway(tmp_path / "home", cli, catalog) as running:
        customer = running.customer()
        script = upstream.script({})
        body = MESSAGES.body("slow", script.mark)
        answers = [customer.post("/v1/messages/count_tokens", body) for _ in range(12)]
        assert [answer.status for answer in answers] == [200] * 12
        asked = [each for each in script.log() if each["path"].endswith("/count_tokens")]
        assert len(asked) <= 3
