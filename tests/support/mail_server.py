"""A real mail server on loopback (aiosmtpd) that keeps what it gets, and can have faults."""

import re
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

CODE = re.compile(r"^(\d{6})\s*$", re.MULTILINE)
LINK = re.compile(r"https?://\S+")


@dataclass(slots=True)
class Caught:
    """One mail."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    raw: bytes

    @property
    def text(self) -> str:
        """The plain part."""
        body = self.message.get_body(("plain",))
        assert body is not None, "a mail without a text part"
        return body.get_content()

    @property
    def html(self) -> str:
        body = self.message.get_body(("html",))
        assert body is not None, "a mail without an HTML part"
        return body.get_content()

    @property
    def code(self) -> str:
        """The six digits."""
        found = CODE.search(self.text)
        assert found is not None, self.text
        return found[1]

    @property
    def link(self) -> str:
        found = LINK.search(self.text)
        assert found is not None, self.text
        return found[0]

    @property
    def secret(self) -> str:
        """What stands behind the link's `#`."""
        return self.link.partition("#")[2]


@dataclass  # no slots: aiosmtpd looks at every attribute, and Python 3.11.2 trips over one
class MailServer:
    """What it got, and what it does wrong next."""

    port: int = 0
    mails: list[Caught] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    """Answers to the next messages, such as `451 try later`."""
    pause_seconds: float = 0.0
    """How long it takes over each message."""

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        if self.pause_seconds:
            time.sleep(self.pause_seconds)
        if self.refusals:
            return self.refusals.pop(0)
        raw = bytes(envelope.original_content)
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(Caught(envelope.mail_from, list(envelope.rcpt_tos), message, raw))
        return "250 OK"

    def to(self, address: str) -> list[Caught]:
        """Everything that was sent to an address, oldest first."""
        return [mail for mail in list(self.mails) if address in mail.recipients]

    def wait_for(self, address: str, count: int = 1, seconds: float = 15.0) -> Caught:
        """The latest mail to an address, once there are so many."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.to(address)
            if len(found) >= count:
                return found[-1]
            time.sleep(0.01)
        raise AssertionError(f"{len(self.to(address))} of {count} mails came to {address}")

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a gateway that hands its mail in here."""
        return {
            "smtp_host": "127.0.0.1",
            "smtp_port": str(self.port),
            "smtp_security": "none",
            "smtp_from": "Shop <shop@gateway.example>",
        }


@contextmanager
def mail_server(
    *, tls: ssl.SSLContext | None = None, implicit_tls: bool = False, password: str | None = None
) -> Iterator[MailServer]:
    """Run one on a free port of loopback."""
    server = MailServer()

    def authenticate(
        _server: Any, _session: Any, _envelope: Any, _how: str, data: Any
    ) -> AuthResult:
        is_right = isinstance(data, LoginPassword) and data.password.decode() == password
        return AuthResult(success=is_right, handled=is_right)

    options: dict[str, Any] = {"decode_data": False, "enable_SMTPUTF8": True}
    if password is not None:
        options |= {
            "authenticator": authenticate,
            "auth_required": True,
            "auth_require_tls": tls is not None and not implicit_tls,
        }
    if tls is not None and not implicit_tls:
        options |= {"tls_context": tls, "require_starttls": True}
    controller = Controller(
        server,
        hostname="127.0.0.1",
        port=0,
        ssl_context=tls if implicit_tls else None,
        ready_timeout=20,
        **options,
    )
    # The controller's own start probes the port it was given; with port 0 it cannot.
    ready = threading.Event()
    controller._thread = threading.Thread(target=controller._run, args=(ready,), daemon=True)
    controller._thread.start()
    assert ready.wait(20), "the mail server did not start"
    assert controller.server is not None
    server.port = controller.server.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        controller.loop.call_soon_threadsafe(controller.cancel_tasks)
        controller._thread.join(20)
