"""One account's life with a provider, step by step, and what must hold when it is over.

The steps are the product's own services on the real database; the provider is a scripted
process. Who lives it may end the process, or pretend to, at any step.
"""

import random
from typing import Any
from urllib.parse import urlsplit

from tests.support.payment_gateways.partner import Partner
from yiyuan.http.client.client import Client
from yiyuan.integrations.payments.values import Received
from yiyuan.ledger.operations import Credit, OpenAccount
from yiyuan.services.payments import notify
from yiyuan.services.payments.methods import setup
from yiyuan.services.payments.orders import create as orders
from yiyuan.services.payments.refunds.refund import refund, resolve
from yiyuan.services.payments.watch import PaymentWatch
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import set_site_setting
from yiyuan.store.tables.payments.refunds import refunds_of

METHOD = "shop"
BONUS = '[{"min":10000000,"percent":"7.77"}]'
EXPECTED = {
    *("not_paid", "too_much", "insufficient_balance", "not_open", "provider_refused"),
    *("too_many", "idempotency_mismatch"),
}
"""Codes with which a step may be refused."""


async def open_shop(context: ServiceContext, partner: Partner) -> None:
    """An instance of the partner's method, and a bonus."""
    context.client = Client()
    await set_site_setting(context, "topup_bonus", BONUS)
    await setup.put(
        *(context, METHOD, partner.kind, partner.values, partner.secrets),
        is_test=False,
        allow_private=True,
    )


async def age(context: ServiceContext, milliseconds: int) -> None:
    """Let the rows be older: providers know the real time, so the clock cannot be moved."""
    times = {
        "payment_orders": ("created_at", "expires_at", "asked_at", "next_check_at"),
        "payment_refunds": ("at", "next_check_at"),
    }
    await context.database.write(
        [
            (
                f"UPDATE {table} SET " + ", ".join(f"{n} = {n} - ?" for n in names),
                (milliseconds,) * len(names),
            )
            for table, names in times.items()
        ]
    )


class Life:
    """One account and its orders. Steps take the context they run in, which may end there."""

    def __init__(self, context: ServiceContext, partner: Partner, seed: int) -> None:
        """`context` is the sound one."""
        self.context, self.partner = context, partner
        self.random = random.Random(seed)
        self.account = f"acct_{seed:032x}"
        self.spent = 0

    async def begin(self) -> None:
        """Open the account."""
        now = self.context.clock.wall_ms()
        await self.context.ledger.post(OpenAccount(self.account, self.account[5:], now))

    def trades(self) -> dict[str, Any]:
        """What the provider knows."""
        found: dict[str, Any] = self.partner.do("trades")
        return found

    async def rows(self) -> list[Any]:
        """The account's orders, the oldest first."""
        sql = "SELECT id FROM payment_orders WHERE account_id = ? ORDER BY id"
        found = await self.context.database.read(sql, (self.account,))
        return [await orders.get_order(self.context, row[0]) for row in found]

    async def any_order(self) -> Any:
        """One of them, or None."""
        rows = await self.rows()
        return self.random.choice(rows) if rows else None

    async def order(self, context: ServiceContext, amount: int = 0) -> None:
        """Order."""
        amount = amount or self.random.randrange(1_000_000, 30_000_000, 10_000)
        wish = orders.Wish(account_id=self.account, amount_micros=amount, method=METHOD)
        await orders.create(context, wish)

    async def pay(self, context: ServiceContext) -> None:
        """Pay any order that was not paid."""
        del context
        row = await self.any_order()
        trade = self.trades().get(row.number) if row else None
        if trade and trade["state"] in ("waiting", "unscanned"):
            self.partner.pay(row.number)

    async def notify(self, context: ServiceContext) -> None:
        """The provider notifies, once or twice."""
        row = await self.any_order()
        if row and row.number in self.trades():
            for _ in range(self.random.choice((1, 1, 2))):
                await self.send(context, row)

    async def send(self, context: ServiceContext, row: Any, **options: Any) -> None:
        """One notify, taken as the server takes it."""
        url = setup.notify_url(context, row.method_id)
        asked = self.partner.do("prepare", number=row.number, url=url, **options)
        method, url, headers, body = asked
        lower = {name.lower(): value for name, value in headers.items()}
        received = Received(method, urlsplit(url).query, lower, (body or "").encode())
        instance = await notify.notified_instance(context, row.method_id)
        assert instance is not None
        await notify.take_notify(context, instance, received, "127.0.0.1")

    async def check(self, context: ServiceContext) -> None:
        """Ask."""
        row = await self.any_order()
        if row:
            await orders.check(context, row.id)

    async def cancel(self, context: ServiceContext) -> None:
        """Cancel."""
        row = await self.any_order()
        if row:
            await orders.cancel(context, row)

    async def refund_here(self, context: ServiceContext) -> None:
        """An operator refunds."""
        row = await self.any_order()
        if row:
            amount = self.random.choice((self.random.randint(1, row.amount_minor), None))
            await refund(context, row, amount, "random", str(self.random.randrange(4)))

    async def refund_there(self, context: ServiceContext) -> None:
        """Somebody refunds in the provider's own pages."""
        row = await self.any_order()
        trade = self.trades().get(row.number) if row else None
        if not trade or trade["state"] != "paid" or row.state != "credited":
            return
        if self.partner.kind == "epay_md5":
            return  # it tells nobody
        # Alipay gives refunds of its own pages the trade's number: there can be one.
        if self.partner.kind == "alipay" and any(
            r["our"] == trade["ref"] for r in trade["refunds"]
        ):
            return
        left = row.amount_minor - max(trade["refunded_minor"], row.refunded_minor)
        if left > 0:
            amount = self.random.randint(1, left)
            self.partner.do("refund", number=row.number, amount_minor=amount)
            await self.tell_refunds(context, row)

    async def tell_refunds(self, context: ServiceContext, row: Any) -> None:
        """The provider tells of each refund, or answers with their sum."""
        refunds = self.trades()[row.number]["refunds"]
        for made in refunds:
            told = {
                "stripe_checkout": {"type": "refund.created"},
                "wechat_pay": {
                    "type": "REFUND.SUCCESS",
                    "fields": {"out_refund_no": made["our"], "refund_id": made["ref"]},
                },
                "alipay": {"fields": {"out_biz_no": made["our"]}},
            }.get(self.partner.kind)
            if told is None:
                await orders.check(context, row.id)
            else:
                await self.send(context, row, **told)

    async def dispute(self, context: ServiceContext) -> None:
        """A payer's bank takes the money, and gives it again."""
        row = await self.any_order()
        trade = self.trades().get(row.number) if row else None
        is_paid = trade and trade["state"] == "paid" and row.state == "credited"
        if not is_paid or trade["refunded_minor"] or row.refunded_minor:
            return
        if self.partner.kind != "stripe_checkout":
            return
        ref = f"dp_{row.number}"
        for status, moves in (("needs_response", [-1]), ("won", [-1, 1])):
            self.partner.do("dispute", number=row.number, status=status, moves=moves, ref=ref)
            await self.send(context, row, type="charge.dispute.updated", dispute=ref)

    async def spend(self, context: ServiceContext) -> None:
        """Half of what there is."""
        del context
        account = await self.context.ledger.account(self.account)
        assert account is not None
        amount = account.available_micros // 2
        if amount:
            now = self.context.clock.wall_ms()
            spent = Credit(self.account, "adjust", -amount, "adjust", "test", "spent", now)
            await self.context.ledger.post(spent)
            self.spent += amount

    async def pass_by(self, context: ServiceContext) -> None:
        """Time, and a pass of the watch."""
        del context
        await age(self.context, self.random.choice((1_000, 40_000, 2_000_000)))
        await PaymentWatch(self.context, lambda _: None).run_once()

    async def settle_down(self) -> None:
        """Ask about everything until nothing moves any more."""
        await self._pass(4)
        for row in await self.rows():
            trade = self.trades().get(row.number, {})
            if trade.get("state") == "paid":
                await age(self.context, 1_100)
                await orders.check(self.context, row.id)
                await self._hear(await orders.get_order(self.context, row.id), trade)
        await self._pass(3)

    async def _hear(self, row: Any, trade: dict[str, Any]) -> None:
        """Whatever the provider has to tell of a paid order."""
        if row.state != "credited":
            return
        if trade["refunds"]:
            await self.tell_refunds(self.context, row)
        if row.dispute:
            how = {"type": "charge.dispute.closed", "dispute": f"dp_{row.number}"}
            await self.send(self.context, row, **how)
        if self.partner.kind == "epay_md5":
            await self._look_up(row, trade)

    async def _look_up(self, row: Any, trade: dict[str, Any]) -> None:
        """An operator looks at the provider what became of refunds that cannot be asked about."""
        found = await refunds_of(self.context.database, row.id)
        for made in found:
            there = [r["amount"] for r in trade["refunds"]].count(made.amount_minor)
            same = [r for r in found if (r.state, r.amount_minor) == ("done", made.amount_minor)]
            if made.state == "sent":
                await resolve(self.context, made.id, is_done=there > len(same))

    async def _pass(self, times: int) -> None:
        for _ in range(times):
            await age(self.context, 70_000)
            await PaymentWatch(self.context, lambda _: None).run_once()

    async def assert_kept(self) -> None:
        """Money is where it belongs, here and there."""
        trades, database = self.trades(), self.context.database
        balance = -self.spent
        for row in await self.rows():
            trade = trades.get(row.number, {"state": "none", "refunded_minor": 0})
            is_paid = trade["state"] == "paid"
            assert (row.state in ("credited", "review")) == is_paid, row
            if row.state == "credited":
                balance += row.credit + row.bonus
            sql = "SELECT state, cause, credit + bonus, amount_minor FROM payment_refunds"
            found = await database.read(f"{sql} WHERE order_id = ?", (row.id,))
            assert {made[0] for made in found} <= {"done", "failed"}, [tuple(m) for m in found]
            done = [made for made in found if made[0] == "done"]
            balance -= sum(made[2] for made in done)
            # Disputes are no refunds at the provider; the rest is there what it is here.
            given = sum(made[3] for made in done if made[1] != "dispute")
            assert given == trade["refunded_minor"], (row, trade, [tuple(m) for m in found])
        owed = "SELECT sum(amount - collected) FROM account_debts WHERE account_id = ?"
        debts = await database.read(f"{owed} AND closed_at IS NULL", (self.account,))
        account = await self.context.ledger.account(self.account)
        assert account is not None
        assert account.balance_micros == balance + int(debts[0][0] or 0)


async def try_step(step: Any, context: ServiceContext) -> None:
    """A step that may be refused, for a reason that there can be."""
    try:
        await step(context)
    except ServiceError as error:
        assert error.code in EXPECTED, (error.code, error.message)
