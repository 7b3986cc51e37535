"""What an audit reads of redemption codes and their entries, in order and in pages."""

from typing import NamedTuple

from yiyuan.store.database import Connection
from yiyuan.store.redeem_codes import ENTRY_KEY_PREFIX

_AFTER_ALL_KEYS = "redeem;"
"""Sorts behind every key that begins with `redeem:`."""


class ClaimedCode(NamedTuple):
    """A code that somebody claimed; `value` in micros, `claimed_at` in ms."""

    hash: bytes
    batch_id: str
    account_id: str
    claimed_at: int
    value: int


def claimed_codes(connection: Connection, after: bytes, most: int) -> list[ClaimedCode]:
    """Claimed codes by their hash."""
    sql = """SELECT redeem_codes.hash, batch_id, claimed_by, claimed_at, value
             FROM redeem_codes JOIN code_batches ON code_batches.id = redeem_codes.batch_id
             WHERE redeem_codes.hash > ? AND claimed_by IS NOT NULL
             ORDER BY redeem_codes.hash LIMIT ?"""
    rows = connection.execute(sql, (after, most)).fetchall()
    return [ClaimedCode(bytes(row[0]), *tuple(row)[1:]) for row in rows]


def entry_of(connection: Connection, code_hash: bytes) -> tuple[str, int] | None:
    """Account and amount of the entry that a code was booked by."""
    sql = "SELECT account_id, amount FROM entries WHERE idem_key = ?"
    row = connection.execute(sql, (ENTRY_KEY_PREFIX + code_hash.hex(),)).fetchone()
    return None if row is None else (row[0], row[1])


def redemptions(connection: Connection, after: str, most: int) -> list[tuple[str, str, str]]:
    """Key, id and account of entries that redeem codes, by key."""
    sql = """SELECT idem_key, id, account_id FROM entries
             WHERE idem_key > ? AND idem_key >= ? AND idem_key < ? ORDER BY idem_key LIMIT ?"""
    values = (after, ENTRY_KEY_PREFIX, _AFTER_ALL_KEYS, most)
    rows = connection.execute(sql, values).fetchall()
    return [(row[0], row[1], row[2]) for row in rows]


def is_claimed(connection: Connection, entry_key: str, account_id: str) -> bool:
    """Whether the code of an entry's key is there, and that account claimed it."""
    try:
        code_hash = bytes.fromhex(entry_key.removeprefix(ENTRY_KEY_PREFIX))
    except ValueError:
        return False
    sql = "SELECT 1 FROM redeem_codes WHERE hash = ? AND claimed_by = ?"
    return connection.execute(sql, (code_hash, account_id)).fetchone() is not None
