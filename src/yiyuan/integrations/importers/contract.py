"""What an importer is, and the neutral records that it makes of another gateway's rows.

An importer is pure: it is handed rows and saved answers and yields records; it opens
nothing and knows no time of day. Money is in the source's own unit as an exact fraction
(quota; dollars for LiteLLM); what one unit is worth here depends on the rate that the
operator chooses (`micros_per_unit`). A price is in units per token, so the same factor
turns it into 元 per million tokens.

What cannot be moved is a `Note`, never an exception: a report has to be complete.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from yiyuan.i18n.message import Message, SaidError

Rows = Sequence[Mapping[str, Any]]
Tables = Mapping[str, Rows]
Schema = Mapping[str, frozenset[str]]
"""Columns by table, as the database tells them."""

Rounding = Literal["half_up", "up", "none"]
Period = Literal["total", "day", "month"]


class NotThisProgram(ValueError):
    """The rows are not those of the program that was named; the message says what they are."""


class BadAnswer(SaidError, ValueError):
    """A saved or live answer of the old gateway is not what it should be."""


@dataclass(slots=True, frozen=True)
class Note:
    """Something that the report lists; `is_blocking` keeps `open` closed until it is gone."""

    kind: str
    subject: str
    template: str
    fields: Mapping[str, str | int] = field(default_factory=dict)
    is_blocking: bool = False

    @property
    def said(self) -> Message:
        """The sentence."""
        return Message(self.template, **self.fields)

    @property
    def detail(self) -> str:
        """The sentence in English; other languages know it by its template."""
        return str(self.said)


@dataclass(slots=True, frozen=True, kw_only=True)
class Person:
    """Somebody who had an account there."""

    source_id: str
    login_name: str
    email: str | None = None
    password_hash: str | None = field(default=None, repr=False)
    """bcrypt text, as it stood there."""
    is_suspended: bool = False
    role: Literal["customer", "admin", "root"] = "customer"
    group: str = ""
    units: Fraction = Fraction(0)
    """What is left to spend; negative where the old gateway let it be overdrawn."""
    used_units: Fraction = Fraction(0)
    requests: int = 0
    identities: tuple[tuple[str, str], ...] = ()
    """(kind of service, its id of the person), only where the id cannot pass to a stranger:
    `linux_do`, `github` (the number), `oidc`, `lark`."""
    totp_secret: str | None = field(default=None, repr=False)
    totp_on: bool = False
    remarks: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True, kw_only=True)
class Token:
    """One key; it is known in clear (`key`) or only by its hash (`sha256`, hex)."""

    source_id: str
    owner: str
    name: str
    key: str | None = field(default=None, repr=False)
    sha256: str | None = field(default=None, repr=False)
    budget_units: Fraction | None = None
    """What the key may still spend in all; None is no limit."""
    period_budgets: tuple[tuple[Period, Fraction], ...] = ()
    expires_at: int | None = None
    """Unix seconds."""
    models: tuple[str, ...] | None = None
    """Exact names; None is all, an empty tuple none."""
    networks: tuple[str, ...] | None = None
    is_disabled: bool = False
    group: str | None = None
    """The name of a `Group` of the same shop."""
    rpm: int | None = None
    earlier_of: str | None = None
    """The source id of the key that took its place; it is good for the same until its end."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Channel:
    """One upstream; `models` maps public names to the upstream's."""

    source_id: str
    name: str
    provider: str
    base_url: str
    keys: tuple[str, ...] = field(default=(), repr=False)
    models: Mapping[str, str]
    priority: int = 0
    """Lower first, as here."""
    weight: int = 1
    is_enabled: bool = True
    headers: tuple[tuple[str, str], ...] = ()
    proxy: str | None = None
    groups: frozenset[str] = frozenset()
    renames: Mapping[str, str] = field(default_factory=dict)
    """What the vendor calls a model that the old gateway knows by another name."""
    speaks: tuple[str, ...] = ()
    """Formats; none is what the vendor speaks."""


@dataclass(slots=True, frozen=True, kw_only=True)
class ModelPrice:
    """Units per token, and per request; `steps` reprice a request by the size of its input."""

    input: Fraction
    output: Fraction
    cached_input: Fraction | None = None
    cache_write: Fraction | None = None
    cache_write_1h: Fraction | None = None
    request: Fraction = Fraction(0)
    steps: tuple[tuple[int, Fraction, Fraction], ...] = ()
    """(least input tokens, input, output), ascending."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Model:
    """A public name; without a price it is listed and not sold."""

    name: str
    price: ModelPrice | None


@dataclass(slots=True, frozen=True, kw_only=True)
class Group:
    """A price factor and the channels that may be used at it."""

    name: str
    factor: Fraction
    channels: tuple[str, ...] = ()
    """Source ids."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Code:
    """An unused redemption code."""

    source_id: str
    code: str = field(repr=False)
    units: Fraction
    expires_at: int | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class Order:
    """Money that came in there: history for the orders page, never booked here."""

    source_id: str
    owner: str
    number: str
    paid: str
    units: Fraction
    state: str
    at: int


@dataclass(slots=True, frozen=True, kw_only=True)
class Promise:
    """Units that somebody was to have besides their balance: money only if asked for."""

    owner: str
    kind: Literal["affiliate", "subscription"]
    units: Fraction
    until: int | None = None
    """When a subscription ends there, in Unix seconds."""


@dataclass(slots=True, kw_only=True)
class Shop:
    """Everything that an importer found."""

    program: str
    version: str = ""
    units_per_dollar: Fraction
    rounding: Rounding
    proposed_rate: str = "7"
    people: list[Person] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    """Only those that the operator wants to be kept."""
    notes: list[Note] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)
    """Rows of the source by kind, those that are left behind included."""

    def note(self, kind: str, subject: str, template: str, /, **fields: str | int) -> None:
        """List something; `template` is a sentence with `fields` in braces."""
        self.notes.append(Note(kind, subject, template, fields))

    def micros_per_unit(self, rate: Fraction) -> Fraction:
        """What one unit is worth here at `rate` 元 per dollar.

        A price of one unit per token is as many 元 per million tokens.
        """
        return rate * 1_000_000 / self.units_per_dollar


@dataclass(slots=True, frozen=True, kw_only=True)
class Source:
    """What an importer reads: rows by table, and answers of the running old gateway."""

    schema: Schema
    tables: Tables
    answers: Mapping[str, Any] = field(default_factory=dict)
    """Parsed JSON under `option`, `pricing`, `prices`, `groups`; numbers are exact."""
    now: int = 0
    """Unix seconds."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What the operator chose: `balance`, `salt_key`, `affiliate`, `subscriptions`, …"""


@dataclass(slots=True, frozen=True, kw_only=True)
class Importer:
    """One program that a shop can move here from."""

    name: str
    title: str
    tables: frozenset[str]
    """Those that are read; no other is touched."""
    recognises: Callable[[Schema], bool]
    read: Callable[[Source], Shop]
    answers: Mapping[str, str] = field(default_factory=dict)
    """Where the running gateway gives each of its answers: name → path."""
    oldest: tuple[str, str] = ("users", "id")
    """The table and column whose smallest row tells one database from another."""
