"""The contract of a wire format, and the discovery of those there are.

`discover()` finds the `DIALECT` that each file of this folder exports.
"""

import importlib
import pkgutil
from typing import Literal, Protocol

import yiyuan.dialects
from yiyuan.dialects.canon import (
    Delta,
    EmbeddingsRequest,
    EmbeddingsResponse,
    GenerationRequest,
    GenerationResponse,
    Json,
    Reply,
    Target,
    UpstreamProblem,
)
from yiyuan.kernel.errors import ApiError
from yiyuan.kernel.usage import Usage

Request = GenerationRequest | EmbeddingsRequest
Response = GenerationResponse | EmbeddingsResponse


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
        """Write one delta; opens the stream when it is the first."""
        ...

    def close(self, usage: Usage, charge_micros: int) -> bytes:
        """End the stream regularly: last events, usage where it belongs, the end mark."""
        ...

    def fail(self, error: ApiError, language: str) -> bytes:
        """End the stream with one error event and no end mark."""
        ...


class Dialect(Protocol):
    """One wire format, both directions."""

    name: str
    operation: Literal["generation", "embeddings"]
    client_path: str
    """Path of the public API that speaks it, without `/v1`, e.g. `/chat/completions`."""
    upstream_path: str
    """Path below the channel's base URL, e.g. `/chat/completions`."""
    many_conversations: bool
    """Whether one upstream call can carry several prompts."""
    many_choices: bool
    """Whether one upstream call can make several choices."""

    def read_request(self, body: Json) -> Request:
        """Read a client's body. Raises InvalidRequest naming the parameter."""
        ...

    def write_request(self, request: Request, target: Target) -> Json:
        """Make the upstream's body. Raises InvalidRequest for what it cannot honour.

        A request that was read by this same dialect keeps its `raw` fields.
        Does not modify `request.raw`; may add to `request.dropped`.
        """
        ...

    def read_response(self, body: Json) -> Response:
        """Read an upstream's complete answer. Raises MalformedUpstream."""
        ...

    def write_response(self, response: Response, reply: Reply, usage: Usage, charge: int) -> Json:
        """Make the client's body, `usage.charge` (micros) included."""
        ...

    def stream_reader(self) -> StreamReader:
        """A reader for one upstream stream."""
        ...

    def stream_writer(self, reply: Reply) -> StreamWriter:
        """A writer for one client stream."""
        ...

    def read_error(self, body: bytes) -> UpstreamProblem:
        """Read an upstream's error body, whatever it is; never raises."""
        ...

    def write_error(self, error: ApiError, language: str, request_id: str) -> Json:
        """Make the client's error object."""
        ...


def discover() -> dict[str, Dialect]:
    """Every dialect in this folder, by name."""
    found: dict[str, Dialect] = {}
    package = yiyuan.dialects
    for entry in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{entry.name}")
        dialect: Dialect | None = getattr(module, "DIALECT", None)
        if dialect is not None:
            found[dialect.name] = dialect
    return found
