"""Names of traces and spans, and W3C's `traceparent` (https://www.w3.org/TR/trace-context/).

A trace without a parent is named after its request's id, so who has the id from an
answer's header finds the trace, and every node makes the same names.
"""

import re
from dataclasses import dataclass
from hashlib import blake2b

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_SAMPLED = 0x01


@dataclass(frozen=True, slots=True)
class SpanContext:
    """Where a request stands in a trace; ids in lower-case hexadecimal."""

    trace_id: str
    span_id: str
    parent_id: str | None
    parent_sampled: bool | None
    """What the caller decided about sampling; None without a caller."""

    def traceparent(self, attempt: int | None, *, is_sampled: bool) -> str:
        """The header for an upstream: below the attempt of this number, or the request itself."""
        span_id = self.span_id if attempt is None else attempt_span_id(self, attempt)
        return f"00-{self.trace_id}-{span_id}-0{int(is_sampled)}"


def span_context(request_id: str, traceparent: str | None) -> SpanContext:
    """The context of a request; a malformed `traceparent` counts as none."""
    own = blake2b(request_id.encode(), digest_size=24).hexdigest()
    found = _TRACEPARENT.fullmatch(traceparent or "")
    if found is None or not _is_valid(found):
        return SpanContext(own[:32], own[32:], None, None)
    sampled = bool(int(found[4], 16) & _SAMPLED)
    return SpanContext(found[2], own[32:], found[3], sampled)


def attempt_span_id(context: SpanContext, attempt: int) -> str:
    """The name of the span of an attempt, counted from 0."""
    return blake2b(f"{context.span_id}/{attempt}".encode(), digest_size=8).hexdigest()


def _is_valid(found: re.Match[str]) -> bool:
    """Version ff and ids of zeros are forbidden; version 00 has nothing behind the flags."""
    version, trace_id, parent_id, _, rest = found.groups()
    is_known = version != "ff" and (version != "00" or rest is None)
    return is_known and trace_id.strip("0") != "" and parent_id.strip("0") != ""
