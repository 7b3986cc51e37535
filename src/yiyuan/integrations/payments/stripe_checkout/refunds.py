"""What happens to a payment after it: refunds, disputes, the list of a day."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.payments.beijing_time import day_bounds
from yiyuan.integrations.payments.json_answer import Json, json_object, reason_of, text_of
from yiyuan.integrations.payments.stripe_checkout.wire import PAGE, call, fact, id_of
from yiyuan.integrations.payments.values import (
    BillError,
    BillPart,
    Config,
    DisputeFact,
    DisputeState,
    Moment,
    Order,
    RefundFact,
    RefundState,
    Trade,
)


def refund(config: Config, order: Order, ref: str, amount_minor: int, _: Moment) -> Call:
    """Give back a part of a payment."""
    fields = {
        "payment_intent": order.payment_ref,
        "amount": str(amount_minor),
        "metadata[refund]": ref,
    }
    return call(config, "POST", "refunds", fields, ref)


_REFUND_STATES: Final[Mapping[str, RefundState]] = {
    "succeeded": "done",
    "pending": "pending",
    "requires_action": "pending",
    "failed": "failed",
    "canceled": "failed",
}


def read_refund(_: Config, __: Order, answer: Answer, ___: Moment) -> RefundFact:
    """What Stripe says of the refund that was just asked for."""
    found = json_object(answer.body)
    if found is None or answer.status >= 500 or answer.status in (409, 429):
        return RefundFact(state="unknown")
    if answer.status != 200:
        error = found.get("error")
        reason = reason_of(error.get("message")) if isinstance(error, dict) else ""
        return RefundFact(state="failed", reason=reason)
    return _refund_fact(found)


def _refund_fact(found: Json) -> RefundFact:
    metadata = found.get("metadata")
    amount = found.get("amount")
    return RefundFact(
        state=_REFUND_STATES.get(text_of(found.get("status")), "unknown"),
        ref=text_of(found.get("id")),
        our_ref=text_of(metadata.get("refund")) if isinstance(metadata, dict) else "",
        amount_minor=amount if isinstance(amount, int) else None,
        reason=reason_of(found.get("failure_reason")),
    )


def refunds(config: Config, order: Order, _: str, __: Moment) -> Call:
    """Ask for all refunds of a payment."""
    fields = {"payment_intent": order.payment_ref, "limit": PAGE}
    return call(config, "GET", "refunds", fields)


def read_refunds(
    _: Config, __: Order, answer: Answer, ___: Moment
) -> tuple[RefundFact, ...] | None:
    """All refunds of a payment, also those made in the dashboard."""
    found = json_object(answer.body)
    if answer.status != 200 or found is None or not isinstance(found.get("data"), list):
        return None
    if found.get("has_more"):
        return None
    return tuple(_refund_fact(each) for each in found["data"])


def query_dispute(config: Config, ref: str, _: Moment) -> Call:
    """Ask about a dispute."""
    return call(config, "GET", f"disputes/{quote(ref, safe='')}")


def read_dispute(_: Config, answer: Answer) -> DisputeFact:
    """What Stripe says of a dispute."""
    found = json_object(answer.body)
    if answer.status != 200 or found is None:
        return DisputeFact(state="unknown")
    moves = [m for m in found.get("balance_transactions") or [] if isinstance(m, dict)]
    net = sum(int(m.get("amount") or 0) for m in moves)
    return DisputeFact(
        state=_dispute_state(text_of(found.get("status")), net, is_moved=bool(moves)),
        ref=text_of(found.get("id")),
        payment_ref=id_of(found.get("payment_intent")),
        amount_minor=found.get("amount") if isinstance(found.get("amount"), int) else None,
        fee_minor=sum(int(m.get("fee") or 0) for m in moves),
    )


def _dispute_state(status: str, net_minor: int, *, is_moved: bool) -> DisputeState:
    """Money that was moved decides; without any, the word does."""
    if status.startswith("warning_"):
        return "inquiry"
    if status == "won" or (is_moved and net_minor >= 0):
        return "reinstated"
    if status == "lost":
        return "lost"
    return "withdrawn" if is_moved else "open"


def bill(config: Config, day: str, _: Moment) -> Call:
    """The sessions that a day may have paid."""
    first, end = day_bounds(day)
    fields = {
        "limit": PAGE,
        "status": "complete",
        "created[gte]": str(first - 86_400),
        "created[lt]": str(end),
    }
    return call(config, "GET", "checkout/sessions", fields)


def read_bill(_: Config, day: str, previous: Call, answer: Answer, __: Moment) -> BillPart:
    """One page of them. Raises BillError."""
    found = json_object(answer.body)
    if answer.status != 200 or found is None or not isinstance(found.get("data"), list):
        message = "Stripe gives no list of sessions"
        raise BillError(message)
    first, _end = day_bounds(day)
    facts = [(fact(s), int(s.get("created") or 0)) for s in found["data"]]
    trades = tuple(
        Trade(
            number=f.number or "",
            payment_ref=f.payment_ref or "",
            amount_minor=f.amount_minor or 0,
            currency=f.currency or "",
            is_of_day=created >= first,
        )
        for f, created in facts
        if f.state == "paid"
    )
    if not found.get("has_more") or not found["data"]:
        return BillPart(trades)
    base = previous.url.partition("&starting_after=")[0]
    after = f"{base}&starting_after={quote(text_of(found['data'][-1].get('id')), safe='')}"
    return BillPart(trades, next=Call("GET", after, previous.headers))
