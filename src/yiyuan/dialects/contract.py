"""The contract of a wire format, and the discovery of those there are.

`discover()` finds the `DIALECT` that files of this room export.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol

import yiyuan.dialects
from yiyuan.dialects.canonical import Delta, Json, Reply, Request, Response, Target, UpstreamProblem
from yiyuan.dialects.contents import Contents, no_contents
from yiyuan.dialects.plain import Frame, Mould
from yiyuan.dialects.request_fields import Fields
from yiyuan.kernel import plugins
from yiyuan.kernel.errors import ApiError
from yiyuan.kernel.usage import Usage


class MalformedUpstream(Exception):
    """An upstream sent what its format does not allow; the message is for the log."""


class StreamReader(Protocol):
    """Reads one upstream stream, event by event."""

    is_complete: bool
    """True while the stream may end here: every choice is finished, or the end mark was seen."""
    is_over: bool
    """True once the format's end mark was seen: nothing of interest follows."""

    def feed(self, event: str | None, data: str) -> list[Delta]:
        """Read one server-sent event.

        Raises MalformedUpstream for nonsense, UpstreamStreamError for an error
        that the upstream itself reports.
        """
        ...


class UpstreamStreamError(Exception):
    """The upstream reported an error inside its stream."""

    def __init__(self, problem: UpstreamProblem) -> None:
        """`problem` is what it said, unredacted: for the log."""
        super().__init__(problem.message)
        self.problem = problem


class StreamWriter(Protocol):
    """Writes one client stream; every method returns whole framed events, or nothing."""

    def write(self, delta: Delta) -> bytes:
        """Write one delta; opens the stream when it is the first.

        A format that has calls only whole holds pieces back: `delta` then has those calls
        that went out.
        """
        ...

    def frame_of(self, mould: Mould, /) -> Frame | None:
        """What events of `mould` go out between; None where each has to be written."""
        ...

    def close(self, usage: Usage, charge_micros: int) -> bytes:
        """End the stream regularly: last events, usage where it belongs, the end mark."""
        ...

    def fail(self, error: ApiError, language: str) -> bytes:
        """End the stream with one error event and no end mark."""
        ...


def _no_stream(*_: object) -> NoReturn:
    """Stands for the streams of a format that has none; nobody may ask for them."""
    raise NotImplementedError


def never_plain(_data: bytes) -> None:
    """Leave every answer to the reader of all."""


@dataclass(slots=True, frozen=True, kw_only=True, eq=False)
class Dialect:
    """One wire format, both directions: a record of functions without state.

    `Any` stands for the kind of request or response that the operation has
    (`GenerationRequest`, …): a dialect only meets those of its own operation.
    """

    name: str
    operation: str
    """The kind of endpoint: `generation`, `embeddings`, … (`gateway/operations`)."""
    client_path: str
    """Path of the public API that speaks it, without `/v1`, e.g. `/chat/completions`."""
    upstream_path: str
    """Path below the channel's base URL, e.g. `/chat/completions`."""
    fields: Fields
    """What becomes of each field of a request, nested objects included."""
    paid_flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Headers with lists, and the beginnings of what in them makes a request dearer."""
    contents: Callable[[Json], Contents] = no_contents
    """What of an upstream's body is not text."""
    many_conversations: bool = False
    """Whether one upstream call can carry several prompts."""
    id_prefix: str = ""
    """What a response's own id begins with."""
    asks_json_in_words: bool = False
    """Whether another format's wish for JSON may go out as words, so that answers vary."""
    many_choices: bool = False
    """Whether one upstream call can make several choices."""

    read_request: Callable[[Json], Request]
    """Read a client's body. Raises InvalidRequest naming the parameter."""
    write_request: Callable[[Any, Target], Json]
    """Make the upstream's body. Raises InvalidRequest for what it cannot honour.

    A request that was read by this same dialect keeps its `raw` fields.
    Does not modify `request.raw`; may add to `request.dropped`.
    """
    read_response: Callable[[Json], Response]
    """Read an upstream's complete answer.

    Raises MalformedUpstream, and UpstreamStreamError for an error in a 200.
    """
    read_plain_response: Callable[[bytes], Response | None] = never_plain
    """The same from the bytes, for answers of a usual kind; None for all others.

    What is in its `raw` may be such as only orjson writes.
    """
    write_response: Callable[[Any, Reply, Usage, int], Json]
    """Make the client's body, `usage.charge` (micros) included."""
    stream_reader: Callable[[], StreamReader] = _no_stream
    """A reader for one upstream stream."""
    stream_writer: Callable[[Reply], StreamWriter] = _no_stream
    """A writer for one client stream."""
    read_error: Callable[[bytes], UpstreamProblem]
    """Read an upstream's error body, whatever it is; never raises."""
    write_error: Callable[[ApiError, str, str], Json]
    """Make the client's error object of the error, its language and the request's id."""


def discover() -> dict[str, Dialect]:
    """Every dialect below this room, by name."""
    return plugins.discover(yiyuan.dialects, "DIALECT")
