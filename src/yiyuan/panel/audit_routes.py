"""What operators did, the latest first; also as CSV."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import msgspec

from yiyuan.kernel.clock import iso
from yiyuan.panel.csv_lines import csv_pieces
from yiyuan.panel.cursor import read_cursor, write_cursor
from yiyuan.panel.route import OPERATOR_READS, Download, Route
from yiyuan.panel.shapes import Asked, Page, PageSize, Shown
from yiyuan.panel.visit import Visit
from yiyuan.store.audit_log import AuditLogRow, audit_page

_CSV_ROWS_AT_ONCE = 1_000


class AuditQuery(Asked):
    """Of one person or key (name or id), or of one kind of action."""

    actor: str | None = None
    action: str | None = None
    after: str | None = None
    limit: PageSize = 50


class Action(Shown):
    """One action; `details` has what was asked, without secrets, and what was before."""

    seq: int
    at: str
    actor: str
    actor_name: str
    address: str
    action: str
    subject: str
    reason: str
    details: dict[str, Any]
    request_id: str


class _Cursor(NamedTuple):
    seq: int


async def list_actions(visit: Visit, asked: AuditQuery) -> Page[Action]:
    """Actions, the latest first."""
    place = read_cursor(asked.after, _Cursor)
    rows = await audit_page(
        visit.desk.database,
        before=None if place is None else place.seq,
        actor=asked.actor,
        action=asked.action,
        limit=asked.limit,
    )
    following = write_cursor(rows[-1].seq) if len(rows) == asked.limit else None
    return Page(items=[_shown(row) for row in rows], next=following)


async def download(visit: Visit, asked: AuditQuery) -> Download:
    """All of them as CSV."""

    async def pages() -> AsyncIterator[list[tuple[object, ...]]]:
        before: int | None = None
        while True:
            rows = await audit_page(
                visit.desk.database,
                before=before,
                actor=asked.actor,
                action=asked.action,
                limit=_CSV_ROWS_AT_ONCE,
            )
            if not rows:
                return
            yield [(row.seq, iso(row.at), *row[2:]) for row in rows]
            before = rows[-1].seq

    return Download("audit.csv", csv_pieces(AuditLogRow._fields, pages()))


def _shown(row: AuditLogRow) -> Action:
    return Action(
        seq=row.seq,
        at=iso(row.at),
        actor=row.actor,
        actor_name=row.actor_name,
        address=row.address,
        action=row.action,
        subject=row.subject,
        reason=row.reason,
        details=msgspec.json.decode(row.details),
        request_id=row.request_id,
    )


ROUTES = (
    Route("GET", "/api/operator/audit", OPERATOR_READS, list_actions, Page[Action], AuditQuery),
    Route("GET", "/api/operator/audit.csv", OPERATOR_READS, download, Download, AuditQuery),
)
