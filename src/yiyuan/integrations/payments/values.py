"""The values that payment methods and their callers exchange.

A notify is a hint: what it says is compared, but credit follows from `Fact`s that
`read_query` makes of an answer to our own question, wherever the method can ask.
Money is in minor units of the order's currency, times are seconds since 1970.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from yiyuan.i18n.message import Message, SaidError, joined
from yiyuan.integrations.call import Call

FactState = Literal["unknown", "pending", "paid", "closed", "failed"]
RefundState = Literal["unknown", "absent", "pending", "done", "failed"]
"""`absent`: the provider has answered that it knows no such refund."""
DisputeState = Literal["unknown", "inquiry", "open", "withdrawn", "reinstated", "lost"]
TAKEN_BACK: Final[tuple[DisputeState, ...]] = ("withdrawn", "lost")
"""States of a dispute in which the payer has the money."""
Verdict = Literal["accepted", "forged", "refused", "unavailable"]
FORM: Final = "application/x-www-form-urlencoded"


class Words(NamedTuple):
    """A short text for people in both languages."""

    en: str
    zh: str


@dataclass(slots=True, frozen=True)
class Field:
    """One thing that an operator fills in."""

    name: str
    title: Words
    help: Words
    is_secret: bool = False
    is_required: bool = True
    is_long: bool = False
    """Whether it is a key of many lines."""
    choices: tuple[str, ...] = ()
    default: str = ""


class MethodError(SaidError):
    """What an operator has filled in does not fit; `field` names where."""

    def __init__(self, field_name: str, problem: str | Message) -> None:
        """`problem` ends the sentence that begins with the field; it never quotes a secret."""
        super().__init__(joined("the field {name}", problem, name=field_name))
        self.field = field_name


class NotifyError(Exception):
    """A notify that is not understood or not signed by the provider; text for the log."""

    def __init__(self, reason: str, *, is_probe: bool = False) -> None:
        """`is_probe`: the provider tests whether we refuse; no cause for alarm."""
        super().__init__(reason)
        self.reason = reason
        self.is_probe = is_probe


class UnknownSigner(Exception):
    """An answer or notify is signed with a key that `keys` may bring."""


@dataclass(slots=True, frozen=True)
class Config:
    """One instance of a method, as its operator filled it in."""

    values: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    old_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What was replaced and still verifies notifies; empty once its time is over."""
    learned: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Public keys by serial, as `read_keys` brought them."""
    is_test: bool = False

    def __getitem__(self, name: str) -> str:
        """A field's value, empty when it was not filled in."""
        return self.secrets.get(name) or self.values.get(name, "")

    def secrets_of(self, name: str) -> list[str]:
        """The secret of this name and the one it replaced, without empty ones."""
        found = (self.secrets.get(name, ""), self.old_secrets.get(name, ""))
        return [secret for secret in found if secret]


class Moment(NamedTuple):
    """What a pure method is told of time and chance."""

    now: int
    """Seconds since 1970."""
    nonce: str
    """32 random characters of `0-9a-f`."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Order:
    """What a method knows of an order: all of it as it was when it was made."""

    number: str
    """24 of `[0-9a-z]`: what the provider calls it by."""
    currency: str
    amount_minor: int
    title: str
    notify_url: str
    return_url: str
    type: str = ""
    """Which of the instance's types the customer picked; empty is the first."""
    address: str = "127.0.0.1"
    is_phone: bool = False
    expires: int = 0
    """Seconds since 1970."""
    attempt: int = 1
    """Counts calls of `create` whose result is stored as a failure at the provider."""
    session_ref: str = ""
    payment_ref: str = ""


@dataclass(slots=True, frozen=True)
class Show:
    """What the customer's page shows: a QR code, an address to go to, or a form to post."""

    kind: Literal["qr", "redirect", "form"]
    url: str = ""
    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class Created:
    """The provider knows the order."""

    show: Show
    session_ref: str = ""


@dataclass(slots=True, frozen=True)
class NotCreated:
    """The provider refused the order, or did not say.

    `is_known` is False where nobody can tell whether the order exists there;
    `may_retry` where the same call under the next attempt may work.
    """

    reason: str
    is_known: bool = True
    may_retry: bool = False


@dataclass(slots=True, frozen=True, kw_only=True)
class Fact:
    """What a provider says of one payment. None is: it does not say."""

    state: FactState
    number: str | None = None
    merchant: str | None = None
    currency: str | None = None
    amount_minor: int | None = None
    payment_ref: str | None = None
    other_refs: tuple[str, ...] = ()
    """Other numbers of the same payment, such as a wallet's own that its payer sees."""
    is_test: bool | None = None
    fee_minor: int | None = None
    refunded_minor: int | None = None
    """The sum of all refunds that the provider has made of it."""
    is_refunded: bool = False
    """Whether some of it went back, of unknown amount."""
    reason: str = ""
    """In the provider's words, shortened, for people."""


UNKNOWN: Final = Fact(state="unknown")


@dataclass(slots=True, frozen=True, kw_only=True)
class RefundFact:
    """What a provider says of one refund."""

    state: RefundState
    ref: str = ""
    """The provider's own number."""
    our_ref: str = ""
    """The number that we gave it, where it was ours."""
    amount_minor: int | None = None
    reason: str = ""


@dataclass(slots=True, frozen=True, kw_only=True)
class DisputeFact:
    """What a provider says of one dispute."""

    state: DisputeState
    ref: str = ""
    payment_ref: str = ""
    amount_minor: int | None = None
    fee_minor: int = 0


@dataclass(slots=True, frozen=True, kw_only=True)
class Notify:
    """A notify with a good signature: what it is about and, where it says so, a claim."""

    about: Literal["payment", "refund", "dispute", "nothing"]
    number: str = ""
    payment_ref: str = ""
    """To find the order by, where the notify does not carry our number."""
    event_ref: str = ""
    session_ref: str = ""
    """Which of an order's sessions it is about, where there can be several."""
    refund_ref: str = ""
    dispute_ref: str = ""
    claim: Fact | None = None
    refund: RefundFact | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    """Normalised and without secrets, for the operator."""


@dataclass(slots=True, frozen=True)
class Received:
    """A request of a provider to us, as it came."""

    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(slots=True, frozen=True)
class Reply:
    """What we answer to a notify."""

    status: int
    content_type: str = "text/plain; charset=utf-8"
    body: bytes = b""


class Trade(NamedTuple):
    """One line of a provider's list of a day."""

    number: str
    payment_ref: str
    amount_minor: int
    currency: str
    refunded_minor: int = 0
    is_of_day: bool = True
    """False for one of the day before, that may have been paid on this one."""


class GivenBack(NamedTuple):
    """One refund in a provider's list of a day, whenever its payment was."""

    number: str
    """The order's."""
    our_ref: str
    ref: str
    """The provider's own number; `our_ref` where it has none."""
    amount_minor: int


@dataclass(slots=True, frozen=True)
class BillPart:
    """Some lines of the list, and the call that brings the next ones."""

    trades: tuple[Trade, ...] = ()
    refunds: tuple[GivenBack, ...] = ()
    """One by one; a provider that tells only sums has them in its trades."""
    next: Call | None = None


class BillError(Exception):
    """The list of a day cannot be had or read; the text is for the operator."""
