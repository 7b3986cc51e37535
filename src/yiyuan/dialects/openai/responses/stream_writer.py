"""The stream of OpenAI's Responses, written for a client.

Every event has its number. A message or a reasoning item ends where something
else begins; calls stay open up to the end of the answer, since the pieces of
several may come mixed. The whole response with its usage comes only in `close`.
An upstream's own events pass with what must change changed, its items included;
what came in pieces is written into the item that is open.
"""

from yiyuan.dialects.canonical import Delta, Json, Reply
from yiyuan.dialects.openai.content import arguments_text
from yiyuan.dialects.openai.errors import openai_error
from yiyuan.dialects.openai.responses.item_writer import ItemWriter
from yiyuan.dialects.openai.responses.object import (
    NAME,
    OpenItem,
    call_id,
    end_of,
    item_id,
    own_fields,
    response_object,
    write_usage,
)
from yiyuan.dialects.openai.responses.own_proofs import seal_item
from yiyuan.dialects.openai.responses.stream_reader import ENDS, LIFECYCLE, Key, key_of
from yiyuan.dialects.plain import Frame, Mould
from yiyuan.dialects.shared.sse import named_event
from yiyuan.kernel.errors import ApiError
from yiyuan.kernel.usage import Usage


class ResponsesStreamWriter(ItemWriter):
    """Writes the events of one response."""

    def __init__(self, reply: Reply) -> None:
        """Nothing came."""
        super().__init__(reply)
        self._numbers: dict[Key, int] = {}
        self._end: Json | None = None

    def write(self, delta: Delta) -> bytes:
        """See `StreamWriter.write`."""
        if delta.finish is not None:
            self._finish = delta.finish
        if type(delta.raw) is dict and delta.raw_dialect == NAME:
            if self._reply.proof_family and "item" in delta.raw:
                delta.raw["item"] = seal_item(delta.raw["item"], self._reply.proof_family)
            self._pass(delta.raw, delta)
        else:
            self._make(delta)
        if delta.finish is not None:
            self._stop_all()
        return self._taken()

    def frame_of(self, _: Mould, /) -> Frame | None:
        """See `StreamWriter.frame_of`; the end repeats all text."""
        return None

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

    def _pass(self, raw: Json, delta: Delta) -> None:
        """An upstream's own event with what must change changed."""
        kind = raw["type"]
        if kind in ENDS:
            self._end = raw["response"]
            if delta.has_output():  # which nothing before it has told
                self._make(delta)
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
            item.names = {"name": piece.name or ""}
            item.said.append(piece.arguments)
            self._calls[piece.position] = index
            made |= {"id": own_id, "call_id": item.call_id, "arguments": piece.arguments}
        if kind in ("function_call", "message", "reasoning"):
            self._open[index] = item
        if kind in ("message", "reasoning"):
            self._current = item
        self._pass_on(raw)

    def _pass_part(self, kind: str, index: int, raw: Json, delta: Delta) -> None:
        raw["output_index"] = index
        item = self._open.get(index)
        if kind == "response.output_item.done":
            if item is not None and item.kind == "function_call":
                said = arguments_text(raw["item"].get("arguments")) or "".join(item.said)
                raw["item"] |= {"id": item.id, "call_id": item.call_id, "arguments": said}
            self._forget(index, raw["item"])
        elif item is not None:
            self._keep_up(item, raw, delta)
            raw["item_id"] = raw.get("item_id") or item.id
        self._pass_on(raw)

    def _keep_up(self, item: OpenItem, raw: Json, delta: Delta) -> None:
        """Know of an upstream's item what it takes to go on in it, or to end it."""
        part = raw.get("content_index" if item.kind == "message" else "summary_index")
        if type(part) is int:
            item.part = part
        item.said += [delta.text or delta.reasoning]
        item.said += [piece.arguments for piece in delta.tool_calls]
        item.logprobs += delta.logprobs or []
