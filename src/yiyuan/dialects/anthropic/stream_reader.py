"""The stream of Anthropic's messages, read from an upstream.

A message is a row of blocks, one open at a time. It may end once its reason to stop was
told; its end mark is `message_stop`, or what other formats use for one.
"""

from yiyuan.dialects.anthropic.content import tool_arguments
from yiyuan.dialects.anthropic.finish_reasons import from_anthropic
from yiyuan.dialects.anthropic.own_proofs import Thinking
from yiyuan.dialects.anthropic.request import NAME
from yiyuan.dialects.anthropic.usage import merge_usage, read_usage
from yiyuan.dialects.canonical import Delta, Json, ToolCallDelta
from yiyuan.dialects.contract import MalformedUpstream, UpstreamStreamError
from yiyuan.dialects.plain import MouldReader
from yiyuan.dialects.shared.sse import inner_of, is_done, is_end, parse_event
from yiyuan.dialects.shared.unread import unread_text
from yiyuan.dialects.shared.upstream_error import problem_of


class AnthropicStreamReader:
    """Reads an upstream's events; pings and kinds unknown say nothing."""

    def __init__(self) -> None:
        self.is_complete = False
        self.is_over = False
        self._usage: Json = {}
        self._tools: dict[int, int] = {}
        self._without_arguments: set[int] = set()
        self._thinking = Thinking()
        self._moulds = MouldReader("text", lambda event: event["delta"])

    def feed(self, event: str | None, data: str) -> list[Delta]:
        """See `StreamReader.feed`."""
        known = self._moulds.read(event, data)
        if known is None:
            return self._read_event(event, data)
        text, plain = known
        return [Delta(text=text, raw=plain, raw_dialect=NAME)]

    def _read_event(self, event: str | None, data: str) -> list[Delta]:
        if is_done(data):
            self.is_complete = self.is_over = True
            return []
        body = parse_event(data)
        kind = body.get("type") or event
        body["type"] = kind
        delta = Delta(raw=body, raw_dialect=NAME)
        match kind:
            case "content_block_delta":
                self._read_delta(_index(body), inner_of(body, "delta"), delta)
                if delta.text:
                    self._moulds.learn(event, data, delta.text, 0)
            case "content_block_start":
                self._read_start(_index(body), inner_of(body, "content_block"), delta)
            case "content_block_stop":
                self._read_stop(_index(body), delta)
            case "message_start":
                self._read_message_start(inner_of(body, "message"), delta)
            case "message_delta":
                self._read_message_delta(body, inner_of(body, "delta"), delta)
            case _ if is_end(kind):
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
                delta.text = string_of(said, "text")
            case "thinking_delta":
                delta.reasoning = string_of(said, "thinking")
                self._thinking.add(delta.reasoning, None)
            case "signature_delta":
                delta.reasoning_signature = string_of(said, "signature")
                self._thinking.add(None, delta.reasoning_signature)
            case "input_json_delta":
                arguments = string_of(said, "partial_json")
                if arguments and index in self._tools:
                    self._without_arguments.discard(index)
                    piece = ToolCallDelta(self._tools[index], arguments=arguments)
                    delta.tool_calls = [piece]
                elif index not in self._tools:
                    delta.unread = arguments  # of a server's own tool
            case "citations_delta":
                pass  # the vendor bills no quotation
            case _:
                delta.unread = unread_text(said)

    def _read_start(self, index: int, block: Json, delta: Delta) -> None:
        self._thinking.note(block)
        match block.get("type"):
            case "text":
                delta.text = string_of(block, "text")
            case "thinking":
                delta.reasoning = string_of(block, "thinking")
                delta.reasoning_signature = string_of(block, "signature") or None
            case "tool_use":
                position = len(self._tools)
                self._tools[index] = position
                arguments = tool_arguments(block["input"]) if block.get("input") else ""
                if not arguments:
                    self._without_arguments.add(index)
                call_id, name = string_of(block, "id"), string_of(block, "name")
                proof = self._thinking.taken()
                piece = ToolCallDelta(position, call_id or None, name, arguments, proof)
                delta.tool_calls = [piece]
            case _:
                delta.unread = unread_text(block)

    def _read_stop(self, index: int, delta: Delta) -> None:
        """A call without arguments has an empty object for them in every other format."""
        if index in self._without_arguments:
            self._without_arguments.discard(index)
            delta.tool_calls = [ToolCallDelta(self._tools[index], arguments="{}")]

    def _read_message_start(self, message: Json, delta: Delta) -> None:
        delta.unread = unread_text(message.get("content"))
        self._usage = merge_usage({}, message.get("usage"))
        if self._usage:
            self._usage["output_tokens"] = 0  # a placeholder, never repeated as a last word
            delta.usage = read_usage(self._usage)

    def _read_message_delta(self, body: Json, said: Json, delta: Delta) -> None:
        self._usage = merge_usage(self._usage, body.get("usage"))
        delta.usage = read_usage(self._usage)
        self._usage["output_tokens"] = 0  # each statement of it counts once, in its place
        if said.get("stop_reason") is not None:
            delta.finish = from_anthropic(said["stop_reason"])
            self.is_complete = True
            sequence = said.get("stop_sequence")
            delta.stop_sequence = sequence if type(sequence) is str else None


def _index(body: Json) -> int:
    index = body.get("index")
    if type(index) is not int:
        raise MalformedUpstream("a block's index is not a number")
    return index


def string_of(body: Json, name: str) -> str:
    """A string; empty when there is none. Raises MalformedUpstream."""
    value = body.get(name)
    if value is None:
        return ""
    if type(value) is not str:
        raise MalformedUpstream(f"{name} is not a string")
    return value
