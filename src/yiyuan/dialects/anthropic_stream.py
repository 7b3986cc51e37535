"""The stream of Anthropic's messages, read from an upstream and written for a client.

A message is a row of blocks, one open at a time. The writer keeps the books: it
passes an upstream's own events with the id, the model and the block's number
changed, and makes its own for deltas of another format and for pieces that the
gateway cut, which go on in the block that is open. The stop reason, the usage
and the end are only written in `close`.
"""

from yiyuan.dialects.anthropic_content import tool_arguments
from yiyuan.dialects.anthropic_errors import anthropic_error
from yiyuan.dialects.anthropic_usage import kept_usage, merge_usage, read_usage, write_usage
from yiyuan.dialects.canon import Delta, Finish, Json, Reply, ToolCallDelta
from yiyuan.dialects.dialect import MalformedUpstream, UpstreamStreamError
from yiyuan.dialects.finish_reasons import ANTHROPIC_WORD, from_anthropic
from yiyuan.dialects.framing import named_event, parse_event
from yiyuan.dialects.openai_stream import response_id
from yiyuan.dialects.upstream_problem import problem_of
from yiyuan.kernel.errors import ApiError
from yiyuan.kernel.usage import Usage

NAME = "anthropic_messages"


class AnthropicStreamReader:
    """Reads an upstream's events; pings and kinds unknown say nothing."""

    def __init__(self) -> None:
        self.is_complete = False
        self.is_over = False
        self._usage: Json = {}
        self._tools: dict[int, int] = {}
        self._without_arguments: set[int] = set()

    def feed(self, event: str | None, data: str) -> list[Delta]:
        """See `StreamReader.feed`."""
        body = parse_event(data)
        kind = body.get("type")
        delta = Delta(raw=body, raw_dialect=NAME)
        match kind:
            case "content_block_delta":
                self._read_delta(_index(body), _inner(body, "delta"), delta)
            case "content_block_start":
                self._read_start(_index(body), _inner(body, "content_block"), delta)
            case "content_block_stop":
                self._read_stop(_index(body), delta)
            case "message_start":
                self._read_message_start(_inner(body, "message"), delta)
            case "message_delta":
                self._read_message_delta(body, _inner(body, "delta"), delta)
            case "message_stop":
                self.is_complete = self.is_over = True
                return []
            case _:
                if kind == "error" or event == "error" or body.get("error"):
                    raise UpstreamStreamError(problem_of(body))
                return []
        return [delta]

    def _read_delta(self, index: int, said: Json, delta: Delta) -> None:
        match said.get("type"):
            case "text_delta":
                delta.text = _string(said, "text")
            case "thinking_delta":
                delta.reasoning = _string(said, "thinking")
            case "signature_delta":
                delta.reasoning_signature = _string(said, "signature")
            case "input_json_delta":
                arguments = _string(said, "partial_json")
                if arguments and index in self._tools:
                    self._without_arguments.discard(index)
                    piece = ToolCallDelta(self._tools[index], arguments=arguments)
                    delta.tool_calls = [piece]

    def _read_start(self, index: int, block: Json, delta: Delta) -> None:
        match block.get("type"):
            case "text":
                delta.text = _string(block, "text")
            case "thinking":
                delta.reasoning = _string(block, "thinking")
                delta.reasoning_signature = _string(block, "signature") or None
            case "tool_use":
                position = len(self._tools)
                self._tools[index] = position
                arguments = tool_arguments(block["input"]) if block.get("input") else ""
                if not arguments:
                    self._without_arguments.add(index)
                call_id, name = _string(block, "id"), _string(block, "name")
                delta.tool_calls = [ToolCallDelta(position, call_id or None, name, arguments)]

    def _read_stop(self, index: int, delta: Delta) -> None:
        """A call without arguments has an empty object for them in every other format."""
        if index in self._without_arguments:
            self._without_arguments.discard(index)
            delta.tool_calls = [ToolCallDelta(self._tools[index], arguments="{}")]

    def _read_message_start(self, message: Json, delta: Delta) -> None:
        self._usage = merge_usage({}, message.get("usage"))
        # The output's count is a placeholder here.
        delta.usage = read_usage(self._usage | {"output_tokens": 0})

    def _read_message_delta(self, body: Json, said: Json, delta: Delta) -> None:
        self._usage = merge_usage(self._usage, body.get("usage"))
        delta.usage = read_usage(self._usage)
        if said.get("stop_reason") is not None:
            delta.finish = from_anthropic(said["stop_reason"])
            sequence = said.get("stop_sequence")
            delta.stop_sequence = sequence if type(sequence) is str else None


def _index(body: Json) -> int:
    index = body.get("index")
    if type(index) is not int:
        raise MalformedUpstream("a block's index is not a number")
    return index


def _inner(body: Json, name: str) -> Json:
    value = body.get(name)
    if type(value) is not dict:
        raise MalformedUpstream(f"an event has no {name}")
    return value


def _string(body: Json, name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if type(value) is not str:
        raise MalformedUpstream(f"{name} is not a string")
    return value


class AnthropicStreamWriter:
    """Writes the events of one message."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._id = response_id(reply, "msg_")
        self._is_started = False
        self._open: str | None = None
        self._index = -1
        self._numbers: dict[int, int] = {}
        self._tools: dict[int, int] = {}
        self._finish: Finish = "stop"
        self._stop_sequence: str | None = None
        self._end: Json | None = None

    def write(self, delta: Delta) -> bytes:
        """See `StreamWriter.write`."""
        if delta.finish is not None:
            self._finish = delta.finish
            self._stop_sequence = delta.stop_sequence
        if delta.raw is not None and delta.raw_dialect == NAME:
            return self._pass(delta.raw, delta)
        return self._make(delta)

    def _pass(self, raw: Json, delta: Delta) -> bytes:
        """An upstream's own event with what must change changed."""
        kind = raw["type"]
        number = raw.get("index", -1)  # the message's own events have none
        if kind == "content_block_delta" and number in self._numbers:
            raw["index"] = self._numbers[number]
            return named_event(raw)
        if kind == "content_block_start":
            before = self._start() + self._stop()
            self._index += 1
            self._numbers[number] = raw["index"] = self._index
            self._open = raw["content_block"].get("type") or "text"
            for piece in delta.tool_calls:
                self._tools[piece.position] = self._index
            return before + named_event(raw)
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

    def _make(self, delta: Delta) -> bytes:
        events: list[bytes] = []
        if delta.reasoning:
            events.append(self._go_on("thinking", {"type": "thinking", "thinking": ""}))
            said = {"type": "thinking_delta", "thinking": delta.reasoning}
            events.append(self._delta(self._index, said))
        if delta.reasoning_signature and self._open == "thinking":
            said = {"type": "signature_delta", "signature": delta.reasoning_signature}
            events.append(self._delta(self._index, said))
        if delta.text:
            events.append(self._go_on("text", {"type": "text", "text": ""}))
            events.append(self._delta(self._index, {"type": "text_delta", "text": delta.text}))
        events += [self._tool_piece(piece) for piece in delta.tool_calls]
        return b"".join(events)

    def _tool_piece(self, piece: ToolCallDelta) -> bytes:
        before = b""
        if piece.position not in self._tools:
            block = {
                "type": "tool_use",
                "id": piece.id or f"{response_id(self._reply, 'toolu_')}_{piece.position}",
                "name": piece.name or "",
                "input": {},
            }
            before = self._start() + self._stop() + self._open_block("tool_use", block)
            self._tools[piece.position] = self._index
        if not piece.arguments:
            return before
        said = {"type": "input_json_delta", "partial_json": piece.arguments}
        return before + self._delta(self._tools[piece.position], said)

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
        return named_event(
            {"type": "content_block_start", "index": self._index, "content_block": block}
        )

    def _delta(self, index: int, said: Json) -> bytes:
        return named_event({"type": "content_block_delta", "index": index, "delta": said})

    def _stop(self) -> bytes:
        if self._open is None:
            return b""
        self._open = None
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
