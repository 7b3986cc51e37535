"""What operators did: rows are added and read, never changed; triggers see to that."""

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
    """Actions older than number `before`, the latest first; no `actions` is all of them."""
    chosen = f"AND action IN ({', '.join('?' * len(actions))})" if actions else ""
    sql = f"""SELECT {columns(AuditLogRow)} FROM audit_log
              WHERE seq < ? AND (? = '' OR actor = ? OR actor_name = ?) {chosen}
              ORDER BY seq DESC LIMIT ?"""  # noqa: S608 - field names
    actor = actor or ""
    newest = before if before is not None else 2**62
    values = (newest, actor, actor, actor, *actions, limit)
    return [AuditLogRow(*row) for row in await database.read(sql, values)]


TABLES: Final = (Table("audit_log", AuditLogRow, "seq"),)
