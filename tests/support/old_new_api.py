"""A running new-api, scripted: it charges as the program did, on the rows of a `NewApiShop`."""

import json
import sqlite3
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from tests.support.new_api_shop import OPTIONS, NewApiShop

ROOT_TOKEN = "root-access-token"
PROMPT, COMPLETION = 10, 20
UNITS = 113
"""(10 + 20 × 4) × 1.25, rounded half up, for gpt-4o in the group default."""


class OldNewApi(ThreadingHTTPServer):
    """Answers completions out of the shop's quotas, and its root's questions."""

    daemon_threads = True

    def __init__(self, shop: NewApiShop) -> None:
        """Serves while it is a context; `stop` ends it as an operator would."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.shop = shop
        self.lock = threading.Lock()
        self.page: str | None = None
        """A page of HTML in place of every answer to root."""
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def stop(self) -> None:
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join(10)
        self.server_close()

    def charge(self, key: str) -> bool:
        """Take the price out of the owner's quota; False where there is no such key."""
        with self.lock, closing(sqlite3.connect(self.shop.path, timeout=20)) as rows, rows:
            taken = rows.execute(
                """UPDATE users SET quota = quota - ?, used_quota = used_quota + ?
                   WHERE id = (SELECT user_id FROM tokens WHERE key = ?)""",
                (UNITS, UNITS, key.removeprefix("sk-")),
            )
            return taken.rowcount == 1


class _Handler(BaseHTTPRequestHandler):
    server: OldNewApi
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        key = self.headers.get("authorization", "").removeprefix("Bearer ")
        if not self.server.charge(key):
            self._answer(401, {"error": {"message": "no such key"}})
            return
        self._answer(
            200,
            {
                "id": "chatcmpl-old",
                "object": "chat.completion",
                "choices": [{"index": 0, "message": {"role": "assistant", "content": "old"}}],
                "usage": {"prompt_tokens": PROMPT, "completion_tokens": COMPLETION},
            },
        )

    def do_GET(self) -> None:
        if self.server.page is not None:
            self._send(200, self.server.page.encode(), "text/html")
        elif self.path == "/api/pricing":
            self._answer(200, {"success": True, "data": []})
        elif self.headers.get("authorization") != f"Bearer {ROOT_TOKEN}":
            self._answer(401, {"success": False, "message": "unauthorized"})
        else:
            options = [
                {"key": name, "value": value if isinstance(value, str) else json.dumps(value)}
                for name, value in OPTIONS.items()
            ]
            self._answer(200, {"success": True, "data": options})

    def _answer(self, status: int, document: object) -> None:
        self._send(status, json.dumps(document).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        """Nothing: the test's output is its own."""
