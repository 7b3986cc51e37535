"""Redemption codes: make a batch, redeem one.

A code is at least 100 bits, shown once, kept as a hash. Redeeming claims it by one
conditional update, then books the ledger's `redeem` entry under a key that is made of
the code: of any number of accounts at once one gets the money, once. A process that
ends between claim and entry leaves a claim whose entry is booked at the next start,
or when the same account tries again.
"""

from typing import Annotated, Any

from msgspec import Meta

from yiyuan.auth.opaque_secret import code_hash, new_code, read_code
from yiyuan.kernel.clock import iso
from yiyuan.kernel.ids import new_id
from yiyuan.ledger.operations import Credit
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Positive, Request, invalid, time_of
from yiyuan.services.shared.validation import check_text
from yiyuan.store.errors import CONFLICT
from yiyuan.store.tables import redeem_codes as rows
from yiyuan.store.tables.ledger import EntryRow
from yiyuan.store.tables.redeem_codes import BatchRow, CodeRow

Json = dict[str, Any]

CODES_MAX = 10_000
_CLAIM_TRIES = 5
Count = Annotated[int, Meta(ge=1, le=CODES_MAX)]


class NewCodes(Request):
    """`value` is micros per code; `per_account` how many of them one account may use."""

    value: Positive
    count: Count
    expires: str | None = None
    per_account: Count | None = None
    name: str | None = None


@command("codes.create")
async def create(context: ServiceContext, request: NewCodes) -> Json:
    """A batch: `{"codes": […]}`, the only time that they are shown."""
    value_micros, count = request.value, request.count
    expires_at = time_of("expires", request.expires)
    name = request.name or f"{count} × {value_micros}"
    now = context.clock.wall_ms()
    if expires_at is not None and expires_at <= now:
        raise invalid("expires", "must be in the future")
    codes = [new_code() for _ in range(count)]
    batch = BatchRow(
        id=new_id("batch"),
        name=check_text("the name", name),
        value=value_micros,
        size=count,
        per_account=request.per_account,
        expires_at=expires_at,
        created_by=context.actor,
        created_at=now,
        revoked_at=None,
    )
    await context.database.write(rows.add_batch(batch, [code_hash(code) for code in codes]))
    return {
        "batch": batch.id,
        "value": value_micros,
        "expires": None if expires_at is None else iso(expires_at),
        "codes": codes,
    }


async def redeem(context: ServiceContext, account_id: str, text: str) -> EntryRow:
    """Credit an account with a code's value; the entry.

    Raises ServiceError `code_not_valid`, `already_redeemed`, `code_expired`, `code_limit`.
    """
    code = read_code(text)
    found = None if code is None else await rows.find_code(context.database, code_hash(code))
    if found is None:
        raise ServiceError("code_not_valid", "this is no code: look for a letter that is wrong")
    row, batch = found
    if row.claimed_by is None:
        row = await _claim(context, account_id, row, batch)
    if row.claimed_by != account_id or await rows.is_booked(context.database, row.hash):
        raise _already_redeemed()
    return await ledger(context, row, batch)


async def ledger(context: ServiceContext, row: CodeRow, batch: BatchRow) -> EntryRow:
    """The ledger's entry of a claimed code; the same one if it is there already."""
    assert row.claimed_by is not None
    assert row.claimed_at is not None
    return await context.ledger.post(
        Credit(
            account_id=row.claimed_by,
            kind="redeem",
            amount_micros=batch.value,
            contra="cash",
            actor="redeem",
            memo=batch.name,
            at=row.claimed_at,
            idem_key=rows.ENTRY_KEY_PREFIX + row.hash,
        )
    )


async def book_unbooked(context: ServiceContext) -> int:
    """Book the claims that a crash left without their entry; how many there were."""
    left = await rows.unbooked_claims(context.database)
    for row, batch in left:
        await ledger(context, row, batch)
    return len(left)


async def _claim(
    context: ServiceContext, account_id: str, row: CodeRow, batch: BatchRow
) -> CodeRow:
    now = context.clock.wall_ms()
    if batch.revoked_at is not None or (batch.expires_at is not None and batch.expires_at <= now):
        raise ServiceError("code_expired", "this code does not work any more")
    for _ in range(_CLAIM_TRIES):
        number = await rows.claims_of(context.database, batch.id, account_id) + 1
        if batch.per_account is not None and number > batch.per_account:
            message = "this account has used as many codes of this kind as it may"
            raise ServiceError("code_limit", message)
        try:
            changed = await context.database.write([rows.claim(row.hash, account_id, number, now)])
        except CONFLICT:  # the same account claims another code of the batch at this moment
            continue
        if changed == [1]:
            return row._replace(claimed_by=account_id, claimed_n=number, claimed_at=now)
        found = await rows.find_code(context.database, row.hash)
        assert found is not None, "codes are never deleted"
        return found[0]
    raise ServiceError("unavailable", "too many codes are redeemed at once: try again")


def _already_redeemed() -> ServiceError:
    return ServiceError("already_redeemed", "this code was redeemed before")
