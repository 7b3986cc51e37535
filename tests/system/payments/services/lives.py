"""What tests of services share: an account that pays by a scripted provider, and what is told."""

import contextlib

from tests.support.payment_gateways.life import Life, age, open_shop
from tests.support.payment_gateways.partner import Partner
from tests.system.payments.shop import YUAN
from yiyuan.services.payments.orders import create as orders
from yiyuan.services.payments.watch import PaymentWatch


@contextlib.asynccontextmanager
async def living(context, kind: str, **values: str):
    """An account that pays by a provider of this kind; `values` change its method."""
    with Partner(kind) as partner:
        partner.values |= values
        await open_shop(context, partner)
        life = Life(context, partner, 1)
        await life.begin()
        yield life
        context.client.close()


async def ordered(life, micros: int = 9 * YUAN):
    """A new order."""
    await life.order(life.context, micros)
    return (await life.rows())[-1]


async def again(life, row):
    """The order as it is now."""
    return await orders.get_order(life.context, row.id)


async def in_review(life):
    """An order for which too much was paid."""
    row = await ordered(life)
    life.partner.pay(row.number, 1500)
    await life.send(life.context, row)
    row = await again(life, row)
    assert row.state == "review"
    return row


async def credited(life):
    """An order that was paid."""
    row = await ordered(life)
    life.partner.pay(row.number)
    await life.send(life.context, row)
    row = await again(life, row)
    assert row.state == "credited"
    return row


async def balance(life) -> int:
    """Posted money."""
    account = await life.context.ledger.account(life.account)
    return account.balance_micros


def given_back(life, row) -> int:
    """What the provider gave back of an order."""
    return life.trades()[row.number]["refunded_minor"]


async def follow(life, milliseconds: int = 70_000) -> None:
    """Time, and a pass of the watch."""
    await age(life.context, milliseconds)
    await PaymentWatch(life.context, lambda _: None).run_once()


async def unbook(life, row) -> None:
    """Let an order be claimed and not booked yet, as a crash leaves it."""
    sql = "UPDATE payment_orders SET state = 'paid', credited_at = NULL WHERE id = ?"
    await life.context.database.write([(sql, (row.id,))])


async def tell_refund(life, context, row) -> None:
    """The provider notifies of its last refund."""
    made = life.trades()[row.number]["refunds"][-1]
    how = {"stripe_checkout": {"type": "refund.created"}}
    fields = {"fields": {"out_biz_no": made["our"], "refund_fee": "9.00"}}
    await life.send(context, row, **how.get(life.partner.kind, fields))


async def tell_dispute(life, row, status: str, moves: list[int]) -> None:
    """The provider notifies of a dispute."""
    ref = f"dp_{row.number}"
    life.partner.do("dispute", number=row.number, status=status, moves=moves, ref=ref)
    await life.send(life.context, row, type="charge.dispute.updated", dispute=ref)
