"""What an operator asked for, and how it is kept until the check reads the source again.

Where the other database is, and its password, is kept encrypted like upstream keys are;
so are the saved answers of the old gateway, of which only what is needed is kept.
"""

import re
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

import msgspec
import orjson

from yiyuan.auth.encryption import SealError, decrypt, encrypt
from yiyuan.i18n.message import Message
from yiyuan.integrations.importers.discovery import discover
from yiyuan.services.imports.names import check_import_name, import_id
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Request, invalid
from yiyuan.store.tables.imports import ImportRow, find_import

ANSWERS: Final = ("option", "pricing", "prices", "groups")
ANSWER_CHARACTERS_MAX: Final = 4_000_000
RATE_MAX: Final = 1_000
_RATE: Final = re.compile(r"\d{1,6}(\.\d{1,30})?", re.ASCII)
ONLY: Final = frozenset({"catalog", "users", "tokens", "codes"})
_CHOICES: Final = MappingProxyType(
    {
        "balance": ("none", "remaining"),
        "subscriptions": ("ignore", "grant"),
        "affiliate": ("ignore", "grant"),
        "duplicates": ("first", "skip"),
        "roles": ("none", "keep"),
    }
)
LINKED: Final = ("linux_do", "github", "oidc", "lark")
"""Kinds of service there whose ids belong to one person for good."""


class Take(Request):
    """Which gateway is taken over, from where, and what of it.

    Without `kind`, what was asked for under this name before.
    """

    name: str
    kind: str = ""
    place: str = ""
    rate: str = ""
    answers: dict[str, str] = msgspec.field(default_factory=dict)
    live: str = ""
    live_token: str = ""
    salt_key: str = ""
    root_balance: bool = False
    balance: str = "none"
    debts: bool = False
    subscriptions: str = "ignore"
    affiliate: str = "ignore"
    duplicates: str = "first"
    roles: str = "none"
    emails_verified: bool = False
    links: list[str] = msgspec.field(default_factory=list)
    only: list[str] = msgspec.field(default_factory=list)
    allow_private: bool = False
    catalog_file: bool = False
    """Whether the catalog is told as a file, too."""


class Look(Take):
    """The same, and whether each channel is asked for its models."""

    probe: bool = False


@dataclass(slots=True, kw_only=True)
class ImportSettings:
    """One move, as it was asked for."""

    name: str
    kind: str
    place: str = field(repr=False)
    """A file or a database URL."""
    rate: str = ""
    """元 per dollar; empty: what the old gateway says."""
    answers: dict[str, str] = field(default_factory=dict, repr=False)
    """Texts of saved answers, by name."""
    live: str = ""
    live_token: str = field(default="", repr=False)
    salt_key: str = field(default="", repr=False)
    root_balance: bool = False
    balance: str = "none"
    debts: bool = False
    """What cannot be taken back becomes a debt, which the next credit pays."""
    subscriptions: str = "ignore"
    affiliate: str = "ignore"
    duplicates: str = "first"
    """Who keeps an e-mail that several have: the first of them, or nobody."""
    roles: str = "none"
    """Whether administrators of the other gateway become operators here."""
    emails_verified: bool = False
    """Whether the other gateway let nobody in before their mailbox was proven."""
    links: dict[str, str] = field(default_factory=dict)
    """Kind of service there → name of a sign-in service here."""
    only: tuple[str, ...] = ()
    allow_private: bool = False
    """Whether the old gateway and its channels may be at private addresses: the machine's
    owner may ask a neighbour, somebody in a browser only after saying so."""

    @property
    def id(self) -> str:
        """The move's id."""
        return import_id(self.name)

    def takes(self, what: str) -> bool:
        """Whether a part is to be taken."""
        return not self.only or what in self.only


def read_settings(context: ServiceContext, request: Take) -> ImportSettings:
    """What a command asks for, checked. Raises ServiceError."""
    if request.kind not in discover():
        raise invalid("kind", "must be one of {choices}", choices=", ".join(sorted(discover())))
    if not request.place:
        raise invalid("place", "is required")
    settings = ImportSettings(
        name=check_import_name(request.name),
        kind=request.kind,
        place=request.place,
        rate=_rate(request.rate),
        answers=_answers(request.answers),
        live=request.live,
        live_token=request.live_token,
        salt_key=request.salt_key,
        root_balance=request.root_balance,
        balance=request.balance or "none",
        debts=request.debts,
        subscriptions=request.subscriptions,
        affiliate=request.affiliate,
        duplicates=request.duplicates,
        roles=request.roles or "none",
        emails_verified=request.emails_verified,
        links=_links(request.links),
        only=tuple(request.only),
        allow_private=request.allow_private or context.actor == "operator",
    )
    for name, choices in _CHOICES.items():
        if getattr(settings, name) not in choices:
            raise invalid(name, "must be one of {choices}", choices=", ".join(choices))
    if not set(settings.only) <= ONLY:
        raise invalid("only", "must name some of {known}", known=", ".join(sorted(ONLY)))
    return settings


def rate_of(text: str) -> Fraction:
    """元 per dollar. Raises ServiceError."""
    if not _RATE.fullmatch(text.strip()):
        raise invalid("rate", "must be a decimal number such as 7.5")
    rate = Fraction(text)
    if not 0 < rate <= RATE_MAX:
        raise invalid(
            "rate", "must be a decimal number above 0 and at most {limit}", limit=RATE_MAX
        )
    return rate


def sealed(context: ServiceContext, settings: ImportSettings) -> bytes:
    """The settings as they are kept."""
    return encrypt(context.secrets.seal_key, orjson.dumps(asdict(settings)).decode(), settings.id)


async def stored_import(context: ServiceContext, name: str) -> tuple[ImportRow, ImportSettings]:
    """A move that was begun. Raises ServiceError `not_found`."""
    row = await find_import(context.database, name)
    if row is None:
        raise ServiceError("not_found", Message('there is no import "{name}"', name=name))
    try:
        text = decrypt(context.secrets.seal_key, bytes(row.settings_sealed), row.id)
    except SealError as error:
        message = Message("the settings of the import do not open: {error}", error=error)
        raise ServiceError("secret_key", message) from error
    values: dict[str, Any] = orjson.loads(text)
    values["only"] = tuple(values["only"])
    return row, ImportSettings(**values)


def _rate(text: str) -> str:
    if text:
        rate_of(text)
    return text


def _links(given: list[str]) -> dict[str, str]:
    """`oidc=company` as what is behind which."""
    found: dict[str, str] = {}
    for each in given:
        kind, equals, name = each.partition("=")
        if kind not in LINKED or not equals or not name:
            raise invalid(
                "links", "must be KIND=SERVICE, where KIND is of {known}", known=", ".join(LINKED)
            )
        found[kind] = name
    return found


def _answers(given: dict[str, str]) -> dict[str, str]:
    for name, text in given.items():
        if name not in ANSWERS:
            raise invalid("answers", "must have some of {known}", known=", ".join(ANSWERS))
        if len(text) > ANSWER_CHARACTERS_MAX:
            raise invalid(
                "answers",
                "has more than {limit} characters: {name}",
                limit=ANSWER_CHARACTERS_MAX,
                name=name,
            )
    return given
