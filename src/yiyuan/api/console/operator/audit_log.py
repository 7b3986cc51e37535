"""What operators did, the latest first; also as CSV."""

from typing import Final, NamedTuple

from yiyuan.api.console.csv import csv_pieces
from yiyuan.api.console.cursor import read_cursor, write_cursor
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import OPERATOR_READS, Download, Route
from yiyuan.api.console.schemas import Page, PageSize
from yiyuan.services.site.audit_log import COLUMNS, Action, ActionFilter, actions_page, all_actions

GROUP: Final = "audit"
"""What its routes are called in the audit log and in the OpenAPI document."""


class AuditQuery(ActionFilter):
    """Of one person or key (name or id), or of one kind of action."""

    after: str | None = None
    limit: PageSize = 50


class _Cursor(NamedTuple):
    seq: int


async def list_actions(visit: ConsoleRequest, asked: AuditQuery) -> Page[Action]:
    """Actions, the latest first."""
    place = read_cursor(asked.after, _Cursor)
    before = None if place is None else place.seq
    items = await actions_page(visit.context, asked, before=before, limit=asked.limit)
    following = write_cursor(items[-1].seq) if len(items) == asked.limit else None
    return Page(items=items, next=following)


async def download(visit: ConsoleRequest, asked: ActionFilter) -> Download:
    """All of them as CSV."""
    return Download("audit.csv", csv_pieces(COLUMNS, all_actions(visit.context, asked)))


ROUTES = (
    Route("GET", "/api/operator/audit", OPERATOR_READS, list_actions, Page[Action], AuditQuery),
    Route("GET", "/api/operator/audit.csv", OPERATOR_READS, download, Download, ActionFilter),
)
