"""Redemption codes: make a batch, redeem one.

A code is at least 100 bits, shown once, kept as a hash. Redeeming claims it by one
conditional update, then books the ledger's `redeem` entry under a key that is made of
the code: of any number of accounts at once one gets the money, once. A process that
ends between claim and entry leaves a claim whose entry is booked at the next start,
or when the same account tries again.
"""

from typing import Any

from yiyuan.access.secret_text import code_hash, new_code, read_code
from yiyuan.console.arguments import Arguments
from yiyuan.console.desk import Desk
from yiyuan.console.names import check_text
from yiyuan.console.refusal import CommandError
from yiyuan.kernel.clock import iso
from yiyuan.kernel.ids import new_id
from yiyuan.ledger.operations import Credit
from yiyuan.store import redeem_codes as rows
from yiyuan.store.failure import CONFLICT
from yiyuan.store.redeem_codes import BatchRow, CodeRow
from yiyuan.store.rows import EntryRow

Json = dict[str, Any]

CODES_MAX = 10_000
_CLAIM_TRIES = 5


async def create(desk: Desk, arguments: Arguments) -> Json:
    """A batch: `{"codes": […]}`, the only time that they are shown."""
    value_micros = arguments.integer("value")
    count = arguments.integer("count", most=CODES_MAX)
    expires_at = arguments.optional_time("expires")
    per_account = arguments.optional_integer("per_account", most=CODES_MAX)
    name = arguments.optional_text("name") or f"{count} × {value_micros}"
    arguments.finish()
    now = desk.clock.wall_ms()
    if expires_at is not None and expires_at <= now:
        raise CommandError("invalid_argument", "expires must be in the future")
    codes = [new_code() for _ in range(count)]
    batch = BatchRow(
        id=new_id("batch"),
        name=check_text("the name", name),
        value=value_micros,
        size=count,
        per_account=per_account,
        expires_at=expires_at,
        created_by=desk.actor,
        created_at=now,
        revoked_at=None,
    )
    await desk.database.write(rows.add_batch(batch, [code_hash(code) for code in codes]))
    return {
        "batch": batch.id,
        "value": value_micros,
        "expires": None if expires_at is None else iso(expires_at),
        "codes": codes,
    }


async def redeem(desk: Desk, account_id: str, text: str) -> EntryRow:
    """Credit an account with a code's value; the entry.

    Raises CommandError `code_not_valid`, `already_redeemed`, `code_expired`, `code_limit`.
    """
    code = read_code(text)
    found = None if code is None else await rows.find_code(desk.database, code_hash(code))
    if found is None:
        raise CommandError("code_not_valid", "this is no code: look for a letter that is wrong")
    row, batch = found
    if row.claimed_by is None:
        row = await _claim(desk, account_id, row, batch)
    if row.claimed_by != account_id or await rows.is_booked(desk.database, row.hash):
        raise _already_redeemed()
    return await book(desk, row, batch)


async def book(desk: Desk, row: CodeRow, batch: BatchRow) -> EntryRow:
    """The ledger's entry of a claimed code; the same one if it is there already."""
    assert row.claimed_by is not None
    assert row.claimed_at is not None
    return await desk.book.post(
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


async def book_unbooked(desk: Desk) -> int:
    """Book the claims that a crash left without their entry; how many there were."""
    left = await rows.unbooked_claims(desk.database)
    for row, batch in left:
        await book(desk, row, batch)
    return len(left)


async def _claim(desk: Desk, account_id: str, row: CodeRow, batch: BatchRow) -> CodeRow:
    now = desk.clock.wall_ms()
    if batch.revoked_at is not None or (batch.expires_at is not None and batch.expires_at <= now):
        raise CommandError("code_expired", "this code does not work any more")
    for _ in range(_CLAIM_TRIES):
        number = await rows.claims_of(desk.database, batch.id, account_id) + 1
        if batch.per_account is not None and number > batch.per_account:
            message = "this account has used as many codes of this kind as it may"
            raise CommandError("code_limit", message)
        try:
            changed = await desk.database.write([rows.claim(row.hash, account_id, number, now)])
        except CONFLICT:  # the same account claims another code of the batch at this moment
            continue
        if changed == [1]:
            return row._replace(claimed_by=account_id, claimed_n=number, claimed_at=now)
        found = await rows.find_code(desk.database, row.hash)
        assert found is not None, "codes are never deleted"
        return found[0]
    raise CommandError("unavailable", "too many codes are redeemed at once: try again")


def _already_redeemed() -> CommandError:
    return CommandError("already_redeemed", "this code was redeemed before")
