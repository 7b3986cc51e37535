"""What a payment method is: a record of pure functions, one `METHOD` a file.

A method builds calls and reads answers. It opens no socket and knows no clock
(`Moment` brings time and chance), no database and no environment.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import yiyuan.integrations.payments as package
from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.payments.values import (
    BillPart,
    Config,
    Created,
    DisputeFact,
    Fact,
    Field,
    Moment,
    NotCreated,
    Notify,
    Order,
    Received,
    RefundFact,
    Reply,
    Verdict,
    Words,
)
from yiyuan.kernel.plugins import discover

_Ask = TypeVar("_Ask")
_Read = TypeVar("_Read")
_Found = TypeVar("_Found")


class Step(NamedTuple, Generic[_Ask, _Read]):
    """A question to the provider and what reads its answer: neither is of use alone."""

    ask: _Ask
    """Builds the call."""
    read: _Read
    """What the answer means. May raise UnknownSigner."""


class Hearing(NamedTuple):
    """What is made of a notify, and what the provider is told then."""

    read: Callable[[Config, Received, Moment], Notify]
    """Raises NotifyError, UnknownSigner."""
    reply: Callable[[Verdict], Reply]


Ask = Callable[[Config, Order, Moment], Call]
AskOfRefund = Callable[[Config, Order, str, int, Moment], Call]
"""(…, our number of the refund, minor units, …)"""
Read = Callable[[Config, Order, Answer, Moment], _Found]
ReadBill = Callable[[Config, str, Call, Answer, Moment], BillPart]
"""(…, the day, what was asked, …). Raises BillError."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Method:
    """One way to pay. A step that a method does not have stays None."""

    name: str
    """What `--kind` says: `epay_md5`, `stripe_checkout`, …"""
    title: Words
    fields: tuple[Field, ...]
    currencies: frozenset[str]
    check: Callable[[Config], None]
    """Raises MethodError when what is filled in cannot work."""
    merchant: Callable[[Config], str]
    types: Callable[[Config], tuple[str, ...]]
    """What the customer may pick from; the first is the default, none is no choice."""
    life_seconds_min: int = 300
    """The shortest time that an order may be open."""
    create: Step[Callable[[Config, Order, Moment], Call | Created], Read[Created | NotCreated]]
    """Where `ask` gives what the customer is shown, nothing is sent and nothing read."""
    notify: Hearing
    query: Step[Ask, Read[Fact]]
    close: Step[Ask, Read[bool]] | None = None
    """Whether it certainly can no longer be paid."""
    closes_by_session: bool = False
    """Whether only the provider's own number closes an order: without one nothing is asked."""
    refund: Step[AskOfRefund, Read[RefundFact]] | None = None
    repeats_refunds: bool = True
    """Whether the same refund may be sent twice under its number and is made once."""
    query_refund: Step[AskOfRefund, Read[RefundFact]] | None = None
    """Asks about one refund of ours."""
    refunds: (
        Step[Callable[[Config, Order, str, Moment], Call], Read[tuple[RefundFact, ...] | None]]
        | None
    ) = None
    """What was refunded, also by others; the text is a notify's `refund_ref`.

    None is an answer that says nothing, or not all.
    """
    query_dispute: (
        Step[Callable[[Config, str, Moment], Call], Callable[[Config, Answer], DisputeFact]] | None
    ) = None
    bill: Step[Callable[[Config, str, Moment], Call], ReadBill] | None = None
    """The list of a day such as `2026-11-22`, UTC+8."""
    keys: (
        Step[
            Callable[[Config, Moment], Call],
            Callable[[Config, Answer, Moment], Mapping[str, str]],
        ]
        | None
    ) = None
    """The provider's public keys by serial; empty when the answer proves nothing."""
    can_query: Callable[[Config], bool] = lambda _: True
    """Whether this instance can be asked; credit follows a notify alone where not."""


def methods() -> dict[str, Method]:
    """Every method below this folder, by name."""
    return discover(package, "METHOD")
