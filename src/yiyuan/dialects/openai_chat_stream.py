"""The stream of OpenAI chat, read from an upstream and written for a client."""

from typing import Any

from yiyuan.dialects.canon import Delta, Json, Reply, ToolCallDelta
from yiyuan.dialects.dialect import MalformedUpstream
from yiyuan.dialects.finish_reasons import OPENAI_WORD
from yiyuan.dialects.openai_chat_messages import arguments_text
from yiyuan.dialects.openai_content import split_content
from yiyuan.dialects.openai_stream import response_id

NAME = "openai_chat"


class ChatChoiceReader:
    """Reads the choices of an upstream's chunks, with what their makers do differently."""

    def __init__(self) -> None:
        self._calls: dict[int, list[tuple[Any, Any]]] = {}

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
                delta.text, delta.reasoning = split_content(content)
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
        if pieces:
            if type(pieces) is not list:
                raise MalformedUpstream("tool_calls is not a list")
            delta.tool_calls = [self._read_piece(piece, delta.index) for piece in pieces]
        if said.get("function_call"):
            piece = {"index": 0, "function": said["function_call"]}
            delta.tool_calls.append(self._read_piece(piece, delta.index))

    def _read_piece(self, piece: Any, choice_index: int) -> ToolCallDelta:
        if type(piece) is not dict:
            raise MalformedUpstream("a tool call is not an object")
        function = piece.get("function") or {}
        if type(function) is not dict:
            raise MalformedUpstream("a tool call's function is not an object")
        call_id, name = piece.get("id") or None, function.get("name") or None
        return ToolCallDelta(
            self._position(choice_index, piece.get("index"), name and call_id),
            call_id if type(call_id) is str else None,
            name if type(name) is str else None,
            arguments_text(function.get("arguments")),
        )

    def _position(self, choice_index: int, index: Any, new_id: Any) -> int:
        """The place of a call: some servers send no index, or 0 for every one.

        `new_id` is the id that came together with a name; a piece without both
        goes on with the call that is there.
        """
        calls = self._calls.setdefault(choice_index, [])
        for position in reversed(range(len(calls))):
            known_index, known_id = calls[position]
            is_same_index = index == known_index or index is None
            if is_same_index and (new_id is None or known_id is None or new_id == known_id):
                return position
        calls.append((index, new_id))
        return len(calls) - 1


class ChatChoiceWriter:
    """Makes the choices of chat chunks; the role comes with each one's first words."""

    dialect = NAME
    object_name = "chat.completion.chunk"
    id_prefix = "chatcmpl-"

    def __init__(self, reply: Reply) -> None:
        self._call_id = response_id(reply, "call_")

    def patch(self, choice: Json, delta: Delta, *, is_first: bool) -> bool:
        """See `ChoiceWriter.patch`."""
        said = choice.get("delta")
        if type(said) is not dict:
            said = choice["delta"] = {}
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
        if delta.tool_calls:
            said["tool_calls"] = [self._write_piece(piece, index) for piece in delta.tool_calls]
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

    def _write_piece(self, piece: ToolCallDelta, index: int) -> Json:
        function: Json = {"arguments": piece.arguments}
        written: Json = {"index": piece.position, "function": function}
        if piece.name is not None:
            written["id"] = piece.id or f"{self._call_id}_{index}_{piece.position}"
            written["type"] = "function"
            function["name"] = piece.name
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
