"""One mail: a plain text, and the same as simple HTML without anything from elsewhere.

What could begin another header is refused here, whatever checked it before.
"""

import html
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid, parseaddr
from typing import Final

_MAILBOX: Final = re.compile(r"[^@\s<>,;:\"]{1,64}@[^@\s<>,;:\"]{1,189}")
_LINK: Final = re.compile(r"https?://[^\s<>\"]+")
SUBJECT_CHARACTERS_MAX: Final = 150


@dataclass(slots=True, frozen=True)
class Mail:
    """What is to be said to whom; `text` is of plain lines."""

    to: str
    subject: str
    text: str
    kind: str = "mail"
    """What it is for, as the operator's page names it."""


def is_mailbox(text: str) -> bool:
    """Whether a text is one address and nothing else."""
    return bool(_MAILBOX.fullmatch(text)) and text.isprintable()


def read_sender(text: str) -> tuple[str, str] | None:
    """`Name <address>` or an address as (name, address); None when it is neither."""
    name, address = parseaddr(text)
    if not text.isprintable() or not is_mailbox(address) or set(text) & set(",;") or "@" in name:
        return None
    return name, address


def compose(mail: Mail, sender: str, reply_to: str, now_seconds: float) -> EmailMessage:
    """The message as it is sent. Raises ValueError for what is no mailbox or no line."""
    found = read_sender(sender)
    if found is None or not is_mailbox(mail.to) or (reply_to and not is_mailbox(reply_to)):
        raise ValueError("a mailbox is needed")
    message = EmailMessage()
    message["From"] = formataddr(found)
    message["To"] = mail.to
    message["Subject"] = _line(mail.subject)
    message["Date"] = formatdate(now_seconds)
    message["Message-ID"] = make_msgid(domain=found[1].rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    if reply_to:
        message["Reply-To"] = reply_to
    message.set_content(mail.text, cte="base64" if not mail.text.isascii() else None)
    message.add_alternative(_html(mail.text), subtype="html")
    return message


def _line(text: str) -> str:
    line = "".join(character if character.isprintable() else " " for character in text)
    return line[:SUBJECT_CHARACTERS_MAX]


def _html(text: str) -> str:
    """The lines as they are, addresses as links."""
    escaped = html.escape(text, quote=True)
    linked = _LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escaped)
    return f'<!doctype html><meta charset="utf-8"><p style="white-space:pre-line">{linked}</p>\n'
