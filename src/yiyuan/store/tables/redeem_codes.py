"""Redemption codes: batches, and codes by their hash. No code is stored in clear.

A code is claimed by a conditional update, so that of any number of callers one gets
it; the ledger's `redeem` entry follows, keyed by the code. `claimed_n` is unique per
batch and account: of two claims at once that would both be an account's last, one is
refused.
"""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Row, Statement
from yiyuan.store.sql import Table, columns, insert

ENTRY_KEY_PREFIX = "redeem:"
"""The ledger's `redeem` entry has this and the code's hash as its key."""


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

    hash: str
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

_CODE = ", ".join(f"redeem_codes.{name}" for name in CodeRow._fields)
_CODES = f"""
SELECT {_CODE}, {", ".join(f"code_batches.{name}" for name in BatchRow._fields)}
FROM redeem_codes JOIN code_batches ON code_batches.id = redeem_codes.batch_id
WHERE """  # noqa: S608 - field names
_IS_BOOKED = """
EXISTS (SELECT 1 FROM entries WHERE entries.idem_key = 'redeem:' || redeem_codes.hash)
"""


def add_batch(row: BatchRow, hashes: list[str]) -> list[Statement]:
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


async def find_code(database: Database, code_hash: str) -> tuple[CodeRow, BatchRow] | None:
    """A code with its batch."""
    rows = await database.read(_CODES + "redeem_codes.hash = ?", (code_hash,))
    return _code(rows[0]) if rows else None


async def is_booked(database: Database, code_hash: str) -> bool:
    """Whether the entry of a claimed code is in the ledger."""
    sql = f"SELECT 1 FROM redeem_codes WHERE hash = ? AND {_IS_BOOKED}"  # noqa: S608 - ours
    return bool(await database.read(sql, (code_hash,)))


async def claims_of(database: Database, batch_id: str, account_id: str) -> int:
    """The highest number of an account's claims of one batch; 0 when it has none."""
    sql = """SELECT coalesce(max(claimed_n), 0) FROM redeem_codes
             WHERE batch_id = ? AND claimed_by = ?"""
    return int((await database.read(sql, (batch_id, account_id)))[0][0])


def claim(code_hash: str, account_id: str, number: int, at: int) -> Statement:
    """Claim a code that nobody has; refused if the account has a claim of this number."""
    sql = """UPDATE redeem_codes SET claimed_by = ?, claimed_n = ?, claimed_at = ?
             WHERE hash = ? AND claimed_by IS NULL"""
    return (sql, (account_id, number, at, code_hash))


def revoke_batch(batch_id: str, at: int) -> Statement:
    """Let the codes of a batch that nobody has claimed stop working."""
    sql = "UPDATE code_batches SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?"
    return (sql, (at, batch_id))


async def redemptions(database: Database, batch_id: str) -> list[Redemption]:
    """Who claimed codes of a batch, the latest first."""
    sql = """SELECT accounts.id, accounts.name, redeem_codes.claimed_at, entries.id
             FROM redeem_codes JOIN accounts ON accounts.id = redeem_codes.claimed_by
             LEFT JOIN entries ON entries.idem_key = 'redeem:' || redeem_codes.hash
             WHERE redeem_codes.batch_id = ? ORDER BY claimed_at DESC, redeem_codes.hash"""
    return [Redemption(*row) for row in await database.read(sql, (batch_id,))]


async def unbooked_claims(database: Database) -> list[tuple[CodeRow, BatchRow]]:
    """Claims without their entry: the process ended in between, and they are to be booked."""
    where = f"claimed_by IS NOT NULL AND NOT {_IS_BOOKED}"
    return [_code(row) for row in await database.read(_CODES + where)]


def _code(row: Row) -> tuple[CodeRow, BatchRow]:
    values, width = tuple(row), len(CodeRow._fields)
    return CodeRow(*values[:width]), BatchRow(*values[width:])


def _view(row: Row) -> BatchView:
    values = tuple(row)
    return BatchView(BatchRow(*values[:-1]), values[-1])


TABLES: Final = (
    Table("code_batches", BatchRow, "id"),
    Table("redeem_codes", CodeRow, "hash", after=("code_batches",)),
)
