"""What a payment method is: a record of pure functions, one `METHOD` a file.

A method builds calls and reads answers. It opens no socket and knows no clock
(`Moment` brings time and chance), no database and no environment.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import yiyuan.integrations.payments as package
from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.payments.values import (
    Ability,
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


@dataclass(slots=True, frozen=True, kw_only=True)
class Method:
    """One way to pay. Functions that a method has no use for stay None (see `can`)."""

    name: str
    """What `--kind` says: `epay_md5`, `stripe_checkout`, …"""
    title: Words
    fields: tuple[Field, ...]
    currencies: frozenset[str]
    can: frozenset[Ability]
    check: Callable[[Config], None]
    """Raises MethodError when what is filled in cannot work."""
    merchant: Callable[[Config], str]
    types: Callable[[Config], tuple[str, ...]]
    """What the customer may pick from; the first is the default, none is no choice."""
    life_seconds_min: int = 300
    """The shortest time that an order may be open."""
    create: Callable[[Config, Order, Moment], Call | Created]
    read_created: Callable[[Config, Order, Answer, Moment], Created | NotCreated]
    read_notify: Callable[[Config, Received, Moment], Notify]
    """Raises NotifyError, UnknownSigner."""
    acknowledge: Callable[[Verdict], Reply]
    query: Callable[[Config, Order, Moment], Call]
    read_query: Callable[[Config, Order, Answer, Moment], Fact]
    """May raise UnknownSigner, as every `read_…` may."""
    close: Callable[[Config, Order, Moment], Call] | None = None
    read_close: Callable[[Config, Order, Answer, Moment], bool] | None = None
    """Whether it certainly can no longer be paid."""
    refund: Callable[[Config, Order, str, int, Moment], Call] | None = None
    """(…, our number of the refund, minor units, …)"""
    read_refund: Callable[[Config, Order, Answer, Moment], RefundFact] | None = None
    repeats_refunds: bool = True
    """Whether the same refund may be sent twice under its number and is made once."""
    query_refund: Callable[[Config, Order, str, int, Moment], Call] | None = None
    """Asks about one refund of ours; read by `read_queried_refund`."""
    read_queried_refund: Callable[[Config, Order, Answer, Moment], RefundFact] | None = None
    refunds: Callable[[Config, Order, str, Moment], Call] | None = None
    """Asks what was refunded, also by others; the text is a notify's `refund_ref`."""
    read_refunds: (
        Callable[[Config, Order, Answer, Moment], tuple[RefundFact, ...] | None] | None
    ) = None
    """None is an answer that says nothing, or not all."""
    query_dispute: Callable[[Config, str, Moment], Call] | None = None
    read_dispute: Callable[[Config, Answer], DisputeFact] | None = None
    bill: Callable[[Config, str, Moment], Call] | None = None
    """The list of a day such as `2026-11-22`, UTC+8."""
    read_bill: Callable[[Config, str, Call, Answer, Moment], BillPart] | None = None
    """Raises BillError."""
    keys: Callable[[Config, Moment], Call] | None = None
    read_keys: Callable[[Config, Answer, Moment], Mapping[str, str]] | None = None
    """The provider's public keys by serial; empty when the answer proves nothing."""
    can_query: Callable[[Config], bool] = lambda _: True
    """Whether this instance can be asked; credit follows a notify alone where not."""


def methods() -> dict[str, Method]:
    """Every method below this folder, by name."""
    return discover(package, "METHOD")
