"""The stream of generateContent, read from an upstream and written for a client.

Every event is a whole answer, and there is no end mark: the stream may end once
each candidate seen has its `finishReason`, or the prompt was blocked. The usage
comes with most events and grows; the last one counts. For a client, the reason
to stop and the usage wait for the settlement and go out in one last event, and
a call goes out when all of its arguments are there.
"""

from typing import Any

import orjson

from yiyuan.dialects.canonical import Delta, Finish, Json, Reply, ToolCall, ToolCallDelta
from yiyuan.dialects.contract import MalformedUpstream, UpstreamStreamError
from yiyuan.dialects.gemini.errors import google_error, google_problem
from yiyuan.dialects.gemini.finish_reasons import ASTRAY, from_google
from yiyuan.dialects.gemini.generate.request import NAME
from yiyuan.dialects.gemini.generate.response import (
    TEXT_PART,
    candidate_of,
    parts_of,
    read_call,
    write_call,
)
from yiyuan.dialects.gemini.signatures import seal_parts
from yiyuan.dialects.gemini.usage import read_usage, write_usage
from yiyuan.dialects.plain import Frame, Mould
from yiyuan.dialects.shared.sse import data_event, is_done, is_end, parse_event
from yiyuan.dialects.shared.unread import unread_text
from yiyuan.dialects.shared.upstream_error import problem_of
from yiyuan.kernel.errors import ApiError
from yiyuan.kernel.usage import Usage


class GeminiStreamReader:
    """Reads a stream of whole answers; see `StreamReader`."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self.is_complete = False
        self.is_over = False
        self._open: set[int] = set()
        self._finished: set[int] = set()
        self._spoken: set[int] = set()
        self._calls: dict[int, int] = {}

    def feed(self, event: str | None, data: str) -> list[Delta]:
        """See `StreamReader.feed`."""
        if is_done(data):
            self.is_complete = self.is_over = True
            return []
        if data.lstrip().startswith("["):
            data = data.strip()[1:-1]  # an error in a stream is wrapped in a list
        answer = parse_event(data)
        if answer.get("error") or event == "error":
            raise UpstreamStreamError(google_problem(answer))
        if is_end(answer.get("type", event)):
            self.is_complete = self.is_over = True
            return []
        candidates = answer.get("candidates") or []
        if type(candidates) is not list:
            raise MalformedUpstream("candidates is not a list")
        deltas = [self._read(candidate, place) for place, candidate in enumerate(candidates)]
        feedback = answer.get("promptFeedback")
        if not candidates and type(feedback) is dict and feedback.get("blockReason"):
            self.is_complete = True
            deltas = [Delta(finish="content_filter")]
        if "usageMetadata" in answer:
            usage = read_usage(answer["usageMetadata"])
            if deltas:
                deltas[-1].usage = usage
            else:
                deltas = [Delta(usage=usage)]
        if len(deltas) == 1 and candidates:
            deltas[0].raw, deltas[0].raw_dialect = answer, NAME
        return deltas

    def _read(self, candidate: Any, place: int) -> Delta:
        if type(candidate) is not dict:
            raise MalformedUpstream("a candidate is not an object")
        index = candidate.get("index", place)
        if type(index) is not int or index < 0:
            raise MalformedUpstream("a candidate's index is not a number")
        delta = Delta(index)
        for part in parts_of(candidate):
            said = part.get("text")
            if type(said) is str:
                if part.get("thought"):
                    delta.reasoning += said
                else:
                    delta.text += said
                if len(part) > 1:
                    delta.unread += unread_text(part, TEXT_PART)
            elif part.get("functionCall") is not None:
                delta.tool_calls.append(self._call(index, part))
            else:
                delta.unread += unread_text(part)
        if delta.has_output():
            self._spoken.add(index)
        self._end(delta, candidate.get("finishReason"))
        return delta

    def _call(self, index: int, part: Json) -> ToolCallDelta:
        call = read_call(part)
        place = self._calls.get(index, 0)
        self._calls[index] = place + 1
        return ToolCallDelta(place, call.id or None, call.name, call.arguments, call.proof)

    def _end(self, delta: Delta, word: Any) -> None:
        index = delta.index
        if word in ASTRAY and index not in self._spoken:
            raise UpstreamStreamError(problem_of(f"finishReason: {word}"))
        delta.finish = from_google(word, called_tools=bool(self._calls.get(index)))
        if delta.finish is not None:
            self._finished.add(index)
            self._open.discard(index)
        elif index not in self._finished:
            self._open.add(index)
        self.is_complete = bool(self._finished) and not self._open


def _is_object(arguments: str) -> bool:
    try:
        return type(orjson.loads(arguments)) is dict
    except orjson.JSONDecodeError:
        return False


class GeminiStreamWriter:
    """Writes a stream of whole answers; see `StreamWriter`."""

    def __init__(self, reply: Reply) -> None:
        """The answer's head is the same in every event."""
        self._request_id = reply.id
        self._reply = reply
        self._head = {"modelVersion": reply.model, "responseId": reply.id.removeprefix("ex_")}
        self._finishes: dict[int, Finish] = {}
        self._seen: set[int] = set()
        self._calls: dict[tuple[int, int], ToolCall] = {}

    def frame_of(self, _: Mould, /) -> Frame | None:
        """See `StreamWriter.frame_of`; no event is plain."""
        return None

    def write(self, delta: Delta) -> bytes:
        """See `StreamWriter.write`."""
        self._seen.add(delta.index)
        if type(delta.raw) is dict and delta.raw_dialect == NAME:
            return self._pass(delta, delta.raw)
        parts: list[Json] = []
        if delta.reasoning:
            parts.append({"text": delta.reasoning, "thought": True})
        if delta.text:
            parts.append({"text": delta.text})
        pieces, delta.tool_calls = delta.tool_calls, []
        for piece in pieces:
            parts += self._collect(delta, piece)
        if delta.finish is not None:
            self._finishes[delta.index] = delta.finish
            parts += self._flush(delta)
        return self._event(delta.index, parts) if parts else b""

    def _pass(self, delta: Delta, raw: Json) -> bytes:
        """An upstream's own event, without what has to wait for the settlement."""
        made: list[Json] = []
        if delta.finish is not None:
            self._finishes[delta.index] = delta.finish
            made = self._flush(delta)
        candidate = raw["candidates"][0]
        candidate.pop("finishReason", None)
        raw.pop("usageMetadata", None)
        parts = parts_of(candidate)
        if not parts:
            return self._event(delta.index, made) if made else b""
        parts[:0] = made
        seal_parts(parts, self._reply.proof_family)
        return data_event(raw | self._head)

    def _collect(self, delta: Delta, piece: ToolCallDelta) -> list[Json]:
        """Add a piece to its call; a call that begins ends those that are whole."""
        key = (delta.index, piece.position)
        call = self._calls.get(key)
        if call is not None:
            call.arguments += piece.arguments
            return []
        finished = self._flush(delta, whole_only=True)
        self._calls[key] = ToolCall(piece.id or "", piece.name or "", piece.arguments, piece.proof)
        return finished

    def _flush(self, delta: Delta, *, whole_only: bool = False) -> list[Json]:
        """Let calls out, and say so in `delta`: they count as they are written."""
        keys = sorted(key for key in self._calls if key[0] == delta.index)
        if whole_only:  # the pieces of several calls may come mixed
            keys = [key for key in keys if _is_object(self._calls[key].arguments)]
        calls = [self._calls.pop(key) for key in keys]
        delta.tool_calls += [
            ToolCallDelta(key[1], name=call.name, arguments=call.arguments)
            for key, call in zip(keys, calls, strict=True)
        ]
        return [write_call(call) for call in calls]

    def _event(self, index: int, parts: list[Json]) -> bytes:
        return data_event({"candidates": [candidate_of(index, parts, None)]} | self._head)

    def close(self, usage: Usage, charge_micros: int) -> bytes:
        """See `StreamWriter.close`; the reasons to stop and the usage, in one event."""
        candidates = [
            candidate_of(
                index,
                self._flush(Delta(index)) or [{"text": ""}],
                self._finishes.get(index, "stop"),
            )
            for index in sorted(self._seen or {0})
        ]
        written = {"candidates": candidates, "usageMetadata": write_usage(usage, charge_micros)}
        return data_event(written | self._head)

    def fail(self, error: ApiError, language: str) -> bytes:
        """See `StreamWriter.fail`."""
        return data_event(google_error(error, language, self._request_id))
