"""What was done, and by whom: rows are added and read, never changed; triggers see to that."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns


class AuditLogRow(NamedTuple):
    """One action; `details` is a JSON object without secrets, `at` wall-clock ms."""

    seq: int
    at: int
    actor: str
    actor_name: str
    address: str
    action: str
    subject: str
    reason: str
    details: str
    request_id: str


_NEW = columns(AuditLogRow).removeprefix("seq, ")


def add_audit_row(row: AuditLogRow) -> Statement:
    """Add an action; its number is the database's."""
    places = ", ".join("?" * (len(row) - 1))
    return (f"INSERT INTO audit_log ({_NEW}) VALUES ({places})", row[1:])  # noqa: S608


async def audit_page(
    database: Database,
    *,
    before: int | None,
    actor: str | None,
    actions: Sequence[str],
    limit: int,
) -> list[AuditLogRow]:
    """Actions older than number `before`, the latest first; no `actions` is all of them.

    Who has no name in a row has that of the person who is here by that id.
    """
    chosen = f"AND action IN ({', '.join('?' * len(actions))})" if actions else ""
    sql = f"""SELECT {columns(AuditLogRow)} FROM audit_log
              WHERE seq < ? AND (? = '' OR actor = ? OR actor_name = ?
              OR actor IN (SELECT id FROM users WHERE email = ?)) {chosen}
              ORDER BY seq DESC LIMIT ?"""  # noqa: S608 - field names
    actor = actor or ""
    newest = before if before is not None else 2**62
    values = (newest, actor, actor, actor, actor, *actions, limit)
    rows = [AuditLogRow(*row) for row in await database.read(sql, values)]
    emails = await _emails(database, {row.actor for row in rows if not row.actor_name})
    return [
        row if row.actor_name else row._replace(actor_name=emails.get(row.actor, ""))
        for row in rows
    ]


async def _emails(database: Database, ids: set[str]) -> dict[str, str]:
    if not ids:
        return {}
    places = ", ".join("?" * len(ids))
    sql = f"SELECT id, email FROM users WHERE id IN ({places})"  # noqa: S608 - only places
    return {str(row[0]): str(row[1]) for row in await database.read(sql, sorted(ids))}


TABLES: Final = (Table("audit_log", AuditLogRow, "seq"),)
