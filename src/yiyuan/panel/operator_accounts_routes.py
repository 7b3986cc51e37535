"""Accounts as operators handle them: open, look, note, adjust, suspend, refund.

Money moves by entries only, each with a reason and the operator's id. A management key
must name an `Idempotency-Key`, so that a script that repeats itself posts once.
"""

from typing import Any, NamedTuple

import msgspec

from yiyuan.console import accounts, ledger
from yiyuan.console.arguments import Arguments
from yiyuan.console.refusal import CommandError
from yiyuan.kernel.calendar import month_start
from yiyuan.kernel.clock import iso
from yiyuan.kernel.money import format_millionths
from yiyuan.panel.account_routes import (
    TierView,
    shown_account,
)
from yiyuan.panel.cursor import read_cursor, write_cursor
from yiyuan.panel.members_routes import MemberView, list_members
from yiyuan.panel.route import CARE, MONEY, OPERATOR_READS, Access, Nothing, Route
from yiyuan.panel.shapes import (
    Account,
    Amount,
    Asked,
    Entry,
    Line,
    Page,
    PageSize,
    Signed,
    shown_entry,
)
from yiyuan.panel.visit import Visit
from yiyuan.pricing.model import tier_for
from yiyuan.store import shop_reports as reports
from yiyuan.store.catalog_rows import new_version
from yiyuan.store.site_settings import ProfileRow, find_profile, put_profile

_NOTES_CHARACTERS_MAX = 4_000


class AccountsQuery(Asked):
    """Accounts whose names begin with `search`, or the one of this id."""

    search: str = ""
    after: str | None = None
    limit: PageSize = 50


class AccountItem(Account):
    """An account in the list; `last_used` is its last request."""

    spend_month: int
    last_used: str | None
    tokens: int


class AccountDetail(Account):
    """An account with what operators know of it."""

    notes: str
    tier_min_balance: int | None
    tier: TierView
    members: list[MemberView]


class NewAccount(Asked):
    """A name, and perhaps a starting balance as a `grant`."""

    name: Line
    grant: Amount = 0


class ProfileChange(Asked):
    """What is absent stays; a `tier_min_balance` of null leaves the tier to the balance."""

    notes: str | msgspec.UnsetType = msgspec.UNSET
    tier_min_balance: Amount | msgspec.UnsetType | None = msgspec.UNSET


class Adjustment(Asked):
    """A signed amount; what is taken can be at most what is available."""

    amount: Signed
    reason: Line
    key: str | None = None


class Reason(Asked):
    """Why; it goes into the audit log."""

    reason: Line


class RefundAsk(Asked):
    """One request whose charge is given back, once."""

    request_id: Line
    reason: Line


class _Cursor(NamedTuple):
    name: str


async def list_accounts(visit: Visit, asked: AccountsQuery) -> Page[AccountItem]:
    """Accounts by name."""
    place = read_cursor(asked.after, _Cursor)
    rows = await reports.accounts_page(
        visit.desk.database,
        search=asked.search.strip()[:100],
        after="" if place is None else place.name,
        since_ms=month_start(visit.desk.clock.wall_ms()),
        limit=asked.limit,
    )
    items = [
        AccountItem(
            id=row.id,
            name=row.name,
            balance=row.posted,
            held=row.held,
            available=row.posted - row.held,
            is_suspended=row.suspended_at is not None,
            created=iso(row.created_at),
            spend_month=row.spend_month,
            last_used=None if row.last_used is None else iso(row.last_used),
            tokens=row.api_tokens,
        )
        for row in rows
    ]
    following = write_cursor(rows[-1].name) if len(rows) == asked.limit else None
    return Page(items=items, next=following)


async def open_account(visit: Visit, asked: NewAccount) -> Account:
    """A new account; only who may move money may give it some."""
    if asked.grant and visit.visitor.role not in MONEY:
        raise CommandError("not_allowed", "your role may not give money")
    given = {"name": asked.name, "balance": asked.grant}
    made = await accounts.create(visit.desk, Arguments(given))
    visit.subject = made["id"]
    return await shown_account(visit, made["id"])


async def show_account(visit: Visit, _: Nothing) -> AccountDetail:
    """One account, its notes, members and tier."""
    account = await shown_account(visit, visit.account_id)
    profile = await find_profile(visit.desk.database, visit.account_id)
    promised = profile.tier_min_balance or 0
    tier = tier_for(visit.house.catalog().tiers, account.balance, promised)
    members = await list_members(visit, Nothing())
    return AccountDetail(
        **{name: getattr(account, name) for name in Account.__struct_fields__},
        notes=profile.notes,
        tier_min_balance=profile.tier_min_balance,
        tier=TierView(min_balance=tier.min_balance_micros, rate=format_millionths(tier.rate_ppm)),
        members=members.items,
    )


async def change_profile(visit: Visit, asked: ProfileChange) -> AccountDetail:
    """Change notes, or promise a tier whatever the balance is."""
    before = await find_profile(visit.desk.database, visit.account_id)
    notes = before.notes if asked.notes is msgspec.UNSET else asked.notes
    tier = before.tier_min_balance
    if asked.tier_min_balance is not msgspec.UNSET:
        tier = asked.tier_min_balance
    if len(notes) > _NOTES_CHARACTERS_MAX:
        raise CommandError("invalid_argument", f"notes: at most {_NOTES_CHARACTERS_MAX} characters")
    row = ProfileRow(visit.account_id, notes, tier)
    await visit.desk.database.write([put_profile(row), new_version()])
    await visit.desk.reload()
    visit.details["before"] = {"notes": before.notes, "tier_min_balance": before.tier_min_balance}
    return await show_account(visit, Nothing())


async def adjust(visit: Visit, asked: Adjustment) -> Entry:
    """Post a signed amount with a reason; one entry."""
    if asked.amount == 0:
        raise CommandError("invalid_argument", "amount must not be 0")
    key = asked.key or visit.headers.get("idempotency-key")
    if visit.visitor.key is not None and not visit.headers.get("idempotency-key"):
        message = "a management key must send an Idempotency-Key with money"
        raise CommandError("invalid_argument", message)
    given: dict[str, Any] = {
        "name": visit.account_id,
        "amount": abs(asked.amount),
        "reason": asked.reason,
        "key": key,
    }
    post = accounts.credit if asked.amount > 0 else accounts.debit
    return shown_entry(await post(visit.desk, Arguments(given)))


async def suspend(visit: Visit, asked: Reason) -> Account:
    """Refuse new requests of an account; open ones go on."""
    visit.reason = asked.reason
    await accounts.suspend(visit.desk, Arguments({"name": visit.account_id}))
    return await shown_account(visit, visit.account_id)


async def resume(visit: Visit, asked: Reason) -> Account:
    """The opposite of `suspend`."""
    visit.reason = asked.reason
    await accounts.resume(visit.desk, Arguments({"name": visit.account_id}))
    return await shown_account(visit, visit.account_id)


async def refund(visit: Visit, asked: RefundAsk) -> Entry:
    """Give back one request's charge; the reversing entry."""
    visit.subject = asked.request_id
    given = {"request_id": asked.request_id, "reason": asked.reason}
    return shown_entry(await ledger.refund(visit.desk, Arguments(given)))


_ACCOUNTS = "/api/operator/accounts"
_ACCOUNT = f"{_ACCOUNTS}/{{account}}"
_CARE = Access("operator", CARE)
_MONEY = Access("operator", MONEY)

ROUTES = (
    Route("GET", _ACCOUNTS, OPERATOR_READS, list_accounts, Page[AccountItem], AccountsQuery),
    Route("POST", _ACCOUNTS, Access("operator", CARE | MONEY), open_account, Account, NewAccount),
    Route("GET", _ACCOUNT, OPERATOR_READS, show_account, AccountDetail),
    Route("PATCH", _ACCOUNT, _CARE, change_profile, AccountDetail, ProfileChange),
    Route("POST", f"{_ACCOUNT}/adjust", _MONEY, adjust, Entry, Adjustment),
    Route("POST", f"{_ACCOUNT}/suspend", _CARE, suspend, Account, Reason),
    Route("POST", f"{_ACCOUNT}/resume", _CARE, resume, Account, Reason),
    Route("POST", "/api/operator/refunds", _MONEY, refund, Entry, RefundAsk),
)
