"""Codes with which strangers may sign up, where an invitation is needed."""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, insert


class SignUpCodeRow(NamedTuple):
    """One code; `gift` in micros replaces the setting's, None leaves that."""

    hash: bytes
    name: str
    uses_max: int
    used: int
    gift: int | None
    expires_at: int | None
    created_by: str
    created_at: int
    ended_at: int | None


def add_sign_up_code(row: SignUpCodeRow) -> Statement:
    """Keep a new code."""
    return insert("sign_up_codes", row)


async def sign_up_codes(database: Database) -> list[SignUpCodeRow]:
    """All codes, the latest first."""
    sql = f"""SELECT {columns(SignUpCodeRow)} FROM sign_up_codes
              ORDER BY created_at DESC, hash"""  # noqa: S608 - field names
    return [SignUpCodeRow(*row) for row in await database.read(sql)]


async def find_sign_up_code(database: Database, code_hash: bytes) -> SignUpCodeRow | None:
    """A code by its hash."""
    sql = f"SELECT {columns(SignUpCodeRow)} FROM sign_up_codes WHERE hash = ?"  # noqa: S608
    rows = await database.read(sql, (code_hash,))
    return SignUpCodeRow(*rows[0]) if rows else None


def use_sign_up_code(code_hash: bytes, now_ms: int) -> Statement:
    """Use it once more; no row changes when it may not be."""
    sql = """UPDATE sign_up_codes SET used = used + 1 WHERE hash = ? AND used < uses_max
             AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > ?)"""
    return (sql, (code_hash, now_ms))


def give_back_sign_up_code(code_hash: bytes) -> Statement:
    """A use that led to nothing."""
    return ("UPDATE sign_up_codes SET used = used - 1 WHERE hash = ? AND used > 0", (code_hash,))


def end_sign_up_code(code_hash: bytes, now_ms: int) -> Statement:
    """Let nobody use it any more."""
    sql = "UPDATE sign_up_codes SET ended_at = ? WHERE hash = ? AND ended_at IS NULL"
    return (sql, (now_ms, code_hash))


TABLES: Final = (Table("sign_up_codes", SignUpCodeRow, "hash"),)
