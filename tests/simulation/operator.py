"""What an operator does meanwhile: money in and out, refunds, suspensions, budgets.

A keyed credit is repeated until it is acknowledged, by whichever process is there, as
a payment provider repeats its callback.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from tests.simulation.oracle import Oracle, Order
from tests.simulation.world import World, WorldClock
from yiyuan.kernel.errors import ApiError
from yiyuan.ledger.budgets import Period, budget_id
from yiyuan.ledger.contract import Ledger
from yiyuan.ledger.errors import AlreadyRefunded, IdempotencyMismatch, LedgerError
from yiyuan.ledger.operations import Credit, OpenAccount, Refund, Resume, SetBudget, Suspend
from yiyuan.store.errors import StoreError

ACCOUNTS = ("acct_a", "acct_b", "acct_c")
API_TOKENS = ("tok_a", "tok_b")
_KINDS: tuple[tuple[Period, str | None, int], ...] = (
    ("total", None, 2_000),
    ("day", None, 1_500),
    ("month", "m", 1_400),
    ("day", "n", 800),
)
"""The budgets of each token: period, model, and the limit at the beginning."""


def budgets_counting(api_token_id: str, model: str) -> tuple[str, ...]:
    """The budgets that a request counts in."""
    return tuple(
        budget_id(api_token_id, period, only) for period, only, _ in _KINDS if only in (None, model)
    )


class Operator:
    """Acts through one process as long as that lives."""

    def __init__(self, world: World, ledger: Ledger, clock: WorldClock, oracle: Oracle) -> None:
        self._world, self._book, self._clock, self._oracle = world, ledger, clock, oracle

    async def open_accounts(self, balances: tuple[int, ...]) -> bool:
        """Open the accounts that are not there; True when all are."""
        for account_id, balance in zip(ACCOUNTS, balances, strict=True):
            if account_id not in self._oracle.rows.accounts:
                await self._try(OpenAccount(account_id, account_id, self._now(), balance))
        rows = self._oracle.rows
        wanted = [
            self._budget(api_token_id, kind, _KINDS[kind][2])
            for api_token_id in API_TOKENS
            for kind in range(len(_KINDS))
        ]
        missing = [each for each in wanted if each.budget_id not in rows.budgets]
        await asyncio.gather(*(self._try(each) for each in missing))
        has_budgets = len(rows.budgets) == len(API_TOKENS) * len(_KINDS)
        return rows.accounts.keys() >= set(ACCOUNTS) and has_budgets

    def _budget(self, api_token_id: str, kind: int, limit: int | None) -> SetBudget:
        period, model, _ = _KINDS[kind]
        name = budget_id(api_token_id, period, model)
        return SetBudget(name, api_token_id, limit, self._now(), period, model)

    async def work(self, should_go_on: Callable[[], bool]) -> None:
        """One action after the other."""
        while should_go_on():
            await asyncio.sleep(0.05 + 0.6 * self._world.chance())
            await self._act()

    async def collect(self) -> None:
        """Repeat what was paid and not yet acknowledged."""
        for order in self._oracle.orders.values():
            if order.entry is None:
                await self._credit(order)

    def _now(self) -> int:
        return self._clock.wall_ms()

    async def _act(self) -> None:
        world = self._world
        account_id = ACCOUNTS[world.below(len(ACCOUNTS))]
        action = world.below(8)
        if action <= 1:
            key = f"paid-{len(self._oracle.orders)}"
            order = Order(key, account_id, 1 + world.below(900))
            self._oracle.orders[key] = order
            await self._credit(order)
        elif action == 2 and self._oracle.orders:
            orders = list(self._oracle.orders.values())
            await self._credit(orders[world.below(len(orders))])
        elif action == 3:
            amount = 300 - world.below(600)
            kind: Any = "adjust"
            await self._try(Credit(account_id, kind, amount, "adjust", "operator", "", self._now()))
        elif action == 4:
            await self._refund()
        elif action == 5:
            await self._suspend(account_id)
        elif action == 6:
            limit = None if world.chance() < 0.2 else world.below(4_000)
            api_token_id = API_TOKENS[world.below(len(API_TOKENS))]
            await self._try(self._budget(api_token_id, world.below(len(_KINDS)), limit))
        else:
            await self._suspend_and_resume(account_id)

    async def _try(self, operation: Any) -> Any:
        """The answer, or the error as a value."""
        try:
            answer = await self._book.post(operation)
        except (LedgerError, ApiError, StoreError) as error:
            return error
        if isinstance(operation, Credit | Refund):
            self._oracle.entry(answer)
            self._oracle.count(type(operation).__name__)
        return answer

    async def _credit(self, order: Order) -> None:
        kind: Any = "topup"
        entry = await self._try(
            Credit(
                order.account_id,
                kind,
                order.amount_micros,
                "cash",
                "payments",
                "",
                self._now(),
                order.key,
            )
        )
        if isinstance(entry, IdempotencyMismatch):
            self._world.fail(f"V8 {order}: {entry}")
        if not isinstance(entry, Exception):
            if order.entry not in (None, entry):
                self._world.fail(f"V8 {order} was answered by {entry}")
            order.entry = entry

    async def _refund(self) -> None:
        charged = list(self._oracle.rows.by_request)
        if charged:
            request_id = charged[self._world.below(len(charged))]
            entry = await self._try(Refund(request_id, "operator", "", self._now()))
            if isinstance(entry, AlreadyRefunded):
                self._oracle.count("AlreadyRefunded")
            elif not isinstance(entry, Exception):
                if request_id in self._oracle.refunds:
                    self._world.fail(f"V5 refunded twice: {request_id}")
                self._oracle.refunds.add(request_id)

    async def _suspend(self, account_id: str) -> None:
        # Not known to be done until it is said to be done.
        self._oracle.suspended.discard(account_id)
        await self._try(Resume(account_id))

    async def _suspend_and_resume(self, account_id: str) -> None:
        suspended = await self._try(Suspend(account_id, self._now()))
        if not isinstance(suspended, Exception):
            self._oracle.suspended.add(account_id)
            await asyncio.sleep(0.3 * self._world.chance())
        self._oracle.suspended.discard(account_id)
        await self._try(Resume(account_id))
