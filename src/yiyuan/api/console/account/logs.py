"""Single requests: pages of them, live, as CSV, and everything about one."""

from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec

from yiyuan.api.console.csv import csv_pieces, file_name, head_in_yuan, row_in_yuan
from yiyuan.api.console.cursor import read_cursor, write_cursor
from yiyuan.api.console.request import ConsoleRequest, not_found
from yiyuan.api.console.route import MEMBER_READS, Download, Route
from yiyuan.api.console.schemas import PageSize, ResponseBody
from yiyuan.services.requests.detail import LogDetail, request_detail
from yiyuan.services.requests.logs import Log, LogQuery, Place, list_logs

GROUP: Final = "logs"
"""What its routes are called in the audit log and in the OpenAPI document."""

CSV_ROWS_MAX = 100_000
_CSV_PAGE_ROWS = 2_000
_COLUMNS: Final = Log.__struct_fields__
_AMOUNTS: Final = ("charge",)


class LogsQuery(LogQuery):
    """Filters; `after` goes on with older requests, `newer_than` asks for what came since."""

    after: str | None = None
    newer_than: str | None = None
    limit: PageSize = 50


class LogPage(ResponseBody):
    """The latest first; `newest` is what to ask on `newer_than` for a live tail."""

    items: list[Log]
    next: str | None
    newest: str | None


async def show_page(visit: ConsoleRequest, asked: LogsQuery) -> LogPage:
    """Requests, the latest first."""
    newer = read_cursor(asked.newer_than, Place)
    items, places = await list_logs(
        visit.context,
        visit.account_id,
        asked,
        older_than=read_cursor(asked.after, Place),
        newer_than=newer,
        limit=asked.limit,
        made_by=_made_by(visit),
    )
    is_full = len(items) == asked.limit and newer is None
    return LogPage(
        items=items,
        next=write_cursor(*places[-1]) if is_full else None,
        newest=write_cursor(*places[0]) if places else asked.newer_than,
    )


async def download(visit: ConsoleRequest, asked: LogQuery) -> Download:
    """The same requests as CSV, at most 100,000; amounts in 词元 and in 元."""

    async def pages() -> AsyncIterator[list[tuple[object, ...]]]:
        place, left = None, CSV_ROWS_MAX
        while left > 0:
            rows = min(left, _CSV_PAGE_ROWS)
            items, places = await list_logs(
                visit.context,
                visit.account_id,
                asked,
                older_than=place,
                limit=rows,
                made_by=_made_by(visit),
            )
            if not items:
                return
            yield [row_in_yuan(_COLUMNS, msgspec.structs.astuple(item), _AMOUNTS) for item in items]
            place, left = places[-1], left - len(items)

    name = file_name("requests", asked.since, asked.until)
    return Download(name, csv_pieces(head_in_yuan(_COLUMNS, _AMOUNTS), pages()))


async def show_one(visit: ConsoleRequest, _: Any) -> LogDetail:
    """One request: its price, entries and attempts."""
    found = await request_detail(
        visit.context,
        visit.account_id,
        visit.places["request_id"],
        is_operator=visit.visitor.role is not None,
        made_by=_made_by(visit),
    )
    if found is None:
        raise not_found("request")
    return found


def _made_by(visit: ConsoleRequest) -> str | None:
    return visit.visitor.user_id if visit.sees_own_tokens_only else None


ROUTES = (
    Route("GET", "/api/accounts/{account}/logs", MEMBER_READS, show_page, LogPage, LogsQuery),
    Route("GET", "/api/accounts/{account}/logs.csv", MEMBER_READS, download, Download, LogQuery),
    Route("GET", "/api/accounts/{account}/logs/{request_id}", MEMBER_READS, show_one, LogDetail),
)
