"""The contract of a kind of endpoint, and the discovery of those there are.

A dialect names its operation. Whatever differs between text, vectors and what
else is sold stands in that operation's file and nowhere else: the rest of the
gateway asks the record. `discover()` finds the `OPERATION` that files of this
folder export.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from msgspec import Struct

import yiyuan.gateway.operations
from yiyuan.dialects.canonical import Delta, Request, Response
from yiyuan.dialects.contract import Dialect
from yiyuan.gateway.operations.size import Measure, Size
from yiyuan.kernel import plugins
from yiyuan.routing.channel import Channel


class Part(NamedTuple):
    """What one upstream call carries of a request."""

    request: Request
    first_index: int = 0
    """Index of its first choice among the choices of the whole request."""
    n: int = 1
    """How many choices it makes."""


class OutputLimits(Struct, frozen=True):
    """How much output a request allows, as far as it says so itself."""

    choices: int = 1
    """Over all its prompts: each may use the whole maximum."""
    maximum: int | None = None
    """Tokens a choice; None when the client set no maximum."""
    thinking: int = 0
    """Of these tokens, how many the client reserved for thinking."""


def is_never(_request: Any) -> bool:
    """Say no, for what an operation does not do."""
    return False


def is_always(_response: Any) -> bool:
    """Say yes, for what every answer of an operation has."""
    return True


def in_one_part(request: Any, _dialects: Sequence[Dialect]) -> list[Part]:
    """One upstream call, whatever the channels speak."""
    return [Part(request)]


def no_deltas(_response: Any) -> list[Delta]:
    """Nothing of the answer is counted as output."""
    return []


def only_one(answers: Sequence[tuple[int, Any]]) -> Response:
    """The answer of a request that is never split."""
    [(_, answer)] = answers
    return answer  # type: ignore[no-any-return]


async def nothing_to_prepare(
    _request: Any, _names: Sequence[str], _dialects: Sequence[Dialect]
) -> None:
    """Leave the request as it is."""


@dataclass(slots=True, frozen=True, kw_only=True, eq=False)
class Operation:
    """One kind of endpoint: a record of functions without state.

    `Any` stands for the operation's own kind of request or response
    (`GenerationRequest`, …), which its dialects read.
    """

    name: str
    """What dialects call it."""

    # How it is bounded and priced.
    measure: Callable[[Any, Measure], Size]
    """Everything of a request that its model may read, in the unit of the measure."""
    count_places: Callable[[Any], Size] | None = None
    """What templates add to, beside the body: messages, conversations, lists of tools.

    None: a model does not read the body that is sent, once, but what `measure` finds.
    """
    output: Callable[[Any], OutputLimits | None]
    """How much output a request allows; None when an answer has no tokens of its own."""

    # How it is sent.
    format_for: Callable[[Channel, str, str], str | None]
    """(channel, public name of the model, the client's dialect) → the dialect to speak.

    None when the channel lacks the operation.
    """
    needs_split: Callable[[Any], bool] = is_never
    """Whether it depends on the channels' dialects how many calls a request takes."""
    prepare: Callable[[Any, Sequence[str], Sequence[Dialect]], Awaitable[None]] = nothing_to_prepare
    """Before a request is split: make it fit for these dialects. Awaited.

    The names are the model's, the public one first. Raises InvalidRequest.
    """
    split: Callable[[Any, Sequence[Dialect]], list[Part]] = in_one_part
    """The upstream calls that a request needs over channels that speak these dialects.

    Raises InvalidRequest when they would be too many.
    """

    may_fall_back: Callable[[Any], bool] = is_always
    """Whether another model's answer is as good as the one that was asked for."""

    # How it is read and delivered.
    is_stream: Callable[[Any], bool] = is_never
    """Whether the client asked for a stream."""
    has_output: Callable[[Any], bool] = is_always
    """Whether there is anything in an upstream's whole answer that may be charged for."""
    deltas: Callable[[Any], list[Delta]] = no_deltas
    """What of a whole answer is counted as output when the upstream told no usage."""
    join: Callable[[Sequence[tuple[int, Any]]], Response] = only_one
    """Several parts' answers, each with its first index, as one."""


def discover() -> dict[str, Operation]:
    """Every operation of this folder, by name."""
    return plugins.discover(yiyuan.gateway.operations, "OPERATION")
