"""Requests of the whole shop, refused ones too: pages, CSV, and everything about one."""

from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec

from yiyuan.api.console.account.logs import CSV_ROWS_MAX
from yiyuan.api.console.csv import csv_pieces, file_name, head_in_yuan, row_in_yuan
from yiyuan.api.console.cursor import read_cursor, write_cursor
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import OPERATOR_READS, Download, Route
from yiyuan.api.console.schemas import Page, PageSize, ResponseBody
from yiyuan.services.requests.detail import LogDetail, request_detail
from yiyuan.services.requests.requests import (
    RequestLine,
    RequestPlace,
    RequestQuery,
    find_request,
    list_requests,
)

GROUP: Final = "operator_requests"
"""What its routes are called in the audit log and in the OpenAPI document."""

_CSV_PAGE_ROWS: Final = 1_000
_COLUMNS: Final = RequestLine.__struct_fields__
_AMOUNTS: Final = ("charge",)


class RequestsQuery(RequestQuery):
    """Filters by names or ids; `status` is such as `429` or `5xx`.

    An account may be a part of its name or a member's e-mail, a token the end of its key.
    """

    after: str | None = None
    limit: PageSize = 50


class RequestDetail(ResponseBody):
    """One request; `detail` is there where something was held for it."""

    request: RequestLine
    detail: LogDetail | None


async def list_page(visit: ConsoleRequest, asked: RequestsQuery) -> Page[RequestLine]:
    """Requests, the latest first."""
    place = read_cursor(asked.after, RequestPlace)
    lines, more = await list_requests(visit.context, asked, older_than=place, limit=asked.limit)
    return Page(items=lines, next=None if more is None else write_cursor(*more))


async def download(visit: ConsoleRequest, asked: RequestQuery) -> Download:
    """The same requests as CSV, at most 100,000."""

    async def pages() -> AsyncIterator[list[tuple[object, ...]]]:
        place, left = None, CSV_ROWS_MAX
        while left > 0:
            lines, place = await list_requests(
                visit.context, asked, older_than=place, limit=min(left, _CSV_PAGE_ROWS)
            )
            yield [row_in_yuan(_COLUMNS, msgspec.structs.astuple(line), _AMOUNTS) for line in lines]
            left -= len(lines)
            if place is None:
                return

    name = file_name("requests", asked.since, asked.until)
    return Download(name, csv_pieces(head_in_yuan(_COLUMNS, _AMOUNTS), pages()))


async def show_one(visit: ConsoleRequest, _: Any) -> RequestDetail:
    """One request: why it ended so, its price, entries and attempts."""
    line = await find_request(visit.context, visit.places["request_id"])
    detail = None
    if line.account_id is not None:
        detail = await request_detail(
            visit.context, line.account_id, line.request_id, is_operator=True
        )
    return RequestDetail(request=line, detail=detail)


_REQUESTS: Final = "/api/operator/requests"

ROUTES = (
    Route("GET", _REQUESTS, OPERATOR_READS, list_page, Page[RequestLine], RequestsQuery),
    Route("GET", f"{_REQUESTS}.csv", OPERATOR_READS, download, Download, RequestQuery),
    Route("GET", f"{_REQUESTS}/{{request_id}}", OPERATOR_READS, show_one, RequestDetail),
)
