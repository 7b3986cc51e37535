"""What operators did: rows are added and read, never changed; triggers see to that."""

from typing import NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.statements import columns


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
    database: Database, *, before: int | None, actor: str | None, action: str | None, limit: int
) -> list[AuditLogRow]:
    """Actions older than number `before`, the latest first."""
    sql = f"""SELECT {columns(AuditLogRow)} FROM audit_log
              WHERE seq < ? AND (? = '' OR actor = ? OR actor_name = ?) AND (? = '' OR action = ?)
              ORDER BY seq DESC LIMIT ?"""  # noqa: S608 - field names
    actor, action = actor or "", action or ""
    newest = before if before is not None else 2**62
    values = (newest, actor, actor, actor, action, action, limit)
    return [AuditLogRow(*row) for row in await database.read(sql, values)]
