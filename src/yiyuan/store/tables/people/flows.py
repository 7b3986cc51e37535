"""Sign-ins on their way: to another service and back, waiting for a step, or for a passkey.

A flow is found by the hash of its state (or challenge) and belongs to the browser that
holds its cookie. Each step is a conditional update, so a state works once.
"""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, insert


class FlowRow(NamedTuple):
    """One flow; times are wall-clock milliseconds.

    `away`: the browser is at a service. `pending`: it came back, `profile` says as whom,
    and a step is missing. `passkey`: it was given a challenge.
    """

    hash: bytes
    browser_hash: bytes
    kind: str
    intent: str
    """`sign_in`, `link`, `register`, `step_up`."""
    provider_id: str | None
    user_id: str | None
    """Who is signed in, where the flow belongs to a session."""
    session_id: str | None
    secrets_sealed: bytes
    """JSON of nonce and verifier, or the challenge; encrypted for the hash."""
    return_to: str
    profile: str
    """JSON; what the service said of the person."""
    created_at: int
    expires_at: int
    used_at: int | None


_SELECT = f"SELECT {columns(FlowRow)} FROM flows "  # noqa: S608 - field names


def add_flow(row: FlowRow) -> Statement:
    """Keep a new one."""
    return insert("flows", row)


def forget_flows(before: int) -> Statement:
    """Forget those that have expired."""
    return ("DELETE FROM flows WHERE expires_at < ?", (before,))


async def find_flow(database: Database, state_hash: bytes) -> FlowRow | None:
    """The flow of a state, used and expired ones included."""
    rows = await database.read(_SELECT + "WHERE hash = ?", (state_hash,))
    return FlowRow(*rows[0]) if rows else None


async def find_pending(database: Database, browser_hash: bytes, now: int) -> FlowRow | None:
    """The latest flow of a browser that waits for a step."""
    sql = _SELECT + (
        "WHERE browser_hash = ? AND kind = 'pending' AND used_at IS NULL AND expires_at > ? "
        "ORDER BY created_at DESC LIMIT 1"
    )
    rows = await database.read(sql, (browser_hash, now))
    return FlowRow(*rows[0]) if rows else None


def put_profile(state_hash: bytes, profile: str) -> Statement:
    """Know more of who waits."""
    return ("UPDATE flows SET profile = ? WHERE hash = ?", (profile, state_hash))


def use_flow(state_hash: bytes, kind: str, now: int) -> Statement:
    """Use it up; changes no row when it was used or has expired."""
    sql = """UPDATE flows SET used_at = ?
             WHERE hash = ? AND kind = ? AND used_at IS NULL AND expires_at > ?"""
    return (sql, (now, state_hash, kind, now))


def end_pending(browser_hash: bytes) -> Statement:
    """Give up what waits in a browser."""
    return ("DELETE FROM flows WHERE browser_hash = ? AND kind = 'pending'", (browser_hash,))


TABLES: Final = (Table("flows", FlowRow, "hash", is_backed_up=False),)
