"""Orders, refunds and events as JSON; amounts of a currency as decimal text, credits in 词元."""

import json
from collections.abc import Sequence
from typing import Any

from yiyuan.integrations.payments.minor_units import to_text
from yiyuan.kernel.clock import iso
from yiyuan.services.site.topup_rules import credit_of
from yiyuan.store.tables.payments.days import DayRow
from yiyuan.store.tables.payments.events import EventRow
from yiyuan.store.tables.payments.methods import MethodRow
from yiyuan.store.tables.payments.orders import OrderRow
from yiyuan.store.tables.payments.refunds import RefundRow

Json = dict[str, Any]


def order_document(row: OrderRow, method_name: str) -> Json:
    """An order; `show` is what the customer's page shows, None when there is nothing yet."""
    shown = json.loads(row.shown)
    return {
        "id": row.id,
        "number": row.number,
        "account": row.account_id,
        "method": method_name,
        "type": row.type,
        "state": row.state,
        "reason": row.reason,
        "amount": to_text(row.amount_minor, row.currency),
        "currency": row.currency,
        "credit": row.credit,
        "bonus": row.bonus,
        "refunded": row.credit * row.refunded_minor // row.amount_minor,
        "refunded_amount": to_text(row.refunded_minor, row.currency),
        "dispute": row.dispute,
        "is_test": bool(row.is_test),
        "payment_ref": row.payment_ref,
        "show": shown or None,
        "created": iso(row.created_at),
        "expires": iso(row.expires_at),
        "paid": _time(row.paid_at),
        "credited": _time(row.credited_at),
    }


def customer_document(document: Json) -> Json:
    """An order as its customer may see it: what an operator wrote down is not for them.

    Of `reason` the provider's word is left where an order has failed, and the code where it
    is in review.
    """
    shown = {"failed": document["reason"], "review": document["reason"].partition(":")[0]}
    return {**document, "reason": shown.get(document["state"], "")}


def came_document(row: OrderRow, said: Sequence[EventRow]) -> Json | None:
    """What really came for an order by the provider's last word, and its credit in micros."""
    rate_ppm = int(json.loads(row.rule).get("rate_ppm", 0))
    for event in reversed(said):
        facts = json.loads(event.facts)
        minor = facts.get("amount_minor")
        if facts.get("state") == "paid" and facts.get("currency") == row.currency and minor:
            credit = credit_of(minor, row.currency, rate_ppm)
            return {"amount": to_text(minor, row.currency), "credit": credit}
    return None


def event_document(row: EventRow) -> Json:
    """What was said of an order, and what was made of it."""
    return {
        "at": iso(row.at),
        "source": row.source,
        "verdict": row.verdict,
        "event": row.event_ref,
        "facts": json.loads(row.facts),
        "address": row.address,
    }


def refund_document(row: RefundRow, currency: str) -> Json:
    """A refund."""
    return {
        "id": row.id,
        "order": row.order_id,
        "state": row.state,
        "cause": row.cause,
        "amount": to_text(row.amount_minor, currency),
        "credit": row.credit,
        "bonus": row.bonus,
        "reason": row.reason,
        "provider_ref": row.provider_ref,
        "actor": row.actor,
        "at": iso(row.at),
        "done": _time(row.done_at),
    }


def day_document(row: DayRow, method: MethodRow) -> Json:
    """A comparison; its sums in minor units and as decimal text of the method's currency."""
    currency = (json.loads(method.fields).get("currency") or "cny").lower()
    return {
        "method": method.name,
        "day": row.day,
        "currency": currency,
        "ours": to_text(row.ours_minor, currency),
        "theirs": to_text(row.theirs_minor, currency),
        "ours_minor": row.ours_minor,
        "theirs_minor": row.theirs_minor,
        "differences": json.loads(row.differences),
        "at": iso(row.at),
    }


def _time(at: int | None) -> str | None:
    return None if at is None else iso(at)
