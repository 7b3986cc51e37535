"""The sending of a plan as server-sent events, with the script's faults and framing."""

import gzip
import json
from typing import Any

from tests.support.upstreams import gemini_side
from tests.support.upstreams.behaviour import Plan, Step
from tests.support.upstreams.watched import Gone


class Stream:
    """Sends a plan as server-sent events, with the behaviour's faults and framing."""

    def __init__(self, exchange: Any, plan: Plan) -> None:
        self.x, self.plan, self.b = exchange, plan, exchange.behaviour
        self.chunks = 0

    async def run(self) -> None:
        x, b = self.x, self.b
        headers = {"content-type": "text/event-stream; charset=utf-8", **b.headers}
        if b.gzip:
            headers["content-encoding"] = "gzip"
        x.write_head(200, headers, None)
        if b.reset_after == 0:
            await x.flush()
            x.reset()
        await x.pause(b.delay_first_event)
        if b.gzip:
            everything = b"".join(self._frame(step) for step in self.plan.steps)
            await self._chunk(gzip.compress(everything))
            await self._finish()
            return
        if b.framing == "bom":
            await self._chunk(b"\xef\xbb\xbf")
        for step in self.plan.steps:
            name = self.plan.usage_name
            if step.kind == "usage" or f'"{name}"' in step.data:
                told = json.loads(step.data).get(name)
                x.entry["usage"] = told or x.entry["usage"]
            await self._before(step)
            await self._event(step)
        await self._finish()

    async def _finish(self) -> None:
        self.x.writer.write(b"0\r\n\r\n")
        await self.x.flush()

    async def _before(self, step: Step) -> None:
        """The faults due before this step; a fault after k chunks is due once k were sent."""
        x, b = self.x, self.b
        if step.kind == "start":
            return
        if self.chunks and b.fault_at() == self.chunks:
            await x.flush()
            await x.pause(b.delay_fault)
        await self._faults_in_data()
        if b.gate_after == self.chunks:
            await x.flush()
            await x.gate()
        if b.stall_after == self.chunks:
            await x.wait_gone()
        if b.reset_after == self.chunks:
            await x.flush()
            x.reset()
        if b.drop_after == self.chunks:
            await x.flush()
            x.writer.close()
            raise Gone
        if b.truncate_after == self.chunks:
            await self._finish()
            x.keep_alive = False
            raise Gone
        if b.endless and self.plan.endless_step is not None and step.kind != "delta":
            while True:
                await self._event(self.plan.endless_step)
        if step.kind == "delta":
            await x.pause(b.delay_chunk)

    async def _faults_in_data(self) -> None:
        b = self.b
        if b.error_event_after == self.chunks:
            await self._chunk(self._error_event())
            await self._finish()
            self.x.keep_alive = False
            raise Gone
        if b.bad_json_after == self.chunks:
            await self._chunk(b'data: {"choices": [{"index": 0, "delta": {"con\n\n')
        if b.bad_utf8_after == self.chunks:
            await self._chunk(b'data: {"choices": [], "note": "\xff\xfe"}\n\n')
        if b.extra_after is not None and b.extra_after[0] == self.chunks:
            await self._chunk(b.extra_after[1].encode())
        if b.line_bytes_after is not None and b.line_bytes_after[0] == self.chunks:
            await self._chunk(b"data: ")
            left = b.line_bytes_after[1]
            while left > 0:
                await self._chunk(b"x" * min(left, 1_048_576))
                left -= 1_048_576

    def _error_event(self) -> bytes:
        if "/messages" in self.x.path:
            document = {
                "type": "error",
                "error": {"type": "overloaded_error", "message": "Overloaded"},
            }
            return f"event: error\ndata: {json.dumps(document)}\n\n".encode()
        if self.x.google is not None:
            return f"data: {json.dumps(gemini_side.refuse(503, 'Overloaded')[1])}\n\n".encode()
        document = {
            "error": {
                "message": "The server had an error",
                "type": "server_error",
                "param": None,
                "code": None,
            }
        }
        return f"data: {json.dumps(document)}\n\n".encode()

    async def _event(self, step: Step) -> None:
        frame = self._frame(step)
        if self.b.framing == "bytes":
            for at in range(len(frame)):
                await self._chunk(frame[at : at + 1])
        else:
            await self._chunk(frame)
        self.x.entry["sent_tokens"] += step.tokens
        if step.kind == "delta":
            self.chunks += 1

    def _frame(self, step: Step) -> bytes:
        lines = [f"event: {step.event}"] if step.event else []
        if self.b.framing == "multiline" and step.data.startswith("{"):
            pretty = json.dumps(json.loads(step.data), indent=1, ensure_ascii=False)
            lines += [f"data: {line}" for line in pretty.split("\n")]
        else:
            lines.append(f"data: {step.data}")
        if self.b.framing == "comments":
            lines = [": keep-alive", "", ": another", "retry: 10", "id: 7", *lines, ":"]
        end = {"crlf": "\r\n", "cr": "\r"}.get(self.b.framing, "\n")
        return (end.join(lines) + end + end).encode()

    async def _chunk(self, data: bytes) -> None:
        await self.x.send(b"%x\r\n%b\r\n" % (len(data), data))
