"""Redemption codes: batches, and codes by their hash. No code is stored in clear.

A code is claimed by a conditional update, so that of any number of callers one gets
it; the ledger's `redeem` entry follows, keyed by the code. `claimed_n` is unique per
batch and account: of two claims at once that would both be an account's last, one is
refused.
"""

from typing import NamedTuple

from yiyuan.store.database import Database, Row, Statement
from yiyuan.store.statements import columns, insert

ENTRY_KEY_PREFIX = "redeem:"
"""The ledger's `redeem` entry has this and the code's hash, in hex, as its key."""


class BatchRow(NamedTuple):
    """Codes that were made together; `value` in micros, `per_account` None is no limit."""

    id: str
    name: str
    value: int
    size: int
    per_account: int | None
    expires_at: int | None
    created_by: str
    created_at: int
    revoked_at: int | None


class CodeRow(NamedTuple):
    """One code and who claimed it."""

    hash: bytes
    batch_id: str
    claimed_by: str | None
    claimed_n: int | None
    claimed_at: int | None


class BatchView(NamedTuple):
    """A batch and how many of its codes are claimed."""

    row: BatchRow
    redeemed: int


class Redemption(NamedTuple):
    """One claimed code; `entry_id` is None until its entry is booked."""

    account_id: str
    account_name: str
    at: int
    entry_id: str | None


_BATCH = columns(BatchRow)
_BATCHES = f"""
SELECT {_BATCH}, (SELECT count(*) FROM redeem_codes
                  WHERE batch_id = code_batches.id AND claimed_by IS NOT NULL)
FROM code_batches """  # noqa: S608 - field names


def add_batch(row: BatchRow, hashes: list[bytes]) -> list[Statement]:
    """Keep a batch and its codes."""
    codes = [insert("redeem_codes", CodeRow(found, row.id, None, None, None)) for found in hashes]
    return [insert("code_batches", row), *codes]


async def batches(database: Database) -> list[BatchView]:
    """All batches, the latest first."""
    rows = await database.read(_BATCHES + "ORDER BY created_at DESC, id DESC")
    return [_view(row) for row in rows]


async def find_batch(database: Database, batch_id: str) -> BatchView | None:
    """One batch."""
    rows = await database.read(_BATCHES + "WHERE id = ?", (batch_id,))
    return _view(rows[0]) if rows else None


async def find_code(database: Database, code_hash: bytes) -> tuple[CodeRow, BatchRow] | None:
    """A code with its batch."""
    code = ", ".join(f"redeem_codes.{name}" for name in CodeRow._fields)
    batch = ", ".join(f"code_batches.{name}" for name in BatchRow._fields)
    sql = f"""SELECT {code}, {batch} FROM redeem_codes
              JOIN code_batches ON code_batches.id = redeem_codes.batch_id
              WHERE redeem_codes.hash = ?"""  # noqa: S608 - field names
    rows = await database.read(sql, (code_hash,))
    if not rows:
        return None
    values, width = tuple(rows[0]), len(CodeRow._fields)
    return CodeRow(*values[:width]), BatchRow(*values[width:])


async def claims_of(database: Database, batch_id: str, account_id: str) -> int:
    """The highest number of an account's claims of one batch; 0 when it has none."""
    sql = """SELECT coalesce(max(claimed_n), 0) FROM redeem_codes
             WHERE batch_id = ? AND claimed_by = ?"""
    return int((await database.read(sql, (batch_id, account_id)))[0][0])


def claim(code_hash: bytes, account_id: str, number: int, at: int) -> Statement:
    """Claim a code that nobody has; refused if the account has a claim of this number."""
    sql = """UPDATE redeem_codes SET claimed_by = ?, claimed_n = ?, claimed_at = ?
             WHERE hash = ? AND claimed_by IS NULL"""
    return (sql, (account_id, number, at, code_hash))


async def is_booked(database: Database, entry_key: str) -> bool:
    """Whether the entry of a claimed code is in the ledger."""
    return bool(await database.read("SELECT 1 FROM entries WHERE idem_key = ?", (entry_key,)))


def revoke_batch(batch_id: str, at: int) -> Statement:
    """Let the codes of a batch that nobody has claimed stop working."""
    sql = "UPDATE code_batches SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?"
    return (sql, (at, batch_id))


async def redemptions(database: Database, batch_id: str) -> list[Redemption]:
    """Who claimed codes of a batch, the latest first."""
    sql = """SELECT accounts.id, accounts.name, redeem_codes.claimed_at, redeem_codes.hash
             FROM redeem_codes JOIN accounts ON accounts.id = redeem_codes.claimed_by
             WHERE redeem_codes.batch_id = ? ORDER BY claimed_at DESC, redeem_codes.hash"""
    found = []
    for account_id, name, at, code_hash in await database.read(sql, (batch_id,)):
        key = ENTRY_KEY_PREFIX + bytes(code_hash).hex()
        entry = await database.read("SELECT id FROM entries WHERE idem_key = ?", (key,))
        found.append(Redemption(account_id, name, at, entry[0][0] if entry else None))
    return found


async def unbooked_claims(database: Database) -> list[tuple[CodeRow, BatchRow]]:
    """Claims without their entry: the process ended in between, and they are to be booked."""
    code = ", ".join(f"redeem_codes.{name}" for name in CodeRow._fields)
    batch = ", ".join(f"code_batches.{name}" for name in BatchRow._fields)
    sql = f"""SELECT {code}, {batch} FROM redeem_codes
              JOIN code_batches ON code_batches.id = redeem_codes.batch_id
              WHERE redeem_codes.claimed_by IS NOT NULL"""  # noqa: S608 - field names
    width, found = len(CodeRow._fields), []
    for row in await database.read(sql):
        values = tuple(row)
        key = ENTRY_KEY_PREFIX + bytes(values[0]).hex()
        if not await is_booked(database, key):
            found.append((CodeRow(*values[:width]), BatchRow(*values[width:])))
    return found


def _view(row: Row) -> BatchView:
    values = tuple(row)
    return BatchView(BatchRow(*values[:-1]), values[-1])
