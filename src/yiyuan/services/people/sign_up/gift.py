"""The gift for signing up: once per mailbox, however it is spelled, and after its proof.

A mark (a keyed hash of the mailbox) claims the gift and is never deleted; the ledger's
entry follows under a key made of the mark, so a crash in between costs nobody anything:
what was claimed is booked at the next start.
"""

import hmac
from hashlib import sha256

from yiyuan.ledger.operations import Credit
from yiyuan.services.mail.mailbox import canonical
from yiyuan.services.people.sign_up.allowance import allow_gift
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.site.settings import SiteSettings
from yiyuan.store.tables.people.grant_marks import (
    ENTRY_KEY_PREFIX,
    GrantMarkRow,
    add_mark,
    unbooked_marks,
)


async def give_gift(
    context: ServiceContext,
    site: SiteSettings,
    *,
    account_id: str,
    who: str,
    address: str,
    amount_micros: int,
) -> bool:
    """Give it, if nobody of this mark had it; whether it was given.

    `who` is a mailbox that was proven, or `provider subject` of an identity.
    """
    if amount_micros <= 0 or not await allow_gift(context, site, address):
        return False
    mark = mark_of(context, who)
    row = GrantMarkRow(mark, account_id, amount_micros, context.clock.wall_ms())
    if await context.database.write([add_mark(row)]) != [1]:
        return False
    await _book(context, row)
    return True


async def book_unbooked_gifts(context: ServiceContext) -> int:
    """Book gifts that a crash left without their entry; how many there were."""
    left = await unbooked_marks(context.database)
    for row in left:
        await _book(context, row)
    return len(left)


def mark_of(context: ServiceContext, who: str) -> str:
    """The mark of a mailbox or an identity, in hexadecimal."""
    name = canonical(who) if "@" in who else who
    return hmac.new(context.secrets.token_pepper, f"gift {name}".encode(), sha256).hexdigest()


async def _book(context: ServiceContext, row: GrantMarkRow) -> None:
    await context.ledger.post(
        Credit(
            account_id=row.account_id,
            kind="grant",
            amount_micros=row.amount,
            contra="promo",
            actor="sign-up",
            memo="gift",
            at=context.clock.wall_ms(),
            idem_key=ENTRY_KEY_PREFIX + row.mark,
        )
    )
