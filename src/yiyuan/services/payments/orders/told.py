"""What customers and operators are told of payments, beside the money that arrives.

Each is written in the transaction that makes it true, and taken back in the same one where
another process was faster; its key tells it once.
"""

from typing import Any

from yiyuan.integrations.payments.minor_units import to_text
from yiyuan.services.notifications.outbox import new_notice, notice_statement
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.database import Statement
from yiyuan.store.queries.accounts import find_account
from yiyuan.store.tables.notices import add_notice
from yiyuan.store.tables.payments import events
from yiyuan.store.tables.payments.orders import OrderRow
from yiyuan.store.tables.payments.refunds import RefundRow


async def of_review(context: ServiceContext, row: OrderRow, reason: str) -> list[Statement]:
    """A payment waits for a person: tell its customer, and those who decide."""
    data = {**await _about(context, row, row.amount_minor), "reason": reason}
    statements: list[Statement] = []
    for event, account_id in (("payment.review", row.account_id), ("order.review", None)):
        key = f"{event} {row.id}"
        told = new_notice(context, event, data, account_id=account_id, key=key)
        statements += [add_notice(told), events.untell_unless_in(told.id, row.id, "review")]
    return statements


async def of_failure(context: ServiceContext, row: OrderRow, reason: str) -> list[Statement]:
    """An order was not paid, and the provider says that it will not be: tell its customer."""
    data = {**await _about(context, row, row.amount_minor), "reason": reason}
    key = f"payment.failed {row.id}"
    told = new_notice(context, "payment.failed", data, account_id=row.account_id, key=key)
    return [add_notice(told), events.untell_unless_in(told.id, row.id, "failed")]


async def of_refund(context: ServiceContext, row: OrderRow, made: RefundRow) -> list[Statement]:
    """Money went back."""
    data = {
        **await _about(context, row, made.amount_minor),
        "amount": made.credit + made.bonus,
        "cause": made.cause,
    }
    key = f"refund {made.id}"
    told = new_notice(context, "payment.refunded", data, account_id=row.account_id, key=key)
    return [add_notice(told), events.untell_unless_refunded(told.id, made.id)]


async def of_dispute(context: ServiceContext, row: OrderRow, state: str, ref: str) -> Statement:
    """A payer's bank asks for its money, took it or gave it again."""
    data = {**await _about(context, row, row.amount_minor), "state": state}
    key = f"dispute {ref} {state}"
    return notice_statement(context, "order.disputed", data, key=key)


def of_differences(context: ServiceContext, name: str, day: str, count: int) -> Statement:
    """A provider's list of a day is not ours."""
    data = {"method": name, "day": day, "count": count}
    key = f"differences {name} {day} {count}"
    return notice_statement(context, "payments.differences", data, key=key)


async def _about(context: ServiceContext, row: OrderRow, amount_minor: int) -> dict[str, Any]:
    account = await find_account(context.database, row.account_id)
    return {
        "account_name": "" if account is None else account.name,
        "order": row.id,
        "number": row.number,
        "paid": f"{to_text(amount_minor, row.currency)} {row.currency.upper()}",
    }
