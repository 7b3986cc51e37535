"""The stream of Anthropic's messages, written for a client.

The writer keeps the books of the message's blocks, one open at a time: it passes
an upstream's own events with the id, the model and the block's number changed, and
makes its own for deltas of another format and for pieces that the gateway cut, which
go on in the block that is open. The stop reason, the usage and the end are only
written in `close`.
"""

from yiyuan.dialects.anthropic.errors import anthropic_error
from yiyuan.dialects.anthropic.finish_reasons import ANTHROPIC_WORD
from yiyuan.dialects.anthropic.own_proofs import seal_block
from yiyuan.dialects.anthropic.request import NAME
from yiyuan.dialects.anthropic.usage import kept_usage, write_usage
from yiyuan.dialects.canonical import Delta, Finish, Json, Reply, ToolCallDelta
from yiyuan.dialects.plain import PROBE, Frame, Mould, MouldWriter, Plain
from yiyuan.dialects.proofs import Proof, marked, sealed
from yiyuan.dialects.shared.ids import response_id
from yiyuan.dialects.shared.sse import named_event
from yiyuan.kernel.errors import ApiError
from yiyuan.kernel.usage import Usage

ID_PREFIX = "msg_"


class AnthropicStreamWriter:
    """Writes the events of one message."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._id = response_id(reply, ID_PREFIX)
        self._is_started = False
        self._open: str | None = None
        self._index = -1
        self._numbers: dict[int, int] = {}
        self._tools: dict[int, int] = {}
        self._finish: Finish = "stop"
        self._stop_sequence: str | None = None
        self._end: Json | None = None
        self._is_own = False
        """Whether the upstream's own events pass, its thinking and what proves it among them."""
        self._moulds = MouldWriter()

    def write(self, delta: Delta) -> bytes:
        """See `StreamWriter.write`."""
        if delta.finish is not None:
            self._finish = delta.finish
            self._stop_sequence = delta.stop_sequence
        raw = delta.raw
        if raw is not None and delta.raw_dialect == NAME:
            self._is_own = True
        if type(raw) is Plain:
            return self._moulds.cast(raw) or self._write_plain(raw, delta)
        if type(raw) is dict and delta.raw_dialect == NAME:
            if delta.reasoning_signature and self._reply.proof_family:
                self._seal(raw, delta.reasoning_signature)
            return self._pass(raw, delta)
        return self._make(delta)

    def frame_of(self, mould: Mould, /) -> Frame | None:
        """See `StreamWriter.frame_of`."""
        return self._moulds.frame_of(mould)

    def _write_plain(self, plain: Plain, delta: Delta) -> bytes:
        """The first of a row; those that follow are cast, as long as the block is open."""
        if delta.raw_dialect != NAME:
            made = self._make(delta)
            self._moulds.learn(plain.mould, lambda _: self._text(PROBE))
            return made
        body = plain.body()
        if body["index"] in self._numbers:
            self._moulds.learn(plain.mould, lambda event: self._pass(event, delta))
        return self._pass(body, delta)

    def _seal(self, raw: Json, signature: str) -> None:
        """Mark whose proof it is, so that it goes back to its maker alone."""
        holder = raw.get("delta") or raw.get("content_block")
        if type(holder) is dict:
            holder["signature"] = sealed(Proof(self._reply.proof_family, signature))

    def _pass(self, raw: Json, delta: Delta) -> bytes:
        """An upstream's own event with what must change changed."""
        kind = raw["type"]
        number = raw.get("index", -1)  # the message's own events have none
        if kind == "content_block_delta" and number in self._numbers:
            raw["index"] = self._numbers[number]
            return named_event(raw)
        if kind == "content_block_start":
            self._moulds.forget()
            before = self._start() + self._stop()
            self._index += 1
            self._numbers[number] = raw["index"] = self._index
            self._open = raw["content_block"].get("type") or "text"
            if self._open == "redacted_thinking" and self._reply.proof_family:
                raw["content_block"] = seal_block(raw["content_block"], self._reply.proof_family)
            after = b"".join([self._repair(raw["content_block"], p) for p in delta.tool_calls])
            return before + named_event(raw) + after
        if kind == "content_block_stop":
            is_open = self._numbers.get(number) == self._index
            return self._stop() if is_open else b""
        if kind == "message_start" and not self._is_started:
            self._is_started = True
            message = raw["message"]
            message |= {"id": self._id, "model": self._reply.model}
            if type(message.get("usage")) is not dict:  # clients add up what is told here
                message["usage"] = self._opening_counts()
            return named_event(raw)
        if kind == "message_delta":
            self._end = raw
        return self._make(delta) if kind == "content_block_delta" else b""

    def _repair(self, block: Json, piece: ToolCallDelta) -> bytes:
        """A call begins with its id and no input, which comes in deltas: clients add them up."""
        self._tools[piece.position] = self._index
        block["id"] = piece.id or self._tool_id(piece.position)
        block["input"] = {}
        if not piece.arguments:
            return b""
        said = {"type": "input_json_delta", "partial_json": piece.arguments}
        return self._delta(self._index, said)

    def _tool_id(self, position: int) -> str:
        return f"{response_id(self._reply, 'toolu_')}_{position}"

    def _make(self, delta: Delta) -> bytes:
        events: list[bytes] = []
        if delta.reasoning:
            events.append(self._go_on("thinking", {"type": "thinking", "thinking": ""}))
            said = {"type": "thinking_delta", "thinking": delta.reasoning}
            events.append(self._delta(self._index, said))
        if delta.reasoning_signature and self._open == "thinking":
            signature = marked(delta.reasoning_signature, self._reply.proof_family)
            said = {"type": "signature_delta", "signature": signature}
            events.append(self._delta(self._index, said))
        if delta.text:
            events.append(self._go_on("text", {"type": "text", "text": ""}))
            events.append(self._text(delta.text))
        events += [self._tool_piece(piece) for piece in delta.tool_calls]
        return b"".join(events)

    def _tool_piece(self, piece: ToolCallDelta) -> bytes:
        before = b""
        if piece.position not in self._tools:
            if piece.proof is not None and not self._is_own:
                before = self._prove(piece.proof)
            block = {
                "type": "tool_use",
                "id": piece.id or self._tool_id(piece.position),
                "name": piece.name or "",
                "input": {},
            }
            before += self._start() + self._stop() + self._open_block("tool_use", block)
            self._tools[piece.position] = self._index
        if not piece.arguments:
            return before
        said = {"type": "input_json_delta", "partial_json": piece.arguments}
        return before + self._delta(self._tools[piece.position], said)

    def _prove(self, proof: Proof) -> bytes:
        """A call's proof, as the signature of the thinking before it."""
        before = self._go_on("thinking", {"type": "thinking", "thinking": ""})
        said = {"type": "signature_delta", "signature": sealed(proof)}
        return before + self._delta(self._index, said)

    def _go_on(self, kind: str, block: Json) -> bytes:
        """Go on in the open block when it is of this kind, else open a new one."""
        if self._open == kind:
            return b""
        if kind == "thinking":
            block["signature"] = ""
        return self._start() + self._stop() + self._open_block(kind, block)

    def _open_block(self, kind: str, block: Json) -> bytes:
        self._open = kind
        self._index += 1
        self._moulds.forget()
        return named_event(
            {"type": "content_block_start", "index": self._index, "content_block": block}
        )

    def _delta(self, index: int, said: Json) -> bytes:
        return named_event({"type": "content_block_delta", "index": index, "delta": said})

    def _text(self, text: str) -> bytes:
        return self._delta(self._index, {"type": "text_delta", "text": text})

    def _stop(self) -> bytes:
        if self._open is None:
            return b""
        self._open = None
        self._moulds.forget()
        return named_event({"type": "content_block_stop", "index": self._index})

    def _start(self) -> bytes:
        if self._is_started:
            return b""
        self._is_started = True
        message: Json = {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self._reply.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": self._opening_counts(),
        }
        return named_event({"type": "message_start", "message": message})

    def _opening_counts(self) -> Json:
        """What is known of the usage before the first output."""
        counts = write_usage(Usage(input_tokens=self._reply.input_tokens), 0)
        del counts["charge"]
        return counts

    def close(self, usage: Usage, charge_micros: int) -> bytes:
        """See `StreamWriter.close`."""
        end = self._end or {
            "type": "message_delta",
            "delta": {
                "stop_reason": stop_reason(self._finish, has_tools=bool(self._tools)),
                "stop_sequence": self._stop_sequence,
            },
        }
        end["usage"] = kept_usage(end.get("usage")) | write_usage(usage, charge_micros)
        stop = named_event({"type": "message_stop"})
        return self._start() + self._stop() + named_event(end) + stop

    def fail(self, error: ApiError, language: str) -> bytes:
        """See `StreamWriter.fail`."""
        return named_event(anthropic_error(error, language, self._reply.id))


def stop_reason(finish: Finish, *, has_tools: bool) -> str:
    """The word for the end; some servers say `stop` after tool calls."""
    return "tool_use" if has_tools and finish == "stop" else ANTHROPIC_WORD[finish]
