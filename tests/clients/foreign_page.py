"""A page on an origin of its own, in a real browser: what a foreign site's script can see.

`in_browser` serves an empty page, runs the body of an async function in it and
gives back what that returns. The browser is a Chromium without a screen, with a
profile of its own, ended when the page has answered.
"""

import contextlib
import http.server
import json
import pathlib
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

PAGE_SECONDS = 90.0
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
PAGE = """<!doctype html><meta charset="utf-8"><title>a foreign page</title><script>
const given = %s;
async function work() { %s }
work().then((value) => ({ value }), (error) => ({ error: String(error) }))
  .then((said) => fetch("/said", { method: "POST", body: JSON.stringify(said) }));
</script>"""


def browser() -> str | None:
    """A Chromium of this machine."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def in_browser(script: str, given: Any, profile: pathlib.Path, fragment: str = "") -> Any:
    """What `script`, which sees `given`, returns; `fragment` is put behind the address."""
    command = browser()
    assert command is not None
    with _page(PAGE % (json.dumps(given), script)) as (port, answers):
        address = f"http://127.0.0.1:{port}/{fragment}"
        process = subprocess.Popen(
            [command, *FLAGS, f"--user-data-dir={profile}", address],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            said = answers.get(timeout=PAGE_SECONDS)
        finally:
            process.terminate()
            process.wait(20)
    assert "error" not in said, said["error"]
    return said["value"]


@contextlib.contextmanager
def _page(text: str) -> Iterator[tuple[int, "queue.Queue[Any]"]]:
    """Serve the page, and take what it says."""
    answers: queue.Queue[Any] = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(text.encode() if self.path == "/" else b"")

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            answers.put(json.loads(self.rfile.read(length)))
            self._send(b"")

        def _send(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port, answers
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
