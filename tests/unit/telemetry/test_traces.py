"""Traces: read back with OpenTelemetry's own message types, from a collector on loopback."""

import gzip
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.support.otlp import read_export, spans_in
from yiyuan.i18n.message import Message
from yiyuan.i18n.zh.cli_click import SETTINGS
from yiyuan.kernel.setting_doc import SettingsError
from yiyuan.telemetry.trace.context import span_context
from yiyuan.telemetry.trace.record import AttemptRecord, TraceRecord
from yiyuan.telemetry.trace.settings import TraceSettings, read_trace_settings
from yiyuan.telemetry.trace.tracer import Tracer

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Collector(ThreadingHTTPServer):
    """Answers with the statuses it is given, then 200, and keeps what it got."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses: list[int] = []
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def spans(self) -> list[Span]:
        """All spans, by OpenTelemetry's reader of its JSON form."""
        return [
            span for _, headers, body in self.seen for span in spans_in(_message(headers, body))
        ]


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.seen.append((self.path, dict(self.headers), body))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        self.send_response(status)
        if status == 503:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_) -> None:
        """Nothing: the test's output is its own."""


def _message(headers: dict[str, str], body: bytes) -> ExportTraceServiceRequest:
    if headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return read_export(body)


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    yield server
    server.shutdown()
    server.server_close()


def record(**changes) -> TraceRecord:
    attempts = (
        AttemptRecord("first", "openai", "gpt-4.1", "a.example", 443, 5.0, 30.0, "http_500", 500),
        AttemptRecord("second", "anthropic", "claude", "b.example", 443, 31.0, 99.0, "ok", 200),
    )
    values = {
        "ended_at_ms": 1_800_000_000_000,
        "total_ms": 100.0,
        "first_byte_ms": 40.0,
        "request_id": "req_1",
        "operation": "chat",
        "account": "acc_1",
        "api_token": "tok_1",
        "model": "gpt-4",
        "response_model": "gpt-4",
        "response_id": "chatcmpl-1",
        "finish_reasons": ("stop",),
        "max_tokens": 64,
        "temperature": 0.5,
        "input_tokens": 12,
        "cached_input_tokens": 4,
        "cache_write_tokens": 0,
        "output_tokens": 7,
        "reasoning_tokens": 0,
        "conversation": "c0ffee",
        "status": 200,
        "outcome": "ok",
        "error_code": None,
        "charge_micros": 570,
        "shortfall_micros": 0,
        "traceparent": None,
        "attempts": attempts,
    }
    return TraceRecord(**{**values, **changes})


def sent(collector: Collector, *records: TraceRecord, **changes) -> Tracer:
    """Send records through a tracer of its own, to the end."""
    settings = TraceSettings(
        **{"url": f"{collector.url}/v1/traces", "headers": {}, "delay_seconds": 60.0, **changes}
    )
    tracer = Tracer(settings, "1.2.3")
    for item in records:
        tracer.append(item)
    tracer._flush()
    return tracer


def attributes(span: Span) -> dict[str, object]:
    def plain(value):
        kind = value.WhichOneof("value")
        if kind == "array_value":
            return [plain(item) for item in value.array_value.values]
        return getattr(value, kind)

    return {item.key: plain(item.value) for item in span.attributes}


def test_a_request_is_a_server_span_with_a_client_span_per_attempt(collector) -> None:
    sent(collector, record())
    own, first, second = collector.spans()
    assert (own.name, own.kind) == ("chat gpt-4", Span.SPAN_KIND_SERVER)
    assert (first.kind, second.kind) == (Span.SPAN_KIND_CLIENT,) * 2
    assert first.parent_span_id == second.parent_span_id == own.span_id
    assert len({own.span_id, first.span_id, second.span_id}) == 3
    assert {len(own.trace_id), len(own.span_id)} == {16, 8}
    assert own.end_time_unix_nano - own.start_time_unix_nano == 100_000_000
    assert own.end_time_unix_nano == 1_800_000_000_000 * 1_000_000
    assert first.start_time_unix_nano - own.start_time_unix_nano == 5_000_000
    assert first.status.code == Status.STATUS_CODE_ERROR
    assert second.status.code == own.status.code == Status.STATUS_CODE_UNSET


def test_the_names_are_those_of_the_genai_conventions(collector) -> None:
    sent(collector, record())
    own, first, _ = collector.spans()
    assert attributes(own) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "gpt-4",
        "gen_ai.request.max_tokens": 64,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.response.model": "gpt-4",
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.response.time_to_first_chunk": 0.04,
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": 7,
        "gen_ai.usage.cache_read.input_tokens": 4,
        "gen_ai.conversation.id": "c0ffee",
        "http.response.status_code": 200,
        "yiyuan.request_id": "req_1",
        "yiyuan.account": "acc_1",
        "yiyuan.api_token": "tok_1",
        "yiyuan.channel": "second",
        "yiyuan.charge_micros": 570,
        "yiyuan.outcome": "ok",
    }
    assert attributes(first)["server.address"] == "a.example"
    assert attributes(first)["error.type"] == "http_500"


def test_the_callers_trace_goes_on(collector) -> None:
    sent(collector, record(traceparent=PARENT))
    own = collector.spans()[0]
    assert own.trace_id.hex() == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert own.parent_span_id.hex() == "00f067aa0ba902b7"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        PARENT.upper(),
        PARENT.replace("00-4bf", "ff-4bf"),
        PARENT + "-more",
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
    ],
)
def test_a_malformed_parent_counts_as_none(header) -> None:
    assert span_context("req_1", header) == span_context("req_1", None)


def test_a_later_version_of_the_header_is_read() -> None:
    assert span_context("r", "01" + PARENT[2:] + "-more").parent_id == "00f067aa0ba902b7"


def test_a_ratio_holds_and_errors_and_shortfalls_are_always_sent(collector) -> None:
    many = [record(request_id=f"req_{number}", attempts=()) for number in range(2000)]
    odd = [
        record(request_id="failed", attempts=(), error_code="upstream_error"),
        record(request_id="short", attempts=(), shortfall_micros=3),
    ]
    sent(collector, *many, *odd, ratio=0.1)
    ids = [attributes(span)["yiyuan.request_id"] for span in collector.spans()]
    assert (
        140 <= len(ids) <= 260
    )  # 200, and 4.5 standard deviations, and the same on every run: ids decide
    assert {"failed", "short"} <= set(ids)


@pytest.mark.parametrize(("flag", "spans"), [("00", 0), ("01", 1)])
def test_the_callers_decision_is_followed(collector, flag, spans) -> None:
    sent(collector, record(traceparent=PARENT[:-2] + flag, attempts=()), ratio=1.0 - int(flag))
    assert len(collector.spans()) == spans


def test_a_busy_collector_is_asked_again_and_a_refusing_one_is_not(collector) -> None:
    collector.statuses = [503]
    assert sent(collector, record()).sent_total == 3
    assert len(collector.seen) == 2
    collector.seen.clear()
    collector.statuses = [400]
    assert sent(collector, record()).dropped_total == 1
    assert len(collector.seen) == 1


def test_each_request_of_a_refused_batch_counts_as_dropped(collector) -> None:
    collector.statuses = [400]
    assert sent(collector, *(record(request_id=str(n)) for n in range(3))).dropped_total == 3


def test_the_queue_is_bounded_and_what_is_dropped_is_counted(collector) -> None:
    tracer = sent(collector, *(record(request_id=str(n)) for n in range(15)), queue_max=10)
    assert tracer.dropped_total == 5
    assert len({span.trace_id for span in collector.spans()}) == 10


def test_what_waits_is_sent_when_the_process_ends(collector) -> None:
    settings = TraceSettings(url=collector.url, headers={}, delay_seconds=60.0)
    tracer = Tracer(settings, "1")
    tracer.start()
    tracer.append(record())
    tracer.close()
    assert len(collector.spans()) == 3


def test_an_unreachable_collector_holds_nothing_up() -> None:
    settings = TraceSettings(url="http://127.0.0.1:9/v1/traces", headers={}, delay_seconds=0.01)
    tracer = Tracer(settings, "1")
    tracer.start()
    for number in range(1000):
        tracer.append(record(request_id=str(number)))
    began = time.monotonic()
    tracer.close()
    assert time.monotonic() - began < 5


def test_langfuse_gets_its_address_its_headers_and_gzip(collector) -> None:
    settings = read_trace_settings(
        {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"{collector.url}/api/public/otel",
            "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Basic%20cGs6c2s=,"
            "x-langfuse-ingestion-version=4",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
            "OTEL_SERVICE_NAME": "shop",
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
        }
    )
    assert settings is not None
    tracer = Tracer(settings, "1")
    tracer.append(record())
    tracer._flush()
    ((path, headers, body),) = collector.seen
    assert path == "/api/public/otel/v1/traces"
    assert headers["Authorization"] == "Basic cGs6c2s="
    assert headers["x-langfuse-ingestion-version"] == "4"
    resource = _message(headers, body).resource_spans[0].resource
    assert {item.key: item.value.string_value for item in resource.attributes} == {
        "service.name": "shop",
        "deployment.environment.name": "test",
    }


ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {**ENDPOINT, "OTEL_SDK_DISABLED": "true"},
        {**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_without_an_endpoint_nothing_is_traced(environment) -> None:
    assert read_trace_settings(environment) is None


def test_the_address_for_traces_alone_is_taken_as_it_stands() -> None:
    special = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://c.example/in"}
    settings = read_trace_settings({**ENDPOINT, **special})
    assert settings is not None
    assert settings.url == "https://c.example/in"


@pytest.mark.parametrize(
    ("sampler", "ratio", "follows"),
    [
        ("always_on", 1.0, False),
        ("always_off", 0.0, False),
        ("traceidratio", 0.25, False),
        ("parentbased_traceidratio", 0.25, True),
    ],
)
def test_samplers_are_those_of_the_specification(sampler, ratio, follows) -> None:
    named = {"OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG": "0.25"}
    settings = read_trace_settings({**ENDPOINT, **named})
    assert settings is not None
    assert (settings.ratio, settings.follows_parent) == (ratio, follows)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:99999"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[collector"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=hunter2%0d%0aX: y"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name_and_without_the_value(name, value) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        read_trace_settings({**ENDPOINT, name: value})
    assert "hunter2" not in str(refused.value)
    reason = refused.value.reason
    assert (reason.template if isinstance(reason, Message) else reason) in SETTINGS
