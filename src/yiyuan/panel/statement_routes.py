"""An account's statement: opening balance, entries, closing balance; the same as CSV."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import msgspec

from yiyuan.console import ledger
from yiyuan.console.arguments import Arguments
from yiyuan.ledger.statement import entry_document
from yiyuan.panel.csv_lines import csv_pieces
from yiyuan.panel.cursor import read_cursor, write_cursor
from yiyuan.panel.route import MEMBER_READS, Download, Route
from yiyuan.panel.shapes import Asked, Entry, PageSize, Shown, shown_entry
from yiyuan.panel.visit import Visit
from yiyuan.store.rows import EntryRow


class StatementQuery(Asked):
    """A range of times, `until` excluded; `after` goes on where a page ended."""

    since: str | None = None
    until: str | None = None
    after: str | None = None
    limit: PageSize = 200


class Statement(Shown):
    """Oldest first: `opening` + the amounts of `items` = `closing`, page by page."""

    opening: int
    items: list[Entry]
    closing: int
    next: str | None


class _Cursor(NamedTuple):
    first: int
    end: int


async def show(visit: Visit, asked: StatementQuery) -> Statement:
    """One page of the statement."""
    page, more = await _page(visit, asked, read_cursor(asked.after, _Cursor), asked.limit)
    return Statement(
        opening=page["opening"],
        items=[shown_entry(entry_document(row)) for row in page["rows"]],
        closing=page["closing"],
        next=None if more is None else write_cursor(*more),
    )


async def download(visit: Visit, asked: StatementQuery) -> Download:
    """The whole statement as CSV."""

    async def pages() -> AsyncIterator[list[tuple[object, ...]]]:
        place = read_cursor(asked.after, _Cursor)
        while True:
            page, place = await _page(visit, asked, place, ledger.PAGE_ENTRIES)
            entries = [shown_entry(entry_document(row)) for row in page["rows"]]
            yield [tuple(msgspec.to_builtins(entry).values()) for entry in entries]
            if place is None:
                return

    return Download("statement.csv", csv_pieces(Entry.__struct_fields__, pages()))


async def _page(
    visit: Visit, asked: StatementQuery, place: _Cursor | None, limit: int
) -> tuple[dict[str, Any], _Cursor | None]:
    """A page of the use-case's, cut to `limit`, and where the next one begins."""
    arguments = {
        "name": visit.account_id,
        "since": asked.since,
        "until": asked.until,
        "first": None if place is None else place.first,
        "end": None if place is None else place.end,
    }
    page = await ledger.statement_page(visit.desk, Arguments(arguments))
    rows: list[EntryRow] = page["rows"]
    if len(rows) > limit:
        kept = rows[:limit]
        cut = {**page, "rows": kept, "closing": kept[-1].balance_after}
        return cut, _Cursor(kept[-1].seq + 1, page["end"])
    following = None if page["next"] is None else _Cursor(page["next"], page["end"])
    return page, following


ROUTES = (
    Route(
        "GET", "/api/accounts/{account}/statement", MEMBER_READS, show, Statement, StatementQuery
    ),
    Route(
        "GET",
        "/api/accounts/{account}/statement.csv",
        MEMBER_READS,
        download,
        Download,
        StatementQuery,
    ),
)
