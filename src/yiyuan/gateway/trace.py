"""What a finished request hands to the tracer: plain values, and nothing that somebody wrote."""

from urllib.parse import urlsplit

from yiyuan.dialects.canonical import GenerationRequest, GenerationResponse
from yiyuan.dialects.shared.ids import own_id
from yiyuan.gateway.request.context import RequestContext
from yiyuan.gateway.upstream.affinity import affinity_of
from yiyuan.ledger.operations import Attempt
from yiyuan.routing.channel import Channel
from yiyuan.telemetry.trace.record import AttemptRecord, TraceRecord

_OPERATIONS = {
    "chat/completions": "chat",
    "messages": "chat",
    "responses": "chat",
    "completions": "text_completion",
    "embeddings": "embeddings",
}
"""GenAI's word for an endpoint; others are called by their own path's end."""


def trace_record(context: RequestContext, wall_ms: int, now: float, model: str) -> TraceRecord:
    """The record of a request that ended at the monotonic time `now`."""
    usage = context.bill.usage if context.bill is not None else None
    settled, token, dialect = context.settled, context.api_token, context.dialect
    asked = context.request if isinstance(context.request, GenerationRequest) else None
    total_ms, first = (now - context.started_at) * 1000, context.first_byte_at
    return TraceRecord(
        ended_at_ms=wall_ms,
        total_ms=total_ms,
        first_byte_ms=None if first is None else (first - context.started_at) * 1000,
        request_id=context.request_id,
        operation=_operation(context.endpoint),
        account=None if token is None else token.account_id,
        api_token=None if token is None else token.id,
        model=model,
        response_model=model if settled is not None else None,
        response_id=None if settled is None else own_id(context.request_id, dialect.id_prefix),
        finish_reasons=_finish_reasons(context),
        max_tokens=None if asked is None else asked.max_output_tokens,
        temperature=None if asked is None else asked.temperature,
        input_tokens=None if usage is None else usage.input_tokens,
        cached_input_tokens=0 if usage is None else usage.cached_input_tokens,
        cache_write_tokens=(
            0 if usage is None else usage.cache_write_tokens + usage.cache_write_1h_tokens
        ),
        output_tokens=None if usage is None else usage.output_tokens,
        reasoning_tokens=0 if usage is None else usage.reasoning_tokens,
        conversation=_conversation(context),
        status=context.status,
        outcome=context.outcome,
        error_code=context.error_code,
        charge_micros=context.charge_micros,
        shortfall_micros=0 if settled is None else settled.shortfall_micros,
        traceparent=context.exchange.headers.get("traceparent"),
        attempts=_attempts(context, model, total_ms),
    )


def _finish_reasons(context: RequestContext) -> tuple[str, ...]:
    """In the order of the choices, in OpenAI's words."""
    if isinstance(context.response, GenerationResponse):
        return tuple(choice.finish for choice in context.response.choices)
    finishes = context.finishes or {}
    return tuple(finishes[index] for index in sorted(finishes))


def _conversation(context: RequestContext) -> str | None:
    """What keeps its turns together, hashed; None where there is nothing of the kind."""
    affinity = None if context.admitted is None else affinity_of(context.admitted)
    return None if affinity is None else affinity.hex()


def _operation(endpoint: str) -> str:
    path = endpoint.strip("/").removeprefix("v1/")
    return _OPERATIONS.get(path) or path.rpartition("/")[2]


def _attempts(context: RequestContext, model: str, total_ms: float) -> tuple[AttemptRecord, ...]:
    """One after another, each as long as it took; the last ends with the request."""
    if context.admitted is None or not context.attempts:
        return ()
    channels = {channel.id: channel for channel in context.admitted.catalog.channels}
    begins = max(0.0, total_ms - sum(attempt.ms or 0 for attempt in context.attempts))
    records = []
    for attempt in context.attempts:
        ends = min(total_ms, begins + (attempt.ms or 0))
        records.append(_attempt(attempt, channels.get(attempt.channel_id), model, begins, ends))
        begins = ends
    return tuple(records)


def _attempt(
    attempt: Attempt, channel: Channel | None, model: str, begins: float, ends: float
) -> AttemptRecord:
    where = urlsplit("" if channel is None else channel.base_url)
    return AttemptRecord(
        channel=attempt.channel_id if channel is None else channel.name,
        provider="" if channel is None else channel.provider.name,
        upstream_model=model if channel is None else channel.models.get(model, model),
        server_address=where.hostname or "",
        server_port=where.port or (443 if where.scheme == "https" else 80 if where.scheme else 0),
        started_ms=begins,
        ended_ms=ends,
        outcome=attempt.outcome,
        status=attempt.status,
    )
