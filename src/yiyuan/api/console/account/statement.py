"""An account's statement: opening balance, entries, closing balance; the same as CSV."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final, NamedTuple

import msgspec

from yiyuan.api.console.csv import csv_pieces, file_name, head_in_yuan, row_in_yuan
from yiyuan.api.console.cursor import read_cursor, write_cursor
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import MEMBER_READS_BOOKS, Download, Route
from yiyuan.api.console.schemas import Entry, RequestBody, ResponseBody
from yiyuan.services.accounts import ledger
from yiyuan.services.accounts.ledger_summary import MonthInvoice, month_invoice
from yiyuan.services.shared.answer import entry_of

GROUP: Final = "statement"
"""What its routes are called in the audit log and in the OpenAPI document."""


class StatementSpan(RequestBody):
    """A range of times, `until` excluded."""

    since: str | None = None
    until: str | None = None


class StatementQuery(StatementSpan):
    """The same; `after` goes on where a page ended."""

    after: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 200


class MonthQuery(RequestBody):
    """A month such as `2026-11`; absent is this month."""

    month: Annotated[str, msgspec.Meta(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$")] | None = None


_COLUMNS: Final = Entry.__struct_fields__
_AMOUNTS: Final = ("amount", "balance_after")


class StatementSums(ResponseBody):
    """The whole span: `opening` + `incoming` − `outgoing` = `closing`."""

    incoming: int
    outgoing: int
    entries: int
    opening: int
    closing: int


class Statement(ResponseBody):
    """Oldest first: `opening` + the amounts of `items` = `closing`, page by page.

    `sums` come with the first page.
    """

    opening: int
    items: list[Entry]
    closing: int
    next: str | None
    sums: StatementSums | None


class _Cursor(NamedTuple):
    first: int
    end: int


async def show(visit: ConsoleRequest, asked: StatementQuery) -> Statement:
    """One page of the statement."""
    page, more = await _page(visit, asked, read_cursor(asked.after, _Cursor), asked.limit)
    return Statement(
        opening=page["opening"],
        items=[entry_of(row) for row in page["rows"]],
        closing=page["closing"],
        next=None if more is None else write_cursor(*more),
        sums=None if page["sums"] is None else StatementSums(**page["sums"]),
    )


async def download(visit: ConsoleRequest, asked: StatementSpan) -> Download:
    """The whole statement as CSV, amounts in 词元 and in 元."""

    async def pages() -> AsyncIterator[list[tuple[object, ...]]]:
        place: _Cursor | None = None
        while True:
            page, place = await _page(visit, asked, place, ledger.PAGE_ENTRIES)
            entries = [entry_of(row) for row in page["rows"]]
            rows = [tuple(msgspec.to_builtins(entry).values()) for entry in entries]
            yield [row_in_yuan(_COLUMNS, row, _AMOUNTS) for row in rows]
            if place is None:
                return

    name = file_name("statement", asked.since, asked.until)
    return Download(name, csv_pieces(head_in_yuan(_COLUMNS, _AMOUNTS), pages()))


async def show_invoice(visit: ConsoleRequest, asked: MonthQuery) -> MonthInvoice:
    """What the account used in a month, by model, as the ledger has it."""
    return await month_invoice(visit.context, visit.account_id, asked.month)


async def _page(
    visit: ConsoleRequest, asked: StatementSpan, place: _Cursor | None, limit: int
) -> tuple[dict[str, Any], _Cursor | None]:
    """A page of the use-case's, cut to `limit`, and where the next one begins."""
    request = ledger.StatementPage(
        name=visit.account_id,
        since=asked.since,
        until=asked.until,
        first=None if place is None else place.first,
        end=None if place is None else place.end,
    )
    page = await ledger.statement_page(visit.context, request)
    rows = page["rows"]
    if len(rows) > limit:
        kept = rows[:limit]
        cut = {**page, "rows": kept, "closing": kept[-1].balance_after}
        return cut, _Cursor(kept[-1].seq + 1, page["end"])
    following = None if page["next"] is None else _Cursor(page["next"], page["end"])
    return page, following


ROUTES = (
    Route(
        "GET",
        "/api/accounts/{account}/invoice",
        MEMBER_READS_BOOKS,
        show_invoice,
        MonthInvoice,
        MonthQuery,
    ),
    Route(
        "GET",
        "/api/accounts/{account}/statement",
        MEMBER_READS_BOOKS,
        show,
        Statement,
        StatementQuery,
    ),
    Route(
        "GET",
        "/api/accounts/{account}/statement.csv",
        MEMBER_READS_BOOKS,
        download,
        Download,
        StatementSpan,
    ),
)
