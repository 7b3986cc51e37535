"""Accounts as operators handle them: open, look, note, adjust, suspend, refund.

Money moves by entries only, each with a reason and the operator's id. A management key
must name an `Idempotency-Key`, so that a script that repeats itself posts once.
"""

from typing import Final, NamedTuple

import msgspec

from yiyuan.api.console.cursor import read_cursor, write_cursor
from yiyuan.api.console.permission import check_may_spend
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import (
    FINANCE_ROLES,
    OPERATOR_READS,
    SUPPORT_ROLES,
    Access,
    Empty,
    Route,
)
from yiyuan.api.console.schemas import (
    Account,
    Amount,
    Entry,
    Line,
    Page,
    PageSize,
    RequestBody,
    ResponseBody,
    Signed,
    shown_entry,
)
from yiyuan.services.accounts import accounts, ledger, profile, shortfalls
from yiyuan.services.accounts.account_list import AccountFilter, AccountItem, accounts_page
from yiyuan.services.accounts.accounts import view_account
from yiyuan.services.accounts.standing import TierView
from yiyuan.services.people.members import MemberView, list_members
from yiyuan.services.shared.errors import ServiceError

GROUP: Final = "operator_accounts"
"""What its routes are called in the audit log and in the OpenAPI document."""


class AccountsQuery(AccountFilter):
    """Accounts with the text in name, member's e-mail, id or token ending."""

    after: str | None = None
    limit: PageSize = 50


class AccountDetail(Account):
    """An account with what operators know of it."""

    notes: str
    stopped_models: list[str]
    """Where its shortfalls stopped it, until it is released."""
    tier_min_balance: int | None
    tier: TierView
    members: list[MemberView]


class NewAccount(RequestBody):
    """A name, and perhaps a starting balance as a `grant`."""

    name: Line
    grant: Amount = 0


class ProfileChange(RequestBody):
    """What is absent stays; a `tier_min_balance` of null leaves the tier to the balance."""

    name: Line | msgspec.UnsetType = msgspec.UNSET
    notes: str | msgspec.UnsetType = msgspec.UNSET
    tier_min_balance: Amount | msgspec.UnsetType | None = msgspec.UNSET


class Adjustment(RequestBody):
    """A signed amount; what is taken can be at most what is available."""

    amount: Signed
    reason: Line
    key: str | None = None


class Reason(RequestBody):
    """Why; it goes into the audit log."""

    reason: Line


class Released(ResponseBody):
    """The models at which an account was stopped, and is no more."""

    models: list[str]


class RefundAsk(RequestBody):
    """One request whose charge is given back, once."""

    request_id: Line
    reason: Line


class _Cursor(NamedTuple):
    offset: int


async def list_accounts(visit: ConsoleRequest, asked: AccountsQuery) -> Page[AccountItem]:
    """Accounts in the order that was asked for."""
    offset = (read_cursor(asked.after, _Cursor) or _Cursor(0)).offset
    items = await accounts_page(visit.context, asked, offset=offset, limit=asked.limit)
    is_full = len(items) == asked.limit
    return Page(items=items, next=write_cursor(offset + len(items)) if is_full else None)


async def open_account(visit: ConsoleRequest, asked: NewAccount) -> Account:
    """A new account; only who may move money may give it some."""
    if asked.grant and visit.visitor.role not in FINANCE_ROLES:
        raise ServiceError("not_allowed", "your role may not give money")
    new = accounts.Create(name=asked.name, balance=asked.grant)
    made = await accounts.create(visit.context, new)
    visit.subject = made["id"]
    return await view_account(visit.context, made["id"])


async def show_account(visit: ConsoleRequest, _: Empty) -> AccountDetail:
    """One account, its notes, members and tier."""
    account = await view_account(visit.context, visit.account_id)
    known = await profile.view_profile(visit.context, visit.house.catalog(), account)
    return AccountDetail(
        **{name: getattr(account, name) for name in Account.__struct_fields__},
        notes=known.notes,
        stopped_models=await accounts.stopped_models(visit.context, visit.account_id),
        tier_min_balance=known.tier_min_balance,
        tier=known.tier,
        members=await list_members(visit.context, visit.account_id),
    )


async def change_profile(visit: ConsoleRequest, asked: ProfileChange) -> AccountDetail:
    """Rename it, change notes, or promise a tier whatever the balance is."""
    if asked.tier_min_balance is not msgspec.UNSET:
        check_may_spend(visit)
    name = (await accounts.get_account(visit.context, visit.account_id)).name
    if asked.name is not msgspec.UNSET:
        await accounts.rename(
            visit.context, accounts.NewName(name=visit.account_id, new_name=asked.name)
        )
    before = await profile.change_profile(
        visit.context,
        visit.account_id,
        notes=asked.notes,
        tier_min_balance=asked.tier_min_balance,
    )
    visit.details["before"] = {
        "name": name,
        "notes": before.notes,
        "tier_min_balance": before.tier_min_balance,
    }
    return await show_account(visit, Empty())


async def adjust(visit: ConsoleRequest, asked: Adjustment) -> Entry:
    """Post a signed amount with a reason; one entry."""
    if asked.amount == 0:
        raise ServiceError("invalid_argument", "amount must not be 0")
    key = asked.key or visit.headers.get("idempotency-key")
    if visit.visitor.key is not None and not visit.headers.get("idempotency-key"):
        message = "a management key must send an Idempotency-Key with money"
        raise ServiceError("invalid_argument", message)
    change = accounts.Adjust(
        name=visit.account_id, amount=abs(asked.amount), reason=asked.reason, key=key
    )
    post = accounts.credit if asked.amount > 0 else accounts.debit
    return shown_entry(await post(visit.context, change))


async def suspend(visit: ConsoleRequest, asked: Reason) -> Account:
    """Refuse new requests of an account; open ones go on."""
    visit.reason = asked.reason
    await accounts.suspend(visit.context, accounts.ByName(name=visit.account_id))
    return await view_account(visit.context, visit.account_id)


async def resume(visit: ConsoleRequest, asked: Reason) -> Account:
    """The opposite of `suspend`."""
    visit.reason = asked.reason
    await accounts.resume(visit.context, accounts.ByName(name=visit.account_id))
    return await view_account(visit.context, visit.account_id)


async def release(visit: ConsoleRequest, asked: Reason) -> Released:
    """Let an account go on that its shortfalls had stopped; at which models."""
    visit.reason = asked.reason
    account = accounts.ByName(name=visit.account_id)
    done = await shortfalls.release_account(visit.context, account)
    visit.details["models"] = done["released"]
    return Released(models=done["released"])


async def refund(visit: ConsoleRequest, asked: RefundAsk) -> Entry:
    """Give back one request's charge; the reversing entry."""
    visit.subject = asked.request_id
    request = ledger.RefundRequest(request_id=asked.request_id, reason=asked.reason)
    return shown_entry(await ledger.refund(visit.context, request))


_ACCOUNTS = "/api/operator/accounts"
_ACCOUNT = f"{_ACCOUNTS}/{{account}}"
_CARE = Access("operator", SUPPORT_ROLES)
_MONEY = Access("operator", FINANCE_ROLES)

ROUTES = (
    Route("GET", _ACCOUNTS, OPERATOR_READS, list_accounts, Page[AccountItem], AccountsQuery),
    Route(
        "POST",
        _ACCOUNTS,
        Access("operator", SUPPORT_ROLES | FINANCE_ROLES),
        open_account,
        Account,
        NewAccount,
    ),
    Route("GET", _ACCOUNT, OPERATOR_READS, show_account, AccountDetail),
    Route("PATCH", _ACCOUNT, _CARE, change_profile, AccountDetail, ProfileChange),
    Route("POST", f"{_ACCOUNT}/adjust", _MONEY, adjust, Entry, Adjustment),
    Route("POST", f"{_ACCOUNT}/suspend", _CARE, suspend, Account, Reason),
    Route("POST", f"{_ACCOUNT}/resume", _CARE, resume, Account, Reason),
    Route("POST", f"{_ACCOUNT}/release", _CARE, release, Released, Reason),
    Route("POST", "/api/operator/refunds", _MONEY, refund, Entry, RefundAsk),
)
