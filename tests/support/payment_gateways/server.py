"""A provider as a process: `python -m tests.support.payment_gateways.server KIND`.

Its settings come as one JSON object on stdin, its port goes to stdout. `POST /_control`
moves the trades (pay, refund, dispute …), sends notifies, and spoils the next answers:
`hang`, `reset`, `html`, `500`, `wrong_key`, `stale`, `late` (after the next refund),
`after` (does the work, then cuts).
"""

import importlib
import json
import socket
import struct
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KINDS = {
    "epay_md5": "epay",
    "epay_rsa": "epay",
    "stripe_checkout": "stripe_side",
    "alipay": "alipay_side",
    "wechat_pay": "wechat_side",
}


@dataclass
class Request:
    """A call as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The body's fields."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class Answer:
    """What is answered."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def json_answer(value: Any, status: int = 200) -> Answer:
    """A JSON body."""
    return Answer(status, {"content-type": "application/json"}, json.dumps(value).encode())


@dataclass
class Trade:
    """What the provider knows of one payment."""

    number: str
    amount_minor: int
    currency: str
    notify_url: str = ""
    return_url: str = ""
    name: str = ""
    type: str = ""
    ref: str = ""
    state: str = "waiting"
    refunds: list[dict[str, Any]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def refunded_minor(self) -> int:
        """The sum of its refunds."""
        return sum(r["amount"] for r in self.refunds if r.get("state", "done") == "done")


class Provider:
    """What all providers share; each kind adds its wire."""

    def __init__(self, settings: dict[str, Any]) -> None:
        """`settings` has keys and the merchant's numbers."""
        self.settings = settings
        self.trades: dict[str, Trade] = {}
        self.spoiled: list[dict[str, str]] = []
        self.calls: list[dict[str, Any]] = []
        self.lock = threading.RLock()
        self.origin = ""
        self._refs = 0

    def new_ref(self, prefix: str = "2026") -> str:
        """A number of the provider's own."""
        self._refs += 1
        return f"{prefix}{self._refs:012d}"

    # --- what a kind has to say ---

    def handle(self, request: Request) -> Answer:
        """Answer a call."""
        raise NotImplementedError

    def notify_request(self, trade: Trade, options: dict[str, Any]) -> Any:
        """A notify: (method, url, headers, body)."""
        raise NotImplementedError

    # --- control ---

    def control(self, order: dict[str, Any]) -> Any:
        """Do what a test asks for."""
        what = order.pop("do")
        return getattr(self, f"do_{what}")(**order)

    def do_pay(self, number: str, amount_minor: int | None = None, **more: Any) -> Any:
        """The payer pays."""
        trade = self.trades[number]
        trade.state = "paid"
        trade.ref = more.pop("ref", "") or trade.ref or self.new_ref()
        if amount_minor is not None:
            trade.amount_minor = amount_minor
        trade.more |= more
        return {"ref": trade.ref}

    def do_change(self, number: str, **more: Any) -> Any:
        """Change anything about a trade."""
        trade = self.trades[number]
        for name, value in more.items():
            if hasattr(trade, name):
                setattr(trade, name, value)
            else:
                trade.more[name] = value
        return {}

    def do_notify(self, number: str, times: int = 1, **options: Any) -> Any:
        """Send a notify, `times` times at once."""
        prepared = [self.notify_request(self.trades[number], dict(options)) for _ in range(times)]
        return at_once(prepared)

    def do_prepare(self, number: str, **options: Any) -> Any:
        """A notify that is made and not sent."""
        method, url, headers, body = self.notify_request(self.trades[number], options)
        return [method, url, headers, None if body is None else body.decode()]

    def do_set(self, **settings: Any) -> Any:
        """Change settings."""
        self.settings |= settings
        return {}

    def do_refund(self, number: str, amount_minor: int, **more: Any) -> Any:
        """A refund made in the provider's own console."""
        trade = self.trades[number]
        refund = {"ref": self.new_ref("R"), "our": "", "amount": amount_minor, **more}
        trade.refunds.append(refund)
        return refund

    def do_spoil(self, path: str = "", how: str = "hang", times: int = 1) -> Any:
        """Spoil the next answers to calls whose path contains `path`."""
        self.spoiled += [{"path": path, "how": how}] * times
        return {}

    def do_spoiled(self) -> Any:
        """What is still to be spoiled."""
        return self.spoiled

    def do_heal(self) -> Any:
        """Spoil nothing any more."""
        self.spoiled.clear()
        return {}

    def do_forget(self) -> Any:
        """Begin anew: no trades, no calls, nothing spoiled."""
        self.trades.clear()
        self.calls.clear()
        self.spoiled.clear()
        return {}

    def do_trades(self) -> Any:
        """All trades."""
        return {n: {**vars(t), "refunded_minor": t.refunded_minor} for n, t in self.trades.items()}

    def listed(self) -> list[Trade]:
        """What a day's list is made of: all trades but those that it has lost."""
        return [trade for trade in self.trades.values() if not trade.more.get("is_lost")]

    def do_money_in(self) -> Any:
        """What was paid since the beginning, refunds not taken off."""
        return sum(t.amount_minor for t in self.trades.values() if t.state == "paid")

    def do_calls(self) -> Any:
        """All calls so far."""
        return self.calls

    def spoiling(self, path: str) -> str:
        """How this answer is to be spoiled; empty is not."""
        with self.lock:
            for index, spoil in enumerate(self.spoiled):
                if spoil["path"] in path:
                    del self.spoiled[index]
                    return spoil["how"]
        return ""


def send(method: str, url: str, headers: dict[str, str], body: bytes | None) -> dict[str, Any]:
    """Send one request for real."""
    request = urllib.request.Request(url, body, headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=20) as answer:
            return {"status": answer.status, "body": answer.read().decode("utf-8", "replace")}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "body": error.read().decode("utf-8", "replace")}
    except OSError as error:
        return {"status": 0, "body": str(error)}


def at_once(prepared: list[Any]) -> list[dict[str, Any]]:
    """Send requests at the same time; their answers in order."""
    results: list[dict[str, Any]] = [{}] * len(prepared)

    def one(index: int) -> None:
        results[index] = send(*prepared[index])

    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(prepared))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class Handler(BaseHTTPRequestHandler):
    """Reads a request, writes an answer, or does not."""

    protocol_version = "HTTP/1.1"
    provider: Provider

    def log_message(self, *_: Any) -> None:
        """Be quiet."""

    def do_GET(self) -> None:
        """GET."""
        self._serve()

    def do_POST(self) -> None:
        """POST."""
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        if parts.path == "/_control":
            result = self.provider.control(json.loads(body))
            self._write(json_answer(result))
            return
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, parts.path, query, headers, body)
        how = self.provider.spoiling(self.path + " " + body.decode("utf-8", "replace"))
        if how == "hang":
            time.sleep(30)
        if how == "late":
            self._wait_for_a_refund()
        if how in ("hang", "reset"):
            self._cut()
            return
        if how == "html":
            self._write(Answer(200, {"content-type": "text/html"}, b"<html>maintenance</html>"))
            return
        with self.provider.lock:
            self.provider.calls.append({"path": self.path, "body": body.decode("utf-8", "replace")})
            if how in ("wrong_key", "stale"):
                self.provider.settings["spoil"] = how
            try:
                answer = self.provider.handle(request)
            finally:
                self.provider.settings.pop("spoil", None)
        if how == "slow_notify":
            number = next(reversed(self.provider.trades))
            self.provider.do_pay(number)
            self.provider.do_notify(number)
        if how == "after":
            self._cut()
            return
        if how.isdigit():
            answer = Answer(int(how), {"content-type": "text/plain"}, b"broken")
        self._write(answer)

    def _wait_for_a_refund(self) -> None:
        """Until one was made, but no longer than an answer is waited for."""
        end = time.monotonic() + 4.5
        while time.monotonic() < end and not any(t.refunds for t in self.provider.listed()):
            time.sleep(0.02)

    def _cut(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        if answer.status != 204:
            self.wfile.write(answer.body)


def main() -> None:
    """Serve until stdin ends."""
    kind = sys.argv[1]
    settings = json.loads(sys.stdin.readline())
    module = importlib.import_module(f"tests.support.payment_gateways.{KINDS[kind]}")
    provider = module.make(kind, settings)
    handler = type("Bound", (Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    provider.origin = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
