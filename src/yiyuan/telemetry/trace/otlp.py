"""A request as OTLP spans in JSON: a SERVER span for it, a CLIENT child for each attempt.

The form: opentelemetry-proto's JSON encoding (ids in hexadecimal, 64-bit integers as
text). The names: GenAI's semantic conventions as of 2026-07 (schema 1.42; all of them
still in development), and ours below `yiyuan.`.
"""

from typing import Any

from yiyuan.telemetry.trace.context import SpanContext, attempt_span_id
from yiyuan.telemetry.trace.record import AttemptRecord, TraceRecord

SCHEMA_URL = "https://opentelemetry.io/schemas/1.42.0"
_SERVER, _CLIENT = 2, 3
_ERROR = 2
_SAMPLED_FLAG = 0x01
_REMOTE_FLAGS = 0x100 | 0x200
"""It is known whether the parent is remote, and it is."""

Json = dict[str, Any]


def document(resource: dict[str, str], version: str, spans: list[Json]) -> Json:
    """An ExportTraceServiceRequest."""
    scope = {"name": "yiyuan", "version": version}
    attributes = [_attribute(key, value) for key, value in resource.items()]
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": attributes},
                "scopeSpans": [{"scope": scope, "spans": spans, "schemaUrl": SCHEMA_URL}],
            }
        ]
    }


def spans_of(record: TraceRecord, context: SpanContext) -> list[Json]:
    """The spans of one request, its own first."""
    began_ns = int((record.ended_at_ms - record.total_ms) * 1_000_000)
    own = _span(context, context.span_id, began_ns, 0.0, record.total_ms)
    own["name"] = f"{record.operation} {record.model}"
    own["kind"] = _SERVER
    own["flags"] = _SAMPLED_FLAG
    if context.parent_id is not None:
        own["parentSpanId"] = context.parent_id
        own["flags"] = _SAMPLED_FLAG | _REMOTE_FLAGS
    own["attributes"] = _attributes(_request_facts(record))
    own["status"] = _status(record.error_code)
    children = (
        _attempt_span(record, context, number, began_ns) for number in range(len(record.attempts))
    )
    return [own, *children]


def _attempt_span(record: TraceRecord, context: SpanContext, number: int, began_ns: int) -> Json:
    attempt = record.attempts[number]
    span_id = attempt_span_id(context, number)
    span = _span(context, span_id, began_ns, attempt.started_ms, attempt.ended_ms)
    error = None if attempt.outcome == "ok" else attempt.outcome
    span["name"] = f"{record.operation} {attempt.upstream_model}"
    span["kind"] = _CLIENT
    span["flags"] = _SAMPLED_FLAG | 0x100
    span["parentSpanId"] = context.span_id
    span["attributes"] = _attributes(_attempt_facts(record, attempt, error))
    span["status"] = _status(error)
    return span


def _span(
    context: SpanContext, span_id: str, began_ns: int, start_ms: float, end_ms: float
) -> Json:
    return {
        "traceId": context.trace_id,
        "spanId": span_id,
        "startTimeUnixNano": str(began_ns + int(start_ms * 1_000_000)),
        "endTimeUnixNano": str(began_ns + int(max(start_ms, end_ms) * 1_000_000)),
    }


def _request_facts(record: TraceRecord) -> dict[str, Any]:
    first = record.first_byte_ms
    return {
        "gen_ai.operation.name": record.operation,
        "gen_ai.provider.name": record.attempts[-1].provider if record.attempts else None,
        "gen_ai.request.model": record.model,
        "gen_ai.request.max_tokens": record.max_tokens,
        "gen_ai.request.temperature": record.temperature,
        "gen_ai.response.model": record.response_model,
        "gen_ai.response.id": record.response_id,
        "gen_ai.response.finish_reasons": list(record.finish_reasons) or None,
        "gen_ai.response.time_to_first_chunk": None if first is None else first / 1000,
        "gen_ai.usage.input_tokens": record.input_tokens,
        "gen_ai.usage.output_tokens": record.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": record.cached_input_tokens or None,
        "gen_ai.usage.cache_creation.input_tokens": record.cache_write_tokens or None,
        "gen_ai.usage.reasoning.output_tokens": record.reasoning_tokens or None,
        "gen_ai.conversation.id": record.conversation,
        "http.response.status_code": record.status,
        "error.type": record.error_code,
        "yiyuan.request_id": record.request_id,
        "yiyuan.account": record.account,
        "yiyuan.api_token": record.api_token,
        "yiyuan.channel": record.attempts[-1].channel if record.attempts else None,
        "yiyuan.charge_micros": record.charge_micros,
        "yiyuan.shortfall_micros": record.shortfall_micros or None,
        "yiyuan.outcome": record.outcome or None,
    }


def _attempt_facts(
    record: TraceRecord, attempt: AttemptRecord, error: str | None
) -> dict[str, Any]:
    return {
        "gen_ai.operation.name": record.operation,
        "gen_ai.provider.name": attempt.provider,
        "gen_ai.request.model": attempt.upstream_model,
        "server.address": attempt.server_address or None,
        "server.port": attempt.server_port or None,
        "http.response.status_code": attempt.status,
        "error.type": error,
        "yiyuan.channel": attempt.channel,
        "yiyuan.outcome": attempt.outcome,
    }


def _status(error: str | None) -> Json:
    return {} if error is None else {"code": _ERROR, "message": error}


def _attributes(facts: dict[str, Any]) -> list[Json]:
    return [_attribute(key, value) for key, value in facts.items() if value is not None]


def _attribute(key: str, value: Any) -> Json:
    return {"key": key, "value": _value(value)}


def _value(value: Any) -> Json:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list():
            return {"arrayValue": {"values": [_value(item) for item in value]}}
        case _:
            return {"stringValue": str(value)}
