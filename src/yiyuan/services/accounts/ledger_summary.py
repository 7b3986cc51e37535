"""A span of the whole ledger for an accountant: sums by account and kind that add up."""

from collections.abc import AsyncIterator
from typing import Annotated, Final

import msgspec

from yiyuan.kernel.calendar import month_start, next_month_start
from yiyuan.kernel.clock import iso
from yiyuan.services.accounts.accounts import get_account
from yiyuan.services.accounts.ledger import PAGE_ENTRIES
from yiyuan.services.shared.command import Json, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Request, time_of
from yiyuan.store.database import Connection
from yiyuan.store.queries import ledger_spans, statement
from yiyuan.store.queries.ledger_spans import NamedEntry, SpanFilters, SpanPlace
from yiyuan.store.tables.ledger import EntryRow

__all__ = [
    "InvoiceAsk",
    "LedgerSummary",
    "MonthInvoice",
    "NamedEntry",
    "Span",
    "SpanFilters",
    "SpanPlace",
    "entries_by_account",
    "entries_page",
    "month_invoice",
    "span_of",
    "summary",
]

KINDS: Final = (
    *("topup", "redeem", "grant", "adjust", "reversal"),
    *("charge", "recovered", "refund"),
)


class Span(msgspec.Struct, frozen=True):
    """Wall-clock ms, the end excluded."""

    since_ms: int
    until_ms: int


class AccountSummary(msgspec.Struct, frozen=True, kw_only=True):
    """`opening` + the amounts of all kinds = `closing`; amounts are signed."""

    account_id: str
    account: str
    opening: int
    amounts: dict[str, int]
    entries: int
    closing: int


class LedgerSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Every account that has, or had, something in the span, and all of them together."""

    since: str
    until: str
    kinds: list[str]
    accounts: list[AccountSummary]
    total: AccountSummary
    adds_up: bool


class InvoiceAsk(Request):
    """An account by name or id, and a month such as `2026-11`; absent is this month."""

    name: str
    month: Annotated[str, msgspec.Meta(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$")] | None = None


class InvoiceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One model; `model` is None where details of requests have expired. Amounts in micros."""

    model: str | None
    requests: int
    input_tokens: int
    output_tokens: int
    charged: int
    refunded: int


class MonthInvoice(msgspec.Struct, frozen=True, kw_only=True):
    """A month of an account: what it used, paid in, and had at both ends.

    `total` is what was charged less refunds; with `paid_in` and `adjusted` it leads from
    `opening` to `closing`. Amounts in micros, months are UTC.
    """

    account_id: str
    account: str
    month: str
    since: str
    until: str
    is_over: bool
    lines: list[InvoiceLine]
    charged: int
    refunded: int
    total: int
    paid_in: int
    """Top-ups, redemption codes and grants."""
    adjusted: int
    """Corrections, signed."""
    opening: int
    closing: int


@command("ledger.invoice", reads=True)
async def invoice(context: ServiceContext, request: InvoiceAsk) -> Json:
    """What an account used in a month, by model, as the ledger has it."""
    account = await get_account(context, request.name)
    found: Json = msgspec.to_builtins(await month_invoice(context, account.id, request.month))
    return found


async def month_invoice(
    context: ServiceContext, account_id: str, month: str | None
) -> MonthInvoice:
    """The same for callers in this process. Raises ServiceError `not_found`."""
    account, now = await get_account(context, account_id), context.clock.wall_ms()
    begin = month_start(now if month is None else time_of("month", f"{month}-01") or 0)
    end = next_month_start(begin)

    def read(
        connection: Connection,
    ) -> tuple[
        list[ledger_spans.ModelSum], list[ledger_spans.KindSum], list[ledger_spans.AccountEnds]
    ]:
        return (
            ledger_spans.sums_by_model(connection, account.id, begin, end),
            ledger_spans.sums_by_kind(connection, begin, end, account.id),
            ledger_spans.ends_of(connection, begin, end, account.id),
        )

    models, kinds, (ends,) = await context.database.run_read(read)
    amounts = {one.kind: one.amount for one in kinds}
    charged, refunded = sum(m.charged for m in models), sum(m.refunded for m in models)
    return MonthInvoice(
        account_id=account.id,
        account=account.name,
        month=iso(begin)[:7],
        since=iso(begin),
        until=iso(end),
        is_over=end <= now,
        lines=[InvoiceLine(**one._asdict()) for one in models],
        charged=charged,
        refunded=refunded,
        total=charged - refunded,
        paid_in=sum(amounts.get(kind, 0) for kind in ("topup", "redeem", "grant")),
        adjusted=sum(amounts.get(kind, 0) for kind in ("adjust", "reversal")),
        opening=ends.opening,
        closing=ends.closing,
    )


def span_of(context: ServiceContext, since: str | None, until: str | None) -> Span:
    """A span as people write it: this month on without a beginning, up to now without an end."""
    now = context.clock.wall_ms()
    begin, end = time_of("since", since), time_of("until", until)
    begin = month_start(now) if begin is None else begin
    return Span(begin, max(begin, now + 1 if end is None else end))


async def summary(context: ServiceContext, span: Span) -> LedgerSummary:
    """What happened in the span, by account."""

    def read(
        connection: Connection,
    ) -> tuple[list[ledger_spans.AccountEnds], list[ledger_spans.KindSum]]:
        return (
            ledger_spans.ends_of(connection, span.since_ms, span.until_ms),
            ledger_spans.sums_by_kind(connection, span.since_ms, span.until_ms),
        )

    ends, sums = await context.database.run_read(read)
    amounts: dict[str, dict[str, int]] = {}
    entries: dict[str, int] = {}
    for line in sums:
        amounts.setdefault(line.account_id, {})[line.kind] = line.amount
        entries[line.account_id] = entries.get(line.account_id, 0) + line.entries
    accounts = [
        AccountSummary(
            account_id=one.account_id,
            account=one.name,
            opening=one.opening,
            amounts={kind: amounts.get(one.account_id, {}).get(kind, 0) for kind in KINDS},
            entries=entries.get(one.account_id, 0),
            closing=one.closing,
        )
        for one in ends
        if one.opening or one.closing or one.account_id in entries
    ]
    every = [*accounts, total := _total(accounts)]
    return LedgerSummary(
        since=iso(span.since_ms),
        until=iso(span.until_ms),
        kinds=list(KINDS),
        accounts=accounts,
        total=total,
        adds_up=all(one.opening + sum(one.amounts.values()) == one.closing for one in every),
    )


async def entries_page(
    context: ServiceContext, filters: SpanFilters, before: SpanPlace | None, limit: int
) -> list[NamedEntry]:
    """Entries of the span, the latest first."""
    return await context.database.run_read(
        lambda connection: ledger_spans.page(connection, filters, before, limit)
    )


async def entries_by_account(
    context: ServiceContext, span: Span, account_id: str | None, kinds: tuple[str, ...]
) -> AsyncIterator[list[NamedEntry]]:
    """All entries of the span in pieces, account by account, each in the order of time."""
    accounts = [
        one
        for one in await context.database.run_read(
            lambda connection: ledger_spans.ends_of(connection, span.since_ms, span.until_ms)
        )
        if account_id in (None, one.account_id)
    ]
    for account in accounts:
        first, end = await _numbers(context, account.account_id, span)
        while first < end:
            cut = min(first + PAGE_ENTRIES, end)
            rows = await _entries(context, account.account_id, first, cut)
            yield [NamedEntry(row, account.name) for row in rows if not kinds or row.kind in kinds]
            first = cut


async def _numbers(context: ServiceContext, account_id: str, span: Span) -> tuple[int, int]:
    def read(connection: Connection) -> tuple[int, int]:
        last = statement.last_seq(connection, account_id)
        first = statement.first_seq_from(connection, account_id, span.since_ms, last)
        end = statement.first_seq_from(connection, account_id, span.until_ms, last)
        return first, end

    return await context.database.run_read(read)


async def _entries(
    context: ServiceContext, account_id: str, first: int, end: int
) -> list[EntryRow]:
    return await context.database.run_read(
        lambda connection: list(statement.entries_between(connection, account_id, first, end))
    )


def _total(accounts: list[AccountSummary]) -> AccountSummary:
    return AccountSummary(
        account_id="",
        account="",
        opening=sum(one.opening for one in accounts),
        amounts={kind: sum(one.amounts[kind] for one in accounts) for kind in KINDS},
        entries=sum(one.entries for one in accounts),
        closing=sum(one.closing for one in accounts),
    )
