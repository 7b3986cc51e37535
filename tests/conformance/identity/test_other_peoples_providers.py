"""The same conversation with an OpenID provider that others wrote."""

import http.client
import socket
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.support.identity.conversation import Conversation
from tests.support.identity.partner import Partner
from tests.support.waiting import wait_for
from yiyuan.integrations.identity.contract import providers


class MockProvider(Partner):
    """`oidc-provider-mock` as a process of its own; only its address is ours."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.origin = f"http://127.0.0.1:{port}"

    @property
    def settings(self) -> dict[str, str]:
        return {"issuer": self.origin, "client_id": "any", "client_secret": "any"}

    def approve(self, address: str) -> dict[str, str]:
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        headers = {"content-type": "application/x-www-form-urlencoded"}
        body = urlencode({"sub": "grace@example.com"})
        connection.request("POST", f"{parts.path}?{parts.query}", body, headers)
        location = connection.getresponse().getheader("location") or ""
        connection.close()
        return dict(parse_qsl(urlsplit(location).query))


def is_up(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        free = sock.getsockname()[1]
    program = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-n", "true"]
    process = subprocess.Popen(
        [*program, "-p", str(free)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: is_up(free), timeout=30)
        yield free
    finally:
        process.terminate()
        process.wait(timeout=10)


def test_somebody_signs_in_by_a_provider_that_is_not_ours(port: int) -> None:
    with MockProvider(port) as partner:
        conversation = Conversation(providers()["generic_oidc"], partner)
        profile = conversation.sign_in()
        assert profile.subject == "grace@example.com"
        assert profile.email == "grace@example.com"
        assert not profile.is_email_verified, "nobody said so"
