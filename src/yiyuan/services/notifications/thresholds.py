"""Looks for what has crossed a threshold: balances, budgets, and money that came in.

Each crossing is written once: the side on which a subject is known to be and the notice
are one transaction, and the notice's key names the crossing. What is looked at is durable
itself, so an end in between loses nothing.
"""

from typing import Final

from yiyuan.kernel.clock import iso
from yiyuan.ledger.budgets import period_end
from yiyuan.services.notifications.outbox import new_notice, notice_statement
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.site.settings import read_site
from yiyuan.store.queries import notices as queries
from yiyuan.store.queries.notices import WatchedAccount, WatchedBudget
from yiyuan.store.tables import notices as rows
from yiyuan.store.tables.notices import LevelRow

EXHAUSTED_MICROS: Final = 10_000
"""One fen: no model answers anything for less."""
BUDGET_PERCENT: Final = 90
_TOPUP_PART: Final = 10
_EVENTS: Final = {"low": "account.balance_low", "exhausted": "account.exhausted"}


async def watch_accounts(context: ServiceContext) -> None:
    """Write what has happened to accounts that want to be told."""
    accounts = await queries.watched_accounts(context.database)
    if not accounts:
        return
    site = await read_site(context)
    known = await rows.levels(context.database, "balance ")
    seen = await rows.levels(context.database, "arrivals ")
    for account in accounts:
        threshold = threshold_of(account, site.low_balance)
        await _watch_balance(context, account, threshold, known.get(f"balance {account.id}"))
        await _watch_arrivals(context, account, seen.get(f"arrivals {account.id}"))
    await _watch_budgets(context)


def threshold_of(account: WatchedAccount, default_micros: int) -> int:
    """Below which balance an account is told: its own wish, else a tenth of its last top-up."""
    if account.own_threshold is not None:
        return account.own_threshold
    if account.last_topup is not None:
        return account.last_topup // _TOPUP_PART
    return default_micros


async def _watch_balance(
    context: ServiceContext, account: WatchedAccount, threshold: int, was: LevelRow | None
) -> None:
    level = "ok"
    if account.balance < EXHAUSTED_MICROS:
        level = "exhausted"
    elif account.balance < threshold:
        level = "low"
    before = "ok" if was is None else was.level
    if level == before:
        return
    now = context.clock.wall_ms()
    subject, notice = f"balance {account.id}", None
    if level == "exhausted" or (level == "low" and before == "ok"):
        data = {
            "account_name": account.name,
            "balance": account.balance,
            "threshold": threshold,
        }
        key = f"{subject} {level} {0 if was is None else was.at}"
        notice = new_notice(context, _EVENTS[level], data, account_id=account.id, key=key)
    await context.database.write(rows.cross(LevelRow(subject, level, now), was, notice))


async def _watch_arrivals(
    context: ServiceContext, account: WatchedAccount, was: LevelRow | None
) -> None:
    """The first look only notes where the entries stand: what came before is no news."""
    subject, now = f"arrivals {account.id}", context.clock.wall_ms()
    if was is not None and int(was.level) >= account.seq:
        return
    statements = []
    if was is not None:
        for entry in await queries.arrivals(context.database, account.id, int(was.level)):
            data = {
                "account_name": account.name,
                "amount": entry.amount,
                "balance": entry.balance_after,
                "kind": entry.kind,
                "entry": entry.id,
                "credited_at": iso(entry.at),
            }
            key = f"entry {entry.id}"
            statements.append(
                notice_statement(context, "payment.credited", data, account_id=account.id, key=key)
            )
    mark = rows.cross(LevelRow(subject, str(account.seq), now), was, None)
    await context.database.write([*statements, *mark])


async def _watch_budgets(context: ServiceContext) -> None:
    for budget in await queries.low_budgets(context.database, BUDGET_PERCENT):
        whose = {"api_token": budget.owner_id, "token_name": budget.owner_name}
        await _tell_of_budget(context, "token.budget_low", budget, whose)
    for budget in await queries.low_member_budgets(context.database, BUDGET_PERCENT):
        whose = {"user": budget.owner_id, "member": budget.owner_name}
        await _tell_of_budget(context, "member.budget_low", budget, whose)


async def _tell_of_budget(
    context: ServiceContext, event: str, budget: WatchedBudget, whose: dict[str, str]
) -> None:
    """Once for a limit in a period; one whose period is over begins with the next request."""
    ends_at = period_end(budget.period, budget.counted_since)
    if ends_at is not None and ends_at <= context.clock.wall_ms():
        return
    data = {
        **whose,
        "period": budget.period,
        "model": budget.model,
        "limit": budget.limit,
        "spent": budget.spent,
    }
    key = f"budget {budget.id} {budget.counted_since} {budget.limit}"
    statement = notice_statement(context, event, data, account_id=budget.account_id, key=key)
    await context.database.write([statement])
