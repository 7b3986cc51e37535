"""What a finished request hands to the tracer: one tuple of plain values.

There is no field for prompts, answers, keys or addresses of people, so none can be sent.
"""

from typing import NamedTuple


class AttemptRecord(NamedTuple):
    """One call to an upstream."""

    channel: str
    provider: str
    upstream_model: str
    server_address: str
    server_port: int
    started_ms: float
    """Since the request began."""
    ended_ms: float
    outcome: str
    status: int | None


class TraceRecord(NamedTuple):
    """One exchange; amounts in micros, times in milliseconds."""

    ended_at_ms: int
    """Wall clock."""
    total_ms: float
    first_byte_ms: float | None
    request_id: str
    operation: str
    """GenAI's word: chat, text_completion, embeddings, …"""
    account: str | None
    api_token: str | None
    model: str
    response_model: str | None
    response_id: str | None
    finish_reasons: tuple[str, ...]
    max_tokens: int | None
    temperature: float | None
    input_tokens: int | None
    cached_input_tokens: int
    cache_write_tokens: int
    output_tokens: int | None
    reasoning_tokens: int
    conversation: str | None
    """A hash, never the client's own text."""
    status: int
    outcome: str
    error_code: str | None
    charge_micros: int
    shortfall_micros: int
    traceparent: str | None
    """As the client sent it; ignored when it is malformed."""
    attempts: tuple[AttemptRecord, ...]
