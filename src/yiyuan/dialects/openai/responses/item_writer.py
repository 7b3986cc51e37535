"""The items of a stream of Responses, made of what other formats say.

Every event has its number. A message or a reasoning item ends where something
else begins; calls stay open up to the end of the answer, since the pieces of
several may come mixed.
"""

from yiyuan.dialects.canonical import Delta, Finish, Json, Reply, ToolCallDelta
from yiyuan.dialects.openai.responses.client_tools import ClientTools
from yiyuan.dialects.openai.responses.object import (
    OpenItem,
    call_id,
    item_id,
    item_status,
    response_object,
    text_part,
    wants,
)
from yiyuan.dialects.openai.responses.request import PROOFS
from yiyuan.dialects.proofs import Proof, marked, sealed
from yiyuan.dialects.shared.custom_tools import TextReader
from yiyuan.dialects.shared.sse import named_event

_CALLED = {
    "function_call": "function_call_arguments",
    "custom_tool_call": "custom_tool_call_input",
}


class ItemWriter:
    """Writes items, one after another."""

    def __init__(self, reply: Reply) -> None:
        """Nothing is open."""
        self._reply = reply
        self._with_proofs = wants(reply, PROOFS)
        self._tools = ClientTools(reply)
        self._out: list[bytes] = []
        self._sequence = 0
        self._is_started = False
        self._items: list[Json] = []
        self._open: dict[int, OpenItem] = {}
        self._current: OpenItem | None = None
        self._calls: dict[int, int] = {}
        self._finish: Finish = "stop"
        self._is_proven = False

    def _taken(self) -> bytes:
        out = b"".join(self._out)
        self._out.clear()
        return out

    def _emit(self, kind: str, **fields: object) -> None:
        body: Json = {"type": kind, "sequence_number": self._sequence, **fields}
        self._sequence += 1
        self._out.append(named_event(body))

    def _start(self) -> None:
        if not self._is_started:
            self._is_started = True
            begun = response_object(self._reply, "in_progress", [])
            self._emit("response.created", response=begun)
            self._emit("response.in_progress", response=begun)

    def _make(self, delta: Delta) -> None:
        if delta.reasoning:
            item = self._go_on("reasoning")
            self._open_part(item)
            item.said.append(delta.reasoning)
            at = self._at(item) | {"summary_index": item.part}
            self._emit("response.reasoning_summary_text.delta", **at, delta=delta.reasoning)
        if delta.reasoning_signature and self._with_proofs:
            signature = marked(delta.reasoning_signature, self._reply.proof_family)
            self._go_on("reasoning").signature = signature
            self._is_proven = True
        if delta.text:
            self._make_text(delta)
        elif delta.logprobs and self._current is not None:
            self._current.logprobs += delta.logprobs
        for piece in delta.tool_calls:
            self._make_call(piece)

    def _make_text(self, delta: Delta) -> None:
        item = self._go_on("message")
        self._open_part(item)
        item.said.append(delta.text)
        logprobs = delta.logprobs or []
        item.logprobs += logprobs
        at = self._at(item) | {"content_index": item.part}
        self._emit("response.output_text.delta", **at, delta=delta.text, logprobs=logprobs)

    def _make_call(self, piece: ToolCallDelta) -> None:
        index = self._calls.get(piece.position)
        if index is None:
            self._prove(piece.proof)
            self._stop_current()
            is_custom = piece.name in self._tools.customs
            item = self._new("custom_tool_call" if is_custom else "function_call", piece)
            self._calls[piece.position] = item.index
        else:
            found = self._open.get(index)
            if found is None:  # ended already: nothing can be added
                return
            item = found
        if piece.arguments:
            self._say(item, item.text.read(piece.arguments) if item.text else piece.arguments)

    def _prove(self, proof: Proof | None) -> None:
        """Keep a call's proof, unless the reasoning has its own; of several blocks it is whole."""
        if proof is not None and self._with_proofs and (proof.is_series or not self._is_proven):
            self._go_on("reasoning").signature = sealed(proof)
        self._is_proven = False

    def _say(self, item: OpenItem, said: str) -> None:
        """Add to what a tool is called with."""
        if said:
            item.said.append(said)
            self._emit(f"response.{_CALLED[item.kind]}.delta", **self._at(item), delta=said)

    def _go_on(self, kind: str) -> OpenItem:
        """The open item when it is of this kind, else a new one."""
        if self._current is None or self._current.kind != kind:
            self._stop_current()
            self._current = self._new(kind)
        return self._current

    def _new(self, kind: str, call: ToolCallDelta | None = None) -> OpenItem:
        self._start()
        index = len(self._items)
        item = OpenItem(kind, index, item_id(self._reply, kind, index))
        if kind == "custom_tool_call":
            item.text = TextReader()
        if call is not None:
            item.call_id = call.id or call_id(self._reply, call.position)
            item.names = self._tools.own_name(call.name or "")
        begun = item.whole("in_progress")
        self._items.append(begun)
        self._open[index] = item
        self._emit("response.output_item.added", output_index=index, item=begun)
        return item

    def _open_part(self, item: OpenItem) -> None:
        if item.part >= 0:
            return
        item.part = 0
        if item.kind == "message":
            at = self._at(item) | {"content_index": 0}
            self._emit("response.content_part.added", **at, part=text_part(""))
        else:
            at = self._at(item) | {"summary_index": 0}
            part = {"type": "summary_text", "text": ""}
            self._emit("response.reasoning_summary_part.added", **at, part=part)

    def _at(self, item: OpenItem) -> Json:
        return {"item_id": item.id, "output_index": item.index}

    def _stop_current(self) -> None:
        if self._current is not None:
            self._stop(self._current, "completed")

    def _stop_all(self) -> None:
        for item in list(self._open.values()):
            self._stop(item, item_status(self._finish))

    def _stop(self, item: OpenItem, status: str) -> None:
        """End an item: its part, if one is open, and itself."""
        if item.text is not None:
            self._say(item, item.text.end())
        said, at = "".join(item.said), self._at(item)
        whole = item.whole(status)
        if item.kind == "function_call":
            done = item.names | {"arguments": said}
            self._emit("response.function_call_arguments.done", **at, **done)
        elif item.kind == "custom_tool_call":
            self._emit("response.custom_tool_call_input.done", **at, input=said)
        elif item.kind == "message" and item.part >= 0:
            at["content_index"] = item.part
            self._emit("response.output_text.done", **at, text=said, logprobs=item.logprobs)
            self._emit("response.content_part.done", **at, part=text_part(said, item.logprobs))
        elif item.part >= 0:
            at["summary_index"] = item.part
            part = {"type": "summary_text", "text": said}
            self._emit("response.reasoning_summary_text.done", **at, text=said)
            self._emit("response.reasoning_summary_part.done", **at, part=part)
        self._emit("response.output_item.done", output_index=item.index, item=whole)
        self._forget(item.index, whole)

    def _forget(self, index: int, whole: Json) -> None:
        """Note an item's end, and what it is in the end."""
        self._items[index] = whole
        item = self._open.pop(index, None)
        if item is not None and item is self._current:
            self._current = None
