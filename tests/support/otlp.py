"""Reads what a collector gets, with OpenTelemetry's own message types."""

import base64
import re

from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


def read_export(body: bytes) -> ExportTraceServiceRequest:
    """A request of OTLP in JSON; raises where it is none."""

    # OTLP's JSON has ids in hexadecimal where protobuf's own has base64.
    def to_base64(found: re.Match[str]) -> str:
        raw = base64.b64encode(bytes.fromhex(found[2])).decode()
        return f'"{found[1]}":"{raw}"'

    text = re.sub(r'"(traceId|spanId|parentSpanId)":"([0-9a-f]*)"', to_base64, body.decode())
    return Parse(text, ExportTraceServiceRequest())


def spans_in(message: ExportTraceServiceRequest) -> list[Span]:
    """All of them, in order."""
    return [
        span
        for resource in message.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
