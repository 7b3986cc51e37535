"""Statements that only a move from another gateway needs, beside each table's own.

Taking over the same thing again is no fault: what somebody has changed here since stays.
"""

import json
from collections.abc import Sequence

from yiyuan.store.database import Statement
from yiyuan.store.sql import insert, upsert
from yiyuan.store.tables.api_tokens import ApiTokenRow
from yiyuan.store.tables.people.users import UserRow
from yiyuan.store.tables.redeem_codes import BatchRow, CodeRow
from yiyuan.store.tables.site_settings import ProfileRow

_CODES_AT_ONCE = 300


def take_over_user(row: UserRow) -> Statement:
    """Add a person; of one who is here already, change what they have not changed here.

    That is a password that is still the old one (whoever has signed in has had theirs
    re-hashed, and may have chosen another), a role where they have none, and that an
    address which is still theirs was proven.
    """
    sql, values = insert("users", row)
    sql += """ ON CONFLICT (id) DO UPDATE SET
               password_hash = CASE
                   WHEN substr(users.password_hash, 1, 2) = '$2' OR users.password_hash = ''
                   THEN excluded.password_hash ELSE users.password_hash END,
               operator_role = coalesce(users.operator_role, excluded.operator_role),
               email_verified_at = CASE WHEN users.email = excluded.email
                   THEN coalesce(users.email_verified_at, excluded.email_verified_at)
                   ELSE users.email_verified_at END"""
    return (sql, values)


def remove_user(user_id: str, account_id: str) -> list[Statement]:
    """Take out a person who never came; one who did only leaves the account."""
    return [
        ("DELETE FROM members WHERE user_id = ? AND account_id = ?", (user_id, account_id)),
        (
            """DELETE FROM identities WHERE user_id = ? AND last_used_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM members WHERE members.user_id = ?)""",
            (user_id, user_id),
        ),
        (
            """DELETE FROM users WHERE id = ? AND last_seen_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM members WHERE members.user_id = users.id)
               AND NOT EXISTS (SELECT 1 FROM identities WHERE identities.user_id = users.id)
               AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.user_id = users.id)""",
            (user_id,),
        ),
    ]


def groups_of_account(account_id: str, group: str) -> Statement:
    """New keys of an account get the group that its owner had, and no other."""
    row = ProfileRow(account_id, default_group=group, allowed_groups=json.dumps([group]))
    sql, values = insert("account_profiles", row)
    sql += """ ON CONFLICT (account_id) DO UPDATE SET default_group = excluded.default_group,
               allowed_groups = excluded.allowed_groups"""
    return (sql, values)


def take_over_token(row: ApiTokenRow) -> Statement:
    """Add a key, or put it back as it was: nobody has it here yet, or it was given up."""
    return upsert("api_tokens", row, ("id",))


def change_token(row: ApiTokenRow) -> Statement:
    """Change what a key may do as the source has changed; its hash stays, as does its end."""
    changed = ("name", "models", "networks", "rpm", "expires_at", "disabled_at", "group_name")
    sets = ", ".join(f"{name} = ?" for name in changed)
    values = tuple(getattr(row, name) for name in changed)
    sql = f"UPDATE api_tokens SET {sets} WHERE id = ? AND revoked_at IS NULL"  # noqa: S608 - field names
    return (sql, (*values, row.id))


def switch_off_token(api_token_id: str, at: int) -> Statement:
    """Let a key do nothing until somebody switches it on again."""
    sql = "UPDATE api_tokens SET disabled_at = coalesce(disabled_at, ?) WHERE id = ?"
    return (sql, (at, api_token_id))


def give_up_token(api_token_id: str, stand_in: bytes, at: int) -> list[Statement]:
    """End a key for good and let its hash go, so that another token may have it."""
    drop = "DELETE FROM legacy_keys WHERE api_token_id = ?"
    end = "UPDATE api_tokens SET revoked_at = coalesce(revoked_at, ?), hash = ? WHERE id = ?"
    return [(drop, (api_token_id,)), (end, (at, stand_in, api_token_id))]


def keep_batch(row: BatchRow) -> Statement:
    """Add a batch of codes; of one that is here only its size can grow."""
    sql, values = insert("code_batches", row)
    return (f"{sql} ON CONFLICT (id) DO UPDATE SET size = excluded.size", values)


def keep_codes(batch_id: str, hashes: Sequence[str]) -> list[Statement]:
    """Add codes that are not here yet."""
    found = []
    for code_hash in hashes:
        sql, values = insert("redeem_codes", CodeRow(code_hash, batch_id, None, None, None))
        found.append((f"{sql} ON CONFLICT (hash) DO NOTHING", values))
    return found


def move_codes(hashes: Sequence[str], batch_id: str) -> list[Statement]:
    """Put codes that nobody has claimed into another batch."""
    sql = "UPDATE redeem_codes SET batch_id = ? WHERE hash = ? AND claimed_by IS NULL"
    return [(sql, (batch_id, code_hash)) for code_hash in hashes]


def open_batch(batch_id: str) -> Statement:
    """Let the codes of a batch work."""
    return ("UPDATE code_batches SET revoked_at = NULL WHERE id = ?", (batch_id,))


def remove_unclaimed(batch_ids: Sequence[str]) -> list[Statement]:
    """Delete codes of these batches that nobody has claimed."""
    sql = "DELETE FROM redeem_codes WHERE batch_id = ? AND claimed_by IS NULL"
    return [(sql, (batch_id,)) for batch_id in batch_ids]


def switch_off_channel(name: str) -> Statement:
    """Take a channel out of service by its name."""
    return ("UPDATE channels SET enabled = 0 WHERE name = ?", (name,))
