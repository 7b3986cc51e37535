"""Accounts: create, show, credit, debit, suspend, resume.

`balance` is posted money, what open requests hold included. Every change of it
is an entry in the ledger with an actor and a reason.
"""

from typing import Any

from yiyuan.console.arguments import Arguments
from yiyuan.console.desk import Desk
from yiyuan.console.names import check_name, check_text
from yiyuan.console.refusal import CommandError
from yiyuan.kernel.ids import new_id
from yiyuan.ledger.operations import Credit, OpenAccount, Resume, Suspend
from yiyuan.ledger.statement import entry_document
from yiyuan.store.reports import all_accounts, find_account
from yiyuan.store.rows import AccountRow

Json = dict[str, Any]


def account_document(row: AccountRow) -> Json:
    """An account as JSON; `suspended` is there only when it is true."""
    document: Json = {"id": row.id, "name": row.name, "balance": row.posted, "held": row.held}
    if row.suspended_at is not None:
        document["suspended"] = True
    return document


async def get_account(desk: Desk, name: str) -> AccountRow:
    """The account of this name or id. Raises CommandError `not_found`."""
    row = await find_account(desk.database, name)
    if row is None:
        raise CommandError("not_found", f'there is no account "{name}"')
    return row


async def create(desk: Desk, arguments: Arguments) -> Json:
    """Open an account; a starting balance is one `grant` entry."""
    name = check_name(arguments.text("name"))
    balance = arguments.optional_integer("balance", least=0) or 0
    arguments.finish()
    account = OpenAccount(new_id("acct"), name, desk.clock.wall_ms(), balance, desk.actor)
    return account_document(await desk.book.post(account))


async def show(desk: Desk, arguments: Arguments) -> Json:
    """One account."""
    name = arguments.text("name")
    arguments.finish()
    return account_document(await get_account(desk, name))


async def list_all(desk: Desk, arguments: Arguments) -> Json:
    """Every account, by name."""
    arguments.finish()
    return {"accounts": [account_document(row) for row in await all_accounts(desk.database)]}


async def credit(desk: Desk, arguments: Arguments) -> Json:
    """Add money; the entry."""
    return await _adjust(desk, arguments, sign=1)


async def debit(desk: Desk, arguments: Arguments) -> Json:
    """Take money, at most balance − held; the entry."""
    return await _adjust(desk, arguments, sign=-1)


async def suspend(desk: Desk, arguments: Arguments) -> Json:
    """Refuse new requests of an account; open ones go on."""
    name = arguments.text("name")
    arguments.finish()
    account = await get_account(desk, name)
    return account_document(await desk.book.post(Suspend(account.id, desk.clock.wall_ms())))


async def resume(desk: Desk, arguments: Arguments) -> Json:
    """The opposite of `suspend`."""
    name = arguments.text("name")
    arguments.finish()
    account = await get_account(desk, name)
    return account_document(await desk.book.post(Resume(account.id)))


async def _adjust(desk: Desk, arguments: Arguments, sign: int) -> Json:
    name = arguments.text("name")
    amount_micros = arguments.integer("amount")
    reason = check_text("the reason", arguments.text("reason"))
    key = arguments.optional_text("key")
    arguments.finish()
    account = await get_account(desk, name)
    entry = await desk.book.post(
        Credit(
            account_id=account.id,
            kind="adjust",
            amount_micros=sign * amount_micros,
            contra="adjust",
            actor=desk.actor,
            memo=reason,
            at=desk.clock.wall_ms(),
            # Our own keys (`create:…`, `refund:…`) cannot be taken by an operator's.
            idem_key=None if key is None else f"key:{check_text('the key', key)}",
        )
    )
    return entry_document(entry)
