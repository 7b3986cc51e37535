"""The stream of OpenAI's Responses, read from an upstream.

The end is `response.completed` or `response.incomplete`; other servers of this
format leave out indices, deltas of arguments or whole kinds of events, so what a
finished item holds is taken from it when no delta has told it before.
"""

import re
from typing import Any

from yiyuan.dialects.canonical import Delta, Json, ToolCallDelta
from yiyuan.dialects.contract import MalformedUpstream, UpstreamStreamError
from yiyuan.dialects.openai.content import arguments_text
from yiyuan.dialects.openai.responses.input import reasoning_text
from yiyuan.dialects.openai.responses.object import NAME, read_finish, read_signature
from yiyuan.dialects.openai.responses.own_proofs import read_proof
from yiyuan.dialects.openai.usage import read_usage
from yiyuan.dialects.proofs import Proof
from yiyuan.dialects.shared.sse import inner_of, is_done, is_end, parse_event
from yiyuan.dialects.shared.unread import unread_text
from yiyuan.dialects.shared.upstream_error import problem_of

LIFECYCLE = frozenset({"response.created", "response.in_progress", "response.queued"})
ENDS = frozenset({"response.completed", "response.incomplete"})
_FAILURES = frozenset({"error", "response.error", "response.failed", "response.cancelled"})
_TEXTS = frozenset({"response.output_text.delta", "response.refusal.delta"})
_REASONINGS = frozenset({"response.reasoning_summary_text.delta", "response.reasoning_text.delta"})
KNOWN_ITEMS = frozenset({"message", "reasoning", "function_call"})
_ENVELOPE = frozenset({"annotation", "event_id", "response", "logprobs", "error"} | {"metadata"})
_WHOLES = frozenset(
    {"response.output_text.done", "response.refusal.done", "response.content_part.done"}
)
_KIND = re.compile(r"response\.[a-z0-9_.]{1,80}", re.ASCII)

Key = int | str


def key_of(body: Json) -> Key | None:
    """What an event's item is known by: its place in the output, or else its id."""
    index = body.get("output_index")
    if type(index) is int:
        return index
    item = body.get("item")
    name = body.get("item_id") or (item.get("id") if type(item) is dict else None)
    return name if type(name) is str else None


class ResponsesStreamReader:
    """Reads an upstream's events; those of kinds unknown say nothing but may pass."""

    def __init__(self) -> None:
        self.is_complete = False
        self.is_over = False
        self._calls: dict[Key, int] = {}
        self._told: set[Key] = set()
        self._reasoning_kind: str | None = None
        self._proof: Proof | None = None

    def feed(self, event: str | None, data: str) -> list[Delta]:
        """See `StreamReader.feed`."""
        if is_done(data):
            self.is_complete = self.is_over = True
            return []
        body = parse_event(data)
        kind = body.get("type") or event
        if type(kind) is not str:
            kind = "error" if body.get("error") else ""
        if kind in _FAILURES or event == "error":
            raise UpstreamStreamError(problem_of(body.get("response") or body))
        if not _KIND.fullmatch(kind):
            if is_end(kind):
                self.is_complete = self.is_over = True
            return []
        body["type"] = kind
        delta = Delta(raw=body, raw_dialect=NAME)
        if kind in _TEXTS:
            self._read_text(body, delta)
        elif kind in _REASONINGS:
            self._read_reasoning(body, kind, delta)
        elif kind in ENDS:
            self._read_end(inner_of(body, "response"), delta)
        elif kind in LIFECYCLE:
            inner_of(body, "response")
        else:
            self._read_rarer(body, kind, delta)
        return [delta]

    def _read_text(self, body: Json, delta: Delta) -> None:
        self._told.add(_key(body))
        delta.text = _string(body, "delta")
        logprobs = body.get("logprobs")
        if type(logprobs) is list and logprobs:
            delta.logprobs = logprobs

    def _read_reasoning(self, body: Json, kind: str, delta: Delta) -> None:
        """Where a server sends both summary and content, the first kind is what is read."""
        self._told.add(_key(body))
        self._reasoning_kind = self._reasoning_kind or kind
        if kind == self._reasoning_kind:
            delta.reasoning = _string(body, "delta")
        else:
            delta.unread = _string(body, "delta")

    def _read_rarer(self, body: Json, kind: str, delta: Delta) -> None:
        match kind:
            case "response.function_call_arguments.delta":
                self._read_arguments(_key(body), _string(body, "delta"), delta)
            case "response.function_call_arguments.done":
                self._read_all_arguments(_key(body), body.get("arguments"), delta)
            case "response.output_item.added":
                item = inner_of(body, "item")
                if item.get("type") == "function_call":
                    self._read_call(_key(body), item, delta)
                else:
                    delta.unread = unread_text([item.get("content"), item.get("summary")])
                _key(body)
            case "response.output_item.done":
                self._read_item(_key(body), inner_of(body, "item"), delta)
            case "response.reasoning_summary_part.added":
                index = body.get("summary_index")
                if _key(body) is not None and type(index) is int and index > 0:
                    delta.reasoning = "\n\n"
            case _:
                self._read_unknown(body, kind, delta)

    def _read_unknown(self, body: Json, kind: str, delta: Delta) -> None:
        """An event of a kind without a lane: its text passes, and counts.

        An end that repeats what deltas have told says nothing again.
        """
        key = key_of(body)
        place = key if key is not None else ""
        if kind.endswith("audio.delta") or (kind.endswith(".done") and place in self._told):
            return
        part = body.get("part")
        said = part if type(part) is dict else body
        if kind in _WHOLES and said.get("type") != "reasoning_text":
            delta.text = _first_string(said, "text", "refusal")
        else:
            delta.unread = unread_text(body, _ENVELOPE)
        if delta.text or delta.unread:
            self._told.add(place)

    def _read_call(self, key: Key, item: Json, delta: Delta) -> None:
        position = self._calls.setdefault(key, len(self._calls))
        arguments = arguments_text(item.get("arguments"))
        if arguments:
            self._told.add(key)
        call_id = item.get("call_id") or item.get("id")
        call_id = call_id if type(call_id) is str else None
        proof, self._proof = self._proof, None
        piece = ToolCallDelta(position, call_id, _string(item, "name"), arguments, proof)
        delta.tool_calls = [piece]

    def _read_arguments(self, key: Key, arguments: str, delta: Delta) -> None:
        if arguments and key in self._calls:
            self._told.add(key)
            delta.tool_calls = [ToolCallDelta(self._calls[key], arguments=arguments)]
        elif arguments:
            delta.unread = arguments

    def _read_all_arguments(self, key: Key, arguments: Any, delta: Delta) -> None:
        if key not in self._told:
            self._read_arguments(key, arguments_text(arguments), delta)

    def _read_item(self, key: Key, item: Json, delta: Delta) -> None:
        """A finished item; only what was not told before is said again."""
        kind = item.get("type")
        if kind == "function_call" and key not in self._calls:
            self._read_call(key, item, delta)
        elif kind == "function_call":
            self._read_all_arguments(key, item.get("arguments"), delta)
        elif kind == "reasoning":
            delta.reasoning_signature = read_signature(item.get("encrypted_content"))
            self._proof = read_proof(item) or self._proof
            if key not in self._told:
                delta.unread = reasoning_text(item)
        elif kind == "message" and key not in self._told:
            delta.text = message_text(item)
            self._told.add(key)
        elif (type(kind) is not str or kind not in KNOWN_ITEMS) and key not in self._told:
            delta.unread = unread_text(item)
            self._told.add(key)

    def _read_end(self, response: Json, delta: Delta) -> None:
        if not self._told and not self._calls:
            self._read_whole(response.get("output"), delta)
        delta.usage = read_usage(response.get("usage"))
        delta.finish = read_finish(response, has_tools=bool(self._calls))
        self.is_complete = self.is_over = True

    def _read_whole(self, items: Any, delta: Delta) -> None:
        """What only the end tells: nothing came before it."""
        calls: list[ToolCallDelta] = []
        for place, item in enumerate(items if type(items) is list else ()):
            kind = item.get("type") if type(item) is dict else None
            if kind == "message":
                delta.text += message_text(item)
            elif kind == "reasoning":
                delta.reasoning += reasoning_text(item)
            elif kind == "function_call":
                self._read_call(place, item, delta)
                calls += delta.tool_calls
        delta.tool_calls = calls


def message_text(item: Json) -> str:
    """The text and the refusals of a message."""
    parts = item.get("content")
    if type(parts) is not list:
        raise MalformedUpstream("a message has no content")
    found = [part.get("text") or part.get("refusal") for part in parts if type(part) is dict]
    return "".join(text for text in found if type(text) is str)


def _key(body: Json) -> Key:
    key = key_of(body)
    if key is None:
        raise MalformedUpstream("an event does not say which item it belongs to")
    return key


def _first_string(body: Json, *names: str) -> str:
    found = (body.get(name) for name in names)
    return next((value for value in found if type(value) is str), "")


def _string(body: Json, name: str) -> str:
    value = body.get(name)
    if type(value) is not str:
        raise MalformedUpstream(f"{name} is not a string")
    return value
