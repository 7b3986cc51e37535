"""A page on an origin of its own, in a real browser: what a foreign site's script can see.

`in_browser` serves an empty page, runs the body of an async function in it and
gives back what that returns. Without a Chromium it skips the test.
"""

import contextlib
import functools
import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.system.console.chromium import ARGUMENTS, NoBrowser, executable

PAGE = b"<!doctype html><meta charset=utf-8><title>a foreign page</title>"
PAGE_MILLISECONDS = 90_000


@contextlib.contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium without a screen. Skips where there is none."""
    try:
        path = executable()
    except NoBrowser as reason:
        pytest.skip(str(reason))
    chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
    try:
        yield chromium
    finally:
        chromium.close()


def in_browser(script: str, given: Any, fragment: str = "") -> Any:
    """What `script`, which sees `given`, returns; `fragment` is put behind the address."""
    with (
        foreign_origin() as origin,
        sync_playwright() as playwright,
        launched(playwright) as chromium,
    ):
        page = chromium.new_page()
        page.set_default_timeout(PAGE_MILLISECONDS)
        page.goto(f"{origin}/{fragment}")
        return page.evaluate(f"async (given) => {{ {script} }}", given)


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def foreign_origin() -> Iterator[str]:
    """An origin that is not the gateway's: another port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    serve = functools.partial(server.serve_forever, poll_interval=0.1)
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
