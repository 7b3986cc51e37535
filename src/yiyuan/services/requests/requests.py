"""Finds single requests: by account, person, token, model, channel, status, code and time."""

import re
from typing import Final

from yiyuan.kernel.clock import iso
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Request, time_of
from yiyuan.store.queries import requests as queries
from yiyuan.store.queries.find import accounts_named, channels_named, tokens_named
from yiyuan.store.queries.requests import RequestFilters, RequestPlace, ShopRequest

__all__ = ["RequestLine", "RequestPlace", "RequestQuery", "find_request", "list_requests"]

_STATUS: Final = re.compile(r"([1-5])xx|([1-5]\d\d)", re.ASCII)
PAGE_MAX: Final = 1_000
_NEVER: Final = 2**62


class RequestQuery(Request):
    """What to look for, by names or ids; None is everything.

    An account may be a part of its name or a member's e-mail, a token the end of its key.
    """

    account: str | None = None
    token: str | None = None
    model: str | None = None
    channel: str | None = None
    status: str | None = None
    code: str | None = None
    since: str | None = None
    until: str | None = None
    errors: bool = False


class RequestLine(Answer):
    """One request; `charge` in 词元. `code` says why it failed or was refused."""

    request_id: str
    at: str
    status: int | None
    outcome: str
    code: str | None
    account_id: str | None
    account: str | None
    token_id: str | None
    token: str | None
    model: str
    endpoint: str
    channel_id: str | None
    channel: str | None
    streamed: bool
    input_tokens: int
    output_tokens: int
    charge: int
    first_byte_ms: int | None
    total_ms: int | None


async def list_requests(
    context: ServiceContext,
    query: RequestQuery,
    *,
    older_than: RequestPlace | None = None,
    limit: int = 50,
) -> tuple[list[RequestLine], RequestPlace | None]:
    """A page, the latest first, and where the next one begins. Raises ServiceError."""
    filters = await _filters(context, query)
    rows = await queries.requests_page(
        context.database, filters, older_than=older_than, limit=limit
    )
    names = await channels_named(context.database)
    lines = [_line(row, names) for row in rows]
    more = RequestPlace(rows[-1].at, rows[-1].request_id) if len(rows) == limit else None
    return lines, more


async def find_request(context: ServiceContext, request_id: str) -> RequestLine:
    """One by its id. Raises ServiceError `not_found`."""
    row = await queries.find_request(context.database, request_id)
    if row is None:
        raise ServiceError("not_found", "there is no such request")
    return _line(row, await channels_named(context.database))


async def _filters(context: ServiceContext, query: RequestQuery) -> RequestFilters:
    exact, by_class = _status(query.status)
    accounts = tokens = channel = None
    if query.account is not None:
        accounts = await accounts_named(context.database, query.account)
    if query.token is not None:
        tokens = await tokens_named(context.database, query.token)
    if query.channel is not None:
        channels = await channels_named(context.database)
        named = [id_ for id_, name in channels.items() if query.channel in (id_, name)]
        if not named:
            raise ServiceError("not_found", "there is no such channel")
        channel = named[0]
    until_ms = time_of("until", query.until)
    return RequestFilters(
        since_ms=time_of("since", query.since) or 0,
        until_ms=_NEVER if until_ms is None else until_ms,
        account_ids=accounts,
        api_token_ids=tokens,
        model=query.model,
        channel_id=channel,
        status=exact,
        status_class=by_class,
        code=query.code,
        errors_only=query.errors,
    )


def _status(text: str | None) -> tuple[int | None, int | None]:
    if text is None:
        return None, None
    match = _STATUS.fullmatch(text)
    if match is None:
        raise ServiceError("invalid_argument", "status must be such as 429 or 5xx")
    return (int(match[2]), None) if match[2] else (None, int(match[1]))


def _line(row: ShopRequest, channels: dict[str, str]) -> RequestLine:
    return RequestLine(
        request_id=row.request_id,
        at=iso(row.at),
        status=row.status,
        outcome=row.outcome,
        code=row.code,
        account_id=row.account_id,
        account=row.account,
        token_id=row.api_token_id,
        token=row.api_token,
        model=row.model,
        endpoint=row.endpoint,
        channel_id=row.channel_id,
        channel=channels.get(row.channel_id) if row.channel_id is not None else None,
        streamed=bool(row.streamed),
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        charge=row.charge,
        first_byte_ms=row.first_byte_ms,
        total_ms=row.total_ms,
    )
