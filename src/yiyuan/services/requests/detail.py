"""Everything that is kept of one request, enough to recompute its charge; never its text."""

from typing import Any, Final

import msgspec

from yiyuan.services.requests.charge import PriceUsed, price_used
from yiyuan.services.requests.logs import Log, log_of, token_names
from yiyuan.services.shared.answer import Answer, Entry, entry_of
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.queries.find import channels_named
from yiyuan.store.queries.usage import find_request
from yiyuan.store.tables.api_tokens import find_by_id
from yiyuan.store.tables.ledger import AttemptRow, UsageRow

_REQUIRED_MAX_TOKENS: Final = 1_024


class AttemptView(Answer):
    """One call to an upstream; who it was is for operators."""

    n: int
    channel_id: str | None
    channel: str | None
    outcome: str
    status: int | None
    ms: int | None


class LogDetail(Answer):
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


async def request_detail(
    context: ServiceContext,
    account_id: str,
    request_id: str,
    *,
    is_operator: bool,
    made_by: str | None = None,
) -> LogDetail | None:
    """Everything about a request of an account; None where nothing was held for it.

    Which upstream was called is for operators; with `made_by` it must be by a token of that
    person's.
    """
    found = await find_request(context.database, account_id, request_id)
    if found is None:
        return None
    usage = found.usage
    if made_by is not None:
        token = await find_by_id(context.database, usage.api_token_id)
        if token is None or token.row.user_id != made_by:
            return None
    channels = await channels_named(context.database) if is_operator else None
    return LogDetail(
        log=log_of(usage, await token_names(context, account_id)),
        price=price_used(found),
        hold=usage.hold_amount,
        shortfall=usage.shortfall,
        usage_source=usage.source,
        entries=[entry_of(entry) for entry in found.entries],
        attempts=[_attempt(row, channels) for row in found.attempts],
        client_request_id=usage.client_request_id,
        upstream_request_id=usage.upstream_request_id if is_operator else None,
        upstream_model=usage.upstream_model if is_operator else None,
        curl=_curl(context, usage),
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


def _curl(context: ServiceContext, row: UsageRow) -> str:
    """The shape of the request as a command: what was asked, and with what limit, is not kept.

    Anthropic's format wants a limit: there it is a round one, said to be so on the page.
    """
    path = row.endpoint if row.endpoint.startswith("/") else f"/{row.endpoint}"
    body: dict[str, Any] = {"model": row.model}
    if path.endswith(("/embeddings", "/responses")):
        body["input"] = "…"
    elif path.endswith(("/chat/completions", "/messages")):
        body["messages"] = [{"role": "user", "content": "…"}]
    else:
        body["prompt"] = "…"
    if path.endswith("/messages"):
        body["max_tokens"] = _REQUIRED_MAX_TOKENS
    if row.streamed:
        body["stream"] = True
    # Double quotes, so that the shell puts the key in.
    return (
        f'curl {context.settings.api_url}/v1{path} -H "Authorization: Bearer $KEY" '
        f"-H 'Content-Type: application/json' -d '{msgspec.json.encode(body).decode()}'"
    )
