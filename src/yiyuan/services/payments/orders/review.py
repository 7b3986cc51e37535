"""What a person decides: credit by hand, or dismiss what is in review."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from yiyuan.i18n.message import Message
from yiyuan.integrations.payments.values import TAKEN_BACK
from yiyuan.services.payments.orders.ask import get_again
from yiyuan.services.payments.settle import Said, book, note
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.validation import check_text
from yiyuan.store.errors import CONFLICT
from yiyuan.store.tables.payments import orders as rows
from yiyuan.store.tables.payments.orders import UNPAID, OrderRow

DISMISSED: Final = "dismissed"
_AROUND: Final = " \t'`\"“”‘’.,;:。，；：、()[]<>「」"
_NUMBER: Final = re.compile(r"[0-9A-Za-z_]{8,}")


async def credit_by_hand(
    context: ServiceContext,
    row: OrderRow,
    *,
    reference: str,
    reason: str,
    amount_micros: int | None = None,
) -> OrderRow:
    """Credit an order on a person's word; `reference` is the provider's number.

    Of a credit and a refund at once, one wins. Raises ServiceError `already_credited`,
    `payment_ref_used`, `already_refunded`, `changed_meanwhile`.
    """
    check_text("the reason", reason)
    states = (*UNPAID, "review")
    if row.state not in states:
        raise _already(row)
    _check_not_given_back(row, amount_micros)
    reference = await _free_reference(context, row, reference)
    changes: dict[str, object] = {
        "state": "paid",
        "reason": "",
        "paid_at": row.paid_at or context.clock.wall_ms(),
        # What the provider has proven stays: told again, it would be a second payment.
        "payment_ref": row.payment_ref or reference or None,
        "next_check_at": None,
    }
    if amount_micros is not None and amount_micros != row.credit:
        changes |= {"credit": amount_micros, "bonus": 0}
    try:
        changed = await context.database.write([rows.move_unchanged(row, states, **changes)])
    except CONFLICT:
        raise _used(reference) from None
    row = await get_again(context, row)
    if changed != [1]:
        raise _too_late(row, states)
    facts = {"actor": context.actor, "reason": reason, "reference": reference}
    await note(context, row, "credited_by_hand", Said("operator", facts=facts))
    return await book(context, row)


async def _free_reference(context: ServiceContext, row: OrderRow, reference: str) -> str:
    """The number, if no other order has it; empty where it is only what we call the order."""
    names = names_in(reference)
    reference = as_written(reference)
    if reference in ("", row.id, row.number, row.session_ref):
        return ""
    check_text("the provider's number", reference)
    await check_free(context, row.method_id, names, row.id)
    return reference


async def check_free(
    context: ServiceContext, method_id: str, names: Sequence[str], order_id: str = ""
) -> None:
    """Whether no other order has a payment of one of these names. Raises `payment_ref_used`."""
    for name in names:
        other = await rows.order_of_payment(context.database, method_id, name)
        if other is not None and other.id != order_id:
            raise _used(name)


def as_written(reference: str) -> str:
    """A payment's number as its provider writes it: pasted with spaces it is the same one.

    So it is with the quote before it that spreadsheets have, and a full stop after it.
    """
    text = unicodedata.normalize("NFKC", reference).strip()
    text = text.strip(_AROUND)
    joined = "".join(c for c in text if not c.isspace() and c != "-")
    return joined if joined.isdigit() else text


def names_in(reference: str) -> list[str]:
    """All that may be a payment's number in what was typed."""
    text = as_written(reference)
    return list(dict.fromkeys([text, *_NUMBER.findall(text)]))


def _used(reference: str) -> ServiceError:
    message = Message(
        "the payment {reference} belongs to another order already", reference=reference
    )
    return ServiceError("payment_ref_used", message)


def _too_late(row: OrderRow, states: Sequence[str]) -> ServiceError:
    """Another decision was faster."""
    if row.state in states:
        message = "the order has changed meanwhile: look at it again"
        return ServiceError("changed_meanwhile", message)
    return _already(row)


def _already(row: OrderRow) -> ServiceError:
    message = Message("the order is {state} already", state=row.state)
    return ServiceError("already_credited", message)


def _check_not_given_back(row: OrderRow, amount_micros: int | None) -> None:
    """Money that went back to its payer is not credited as well, by default at least."""
    if row.dispute in TAKEN_BACK or row.refunded_minor >= row.amount_minor:
        raise ServiceError("already_refunded", "what was paid for the order went back to its payer")
    if row.refunded_minor and amount_micros is None:
        message = "a part of what was paid went back to its payer: say how much to credit"
        raise ServiceError("already_refunded", message)


async def dismiss(context: ServiceContext, row: OrderRow, reason: str) -> OrderRow:
    """Keep an order in review out of the list of those that wait for somebody."""
    check_text("the reason", reason)
    moved = rows.move(row.id, ("review",), reason=f"{DISMISSED}: {reason}"[:500])
    if await context.database.write([moved]) != [1]:
        raise ServiceError("not_in_review", Message("the order is {state}", state=row.state))
    facts = {"actor": context.actor, "reason": reason}
    await note(context, row, DISMISSED, Said("operator", facts=facts))
    return await get_again(context, row)
