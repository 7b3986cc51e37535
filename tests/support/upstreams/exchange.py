"""One request of the scripted upstream: what to answer, and how to put it on the wire."""

import asyncio
import contextlib
import gzip
import json
import socket
import struct
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.upstreams import anthropic_side, gemini_side, openai_side
from tests.support.upstreams.behaviour import Behaviour, Plan, Scenario
from tests.support.upstreams.streaming import Stream
from tests.support.upstreams.watched import Gone, Watched

BODY_LOGGED_BYTES = 262_144
PIECE_BYTES = 262_144
REASONS = {
    200: "OK",
    302: "Found",
    307: "Temporary Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Exchange:
    """One request on one connection."""

    def __init__(
        self,
        upstream: Any,
        protocol: Watched,
        writer: asyncio.StreamWriter,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes,
    ) -> None:
        self.upstream, self.protocol, self.writer = upstream, protocol, writer
        self.method, self.headers, self.body = method, headers, body
        parts = urlsplit(target)
        self.path, self.query = parts.path, parts.query
        own = headers.get("x-api-key") or headers.get("x-goog-api-key")
        self.key = own or headers.get("authorization", "").removeprefix("Bearer ")
        self.google = gemini_side.PATH.match(self.path)
        self.keep_alive = True
        self.entry: dict[str, Any] = {}
        self.scenario: Scenario = upstream.scenarios.honest
        self.behaviour = Behaviour()

    # --- the request ---------------------------------------------------------------

    async def answer(self) -> None:
        """Answer one request, and log it."""
        if self.path.startswith("/_"):
            query = {k: v[0] for k, v in parse_qs(self.query).items()}
            try:
                document = self.upstream.control(self.method, self.path, query, self.body)
                self._write_plain(200, {}, json.dumps(document).encode())
            except (ValueError, KeyError, TypeError) as error:
                self._write_plain(400, {}, json.dumps({"error": str(error)}).encode())
            await self.writer.drain()
            return
        self.scenario = self.upstream.scenarios.find(self.body, self.key, self.path)
        self.behaviour = self.scenario.take()
        self._open_entry()
        try:
            await self._answer_model_call()
            self.entry["is_done"] = True
        finally:
            self.entry["ended_at"] = time.monotonic()
            self.entry["gone_at"] = self.protocol.gone_at

    def _open_entry(self) -> None:
        document: Any = None
        if len(self.body) <= BODY_LOGGED_BYTES:
            with contextlib.suppress(ValueError):
                document = json.loads(self.body)
        self.upstream.count += 1
        self.entry = {
            "id": self.upstream.count,
            "scenario": self.scenario.name,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": self.headers,
            "body": document,
            "body_bytes": len(self.body),
            "key": self.key,
            "at": time.monotonic(),
            "status": 0,
            "sent_tokens": 0,
            "sent_bytes": 0,
            "usage": None,
            "is_done": False,
            "ended_at": None,
            "gone_at": None,
        }
        self.upstream.log.append(self.entry)

    async def _answer_model_call(self) -> None:
        b = self.behaviour
        if b.hang:
            await self.wait_gone()
        await self.pause(b.delay_head)
        if b.gate_head:
            await self.gate()
        if b.reset_before_head:
            self.reset()
        if b.status != 200 or (b.body is not None):
            await self._scripted_body()
            return
        document = json.loads(self.body) if self.body else {}
        if not isinstance(document, dict):
            document = {}
        try:
            refused, plan = self._plan(document)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            refused, plan = openai_side.refuse(400, f"could not read the request: {error}"), None
        if refused is not None:
            self._status(refused[0])
            self._write_plain(refused[0], b.headers, json.dumps(refused[1]).encode())
            await self.writer.drain()
            return
        assert plan is not None
        self._status(200)
        google = self.google
        if google["verb"] == gemini_side.STREAM if google else document.get("stream"):
            await Stream(self, plan).run()
        else:
            await self._plain_body(plan)

    def _plan(self, document: Any) -> tuple[tuple[int, Any] | None, Plan | None]:
        b, path = self.behaviour, self.path
        if self.google is not None:
            refused = gemini_side.check(document, self.headers, self.google["verb"])
            model = self.google["model"]
            return refused, None if refused else gemini_side.plan_generate(b, document, model)
        if path.endswith("/messages/count_tokens"):
            refused = anthropic_side.check(document, self.headers)
            body = {
                "input_tokens": b.input_tokens
                if b.input_tokens is not None
                else anthropic_side.count_input(document)
            }
            return refused, Plan(body, [], None)
        if path.endswith("/messages"):
            refused = anthropic_side.check(
                document, self.headers
            ) or anthropic_side.check_generation(document)
            return refused, None if refused else anthropic_side.plan_messages(b, document)
        if path.endswith("/models"):
            is_anthropic = "anthropic-version" in self.headers
            side = anthropic_side if is_anthropic else openai_side
            return None, Plan(side.models(), [], None)
        headers = {"authorization": "Bearer none"} | self.headers if b.keyless else self.headers
        refused = openai_side.check(document, headers, path)
        if refused:
            return refused, None
        if path.endswith("/chat/completions"):
            return None, openai_side.plan_chat(b, document)
        if path.endswith("/completions"):
            return None, openai_side.plan_completion(b, document)
        if path.endswith("/embeddings"):
            return None, openai_side.plan_embeddings(b, document)
        if path.endswith("/rerank"):
            return None, openai_side.plan_rerank(b, document)
        if path.endswith("/moderations"):
            return None, openai_side.plan_moderations(b, document)
        return openai_side.refuse(404, f"Invalid URL ({self.method} {path})"), None

    # --- bodies --------------------------------------------------------------------

    async def _scripted_body(self) -> None:
        b = self.behaviour
        body = b.body
        if body is None:
            body = self._failure(b.status)
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self._status(b.status)
        self._write_plain(b.status, b.headers, data)
        await self.writer.drain()

    def _failure(self, status: int) -> Any:
        if self.google is not None:
            return gemini_side.refuse(status, "scripted failure")[1]
        if "/messages" in self.path:
            return anthropic_side.refuse(status, "api_error", "scripted failure")[1]
        return openai_side.refuse(status, "scripted failure")[1]

    async def _plain_body(self, plan: Plan) -> None:
        b = self.behaviour
        body = dict(plan.body)
        if plan.usage is not None and b.usage != "missing":
            body[plan.usage_name] = plan.usage if isinstance(b.usage, str) else b.usage
        self.entry["usage"] = body.get(plan.usage_name)
        data = json.dumps(body, ensure_ascii=False).encode()
        if b.bad_json_after is not None:
            data = data[:-1]
        if b.bad_utf8_after is not None:
            data = data.replace(b" one", b" on\xff", 1)
        extra = {"content-encoding": "gzip"} if b.gzip else {}
        if b.gzip:
            data = gzip.compress(data)
        half = len(data) // 2
        breaks = (b.stall_after, b.reset_after, b.drop_after, b.gate_after, b.truncate_after)
        padding = 0 if b.line_bytes_after is None else b.line_bytes_after[1]
        self.write_head(200, {**extra, **b.headers}, padding + len(data))
        for at in range(0, padding, PIECE_BYTES):  # white space before the document
            await self.send(b" " * min(PIECE_BYTES, padding - at))
        if b.reset_after == 0:
            await self.flush()
            self.reset()
        if any(value is not None for value in breaks):
            await self.send(data[:half])
            await self._break(b)
            await self.send(data[half:])
        elif b.framing == "bytes":
            for at in range(len(data)):
                await self.send(data[at : at + 1])
        else:
            await self.send(data)
        self.entry["sent_tokens"] += plan.output_tokens
        await self.flush()

    async def _break(self, b: Behaviour) -> None:
        await self.flush()
        if b.gate_after is not None:
            await self.gate()
        if b.stall_after is not None:
            await self.wait_gone()
        if b.reset_after is not None:
            self.reset()
        if b.drop_after is not None or b.truncate_after is not None:
            self.writer.close()
            raise Gone

    # --- the wire ------------------------------------------------------------------

    def _status(self, status: int) -> None:
        self.entry["status"] = status

    def _write_plain(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.write_head(status, headers, len(body))
        self.writer.write(body)

    def write_head(self, status: int, headers: dict[str, str], length: int | None) -> None:
        fields = {
            "content-type": "application/json",
            "x-request-id": "req-upstream-1",
            "request-id": "req-upstream-1",
        }
        fields |= {name.lower(): value for name, value in headers.items()}
        if length is None:
            fields.setdefault("transfer-encoding", "chunked")
        else:
            fields["content-length"] = str(length)
        if self.behaviour.close:
            fields["connection"] = "close"
            self.keep_alive = False
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Scripted')}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    async def send(self, data: bytes) -> None:
        if self.protocol.gone.is_set():
            raise Gone
        self.writer.write(data)
        await self.writer.drain()
        self.entry["sent_bytes"] += len(data)

    async def flush(self) -> None:
        """Wait until the kernel has everything."""
        transport = self.writer.transport
        while transport.get_write_buffer_size() and not self.protocol.gone.is_set():
            await asyncio.sleep(0.001)

    async def pause(self, seconds: float) -> None:
        if seconds:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.protocol.gone.wait(), seconds)
                raise Gone

    async def wait_gone(self) -> None:
        await self.protocol.gone.wait()
        raise Gone

    async def gate(self) -> None:
        opened = asyncio.ensure_future(self.scenario.gate.wait())
        gone = asyncio.ensure_future(self.protocol.gone.wait())
        await asyncio.wait((opened, gone), return_when=asyncio.FIRST_COMPLETED)
        opened.cancel()
        gone.cancel()
        if self.protocol.gone.is_set():
            raise Gone

    def reset(self) -> None:
        """Leave with RST."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        raise Gone
