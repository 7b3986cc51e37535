"""Three nodes are restarted one after the other under load: no request fails, the books agree.

As the runbook has it: SIGTERM, and for `--notice-seconds` the node still takes what comes
while `/readyz` says no; the balancer, which looks only at that, sends new requests
elsewhere; what is open ends; the next release starts in its place. Neither the balancer
nor the clients try anything twice.
"""

import contextlib
import http.client
import threading

import pytest

from tests.support import wire
from tests.support.balancer import Balancer
from tests.support.catalogs import main_catalog
from tests.support.drivers import CHAT
from tests.support.gateway_process import Gateway
from tests.support.upstreams.behaviour import WORD
from tests.support.valkey_process import running_valkey
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(400)  # a busy machine
KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
FLAGS = ("--notice-seconds", "3")
CLIENTS = 8
MODEL = "odd"  # without a limit: how many requests there are is the machine's affair
WORDS = 60


class Clients:
    """Customers who never stop, half of them streaming; they note what went wrong."""

    def __init__(self, origin, key, mark):
        self.done = 0
        self.failures = []
        self._request = (origin, CHAT.path, CHAT.body(MODEL, mark, WORDS), key)
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._spend, args=(number % 2 == 0,))
            for number in range(CLIENTS)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc):
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _spend(self, is_stream):
        while not self._stop.is_set():
            try:
                text = self._stream() if is_stream else self._whole()
                assert text == WORD * WORDS, text
            except (AssertionError, OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
            self.done += 1

    def _whole(self):
        origin, path, body, key = self._request
        answer = wire.call(origin, "POST", path, body, key=key, timeout=60)
        assert answer.status == 200, (answer.status, answer.body)
        return answer.json()["choices"][0]["message"]["content"]

    def _stream(self):
        origin, path, body, key = self._request
        full = {**body, "stream": True}
        with wire.EventStream(origin, path, full, key=key, timeout=60) as stream:
            assert stream.status == 200, stream.status
            events = list(stream.events())
        assert CHAT.is_complete(events), "a stream was cut"
        return CHAT.stream_text(events)

    def some_more(self):
        before = self.done
        wait_for(lambda: self.done >= before + 3 * CLIENTS, timeout=60, what="requests")


def test_three_nodes_are_replaced_and_no_request_fails(postgres, upstream, cli, tmp_path):
    with contextlib.ExitStack() as stack:
        settings = {
            "YIYUAN_DATABASE_URL": postgres.new_database(),
            "YIYUAN_REDIS_URL": stack.enter_context(running_valkey()).url,
            "YIYUAN_SECRET_KEY": KEY,
        }
        nodes = [
            stack.enter_context(Gateway(tmp_path / name, cli, **settings))
            for name in ("one", "two", "three")
        ]
        nodes[0].apply(main_catalog(upstream))
        for node in nodes:
            node.start(*FLAGS)
        customer = nodes[0].customer(10**12)
        script = upstream.script({"output_tokens": WORDS, "delay_chunk": 0.01})
        balancer = stack.enter_context(Balancer([node.port for node in nodes]))
        wait_for(lambda: len(balancer.ready) == len(nodes), timeout=30, what="three nodes")
        with Clients(balancer.origin, customer.key, script.mark) as clients:
            for node in nodes:
                clients.some_more()
                node.terminate()
                assert node.process.wait(60) == 0, node.said()[-2000:]
                assert node.port not in balancer.ready
                clients.some_more()
                node.start(*FLAGS)
                wait_for(lambda node=node: node.port in balancer.ready, timeout=30)
            clients.some_more()
        assert clients.failures == []
        assert min(balancer.given.values()) > 2 * CLIENTS, balancer.given
        nodes[0].settle_down()
        usage = nodes[0].rows("SELECT count(*) AS n, sum(charge) AS charged FROM usage")[0]
        assert usage["n"] == clients.done == sum(balancer.given.values())
        assert customer.balance == 10**12 - usage["charged"]
        ended = nodes[0].rows("SELECT DISTINCT outcome FROM usage")
        assert [row["outcome"] for row in ended] == ["completed"]
        for node in nodes:
            assert node.stop() == 0
