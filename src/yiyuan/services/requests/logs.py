"""An account's requests: pages of them, the latest first, and what is shown of each."""

from typing import Final

from yiyuan.kernel.clock import iso
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Request, time_of
from yiyuan.store.queries import usage as queries
from yiyuan.store.queries.usage import Filters, Place
from yiyuan.store.tables.api_tokens import of_account
from yiyuan.store.tables.ledger import UsageRow

__all__ = ["Log", "LogQuery", "Place", "list_logs", "log_of", "token_names"]

_NEVER: Final = 2**62


class LogQuery(Request):
    """Which requests; what is absent is all."""

    since: str | None = None
    until: str | None = None
    model: str | None = None
    token: str | None = None
    outcome: str | None = None
    endpoint: str | None = None
    errors: bool = False


class Log(Answer):
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


async def list_logs(
    context: ServiceContext,
    account_id: str,
    query: LogQuery,
    *,
    older_than: Place | None = None,
    newer_than: Place | None = None,
    limit: int,
    made_by: str | None = None,
) -> tuple[list[Log], list[Place]]:
    """Requests, the latest first, and the place of each; with `newer_than` those after it.

    `made_by` leaves those by tokens of one person.
    """
    until_ms = time_of("until", query.until)
    filters = Filters(
        account_id=account_id,
        since_ms=time_of("since", query.since) or 0,
        until_ms=_NEVER if until_ms is None else until_ms,
        model=query.model,
        api_token_id=query.token,
        outcome=query.outcome,
        endpoint=query.endpoint,
        errors_only=query.errors,
        made_by=made_by,
    )
    rows = await queries.requests_page(
        context.database, filters, older_than=older_than, newer_than=newer_than, limit=limit
    )
    if newer_than is not None:
        rows.reverse()
    names = await token_names(context, account_id)
    places = [Place(row.admitted_at, row.request_id) for row in rows]
    return [log_of(row, names) for row in rows], places


async def token_names(context: ServiceContext, account_id: str) -> dict[str, str]:
    """The names of an account's tokens by id."""
    found = await of_account(context.database, account_id)
    return {view.row.id: view.row.name for view in found}


def log_of(row: UsageRow, names: dict[str, str]) -> Log:
    """A request as it is shown; the playground's keys are no tokens of a list."""
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
