"""Single requests: pages of them, live, as CSV, and everything about one.

What is shown of one request is enough to recompute its charge: tokens of each kind,
the price that was in force, the factor, and the entries that moved the money.
"""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import msgspec

from yiyuan.console.arguments import Arguments
from yiyuan.kernel.clock import iso
from yiyuan.ledger.statement import entry_document
from yiyuan.panel.charge import PriceUsed, price_used
from yiyuan.panel.csv_lines import csv_pieces
from yiyuan.panel.cursor import read_cursor, write_cursor
from yiyuan.panel.route import MEMBER_READS, Download, Route
from yiyuan.panel.shapes import Asked, Entry, PageSize, Shown, shown_entry
from yiyuan.panel.visit import Visit, not_found
from yiyuan.store import usage_reports as reports
from yiyuan.store.api_tokens import of_account
from yiyuan.store.rows import AttemptRow, UsageRow
from yiyuan.store.usage_reports import Filters, Place

CSV_ROWS_MAX = 100_000
_CSV_PAGE_ROWS = 2_000
_OUTPUT_TOKENS = 100


class LogsQuery(Asked):
    """Filters; `after` goes on with older requests, `newer_than` asks for what came since."""

    since: str | None = None
    until: str | None = None
    model: str | None = None
    token: str | None = None
    outcome: str | None = None
    endpoint: str | None = None
    errors: bool = False
    after: str | None = None
    newer_than: str | None = None
    limit: PageSize = 50


class Log(Shown):
    """One request; `charge` in 词元, times of day in ISO 8601."""

    request_id: str
    at: str
    model: str
    token_id: str
    token_name: str
    endpoint: str
    status: int | None
    outcome: str
    streamed: bool
    input_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    cache_write_1h_tokens: int
    output_tokens: int
    reasoning_tokens: int
    charge: int
    first_byte_ms: int | None
    total_ms: int | None


class LogPage(Shown):
    """The latest first; `newest` is what to ask on `newer_than` for a live tail."""

    items: list[Log]
    next: str | None
    newest: str | None


class AttemptView(Shown):
    """One call to an upstream; who it was is for operators."""

    n: int
    channel_id: str | None
    channel: str | None
    outcome: str
    status: int | None
    ms: int | None


class LogDetail(Shown):
    """Everything that is kept of one request; never its text."""

    log: Log
    price: PriceUsed | None
    hold: int
    shortfall: int
    usage_source: str
    entries: list[Entry]
    attempts: list[AttemptView]
    client_request_id: str | None
    upstream_request_id: str | None
    upstream_model: str | None
    curl: str


class _Cursor(NamedTuple):
    admitted_at: int
    request_id: str


async def show_page(visit: Visit, asked: LogsQuery) -> LogPage:
    """Requests, the latest first."""
    older = read_cursor(asked.after, _Cursor)
    newer = read_cursor(asked.newer_than, _Cursor)
    rows = await reports.requests_page(
        visit.desk.database,
        _filters(visit, asked),
        older_than=None if older is None else Place(*older),
        newer_than=None if newer is None else Place(*newer),
        limit=asked.limit,
    )
    if newer is not None:
        rows.reverse()
    names = await _token_names(visit)
    is_full = len(rows) == asked.limit and newer is None
    newest = _cursor(rows[0]) if rows else asked.newer_than
    return LogPage(
        items=[_log(row, names) for row in rows],
        next=_cursor(rows[-1]) if is_full else None,
        newest=newest,
    )


async def download(visit: Visit, asked: LogsQuery) -> Download:
    """The same requests as CSV, at most 100,000."""
    names, filters = await _token_names(visit), _filters(visit, asked)

    async def pages() -> AsyncIterator[list[tuple[object, ...]]]:
        place, left = None, CSV_ROWS_MAX
        while left > 0:
            rows = await reports.requests_page(
                visit.desk.database, filters, older_than=place, limit=min(left, _CSV_PAGE_ROWS)
            )
            if not rows:
                return
            yield [tuple(msgspec.to_builtins(_log(row, names)).values()) for row in rows]
            place, left = Place(rows[-1].admitted_at, rows[-1].request_id), left - len(rows)

    return Download("requests.csv", csv_pieces(Log.__struct_fields__, pages()))


async def show_one(visit: Visit, _: Any) -> LogDetail:
    """One request: its price, entries and attempts."""
    request_id = visit.places["request_id"]
    found = await reports.find_request(visit.desk.database, visit.account_id, request_id)
    if found is None:
        raise not_found("request")
    usage, is_operator = found.usage, visit.visitor.role is not None
    every = visit.house.catalog().channels
    channels = {channel.id: channel.name for channel in every} if is_operator else None
    return LogDetail(
        log=_log(usage, await _token_names(visit)),
        price=price_used(found),
        hold=usage.hold_amount,
        shortfall=usage.shortfall,
        usage_source=usage.source,
        entries=[shown_entry(entry_document(entry)) for entry in found.entries],
        attempts=[_attempt(row, channels) for row in found.attempts],
        client_request_id=usage.client_request_id,
        upstream_request_id=usage.upstream_request_id if is_operator else None,
        upstream_model=usage.upstream_model if is_operator else None,
        curl=_curl(visit, usage),
    )


def _filters(visit: Visit, asked: LogsQuery) -> Filters:
    times = Arguments({"since": asked.since, "until": asked.until})
    return Filters(
        account_id=visit.account_id,
        since_ms=times.optional_time("since") or 0,
        until_ms=times.optional_time("until") or 2**62,
        model=asked.model,
        api_token_id=asked.token,
        outcome=asked.outcome,
        endpoint=asked.endpoint,
        errors_only=asked.errors,
    )


async def _token_names(visit: Visit) -> dict[str, str]:
    found = await of_account(visit.desk.database, visit.account_id)
    return {view.row.id: view.row.name for view in found}


def _cursor(row: UsageRow) -> str:
    return write_cursor(row.admitted_at, row.request_id)


def _log(row: UsageRow, names: dict[str, str]) -> Log:
    return Log(
        request_id=row.request_id,
        at=iso(row.admitted_at),
        model=row.model,
        token_id=row.api_token_id,
        token_name=names.get(row.api_token_id, "playground"),
        endpoint=row.endpoint,
        status=row.status,
        outcome=row.outcome,
        streamed=bool(row.streamed),
        input_tokens=row.input_tokens,
        cached_input_tokens=row.cached_input_tokens,
        cache_write_tokens=row.cache_write_tokens,
        cache_write_1h_tokens=row.cache_write_1h_tokens,
        output_tokens=row.output_tokens,
        reasoning_tokens=row.reasoning_tokens,
        charge=row.charge,
        first_byte_ms=row.first_byte_ms,
        total_ms=row.total_ms,
    )


def _attempt(row: AttemptRow, channels: dict[str, str] | None) -> AttemptView:
    """`channels` are their names by id, for an operator."""
    return AttemptView(
        n=row.n,
        channel_id=None if channels is None else row.channel_id,
        channel=None if channels is None else channels.get(row.channel_id),
        outcome=row.outcome,
        status=row.status,
        ms=row.ms,
    )


def _curl(visit: Visit, row: UsageRow) -> str:
    """The shape of the request as a command; neither what was asked nor its limit is kept."""
    path = row.endpoint if row.endpoint.startswith("/") else f"/{row.endpoint}"
    limit = row.output_tokens or _OUTPUT_TOKENS
    body: dict[str, Any] = {"model": row.model}
    if path.endswith("/embeddings"):
        body["input"] = "…"
    elif path.endswith("/responses"):
        body |= {"input": "…", "max_output_tokens": limit}
    elif path.endswith(("/chat/completions", "/messages")):
        body |= {"messages": [{"role": "user", "content": "…"}], "max_tokens": limit}
    else:
        body |= {"prompt": "…", "max_tokens": limit}
    if row.streamed:
        body["stream"] = True
    # Double quotes, so that the shell puts the key in.
    return (
        f'curl {visit.desk.settings.api_url}/v1{path} -H "Authorization: Bearer $KEY" '
        f"-H 'Content-Type: application/json' -d '{msgspec.json.encode(body).decode()}'"
    )


ROUTES = (
    Route("GET", "/api/accounts/{account}/logs", MEMBER_READS, show_page, LogPage, LogsQuery),
    Route("GET", "/api/accounts/{account}/logs.csv", MEMBER_READS, download, Download, LogsQuery),
    Route("GET", "/api/accounts/{account}/logs/{request_id}", MEMBER_READS, show_one, LogDetail),
)
