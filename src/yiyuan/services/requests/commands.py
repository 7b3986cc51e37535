"""The commands `requests.list` and `requests.show`."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from yiyuan.ledger.statement import entry_document
from yiyuan.services.requests.requests import RequestQuery, find_request, list_requests
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Request
from yiyuan.store.queries import usage


class List(RequestQuery):
    """What to look for, and how many at most."""

    limit: Annotated[int, Meta(ge=1, le=1_000)] = 50


class Show(Request):
    """One request by its id."""

    request_id: str


@command("requests.list", reads=True)
async def list_command(context: ServiceContext, request: List) -> dict[str, Any]:
    """`{"requests": […]}`, the latest first."""
    lines, _ = await list_requests(context, request, limit=request.limit)
    return {"requests": [msgspec.to_builtins(line) for line in lines]}


@command("requests.show", reads=True)
async def show_command(context: ServiceContext, request: Show) -> dict[str, Any]:
    """One request, and everything that is kept of it."""
    line = await find_request(context, request.request_id)
    document: dict[str, Any] = msgspec.to_builtins(line)
    found = None
    if line.account_id is not None:
        found = await usage.find_request(context.database, line.account_id, request.request_id)
    if found is None:
        return {**document, "entries": [], "attempts": []}
    row = found.usage
    return {
        **document,
        "hold": row.hold_amount,
        "shortfall": row.shortfall,
        "upstream_cost": row.upstream_cost,
        "upstream_model": row.upstream_model,
        "usage_source": row.source,
        "cached_input_tokens": row.cached_input_tokens,
        "reasoning_tokens": row.reasoning_tokens,
        "price_id": row.price_id,
        "client_request_id": row.client_request_id,
        "upstream_request_id": row.upstream_request_id,
        "entries": [entry_document(entry) for entry in found.entries],
        "attempts": [attempt._asdict() for attempt in found.attempts],
    }
