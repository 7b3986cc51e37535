"""Drives a service's conversation over real sockets, as the product does, and keeps answers."""

import base64
import hashlib
import http.client
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tests.support.identity.partner import Partner
from yiyuan.integrations.call import Answer
from yiyuan.integrations.identity.contract import (
    Fetch,
    IdentityProvider,
    Profile,
    Return,
    Start,
    Steps,
    complete,
)

T = TypeVar("T")
CALLBACK = "https://shop.example/api/sign-in/main/callback"


@dataclass
class Conversation:
    """One service, one partner; `clock` may be moved."""

    provider: IdentityProvider
    partner: Partner
    more: dict[str, str] = field(default_factory=dict)
    """Further settings."""
    later_seconds: int = 0
    kept: dict[str, tuple[float, Answer]] = field(default_factory=dict)
    fetched: list[Fetch] = field(default_factory=list)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def settings(self) -> dict[str, str]:
        """As they would be kept."""
        return complete(self.provider, self.partner.settings | self.more)

    def begin(self) -> str:
        """The address for the browser."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        start = Start(self.state, self.nonce, challenge, CALLBACK)
        return self.run(self.provider.begin(self.settings, start))

    def finish(self, back: dict[str, str], **changes: Any) -> Profile:
        """What came of the browser's return."""
        fields: dict[str, Any] = {
            "code": back.get(self.provider.code_parameter, ""),
            "verifier": self.verifier,
            "nonce": self.nonce,
            "redirect_uri": CALLBACK,
            "now_seconds": int(time.time()) + self.later_seconds,
            "issuer": back.get("iss"),
        }
        return self.run(self.provider.finish(self.settings, Return(**(fields | changes))))

    def sign_in(self) -> Profile:
        """The whole way."""
        back = self.partner.approve(self.begin())
        assert back["state"] == self.state
        return self.finish(back)

    def run(self, steps: Steps[T]) -> T:
        """Send what is asked for, until something comes of it."""
        try:
            fetch = next(steps)
            while True:
                fetch = steps.send(self._send(fetch))
        except StopIteration as done:
            value: T = done.value
            return value

    def _send(self, fetch: Fetch) -> Answer:
        self.fetched.append(fetch)
        now, call = time.time() + self.later_seconds, fetch.call
        kept = self.kept.get(call.url)
        if kept is not None and now - kept[0] < fetch.max_age_seconds:
            return kept[1]
        parts = urlsplit(call.url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(call.method, target, call.body or None, dict(call.headers))
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, headers, response.read())
        connection.close()
        if fetch.max_age_seconds:
            self.kept[call.url] = (now, answer)
        return answer
