"""The stream of OpenAI chat, read from an upstream and written for a client."""

from typing import Any

from msgspec.structs import replace

from yiyuan.dialects.canonical import Delta, Json, Reply, ToolCallDelta
from yiyuan.dialects.contract import MalformedUpstream
from yiyuan.dialects.openai.chat.messages import read_proof, write_proof
from yiyuan.dialects.openai.chat.request import NAME
from yiyuan.dialects.openai.content import arguments_text, split_content
from yiyuan.dialects.openai.finish_reasons import OPENAI_WORD
from yiyuan.dialects.shared.custom_tools import TextReader, custom_names
from yiyuan.dialects.shared.ids import response_id
from yiyuan.dialects.shared.tool_calls import CallPieces, Piece
from yiyuan.dialects.shared.unread import unread_text

READ = frozenset(
    {"role", "content", "reasoning_content", "reasoning", "refusal", "tool_calls", "function_call"}
)
"""The fields of a message or a delta that have a lane."""


class ChatChoiceReader:
    """Reads the choices of an upstream's chunks, with what their makers do differently."""

    def __init__(self) -> None:
        self._calls: dict[int, CallPieces] = {}

    def read(self, choice: Json, index: int) -> Delta:
        """Read what one choice says, its end excepted."""
        delta = Delta(index, raw_dialect=NAME)
        said = choice.get("delta")
        if type(said) is not dict:
            if said is not None:
                raise MalformedUpstream("a delta is not an object")
            return delta
        content = said.get("content")
        if content:
            if type(content) is str:
                delta.text = content
            else:
                delta.text, reasoning = split_content(content)
                said["content"] = delta.text or None  # a list is nothing to OpenAI's clients
                if reasoning:
                    said["reasoning_content"] = reasoning
        if len(said) > (1 if "content" in said else 0):
            self._read_rarer(said, delta)
        logprobs = choice.get("logprobs")
        if type(logprobs) is dict:
            delta.logprobs = read_logprobs(logprobs)
        return delta

    def _read_rarer(self, said: Json, delta: Delta) -> None:
        # vLLM sends the same reasoning under both names.
        reasoning = said.get("reasoning_content") or said.get("reasoning")
        if reasoning and type(reasoning) is str:
            delta.reasoning += reasoning
        refusal = said.get("refusal")
        if refusal and type(refusal) is str:
            delta.text += refusal
        pieces = said.get("tool_calls")
        if pieces and type(pieces) is not list:
            raise MalformedUpstream("tool_calls is not a list")
        old = said.get("function_call")
        if old:  # the form before there were several
            pieces = [*(pieces or ()), {"index": 0, "function": old}]
        if pieces:
            calls = self._calls.setdefault(delta.index, CallPieces())
            read = [self._read_piece(piece, calls) for piece in pieces]
            delta.tool_calls = [piece for piece in read if piece is not None]
        if not said.keys() <= READ:
            delta.unread = unread_text(said, READ, delta.text, delta.reasoning)

    def _read_piece(self, piece: Any, pieces: CallPieces) -> ToolCallDelta | None:
        if type(piece) is not dict:
            raise MalformedUpstream("a tool call is not an object")
        is_custom = type(piece.get("custom")) is dict
        said = piece["custom"] if is_custom else piece.get("function") or {}
        if type(said) is not dict:
            raise MalformedUpstream("a tool call's function is not an object")
        call_id, name = piece.get("id") or None, said.get("name") or None
        read = Piece(
            piece.get("index"),
            call_id if type(call_id) is str else None,
            name if type(name) is str else None,
            arguments_text(said.get("input" if is_custom else "arguments")),
            read_proof(piece) if "extra_content" in piece else None,
            is_custom,
        )
        return pieces.read(read)


class ChatChoiceWriter:
    """Makes the choices of chat chunks; the role comes with each one's first words."""

    dialect = NAME
    object_name = "chat.completion.chunk"
    id_prefix = "chatcmpl-"

    def __init__(self, reply: Reply) -> None:
        self._call_id = response_id(reply, "call_")
        self._customs = custom_names(reply.request)
        self._texts: dict[tuple[int, int], TextReader] = {}

    def patch(self, choice: Json, delta: Delta, *, is_first: bool) -> bool:
        """See `ChoiceWriter.patch`."""
        said = choice.get("delta")
        if type(said) is not dict:
            said = choice["delta"] = {}
        if "tool_calls" in said:  # in their normal form, whatever the upstream's was
            said["tool_calls"] = [self._write_piece(p, delta.index) for p in delta.tool_calls]
            if not delta.tool_calls:
                del said["tool_calls"]
        # A chunk that only tells the role says nothing: the first words will.
        if not delta.text and delta.finish is None and not _says_anything(choice, said):
            return False
        choice["index"] = delta.index
        if is_first:
            said["role"] = "assistant"
        return True

    def make(self, delta: Delta, *, is_first: bool) -> Json | None:
        """See `ChoiceWriter.make`."""
        said: Json = {}
        index = delta.index
        if delta.text:
            said["content"] = delta.text
        if delta.reasoning:
            said["reasoning_content"] = delta.reasoning
        if delta.tool_calls or (self._texts and delta.finish is not None):
            calls = self._unwrapped(delta) if self._customs else delta.tool_calls
            said["tool_calls"] = [self._write_piece(piece, index) for piece in calls]
        if not said and delta.finish is None and delta.logprobs is None:
            return None
        if is_first:
            said = {"role": "assistant"} | said
        return {
            "index": index,
            "delta": said,
            "logprobs": write_logprobs(delta.logprobs),
            "finish_reason": OPENAI_WORD[delta.finish] if delta.finish else None,
        }

    def _unwrapped(self, delta: Delta) -> list[ToolCallDelta]:
        """The calls of another format, those of custom tools with their text alone."""
        pieces = []
        for piece in delta.tool_calls:
            key = (delta.index, piece.position)
            if piece.name in self._customs:
                self._texts[key] = TextReader()
            text = self._texts.get(key)
            if text is None:
                pieces.append(piece)
            else:
                said = text.read(piece.arguments)
                pieces.append(replace(piece, arguments=said, is_custom=True))
        if delta.finish is not None:
            for key in [key for key in self._texts if key[0] == delta.index]:
                rest = self._texts.pop(key).end()
                if rest:
                    pieces.append(ToolCallDelta(key[1], arguments=rest, is_custom=True))
        return pieces

    def _write_piece(self, piece: ToolCallDelta, index: int) -> Json:
        kind, name = ("custom", "input") if piece.is_custom else ("function", "arguments")
        said: Json = {name: piece.arguments}
        written: Json = {"index": piece.position, kind: said}
        if piece.name is not None:
            written["id"] = piece.id or f"{self._call_id}_{index}_{piece.position}"
            written["type"] = kind
            said["name"] = piece.name
        if piece.proof is not None:
            written |= write_proof(piece.proof)
        return written


def _says_anything(choice: Json, said: Json) -> bool:
    if choice.get("logprobs"):
        return True
    return any(value for name, value in said.items() if name != "role")


def read_logprobs(logprobs: Any) -> list[Json] | None:
    """The items of `logprobs.content`; those of a refusal when there are none."""
    if type(logprobs) is not dict:
        return None
    items = logprobs.get("content") or logprobs.get("refusal")
    return items if type(items) is list else None


def write_logprobs(items: list[Json] | None) -> Json | None:
    """The `logprobs` object of a choice."""
    return None if items is None else {"content": items, "refusal": None}
