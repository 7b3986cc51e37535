"""Letting a person go: every row that is theirs, and their name where it stands elsewhere.

What the ledger has written stays; it names the person by an id that leads nowhere then.
The audit log keeps what operators did, as long as it is kept.
"""

import json
from collections.abc import Sequence

from yiyuan.store.database import Database, Statement
from yiyuan.store.tables.people.sessions import end_links_made_by

_OWN = (
    "sessions",
    "recovery_codes",
    "known_places",
    "identities",
    "passkeys",
    "mail_codes",
)
"""Tables whose rows of a person end with them, by `user_id`."""


def forget_person(user_id: str, email: str, closed: Sequence[str], now_ms: int) -> list[Statement]:
    """Delete a person; their tokens and the links that they made end.

    `closed` are the accounts that nobody else is in. Refused by the database while anything
    is theirs: the last owner of any other account stays a member, and so a person.
    """
    own = [
        (f"DELETE FROM {table} WHERE user_id = ?", (user_id,))  # noqa: S608 - a constant
        for table in _OWN
    ]
    return [
        *own,
        *(_leave(account_id, user_id) for account_id in closed),
        _leave_shared(user_id),
        end_links_made_by(user_id),
        *_tell_no_more(user_id, email, closed),
        ("DELETE FROM one_time_links WHERE user_id = ? OR email = ?", (user_id, email)),
        ("DELETE FROM mail_codes WHERE email = ?", (email,)),
        (
            "UPDATE api_tokens SET revoked_at = coalesce(revoked_at, ?) WHERE user_id = ?",
            (now_ms, user_id),
        ),
        ("DELETE FROM users WHERE id = ? AND operator_role IS NULL", (user_id,)),
    ]


def _tell_no_more(user_id: str, email: str, closed: Sequence[str]) -> list[Statement]:
    """Nothing is sent to them any more, and their address is in no notice.

    What they set up in an account that others use and that is no mailbox stays: it is a
    group's or a program's.
    """
    whose = "created_by = ? AND kind = 'email'"
    doomed: list[tuple[str, tuple[str, ...]]] = [(whose, (user_id,))]
    doomed += [("account_id = ?", (account_id,)) for account_id in closed]
    statements: list[Statement] = []
    for where, values in doomed:
        sinks = f"SELECT id FROM notice_sinks WHERE {where}"  # noqa: S608 - constants
        statements += [
            (f"DELETE FROM deliveries WHERE sink_id IN ({sinks})", values),  # noqa: S608
            (f"DELETE FROM notice_sinks WHERE {where}", values),  # noqa: S608
        ]
    written = json.dumps(email)[1:-1]
    sql = "UPDATE notices SET data = replace(data, ?, '') WHERE data LIKE '%' || ? || '%'"
    return [*statements, (sql, (written, written))]


def _leave(account_id: str, user_id: str) -> Statement:
    """Nobody else has come in meanwhile, or they stay."""
    sql = """DELETE FROM members WHERE account_id = ? AND user_id = ? AND NOT EXISTS
             (SELECT 1 FROM members AS other
             WHERE other.account_id = members.account_id AND other.user_id <> ?)"""
    return (sql, (account_id, user_id, user_id))


def _leave_shared(user_id: str) -> Statement:
    sql = """DELETE FROM members WHERE user_id = ? AND EXISTS (SELECT 1 FROM members AS other
             WHERE other.account_id = members.account_id
             AND other.user_id <> ? AND (other.role = 'owner' OR members.role <> 'owner'))"""
    return (sql, (user_id, user_id))


def rename_account(account_id: str, name: str) -> Statement:
    """Take a person's name off an account."""
    return ("UPDATE accounts SET name = ? WHERE id = ?", (name, account_id))


async def rows_of_person(database: Database, user_id: str) -> dict[str, list[dict[str, object]]]:
    """What is kept of a person, by table; no secret, not even as a hash."""
    queries = {
        "person": """SELECT id, email, language, zone, low_balance, totp_on, created_at,
                     last_seen_at, email_verified_at, consent_version, consent_at
                     FROM users WHERE id = ?""",
        "accounts": """SELECT m.account_id, a.name, m.role, m.since FROM members m
                       JOIN accounts a ON a.id = m.account_id WHERE m.user_id = ?""",
        "sessions": """SELECT id, created_at, last_seen_at, expires_at, address, agent, method
                       FROM sessions WHERE user_id = ?""",
        "places": "SELECT block, last_at FROM known_places WHERE user_id = ?",
        "identities": """SELECT provider_id, subject, email, name, linked_at, last_used_at
                         FROM identities WHERE user_id = ?""",
        "passkeys": "SELECT id, name, created_at, last_used_at FROM passkeys WHERE user_id = ?",
        "tokens": """SELECT id, account_id, name, hint, created_at, expires_at, revoked_at
                     FROM api_tokens WHERE user_id = ?""",
        "audit_log": "SELECT at, address, action, subject, reason FROM audit_log WHERE actor = ?",
    }
    found = {}
    for name, sql in queries.items():
        rows = await database.read(sql, (user_id,))
        head = sql.split("SELECT", 1)[1].split("FROM", 1)[0]
        names = [part.strip().rpartition(".")[2] for part in head.split(",")]
        found[name] = [dict(zip(names, row, strict=True)) for row in rows]
    return found
