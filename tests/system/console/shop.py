"""People in a shop: an operator who came by the printed link, a customer who signed up.

What they do through the page is the test's own business; this is the short way to a state,
over the console's API with a browser's cookies, or by the `yiyuan` command.
"""

import base64
import hashlib
import hmac
import struct
import time
from typing import Any

from playwright.sync_api import BrowserContext, Page

PASSWORD = "correct horse battery"


def fragment_of(url: str) -> str:
    """The secret of a one-time link."""
    return url.partition("#")[2]


def totp(secret: str, *, at: float | None = None) -> str:
    """What an authenticator shows for a secret."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    step = struct.pack(">Q", int((at if at is not None else time.time()) // 30))
    digest = hmac.digest(key, step, hashlib.sha1)
    place = digest[-1] & 15
    number = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def ask(context: BrowserContext, origin: str, method: str, path: str, body: Any = None) -> Any:
    """Call the console's API as the person of this browser profile."""
    answer = context.request.fetch(
        f"{origin}{path}",
        method=method,
        data=body if method != "GET" else None,
        headers={"origin": origin, "content-type": "application/json"},
    )
    assert answer.ok, f"{method} {path}: {answer.status} {answer.text()}"
    return answer.json()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Fill the form in, whatever its language."""
    page.locator("input[type=email]").fill(email)
    page.locator("input[autocomplete=current-password]").fill(password)
    page.locator("button[type=submit]").click()
