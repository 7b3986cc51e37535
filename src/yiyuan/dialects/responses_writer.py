"""The stream of OpenAI's Responses, written for a client.

Every event has its number. A message or a reasoning item ends where something
else begins; calls stay open up to the end of the answer, since the pieces of
several may come mixed. The whole response with its usage comes only in `close`.
An upstream's own events pass with what must change changed, its items included;
what came in pieces is written into the item that is open.
"""

from yiyuan.dialects.canon import Delta, Finish, Json, Reply, ToolCallDelta
from yiyuan.dialects.framing import named_event
from yiyuan.dialects.openai_errors import openai_error
from yiyuan.dialects.responses_object import (
    NAME,
    OpenItem,
    call_id,
    end_of,
    item_id,
    item_status,
    own_fields,
    response_object,
    text_part,
    wants,
    write_usage,
)
from yiyuan.dialects.responses_reader import ENDS, LIFECYCLE, Key, key_of
from yiyuan.dialects.responses_request import PROOFS
from yiyuan.kernel.errors import ApiError
from yiyuan.kernel.usage import Usage


class ResponsesStreamWriter:
    """Writes the events of one response."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._with_proofs = wants(reply, PROOFS)
        self._out: list[bytes] = []
        self._sequence = 0
        self._is_started = False
        self._items: list[Json] = []
        self._open: dict[int, OpenItem] = {}
        self._current: OpenItem | None = None
        self._calls: dict[int, int] = {}
        self._numbers: dict[Key, int] = {}
        self._finish: Finish = "stop"
        self._end: Json | None = None

    def write(self, delta: Delta) -> bytes:
        """See `StreamWriter.write`."""
        if delta.finish is not None:
            self._finish = delta.finish
        if delta.raw is not None and delta.raw_dialect == NAME:
            self._pass(delta.raw, delta)
        else:
            self._make(delta)
        if delta.finish is not None:
            self._stop_all()
        return self._taken()

    def close(self, usage: Usage, charge_micros: int) -> bytes:
        """See `StreamWriter.close`."""
        self._start()
        self._stop_all()
        response = response_object(self._reply, "completed", self._items)
        if self._end is not None:
            output = self._items or self._end.get("output") or []
            response |= self._end | own_fields(self._reply) | {"output": output}
        response |= end_of(self._finish) | {"usage": write_usage(usage, charge_micros)}
        self._emit(f"response.{response['status']}", response=response)
        return self._taken()

    def fail(self, error: ApiError, language: str) -> bytes:
        """See `StreamWriter.fail`.

        OpenAI documents the flat form and sends the nested one: clients get both.
        """
        told = openai_error(error, language, self._reply.id)["error"]
        flat = {name: told[name] for name in ("code", "message", "param")}
        self._emit("error", **flat, error=told)
        return self._taken()

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

    # What other formats say

    def _make(self, delta: Delta) -> None:
        if delta.reasoning:
            item = self._go_on("reasoning")
            self._open_part(item)
            item.said.append(delta.reasoning)
            at = self._at(item) | {"summary_index": item.part}
            self._emit("response.reasoning_summary_text.delta", **at, delta=delta.reasoning)
        if delta.reasoning_signature and self._with_proofs:
            self._go_on("reasoning").signature = delta.reasoning_signature
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
            self._stop_current()
            item = self._new("function_call", piece)
            self._calls[piece.position] = item.index
        else:
            found = self._open.get(index)
            if found is None:  # ended already: nothing can be added
                return
            item = found
        if piece.arguments:
            item.said.append(piece.arguments)
            kind = "response.function_call_arguments.delta"
            self._emit(kind, **self._at(item), delta=piece.arguments)

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
        if call is not None:
            item.call_id = call.id or call_id(self._reply, call.position)
            item.name = call.name or ""
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
        said, at = "".join(item.said), self._at(item)
        whole = item.whole(status)
        if item.kind == "function_call":
            done = {"name": item.name, "arguments": said}
            self._emit("response.function_call_arguments.done", **at, **done)
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

    # What an upstream of this format says

    def _pass(self, raw: Json, delta: Delta) -> None:
        """An upstream's own event with what must change changed."""
        kind = raw["type"]
        if kind in ENDS:
            self._end = raw["response"]
            return
        if kind in LIFECYCLE:
            self._pass_lifecycle(kind, raw)
            return
        self._start()
        key = key_of(raw)
        if kind == "response.output_item.added" and key is not None:
            self._pass_new(key, raw, delta)
        elif key in self._numbers:
            self._pass_part(kind, self._numbers[key], raw, delta)
        elif key is None:
            self._pass_on(raw)
        else:  # of an item whose beginning came in pieces, so that it is our own
            self._make(delta)

    def _pass_on(self, raw: Json) -> None:
        raw["sequence_number"] = self._sequence
        self._sequence += 1
        self._out.append(named_event(raw))

    def _pass_lifecycle(self, kind: str, raw: Json) -> None:
        if kind == "response.created" and not self._is_started:
            self._is_started = True
        elif kind == "response.created" or not self._is_started:
            return
        raw["response"] |= own_fields(self._reply)
        self._pass_on(raw)

    def _pass_new(self, key: Key, raw: Json, delta: Delta) -> None:
        self._stop_current()
        index = self._numbers[key] = raw["output_index"] = len(self._items)
        made = raw["item"]
        self._items.append(made)
        name, kind = made.get("id"), made.get("type")
        own_id = name if type(name) is str else item_id(self._reply, str(kind), index)
        item = OpenItem(str(kind), index, own_id)
        if kind == "function_call":
            piece = delta.tool_calls[0]
            item.call_id = piece.id or call_id(self._reply, piece.position)
            item.name = piece.name or ""
            item.said.append(piece.arguments)
            self._calls[piece.position] = index
        if kind in ("function_call", "message", "reasoning"):
            self._open[index] = item
        if kind in ("message", "reasoning"):
            self._current = item
        self._pass_on(raw)

    def _pass_part(self, kind: str, index: int, raw: Json, delta: Delta) -> None:
        raw["output_index"] = index
        if kind == "response.output_item.done":
            self._forget(index, raw["item"])
        item = self._open.get(index)
        if item is not None:
            self._keep_up(item, raw, delta)
        self._pass_on(raw)

    def _keep_up(self, item: OpenItem, raw: Json, delta: Delta) -> None:
        """Know of an upstream's item what it takes to go on in it, or to end it."""
        part = raw.get("content_index" if item.kind == "message" else "summary_index")
        if type(part) is int:
            item.part = part
        item.said += [delta.text or delta.reasoning]
        item.said += [piece.arguments for piece in delta.tool_calls]
        item.logprobs += delta.logprobs or []
