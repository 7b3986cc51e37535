"""What a move looks up at once for everybody, instead of one by one."""

from collections.abc import Sequence
from typing import NamedTuple

from yiyuan.store.database import Database
from yiyuan.store.tables.imports import ENTRY_KEY_PREFIX, GRANT_KEY_PREFIX


class SignInName(NamedTuple):
    """A person's ways to sign in by a name."""

    id: str
    email: str
    login_name: str | None


_OF_IMPORT = "IN (SELECT our_id FROM imported WHERE import_id = ? AND kind = ?)"


async def sign_in_names(database: Database) -> list[SignInName]:
    """Those of all people."""
    rows = await database.read("SELECT id, email, login_name FROM users")
    return [SignInName(*row) for row in rows]


async def budget_limits(database: Database, import_id: str) -> dict[str, int | None]:
    """Limits of the budgets of an import's keys, by budget."""
    sql = f"SELECT id, limit_micros FROM budgets WHERE api_token_id {_OF_IMPORT}"  # noqa: S608
    rows = await database.read(sql, (import_id, "token"))
    return {row[0]: row[1] for row in rows}


async def accounts_with_own_entries(database: Database, import_id: str) -> set[str]:
    """Accounts of an import in which something else happened as well."""
    sql = f"""SELECT DISTINCT account_id FROM entries WHERE account_id {_OF_IMPORT}
              AND (idem_key IS NULL OR NOT (
                  (idem_key >= ? AND idem_key < ?) OR (idem_key >= ? AND idem_key < ?)))"""  # noqa: S608 - ours
    ranges = []
    for prefix in (ENTRY_KEY_PREFIX, GRANT_KEY_PREFIX):
        ranges += [f"{prefix}{import_id}:", f"{prefix}{import_id};"]
    return {row[0] for row in await database.read(sql, (import_id, "user", *ranges))}


async def token_accounts(database: Database, token_ids: Sequence[str]) -> dict[str, str]:
    """Whose keys these are; at most some hundred at once."""
    places = ", ".join("?" * len(token_ids))
    sql = f"SELECT id, account_id FROM api_tokens WHERE id IN ({places})"  # noqa: S608 - marks only
    return {row[0]: row[1] for row in await database.read(sql, tuple(token_ids))}


async def unclaimed_codes(database: Database, batch_ids: Sequence[str]) -> list[str]:
    """Hashes of codes of these batches that nobody has claimed."""
    found: list[str] = []
    sql = "SELECT hash FROM redeem_codes WHERE batch_id = ? AND claimed_by IS NULL"
    for batch_id in batch_ids:
        found += [row[0] for row in await database.read(sql, (batch_id,))]
    return found


class OldKey(NamedTuple):
    """A key that was found in another form, or by the hash of another gateway."""

    api_token_id: str
    key_hash: bytes | None
    """Ours; None where only the other gateway's is known."""


async def find_old_key(
    database: Database, key_hashes: Sequence[bytes], sha256: str
) -> OldKey | None:
    """The first token that one of these hashes belongs to, in one look-up."""
    places = ", ".join("?" * len(key_hashes))
    legacy = "SELECT api_token_id, 1 AS is_legacy FROM legacy_keys WHERE sha256 = ?"
    if not key_hashes:
        rows = await database.read(legacy, (sha256,))
        return OldKey(rows[0][0], None) if rows else None
    sql = f"""SELECT api_tokens.id, 0 AS is_legacy FROM api_tokens WHERE hash IN ({places})
              UNION ALL {legacy}"""  # noqa: S608 - marks and our own text
    rows = await database.read(sql, (*key_hashes, sha256))
    if not rows:
        return None
    if rows[0][1]:
        return OldKey(rows[0][0], None)
    found = await database.read("SELECT hash FROM api_tokens WHERE id = ?", (rows[0][0],))
    return OldKey(rows[0][0], bytes(found[0][0]))


async def tokens_of(database: Database, account_id: str) -> list[str]:
    """Ids of all keys of an account, ended ones included."""
    sql = "SELECT id FROM api_tokens WHERE account_id = ? ORDER BY id"
    return [row[0] for row in await database.read(sql, (account_id,))]
