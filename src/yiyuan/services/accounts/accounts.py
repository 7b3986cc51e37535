"""Accounts: create, rename, show, credit, debit, suspend, resume.

`balance` is posted money, what open requests hold included. Every change of it
is an entry in the ledger with an actor and a reason.
"""

from typing import Any, Literal

from yiyuan.i18n.message import Message
from yiyuan.kernel.calendar import month_start
from yiyuan.kernel.clock import iso
from yiyuan.kernel.ids import new_id
from yiyuan.ledger.operations import Credit, OpenAccount, Rename, Resume, Suspend
from yiyuan.ledger.statement import entry_document
from yiyuan.services.shared.answer import Account
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Amount, Positive, Request
from yiyuan.services.shared.validation import check_name, check_text
from yiyuan.store.queries.accounts import all_accounts, find_account, spent_since
from yiyuan.store.tables.ledger import AccountRow
from yiyuan.store.tables.requests.shortfall_stops import open_stops

Json = dict[str, Any]


class Create(Request):
    """A name, and a starting balance in micros."""

    name: str
    balance: Amount = 0


class ByName(Request):
    """An account, by its unique name or its id."""

    name: str


class NewName(Request):
    """An account by name or id, and what it is to be called."""

    name: str
    new_name: str


class List(Request):
    """What comes first: a name, the lowest balance, the most held or spent this month."""

    sort: Literal["name", "balance", "held", "spend"] = "name"


class Adjust(Request):
    """An amount in micros that is added or taken; the same `key` posts once."""

    name: str
    amount: Positive
    reason: str
    key: str | None = None


def account_document(row: AccountRow) -> Json:
    """An account as JSON; `suspended` is there only when it is true."""
    document: Json = {"id": row.id, "name": row.name, "balance": row.posted, "held": row.held}
    if row.suspended_at is not None:
        document["suspended"] = True
    return document


async def get_account(context: ServiceContext, name: str) -> AccountRow:
    """The account of this name or id. Raises ServiceError `not_found`."""
    row = await find_account(context.database, name)
    if row is None:
        raise ServiceError("not_found", Message('there is no account "{name}"', name=name))
    return row


async def account_id_of(context: ServiceContext, name: str | None) -> str | None:
    """The id of the account of this name or id; None where none is named.

    Raises ServiceError `not_found`.
    """
    return None if name is None else (await get_account(context, name)).id


async def view_account(context: ServiceContext, account_id: str) -> Account:
    """An account as its pages show it. Raises ServiceError `not_found`."""
    row = await find_account(context.database, account_id)
    view = await context.ledger.account(account_id)
    if row is None or view is None:
        raise ServiceError("not_found", "there is no such account")
    return Account(
        id=row.id,
        name=row.name,
        balance=view.balance_micros,
        held=view.held_micros,
        available=view.available_micros,
        is_suspended=view.is_suspended,
        created=iso(row.created_at),
    )


async def stopped_models(context: ServiceContext, account_id: str) -> list[str]:
    """The models at which an account waits for an operator (`account.release`)."""
    return [found.model for found in await open_stops(context.database, account_id)]


@command("account.create")
async def create(context: ServiceContext, request: Create) -> Json:
    """Open an account; a starting balance is one `grant` entry."""
    name, now = check_name(request.name), context.clock.wall_ms()
    account = OpenAccount(new_id("acct"), name, now, request.balance, context.actor)
    return account_document(await context.ledger.post(account))


@command("account.rename")
async def rename(context: ServiceContext, request: NewName) -> Json:
    """Call an account by another name; its id, entries and requests stay as they are."""
    account = await get_account(context, request.name)
    name = check_name(request.new_name)
    if name == account.name:
        return account_document(account)
    return account_document(await context.ledger.post(Rename(account.id, name)))


@command("account.show", reads=True)
async def show(context: ServiceContext, request: ByName) -> Json:
    """One account; `stopped_models` where its shortfalls stopped it (`account.release`)."""
    row = await get_account(context, request.name)
    stopped = await stopped_models(context, row.id)
    return account_document(row) | ({"stopped_models": stopped} if stopped else {})


@command("account.list", reads=True)
async def list_all(context: ServiceContext, request: List) -> Json:
    """Every account, by name, or the lowest balance or the highest spend first."""
    found = [account_document(row) for row in await all_accounts(context.database)]
    if request.sort in ("balance", "held"):
        found.sort(key=lambda each: each[request.sort] * (-1 if request.sort == "held" else 1))
    elif request.sort == "spend":
        spent = await spent_since(context.database, month_start(context.clock.wall_ms()))
        for each in found:
            each["spend_month"] = spent.get(each["id"], 0)
        found.sort(key=lambda each: -each["spend_month"])
    return {"accounts": found}


@command("account.credit")
async def credit(context: ServiceContext, request: Adjust) -> Json:
    """Add money; the entry."""
    return await _adjust(context, request, sign=1)


@command("account.debit")
async def debit(context: ServiceContext, request: Adjust) -> Json:
    """Take money, at most balance − held; the entry."""
    return await _adjust(context, request, sign=-1)


@command("account.suspend")
async def suspend(context: ServiceContext, request: ByName) -> Json:
    """Refuse new requests of an account; open ones go on."""
    account = await get_account(context, request.name)
    return account_document(await context.ledger.post(Suspend(account.id, context.clock.wall_ms())))


@command("account.resume")
async def resume(context: ServiceContext, request: ByName) -> Json:
    """The opposite of `suspend`."""
    account = await get_account(context, request.name)
    return account_document(await context.ledger.post(Resume(account.id)))


async def _adjust(context: ServiceContext, request: Adjust, sign: int) -> Json:
    reason, key = check_text("the reason", request.reason), request.key
    account = await get_account(context, request.name)
    entry = await context.ledger.post(
        Credit(
            account_id=account.id,
            kind="adjust",
            amount_micros=sign * request.amount,
            contra="adjust",
            actor=context.actor,
            memo=reason,
            at=context.clock.wall_ms(),
            # Our own keys (`create:…`, `refund:…`) cannot be taken by an operator's.
            idem_key=None if key is None else f"key:{check_text('the key', key)}",
        )
    )
    return entry_document(entry)
