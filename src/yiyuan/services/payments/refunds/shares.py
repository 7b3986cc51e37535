"""How much a refund takes back. Parts add up to the whole, whatever their order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from yiyuan.kernel.ids import new_id
from yiyuan.store.tables.payments.orders import OrderRow
from yiyuan.store.tables.payments.refunds import RefundRow

FOLLOW_MS: Final = 30_000


class Share(NamedTuple):
    """What a refund takes from the account, in micros."""

    credit: int
    bonus: int


def share_of(order: OrderRow, refunds: Sequence[RefundRow], amount_minor: int) -> Share:
    """The share of `amount_minor` more, after refunds that were made or are under way.

    What was never credited (an order in review) takes nothing back.
    """
    if order.credited_at is None:
        return Share(0, 0)
    live = [refund for refund in refunds if refund.state != "failed"]
    after = sum(refund.amount_minor for refund in live) + amount_minor
    assert after <= order.amount_minor, (order, after)
    credit = order.credit * after // order.amount_minor - sum(r.credit for r in live)
    bonus = order.bonus * after // order.amount_minor - sum(r.bonus for r in live)
    return Share(max(credit, 0), max(bonus, 0))


@dataclass(slots=True, frozen=True)
class Cause:
    """Why money goes back, and who says so."""

    cause: str
    key: str
    reason: str
    actor: str
    provider_ref: str | None = None


def asked_refund(
    order: OrderRow, refunds: Sequence[RefundRow], amount_minor: int, why: Cause, now: int
) -> RefundRow:
    """A new refund, followed again soon should its maker not get any further."""
    share = share_of(order, refunds, amount_minor)
    return RefundRow(
        id=new_id("rfd"),
        order_id=order.id,
        n=len(refunds) + 1,
        key=why.key,
        cause=why.cause,
        amount_minor=amount_minor,
        credit=share.credit,
        bonus=share.bonus,
        state="asked",
        provider_ref=why.provider_ref,
        reason=why.reason,
        actor=why.actor,
        at=now,
        done_at=None,
        next_check_at=now + FOLLOW_MS,
    )


def left_minor(order: OrderRow, refunds: Sequence[RefundRow]) -> int:
    """What of an order can still go back."""
    return order.amount_minor - sum(r.amount_minor for r in refunds if r.state != "failed")
