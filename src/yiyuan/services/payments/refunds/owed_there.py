"""Debts of accounts that were moved here: what was spent both here and at the old gateway.

The move has listed them beside the account (`imported.owed`); what comes in pays them, by
entries of the move's own line, so that a later take of it counts them.
"""

from yiyuan.ledger.errors import IdempotencyMismatch, InsufficientFunds
from yiyuan.ledger.operations import Credit
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.imports import (
    ENTRY_KEY_PREFIX,
    ImportedRow,
    booked,
    entry_key,
    owing,
    put_imported,
)


async def owed_there(context: ServiceContext, account_id: str) -> int:
    """What an account owes of this, in micros."""
    return sum(row.owed for row in await owing(context.database, account_id))


async def collect_owed_there(context: ServiceContext, account_id: str | None = None) -> None:
    """Take what there is, of one account or of all."""
    for row in await owing(context.database, account_id):
        await _collect(context, row)


async def _collect(context: ServiceContext, row: ImportedRow) -> None:
    account = await context.ledger.account(row.our_id)
    amount = min(row.owed, 0 if account is None else account.available_micros)
    if amount <= 0:
        return
    has = (await booked(context.database, row.import_id)).get(row.our_id)
    try:
        await context.ledger.post(
            Credit(
                account_id=row.our_id,
                kind="adjust",
                amount_micros=-amount,
                contra="adjust",
                actor="payments",
                memo=f"spent at the old gateway as user {row.source_id}",
                at=context.clock.wall_ms(),
                idem_key=entry_key(ENTRY_KEY_PREFIX, row.import_id, row.source_id, has),
            )
        )
    except (InsufficientFunds, IdempotencyMismatch):
        return  # a hold or another process was faster: the next pass looks again
    owed = row.owed - amount
    await context.database.write([put_imported(row._replace(owed=owed, pending=owed or None))])
