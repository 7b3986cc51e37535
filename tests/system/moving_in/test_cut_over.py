"""The day of the move: a switch under load through a real nginx, and the way back."""

import json
import shutil
import sqlite3
import subprocess
import threading
import time
from collections import Counter, defaultdict
from contextlib import closing

import pytest

from tests.support import wire
from tests.support.catalogs import model, openai_channel
from tests.support.gateway_process import Gateway, free_port
from tests.support.new_api_shop import NewApiShop
from tests.support.old_new_api import ROOT_TOKEN, UNITS, OldNewApi
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
K = 15
PEOPLE = 6
BODY = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 20}
HERE = BODY | {"model": "here"}


class Proxy:
    """nginx between customers and gateways; what it does is one reload away."""

    def __init__(self, folder) -> None:
        self.folder, self.port = folder, free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        (folder / "nginx.conf").write_text(
            f"""pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
            events {{ worker_connections 256; }}
            http {{ access_log off; client_body_temp_path {folder}/body;
              proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
              uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
              server {{ listen 127.0.0.1:{self.port};
                location / {{ include {folder}/route.conf; }} }} }}"""
        )

    def to(self, origin) -> None:
        self._route(f"proxy_pass {origin}; proxy_http_version 1.1; proxy_next_upstream off;")

    def freeze(self) -> None:
        self._route('add_header Retry-After 1 always; return 503 "moving";')

    def start(self) -> None:
        self.process = subprocess.Popen([*self._command(), "-g", "daemon off;"])
        wait_for((self.folder / "nginx.pid").exists, timeout=10, what="nginx")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def _route(self, text) -> None:
        (self.folder / "route.conf").write_text(text)
        if (self.folder / "nginx.pid").exists():
            subprocess.run([*self._command(), "-s", "reload"], check=True)

    def _command(self) -> list[str]:
        return ["nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]


class Load:
    """Customers who keep asking, and try again as their SDKs do when told to wait."""

    def __init__(self, origin) -> None:
        self._origin, self._stop = origin, threading.Event()
        self.old: Counter[int] = Counter()
        self.new: dict[int, list[int]] = defaultdict(list)
        self.frozen = 0
        self.wrong: list = []
        self._threads = [
            threading.Thread(target=self._ask, args=(number,), daemon=True)
            for number in range(2, PEOPLE + 2)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _ask(self, number) -> None:
        key = f"sk-{number:048d}"
        while not self._stop.is_set():
            answer = wire.call(self._origin, "POST", "/v1/chat/completions", BODY, key=key)
            if answer.status == 503 and b"moving" in answer.body:
                self.frozen += 1
                time.sleep(0.05)
            elif answer.status != 200:
                self.wrong.append((number, answer.status, answer.body[:300]))
            elif answer.json()["id"] == "chatcmpl-old":
                self.old[number] += 1
            else:
                self.new[number].append(answer.json()["usage"]["charge"])
            time.sleep(0.01)


def refusal(gateway, *argv, stdin=""):
    """The code of a command that must be refused."""
    said = gateway.run(*argv, "--json", stdin=stdin)
    assert said.code == 1, said
    return json.loads(said.stderr)["error"]["code"]


@pytest.fixture
def shop(tmp_path, upstream):
    return NewApiShop(tmp_path / "old.db").add_usual(upstream.origin, people=PEOPLE)


@pytest.fixture
def proxy(tmp_path):
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed here")
    folder = tmp_path / "nginx"
    folder.mkdir()
    made = Proxy(folder)
    yield made
    made.stop()


def take(gateway, shop):
    return gateway.cli(
        "import", "take", "new-api", str(shop.path), "--name", "old", "--rate", "7.5"
    )


def quotas(shop):
    with closing(sqlite3.connect(shop.path)) as rows:
        return dict(rows.execute("SELECT id, quota FROM users").fetchall())


def test_switched_under_load_nothing_is_charged_twice_and_nothing_lost(tmp_path, cli, shop, proxy):
    before = quotas(shop)
    with OldNewApi(shop) as old, Gateway(tmp_path / "home", cli) as gateway:
        gateway.start()
        proxy.to(old.origin)
        proxy.start()
        with Load(proxy.origin) as load:
            wait_for(lambda: sum(load.old.values()) > 20, timeout=30, what="the old one's load")
            take(gateway, shop)
            proxy.freeze()
            wait_for(lambda: load.frozen > PEOPLE, timeout=30, what="the freeze")
            time.sleep(0.5)  # what was under way there has ended
            old.stop()
            take(gateway, shop)
            assert gateway.cli("import", "check", "old")["ok"]
            assert gateway.cli("import", "open", "old")["opened"] == PEOPLE + 1
            proxy.to(gateway.origin)
            wait_for(
                lambda: all(len(load.new[n]) > 3 for n in range(2, PEOPLE + 2)),
                timeout=60,
                what="everybody to be served here",
            )
        assert load.wrong == []
        after = quotas(shop)
        for number in range(2, PEOPLE + 2):
            assert before[number] - after[number] == load.old[number] * UNITS, number
            account = gateway.cli("account", "show", f"user{number}")
            assert account["held"] == 0
            assert account["balance"] == after[number] * K - sum(load.new[number]), number
        charges = gateway.rows("SELECT count(*) AS n FROM entries WHERE kind = 'charge'")
        assert charges[0]["n"] == sum(map(len, load.new.values()))
        assert gateway.cli("ledger", "verify")["ok"]


def test_back_out_before_the_opening_leaves_the_old_one_as_it_was(tmp_path, cli, shop, proxy):
    with OldNewApi(shop) as old, Gateway(tmp_path / "home", cli) as gateway:
        gateway.start()
        proxy.to(old.origin)
        proxy.start()
        with Load(proxy.origin) as load:
            wait_for(lambda: sum(load.old.values()) > 10, timeout=30, what="the old one's load")
            proxy.freeze()
            wait_for(lambda: load.frozen > PEOPLE, timeout=30, what="the freeze")
            time.sleep(0.5)
            frozen = quotas(shop)
            take(gateway, shop)
            assert gateway.cli("import", "check", "old")["ok"]
            key = f"sk-{2:048d}"
            refused = wire.call(gateway.origin, "POST", "/v1/chat/completions", BODY, key=key)
            assert (refused.status, refused.json()["error"]["code"]) == (403, "account_suspended")
            assert quotas(shop) == frozen, "the other database is never written"
            proxy.to(old.origin)
            count = sum(load.old.values())
            wait_for(lambda: sum(load.old.values()) > count + 10, timeout=30, what="the old one")
        assert load.wrong == []
        assert not any(load.new.values())
        answer = gateway.cli("import", "forget", "old")
        assert (answer["forgotten"], answer["kept"]) == (PEOPLE + 1, [])
        assert all(each["balance"] == 0 for each in gateway.cli("account", "list")["accounts"])


def test_live_asks_the_running_gateway_and_tells_what_goes_wrong(tmp_path, cli, shop):
    shop.change("DELETE FROM options")  # nobody has changed anything: all of it is in the program
    asked = ("import", "look", "new-api", str(shop.path), "--name", "old", "--rate", "7.5")
    with OldNewApi(shop) as old, Gateway(tmp_path / "home", cli) as gateway:
        assert "prices_incomplete" in gateway.cli(*asked)["listed"]
        live = (*asked, "--live", old.origin, "--live-token-stdin")
        document = gateway.cli(*live, stdin=ROOT_TOKEN)
        assert document["models"] == 2
        assert "prices_incomplete" not in document["listed"]
        assert ROOT_TOKEN not in str(document)
        assert refusal(gateway, *live, stdin="wrong") == "live_refused"
        old.page = "<html>sign in</html>"
        assert refusal(gateway, *live, stdin=ROOT_TOKEN) == "bad_answer"
        old.page = None
        taken = gateway.cli(
            "import", "take", *live[2:], stdin=ROOT_TOKEN
        )  # fmt: skip
        assert taken["models"] == 2
        assert gateway.cli("import", "check", "old")["ok"]
    with Gateway(tmp_path / "home", cli) as gateway:
        assert refusal(gateway, *live, stdin=ROOT_TOKEN) == "live_failed", "it is stopped now"


def rate(gateway, customer, seconds=2.0) -> float:
    """Paid requests a second, one after another."""
    began, count = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        answer = wire.call(gateway.origin, "POST", "/v1/chat/completions", HERE, key=customer.key)
        assert answer.status == 200, answer.body
        count += 1
    return count / (time.monotonic() - began)


def rates_around_a_take(gateway, shop, customer) -> tuple[list[float], list[float]]:
    """Rates without a take, before and after it, and rates during it."""
    rate(gateway, customer)
    alone = [rate(gateway, customer), rate(gateway, customer)]
    taking = threading.Thread(target=take, args=(gateway, shop), daemon=True)
    taking.start()
    time.sleep(0.5)
    during = [rate(gateway, customer)]
    while taking.is_alive() and len(during) < 4:
        during.append(rate(gateway, customer))
    was_running = taking.is_alive() or len(during) > 1
    taking.join(200)
    alone.append(rate(gateway, customer))
    assert was_running, "the take was too short to be measured"
    return alone, during


@pytest.mark.timing
@pytest.mark.timeout(600)
def test_requests_keep_their_rate_while_a_take_runs(tmp_path, cli, shop, upstream):
    """Paid requests a second during a take over those without it, at least nine tenths.

    Of several short rounds the best during it and the least without it count, and of three
    takes the best, since other work on the machine disturbs single ones.
    """
    shop.add("users", *({"id": n, "username": f"more{n}", "quota": n} for n in range(1000, 2200)))
    price = {"input": "1", "output": "2"}
    catalog = openai_channel(upstream, {"here": "here"}, name="ours") + model("here", price)
    seen = []
    for attempt in range(3):
        with Gateway(tmp_path / f"home{attempt}", cli) as gateway:
            gateway.start()
            gateway.apply(catalog)
            alone, during = rates_around_a_take(gateway, shop, gateway.customer())
            seen.append((alone, during))
            charges = gateway.rows("SELECT count(*) AS n FROM entries WHERE kind = 'charge'")
            assert charges[0]["n"] > 0
            assert gateway.cli("ledger", "verify")["ok"]
        print(alone, during)
        if max(during) >= 0.9 * min(alone):
            return
    pytest.fail(f"rates without a take and during it: {seen}")
