"""A request's trace reaches a collector: its span, its attempts, its money, never its words."""

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support import wire
from tests.support.catalogs import main_catalog
from tests.support.gateway_process import Gateway
from tests.support.otlp import read_export, spans_in
from tests.support.waiting import wait_for


class Collector(ThreadingHTTPServer):
    """Keeps the spans that it gets."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[bytes] = []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def spans(self) -> list[dict]:
        return [
            span
            for body in list(self.bodies)
            for resource in json.loads(body)["resourceSpans"]
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
        ]


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.bodies.append(gzip.decompress(body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_) -> None:
        """Nothing: the test's output is its own."""


@pytest.fixture
def collector():
    server = Collector()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def gateway(tmp_path, cli, collector):
    """One that sends its traces to the collector; who looks at all of them stops it first."""
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}",
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
        "OTEL_BSP_SCHEDULE_DELAY": "50",
    }
    with Gateway(tmp_path / "home", cli, **environment) as running:
        yield running


def serve(gateway, catalog):
    """A start with the catalog: on PostgreSQL a server hears of a change a moment later."""
    gateway.apply(catalog)
    gateway.start()
    return gateway.customer()


def facts(span: dict) -> dict:
    return {item["key"]: next(iter(item["value"].values())) for item in span["attributes"]}


def test_a_paid_request_is_traced_with_its_attempt(gateway, upstream, collector):
    customer = serve(gateway, main_catalog(upstream))
    words = "SECRET-PROMPT"
    body = {"model": "gpt-4", "messages": [{"role": "user", "content": words}]}
    answer = wire.call(gateway.origin, "POST", "/v1/chat/completions", body, key=customer.key)
    assert answer.status == 200
    wait_for(lambda: len(collector.spans()) >= 2, timeout=15, what="the spans")
    gateway.stop()
    own, attempt = collector.spans()[:2]
    assert own["name"] == "chat gpt-4"
    assert attempt["parentSpanId"] == own["spanId"]
    known = facts(own)
    assert known["yiyuan.request_id"] == answer.headers["x-request-id"]
    assert int(known["yiyuan.charge_micros"]) == json.loads(answer.body)["usage"]["charge"]
    assert int(known["gen_ai.usage.output_tokens"]) > 0
    assert known["gen_ai.operation.name"] == "chat"
    assert facts(attempt)["server.address"] == "127.0.0.1"
    assert words.encode() not in b"".join(collector.bodies)


ASKS = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": "hello"}]},
    "/v1/completions": {"prompt": "hello"},
    "/v1/messages": {"messages": [{"role": "user", "content": "hello"}]},
    "/v1/responses": {"input": "hello"},
}
MAXIMUM = {"/v1/responses": "max_output_tokens"}


def asked(path: str, **more) -> dict:
    name = MAXIMUM.get(path, "max_tokens")
    return {"model": "gpt-4", **ASKS[path], name: 64, "temperature": 0.5, **more}


def test_what_was_asked_and_how_it_ended(gateway, upstream, collector):
    """In each format, whole and streamed: ids, finish reasons, maximum, temperature."""
    customer = serve(gateway, main_catalog(upstream))
    ids = {}
    for path in ASKS:
        answer = wire.call(gateway.origin, "POST", path, asked(path), key=customer.key)
        assert answer.status == 200, answer.body
        ids[answer.headers["x-request-id"]] = answer.json()["id"]
        streamed = wire.call(
            gateway.origin, "POST", path, asked(path, stream=True), key=customer.key
        )
        assert streamed.status == 200, streamed.body
        ids[streamed.headers["x-request-id"]] = None
    wait_for(lambda: len(collector.spans()) >= 16, timeout=20, what="the spans")
    gateway.stop()
    found = [span for body in list(collector.bodies) for span in spans_in(read_export(body))]
    spans = [span for span in found if not span.parent_span_id]
    assert len(spans) == 8
    for span in spans:
        known = {item.key: item.value for item in span.attributes}
        reasons = [
            v.string_value for v in known["gen_ai.response.finish_reasons"].array_value.values
        ]
        assert reasons == ["length"], "that upstream goes on to the maximum"
        assert known["gen_ai.request.max_tokens"].int_value == 64
        assert known["gen_ai.request.temperature"].double_value == 0.5
        assert len(known["gen_ai.conversation.id"].string_value) == 32
        told = ids[known["yiyuan.request_id"].string_value]
        assert told is None or known["gen_ai.response.id"].string_value == told
    conversations = {
        item.value.string_value
        for span in spans
        for item in span.attributes
        if item.key == "gen_ai.conversation.id"
    }
    assert len(conversations) == 1, "the same beginning of the same customer"


def test_an_upstream_is_told_the_trace_only_if_its_channel_says_so(gateway, upstream, collector):
    given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    quiet = main_catalog(upstream)
    line = 'provider = "openai"\n'
    told = quiet.replace(line, line + 'quirks = { flags = ["traceparent"] }\n')
    assert told != quiet
    for catalog, is_told in ((quiet, False), (told, True)):
        customer = serve(gateway, catalog)
        answer = wire.call(
            gateway.origin, "POST", "/v1/chat/completions", asked("/v1/chat/completions"),
            key=customer.key, headers={"traceparent": given},
        )  # fmt: skip
        assert answer.status == 200
        sent = upstream.log()[-1]["headers"].get("traceparent")
        assert (sent is not None) == is_told
        gateway.stop()
    assert sent.startswith("00-4bf92f3577b34da6a3ce929d0e0e4736-")
    assert sent.endswith("-01")
    attempts = lambda: {s["spanId"] for s in collector.spans() if "parentSpanId" in s}  # noqa: E731
    wait_for(lambda: sent.split("-")[2] in attempts(), timeout=15, what="the attempt's span")


def test_what_cannot_be_done_refuses_to_start(tmp_path, cli):
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
    }
    with Gateway(tmp_path / "home", cli, **environment) as gateway:
        with pytest.raises(AssertionError, match="serve ended with"):
            gateway.start()
        assert "OTEL_EXPORTER_OTLP_PROTOCOL" in gateway.said()
        assert "Traceback" not in gateway.said()
