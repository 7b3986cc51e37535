"""The way to the mail server: one connection per mail, bounded in time, always verified.

Clear text is for a server on this machine only. What a server says is repeated to the
operator, cut and without line ends; a password is never in it.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Final, Literal

import aiosmtplib

TIMEOUT_SECONDS: Final = 20.0
Security = Literal["tls", "starttls", "none"]
PORTS: Final[dict[str, int]] = {"tls": 465, "starttls": 587, "none": 25}


@dataclass(slots=True, frozen=True)
class SmtpSettings:
    """Where mail is handed in."""

    host: str = ""
    port: int = 0
    """0 is the usual one of `security`."""
    security: Security = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    reply_to: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether mail can be sent at all."""
        return bool(self.host and self.sender)


class MailRefused(Exception):
    """A mail was not taken; `is_final` when it never will be."""

    def __init__(self, reason: str, *, is_final: bool) -> None:
        """`reason` is one line for the operator."""
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final


def is_loopback(host: str) -> bool:
    """Whether a mail server is on this machine."""
    if host.lower() in {"localhost", "localhost.localdomain"}:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


async def hand_in(settings: SmtpSettings, message: EmailMessage) -> None:
    """Give one message to the server. Raises MailRefused."""
    if settings.security == "none" and not is_loopback(settings.host):
        raise MailRefused("mail is sent in clear text to this machine only", is_final=True)
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await aiosmtplib.send(
                message,
                hostname=settings.host,
                port=settings.port or PORTS[settings.security],
                username=settings.user or None,
                password=settings.password or None,
                use_tls=settings.security == "tls",
                start_tls=settings.security == "starttls",
                timeout=TIMEOUT_SECONDS,
            )
    except aiosmtplib.SMTPAuthenticationError as error:
        raise MailRefused(
            f"the server refuses user and password: {error.code}", is_final=False
        ) from None
    except aiosmtplib.SMTPRecipientsRefused as error:
        codes = [refused.code for refused in error.recipients]
        raise MailRefused(
            _cut(f"the recipient is refused: {codes}"), is_final=min(codes) >= 500
        ) from None
    except aiosmtplib.SMTPResponseException as error:
        raise MailRefused(
            _cut(f"{error.code} {error.message}"), is_final=error.code >= 500
        ) from None
    except (ssl.SSLError, aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        raise MailRefused(_why(error), is_final=False) from None


def _why(error: Exception) -> str:
    cause = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _cut(f"the server's certificate is not good: {cause.verify_message}")
    if isinstance(error, (TimeoutError, aiosmtplib.SMTPTimeoutError)):
        return "the server does not answer in time"
    return _cut(f"{type(error).__name__}: {error}")


def _cut(text: str) -> str:
    return " ".join(text.split())[:200]
