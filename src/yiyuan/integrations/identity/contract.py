"""The contract of a sign-in service, and the conversation it leads.

A service is a record. What it has to ask over HTTP it yields as `Fetch`, step by step,
and is sent the answers: whoever drives the conversation owns sockets, time and chance.
The person is whoever the pair (our name of the service, `Profile.subject`) says; an
e-mail address is a contact and never tells who somebody is.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Final, Literal, NamedTuple, TypeAlias, TypeVar
from urllib.parse import urlsplit

import yiyuan.integrations.identity as package
from yiyuan.i18n.message import Message
from yiyuan.integrations.call import Answer, Call
from yiyuan.kernel.plugins import discover

ANSWER_BYTES_MAX = 65_536
"""A longer answer is no answer of a sign-in service."""
SUBJECT_CHARACTERS_MAX = 255
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

Settings: TypeAlias = Mapping[str, str]
"""A service's fields by name, the secrets opened, defaults filled in."""
T = TypeVar("T")
ErrorCode = Literal["unavailable", "misconfigured", "code_refused", "not_valid", "person_refused"]


class Words(NamedTuple):
    """A short text for people in both languages."""

    en: str
    zh: str


NO_WORDS: Final = Words("", "")


@dataclass(slots=True, frozen=True)
class Field:
    """One thing that an operator sets."""

    name: str
    title: Words
    help: Words = NO_WORDS
    kind: Literal["text", "secret", "url", "integer", "choice"] = "text"
    is_required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()
    says_who: bool = False
    """Whether another value would make other people of the same subjects."""


@dataclass(slots=True, frozen=True)
class Fetch:
    """A call to be sent; an answer that is no older than `max_age_seconds` will do."""

    call: Call
    max_age_seconds: int = 0


Steps: TypeAlias = Generator[Fetch, Answer, T]
"""A conversation: yields what to fetch, is sent the answers, returns what came of it."""


@dataclass(slots=True, frozen=True)
class Start:
    """What the address that the browser is sent to must hold."""

    state: str
    nonce: str
    code_challenge: str
    """S256 of the verifier."""
    redirect_uri: str


@dataclass(slots=True, frozen=True)
class Return:
    """What the browser came back with, and what only we know of this flow."""

    code: str
    verifier: str
    nonce: str
    redirect_uri: str
    now_seconds: int
    issuer: str | None = None
    """`iss` of the answer (RFC 9207), when it was sent."""


@dataclass(slots=True, frozen=True)
class Profile:
    """Who came. `groups` is None where no role claim is set up."""

    subject: str
    name: str = ""
    email: str | None = None
    is_email_verified: bool = False
    groups: tuple[str, ...] | None = None


class IdentityError(Exception):
    """The conversation ended without a person.

    `unavailable`: the service is down or limits us. `misconfigured`: it does not take
    our settings. `code_refused`: the code was used or is too old; beginning anew helps.
    `not_valid`: what it said cannot be trusted. `person_refused`: it knows the person,
    and the settings do not let them in.
    """

    def __init__(self, code: ErrorCode, detail: str) -> None:
        """`detail` is for the operator; it holds no secret."""
        super().__init__(detail)
        self.code: ErrorCode = code
        self.detail = detail


class SettingError(Exception):
    """A field does not hold what it must."""

    def __init__(self, name: str, reason: str | Message) -> None:
        """`name` is the field's; the reason ends the sentence that begins with it."""
        super().__init__(f"{name} {reason}")
        self.name, self.reason = name, reason


@dataclass(slots=True, frozen=True)
class IdentityProvider:
    """One service, or one protocol that many services speak."""

    name: str
    title: Words
    fields: tuple[Field, ...]
    begin: Callable[[Settings, Start], Steps[str]]
    """Returns the address to send the browser to."""
    finish: Callable[[Settings, Return], Steps[Profile]]
    """Returns who came. Both raise IdentityError."""
    code_parameter: str = "code"
    """Under which name the callback gets the code."""
    known_fields: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Derive the set of its fields' names."""
        object.__setattr__(self, "known_fields", frozenset(f.name for f in self.fields))


def complete(provider: IdentityProvider, given: Settings) -> dict[str, str]:
    """The settings with their defaults. Raises SettingError for what cannot be."""
    for name in given:
        if name not in provider.known_fields:
            raise SettingError(name, "is not a field of this preset")
    return {each.name: _checked(each, given.get(each.name, "").strip()) for each in provider.fields}


def providers(place: ModuleType = package) -> dict[str, IdentityProvider]:
    """Every service in this folder, by name."""
    return discover(place, "PROVIDER")


def _checked(each: Field, value: str) -> str:
    value = value or each.default
    if not value:
        if each.is_required:
            raise SettingError(each.name, "is required")
        return ""
    if not value.isprintable():
        raise SettingError(each.name, "must be one line of text")
    if each.choices and value not in each.choices:
        choices = ", ".join(each.choices)
        raise SettingError(each.name, Message("must be one of {choices}", choices=choices))
    if each.kind == "integer" and not (value.isascii() and value.isdigit()):
        raise SettingError(each.name, "must be a whole number")
    if each.kind == "url" and not is_sound_address(value):
        raise SettingError(each.name, "must be an https address")
    return value


def is_sound_address(url: str) -> bool:
    """Whether it is https without credentials and fragment; plain http to this machine will do."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment or not url.isascii():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
