"""The ledger as operators look into it: entries of all accounts, and the proof."""

from collections.abc import AsyncIterator
from typing import Final

from yiyuan.api.console.csv import csv_pieces, yuan
from yiyuan.api.console.cursor import read_cursor, write_cursor
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import OPERATOR_READS, Access, Download, Empty, Route
from yiyuan.api.console.schemas import Page, PageSize, RequestBody
from yiyuan.kernel.clock import iso
from yiyuan.services.accounts import ledger
from yiyuan.services.accounts.accounts import get_account
from yiyuan.services.accounts.entries import AccountEntry, EntryFilter, find_entries
from yiyuan.services.accounts.ledger import Proof, Verified, Verify
from yiyuan.services.accounts.ledger_summary import (
    LedgerSummary,
    NamedEntry,
    SpanPlace,
    entries_by_account,
    span_of,
    summary,
)

GROUP: Final = "ledger"
"""What its routes are called in the audit log and in the OpenAPI document."""


class SpanQuery(RequestBody):
    """A span of time, `until` excluded; without a beginning this month."""

    since: str | None = None
    until: str | None = None


class EntriesQuery(EntryFilter):
    """Entries of one account (name or id), kind, request or key; of everybody without.

    `charges` false leaves the charges of requests out, which are most entries.
    """

    after: str | None = None
    limit: PageSize = 50


class LedgerCsvQuery(SpanQuery):
    """The span, and whose entries of which kind; all without."""

    account: str | None = None
    kind: str | None = None


async def list_entries(visit: ConsoleRequest, asked: EntriesQuery) -> Page[AccountEntry]:
    """Entries, the latest first."""
    place = read_cursor(asked.after, SpanPlace)
    items, following = await find_entries(visit.context, asked, place, asked.limit)
    return Page(items=items, next=None if following is None else write_cursor(*following))


async def download(visit: ConsoleRequest, asked: LedgerCsvQuery) -> Download:
    """The entries of a span as CSV, by account, amounts in 词元 and in 元."""
    account_id = None if asked.account is None else (await _account(visit, asked.account))
    span = span_of(visit.context, asked.since, asked.until)
    kinds = () if asked.kind is None else (asked.kind,)

    async def pages() -> AsyncIterator[list[tuple[object, ...]]]:
        async for lines in entries_by_account(visit.context, span, account_id, kinds):
            yield [_csv_line(line) for line in lines]

    name = f"ledger_{iso(span.since_ms)[:10]}_{iso(span.until_ms - 1)[:10]}.csv"
    return Download(name, csv_pieces(_CSV_HEAD, pages()))


async def show_summary(visit: ConsoleRequest, asked: SpanQuery) -> LedgerSummary:
    """What a span came to, by account and kind, with the balances at both ends."""
    return await summary(visit.context, span_of(visit.context, asked.since, asked.until))


async def download_summary(visit: ConsoleRequest, asked: SpanQuery) -> Download:
    """The same as CSV in 元, the total last."""
    found = await show_summary(visit, asked)

    async def pages() -> AsyncIterator[list[tuple[object, ...]]]:
        for one in (*found.accounts, found.total):
            amounts = [yuan(one.amounts[kind]) for kind in found.kinds]
            ends = yuan(one.opening), *amounts, yuan(one.closing)
            yield [(one.account_id, one.account or "total", one.entries, *ends)]

    head = ["account_id", "account", "entries", *(f"{k}_yuan" for k in _columns(found))]
    name = f"summary_{found.since[:10]}_{found.until[:10]}.csv"
    return Download(name, csv_pieces(head, pages()))


def _columns(found: LedgerSummary) -> list[str]:
    return ["opening", *found.kinds, "closing"]


async def _account(visit: ConsoleRequest, name: str) -> str:
    return (await get_account(visit.context, name)).id


_CSV_HEAD: Final = (
    *("at", "account_id", "account", "seq", "kind", "amount_micros", "amount_yuan"),
    *("balance_after_micros", "balance_after_yuan", "contra", "request_id", "reason", "actor"),
    "entry_id",
)


def _csv_line(line: NamedEntry) -> tuple[object, ...]:
    row = line.entry
    return (
        iso(row.at),
        row.account_id,
        line.account_name,
        row.seq,
        row.kind,
        row.amount,
        yuan(row.amount),
        row.balance_after,
        yuan(row.balance_after),
        row.contra,
        row.request_id,
        row.memo,
        row.actor,
        row.id,
    )


async def verify(visit: ConsoleRequest, asked: Verify) -> Proof:
    """Check the books from their rows; takes as long as there are new entries."""
    return await ledger.prove(visit.context, asked)


async def show_verified(visit: ConsoleRequest, _: Empty) -> Verified:
    """When the books were last checked from here."""
    return await ledger.last_verified(visit.context)


_LEDGER = "/api/operator/ledger"
_VERIFIERS = Access("operator", frozenset({"owner", "finance", "support"}))

ROUTES = (
    Route("GET", _LEDGER, OPERATOR_READS, list_entries, Page[AccountEntry], EntriesQuery),
    Route("GET", f"{_LEDGER}.csv", OPERATOR_READS, download, Download, LedgerCsvQuery),
    Route("GET", f"{_LEDGER}/summary", OPERATOR_READS, show_summary, LedgerSummary, SpanQuery),
    Route("GET", f"{_LEDGER}/summary.csv", OPERATOR_READS, download_summary, Download, SpanQuery),
    Route("GET", f"{_LEDGER}/verify", OPERATOR_READS, show_verified, Verified),
    Route("POST", f"{_LEDGER}/verify", _VERIFIERS, verify, Proof, Verify),
)
