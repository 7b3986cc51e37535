"""Open: the accounts that wait are unlocked, all at once; and `forget`, the way back.

What was suspended there stays suspended, and so does whoever is not there any more. An
account that an operator suspended here after the take stays so, too: it carries another
time than the one that the take wrote down. One that is open already (by an operator, or by
an `open` that was interrupted) only loses its lock's note.
"""

import hashlib
from typing import Any

from yiyuan.ledger.operations import Resume
from yiyuan.services.imports.customers.money import BALANCE, GRANT, give_back
from yiyuan.services.imports.names import user_id
from yiyuan.services.imports.settings import ImportSettings
from yiyuan.services.imports.source import ReadShop
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.database import Statement
from yiyuan.store.queries.accounts import all_accounts
from yiyuan.store.queries.imports import accounts_with_own_entries, tokens_of
from yiyuan.store.tables.catalog import new_version
from yiyuan.store.tables.imports import (
    ImportRow,
    booked,
    forget_import,
    forget_row,
    imported,
    put_import,
    put_imported,
)
from yiyuan.store.tables.people.taken_over import (
    give_up_token,
    open_batch,
    remove_unclaimed,
    remove_user,
)

Json = dict[str, Any]
_ROWS_AT_ONCE = 200


async def open_shop(
    context: ServiceContext, row: ImportRow, settings: ImportSettings, read: ReadShop
) -> Json:
    """Unlock what waits, and let the codes work."""
    rows = await imported(context.database, settings.id, "user")
    accounts = {each.id: each for each in await all_accounts(context.database)}
    waits = {each.source_id for each in read.shop.people if not each.is_suspended}
    opened, left = [], []
    statements: list[Statement] = []
    for source_id, each in rows.items():
        if each.locked_at is None:
            continue
        account = accounts.get(each.our_id)
        if account is not None and account.suspended_at is None:
            statements.append(put_imported(each._replace(locked_at=None)))
            continue
        if source_id not in waits or account is None or account.suspended_at != each.locked_at:
            left.append(each.our_id)
            continue
        await context.ledger.post(Resume(each.our_id))
        opened.append(each.our_id)
        statements.append(put_imported(each._replace(locked_at=None)))
    now = context.clock.wall_ms()
    for batch in (await imported(context.database, settings.id, "codes")).values():
        if batch.locked_at is not None:
            statements.append(open_batch(batch.our_id))
            statements.append(put_imported(batch._replace(locked_at=None)))
    statements.append(put_import(row._replace(opened_at=row.opened_at or now)))
    for start in range(0, len(statements), _ROWS_AT_ONCE):
        await context.database.write(statements[start : start + _ROWS_AT_ONCE])
    await context.database.write([new_version()])
    await context.reload()
    return {"name": settings.name, "opened": len(opened), "left_suspended": len(left)}


async def forget_shop(context: ServiceContext, row: ImportRow, settings: ImportSettings) -> Json:
    """Take back what was taken: money, keys, people. What is used here already stays."""
    busy = await accounts_with_own_entries(context.database, settings.id)
    rows = await imported(context.database, settings.id, "user")
    busy |= {each.id for each in await all_accounts(context.database) if not each.suspended_at}
    booked_by = [
        (line, await booked(context.database, settings.id, line.prefix))
        for line in (BALANCE, GRANT)
    ]
    kept = []
    for source_id, each in rows.items():
        if each.our_id in busy or each.locked_at is None:
            kept.append(each.our_id)
            continue
        for line, entries in booked_by:
            if each.our_id in entries:
                await give_back(context, settings, source_id, line, entries[each.our_id])
        statements = remove_user(user_id(settings.id, source_id), each.our_id)
        for api_token_id in await tokens_of(context.database, each.our_id):
            # No key has this hash: it is of as many bytes, and made of the token's own id.
            stand_in = hashlib.sha256(f"forgotten {api_token_id}".encode()).digest()
            statements += give_up_token(api_token_id, stand_in, context.clock.wall_ms())
            statements.append(forget_row(row.id, api_token_id))
        statements.append(forget_row(row.id, each.our_id))
        await context.database.write(statements)
    batches = [
        each.our_id for each in (await imported(context.database, settings.id, "codes")).values()
    ]
    statements = [*remove_unclaimed(batches), *(forget_row(row.id, each) for each in batches)]
    if not kept:
        statements += forget_import(row.id)
    await context.database.write([*statements, new_version()])
    await context.reload()
    return {"name": settings.name, "forgotten": len(rows) - len(kept), "kept": kept}
