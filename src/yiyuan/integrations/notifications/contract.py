"""What a notification sink is: a record of pure functions, one `SINK` a file.

A sink says which fields it needs, turns a note into a call (or a letter) and reads the
answer. It opens no socket and knows no clock, no database and no environment: `Moment`
brings the time. A place that answers 200 to what it refuses is read here, too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import yiyuan.integrations.notifications as package
from yiyuan.integrations.call import Answer, Call
from yiyuan.kernel.plugins import discover

Config = Mapping[str, str]
"""The values of a sink's fields, secrets included, by name."""

TEXT_CHARACTERS_MAX = 3_500
"""What every place takes in one message."""


class SinkError(ValueError):
    """What is filled in cannot work; the text names the field and never its value."""

    def __init__(self, field_name: str, en: str, zh: str) -> None:
        """The reason in both languages."""
        super().__init__(f"{field_name} {en}")
        self.field_name, self.en, self.zh = field_name, en, zh


@dataclass(slots=True, frozen=True)
class Words:
    """A text for people in two languages."""

    en: str
    zh: str


@dataclass(slots=True, frozen=True, kw_only=True)
class Field:
    """One thing to fill in."""

    name: str
    title: Words
    help: Words = field(default_factory=lambda: Words("", ""))
    is_secret: bool = False
    is_optional: bool = False


@dataclass(slots=True, frozen=True)
class Note:
    """Something that happened, in the words of the sink's language."""

    id: str
    event: str
    """`account.balance_low`, …"""
    title: str
    """One line."""
    text: str
    """A few lines of plain text, the title not among them."""
    link: str
    """A page of the console about it; empty where there is none."""
    data: Mapping[str, Any]
    """The same for programs."""

    @property
    def plain(self) -> str:
        """Title, text and link, cut to what every place takes."""
        lines = [self.title, "", self.text]
        if self.link:
            lines += ["", self.link]
        return cut("\n".join(lines))


@dataclass(slots=True, frozen=True)
class Moment:
    """When a note is sent."""

    wall_ms: int


@dataclass(slots=True, frozen=True)
class Letter:
    """What a sink hands to the mail server instead of calling."""

    to: str
    subject: str
    text: str


@dataclass(slots=True, frozen=True)
class Outcome:
    """What an answer means."""

    state: Literal["delivered", "again", "refused"]
    """`again` may work later, `refused` will not before somebody changes something."""
    reason: str = ""
    """A few words of the other side, for the operator or the customer who set it up."""
    wait_seconds: int | None = None
    """What the other side asks for."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Sink:
    """A kind of place to notify."""

    kind: str
    title: Words
    fields: tuple[Field, ...]
    check: Callable[[Config], None]
    """Raises SinkError."""
    send: Callable[[Config, Note, Moment], Call | Letter]
    read: Callable[[Answer], Outcome]

    @property
    def name(self) -> str:
        """By which discovery finds it."""
        return self.kind


def sinks() -> dict[str, Sink]:
    """Every sink in this folder, by kind."""
    return discover(package, "SINK")


def cut(text: str) -> str:
    """A text at most as long as every place takes, and an ellipsis where it was longer."""
    return text if len(text) <= TEXT_CHARACTERS_MAX else text[: TEXT_CHARACTERS_MAX - 1] + "…"


def check_url(config: Config, name: str = "url") -> None:
    """An http or https address without credentials. Raises SinkError."""
    text = config.get(name, "")
    try:
        parts = urlsplit(text)
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one or "@" in urlsplit(text).netloc or not text.isprintable() or " " in text:
        raise SinkError(name, "must be an https:// address", "必须是 https:// 地址")


def check_line(config: Config, name: str, *, is_optional: bool = False) -> None:
    """One line of printable text. Raises SinkError."""
    text = config.get(name, "")
    if not text and is_optional:
        return
    if not text or not text.isprintable() or len(text) > 500:
        raise SinkError(name, "must be one line of text", "必须是一行文字")


def by_status(answer: Answer) -> Outcome | None:
    """The outcome that the HTTP status alone decides; None for 2xx."""
    if 200 <= answer.status < 300:
        return None
    reason = f"HTTP {answer.status}"
    if answer.status in {408, 425, 429} or answer.status >= 500:
        told = answer.headers.get("retry-after", "")
        return Outcome("again", reason, int(told) if told.isdigit() and len(told) < 7 else None)
    return Outcome("refused", reason)
