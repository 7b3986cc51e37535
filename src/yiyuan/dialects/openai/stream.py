"""What the streams of OpenAI's chat and legacy completions have in common.

A chunk is a JSON object with `choices`; the stream ends with `[DONE]`, or, with
servers that forget it, when every choice has finished. Usage may come on the
last choice's chunk, on one of its own with no choices, on every chunk, or not
at all. The writers frame whole events and write `[DONE]` only in `close`.
"""

from collections.abc import Callable
from typing import Any, Protocol

from msgspec.structs import replace

from yiyuan.dialects.canonical import Delta, GenerationRequest, Json, Reply
from yiyuan.dialects.contract import MalformedUpstream, UpstreamStreamError
from yiyuan.dialects.openai.errors import openai_error
from yiyuan.dialects.openai.finish_reasons import BROKEN_OFF, from_openai
from yiyuan.dialects.openai.usage import read_usage, write_usage
from yiyuan.dialects.plain import PROBE, Frame, Mould, MouldReader, MouldWriter, Plain
from yiyuan.dialects.shared.ids import response_id
from yiyuan.dialects.shared.sse import DONE, data_event, is_done, is_end, parse_event
from yiyuan.dialects.shared.upstream_error import problem_of
from yiyuan.kernel.errors import ApiError
from yiyuan.kernel.usage import Usage


class ChunkReader:
    """Reads a stream of chunks."""

    def __init__(
        self, dialect: str, read_choice: Callable[[Json, int], Delta], moulds: MouldReader
    ) -> None:
        """`read_choice` reads what one choice says, its end excepted; `moulds` knows its text."""
        self._dialect = dialect
        self.is_complete = False
        self.is_over = False
        self._read_choice = read_choice
        self._open: set[int] = set()
        self._finished: set[int] = set()
        self._moulds = moulds

    def feed(self, event: str | None, data: str) -> list[Delta]:
        """See `StreamReader.feed`."""
        known = self._moulds.read(event, data)
        if known is None:
            return self._read_event(event, data)
        text, plain = known
        return [Delta(plain.mould.index, text, raw=plain, raw_dialect=self._dialect)]

    def _read_event(self, event: str | None, data: str) -> list[Delta]:
        if is_done(data):
            self.is_complete = self.is_over = True
            return []
        chunk = parse_event(data)
        if chunk.get("error") or event == "error":
            raise UpstreamStreamError(problem_of(chunk))
        choices, usage = chunk.get("choices"), chunk.get("usage")
        if not choices:
            if is_end(chunk.get("type", event)):
                self.is_complete = self.is_over = True
            return [] if usage is None else [Delta(usage=read_usage(usage))]
        if type(choices) is not list:
            raise MalformedUpstream("choices is not a list")
        deltas = self._read_choices(choices, chunk)
        first = deltas[0]
        if usage is None and len(deltas) == 1 and _says_text_alone(first):
            self._moulds.learn(event, data, first.text, first.index)
        if usage is None and deltas[-1].finish is not None:
            usage = choices[-1].pop("usage", None)  # Moonshot's place for it
        if usage is not None:
            deltas[-1].usage = read_usage(usage)
        return deltas

    def _read_choices(self, choices: list[Any], chunk: Json) -> list[Delta]:
        deltas = [self._read(choice, position) for position, choice in enumerate(choices)]
        if len(deltas) == 1:
            deltas[0].raw = chunk
        else:
            for delta, choice in zip(deltas, choices, strict=True):
                delta.raw = chunk | {"choices": [choice]}
        return deltas

    def _read(self, choice: Any, position: int) -> Delta:
        if type(choice) is not dict:
            raise MalformedUpstream("a choice is not an object")
        index = choice.get("index", position)
        if type(index) is not int or index < 0:
            raise MalformedUpstream("a choice's index is not a number")
        delta = self._read_choice(choice, index)
        word = choice.get("finish_reason")
        if word:
            self._finish(delta, word, choice)
        elif index not in self._open and index not in self._finished:
            self._open.add(index)
            self.is_complete = False
        return delta

    def _finish(self, delta: Delta, word: Any, choice: Json) -> None:
        if type(word) is str and word in BROKEN_OFF:
            raise UpstreamStreamError(problem_of(choice.get("error") or f"finish_reason: {word}"))
        delta.finish = from_openai(word)
        self._finished.add(delta.index)
        self._open.discard(delta.index)
        self.is_complete = not self._open


def _says_text_alone(delta: Delta) -> bool:
    rest = replace(delta, index=0, text="", raw=None, raw_dialect="")
    return bool(delta.text) and rest == Delta()


class ChoiceWriter(Protocol):
    """Makes the choices of one format's chunks."""

    dialect: str
    """The name of the dialect whose events may pass with little changed."""
    object_name: str
    id_prefix: str

    def patch(self, choice: Json, delta: Delta, *, is_first: bool) -> bool:
        """Change what must change in an upstream's own choice; False when it says nothing."""
        ...

    def make(self, delta: Delta, *, is_first: bool) -> Json | None:
        """Make the choice for a delta of another format; None when it says nothing."""
        ...


class ChunkWriter:
    """Writes a stream of chunks."""

    def __init__(self, reply: Reply, choices: ChoiceWriter) -> None:
        """`choices` makes what is inside a chunk."""
        assert isinstance(reply.request, GenerationRequest)
        self._choices = choices
        self._dialect = choices.dialect
        self._object_name = choices.object_name
        self._request_id = reply.id
        self._id = response_id(reply, choices.id_prefix)
        self._created = reply.created
        self._model = reply.model
        self._wants_usage = reply.request.wants_usage
        self._opened: set[int] = set()
        self._finished: set[int] = set()
        self._moulds = MouldWriter()

    def write(self, delta: Delta) -> bytes:
        """See `StreamWriter.write`."""
        raw = delta.raw
        if type(raw) is Plain:
            return self._moulds.cast(raw) or self._write_plain(raw, delta)
        is_first = delta.index not in self._opened
        if type(raw) is not dict or delta.raw_dialect != self._dialect:
            return self._write_made(delta, is_first=is_first)
        return self._write_raw(raw, delta, is_first=is_first)

    def frame_of(self, mould: Mould, /) -> Frame | None:
        """See `StreamWriter.frame_of`."""
        return self._moulds.frame_of(mould)

    def _write_plain(self, plain: Plain, delta: Delta) -> bytes:
        """The first of a row, of this format or another; those that follow are cast."""
        is_first = delta.index not in self._opened

        def write(body: Json, said: Delta) -> bytes:
            if delta.raw_dialect == self._dialect:
                return self._write_raw(body, said, is_first=is_first)
            return self._write_made(said, is_first=is_first)

        if not is_first:
            probe = replace(delta, text=PROBE)
            self._moulds.learn(plain.mould, lambda body: write(body, probe))
        return write(plain.body(), delta)

    def _write_made(self, delta: Delta, *, is_first: bool) -> bytes:
        """A chunk of our own for what came in another form."""
        made = self._choices.make(delta, is_first=is_first)
        if made is None:
            return b""
        self._note(delta)
        return self._chunk([made])

    def _write_raw(self, raw: Json, delta: Delta, *, is_first: bool) -> bytes:
        """An upstream's own chunk with what must change changed."""
        if not self._choices.patch(raw["choices"][0], delta, is_first=is_first):
            return b""
        self._note(delta)
        raw["id"] = self._id
        raw["object"] = self._object_name
        raw["created"] = self._created
        raw["model"] = self._model
        if self._wants_usage:
            raw["usage"] = None
        else:
            raw.pop("usage", None)
        return data_event(raw)

    def _note(self, delta: Delta) -> None:
        self._opened.add(delta.index)
        if delta.finish is not None:
            self._finished.add(delta.index)

    def _chunk(self, choices: list[Json]) -> bytes:
        body = {
            "id": self._id,
            "object": self._object_name,
            "created": self._created,
            "model": self._model,
            "choices": choices,
        }
        if self._wants_usage:
            body["usage"] = None
        return data_event(body)

    def close(self, usage: Usage, charge_micros: int) -> bytes:
        """See `StreamWriter.close`; a choice that never finished is given its end."""
        events = [self._end(index) for index in sorted(self._opened - self._finished)]
        if self._wants_usage:
            body = {
                "id": self._id,
                "object": self._object_name,
                "created": self._created,
                "model": self._model,
                "choices": [],
                "usage": write_usage(usage, charge_micros),
            }
            events.append(data_event(body))
        events.append(DONE)
        return b"".join(events)

    def _end(self, index: int) -> bytes:
        choice = self._choices.make(Delta(index=index, finish="stop"), is_first=False)
        return self._chunk([choice]) if choice is not None else b""

    def fail(self, error: ApiError, language: str) -> bytes:
        """See `StreamWriter.fail`."""
        return data_event(openai_error(error, language, self._request_id))
