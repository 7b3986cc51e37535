"""The pieces of tool calls in one normal form, however an upstream sends them.

Servers that speak like OpenAI number their calls from 1, with 0 for all or not at all,
leave out ids, repeat ids and names with every piece, or tell a name after the first of
the arguments. Clients' libraries throw at that, and other formats would get a tool
without a name. So whoever reads a stream hands each piece through here: positions
count from 0 without gaps, the first piece of a call has its name, and its id if there
is one by then, and later ones have arguments alone. A call whose name never comes is
none. No writer has to look again.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson

from yiyuan.dialects.canonical import ToolCallDelta
from yiyuan.dialects.proofs import Proof


@dataclass(slots=True)
class Piece:
    """What one event says of a call; `index` is whatever the upstream numbers it by."""

    index: Any
    id: str | None
    name: str | None
    arguments: str
    proof: Proof | None = None
    is_custom: bool = False


@dataclass(slots=True)
class _Call:
    index: Any
    id: str | None
    name: str | None = None
    said: list[str] = field(default_factory=list)
    proof: Proof | None = None
    position: int = -1
    """Its place among the calls that have a name; -1 while it has none."""

    def is_whole(self) -> bool:
        """Whether its arguments are an object already, so that nothing can follow."""
        if not self.said[-1].rstrip().endswith("}"):
            return False
        try:
            return type(orjson.loads("".join(self.said))) is dict
        except orjson.JSONDecodeError:
            return False


class CallPieces:
    """The calls of one choice."""

    __slots__ = ("_calls", "_named")

    def __init__(self) -> None:
        """None so far."""
        self._calls: list[_Call] = []
        self._named = 0

    def read(self, piece: Piece) -> ToolCallDelta | None:
        """The piece in its normal form; None when there is nothing to be told yet."""
        call = self._call_of(piece)
        if call.id is None:
            call.id = piece.id
        call.said.append(piece.arguments)
        call.proof = piece.proof or call.proof
        if call.position >= 0:
            if not piece.arguments and piece.proof is None:
                return None
            return ToolCallDelta(
                call.position,
                arguments=piece.arguments,
                proof=piece.proof,
                is_custom=piece.is_custom,
            )
        if not piece.name:
            return None
        call.name = piece.name
        call.position = self._named
        self._named += 1
        said = "".join(call.said)
        return ToolCallDelta(
            call.position, call.id, call.name, said, call.proof, is_custom=piece.is_custom
        )

    def _call_of(self, piece: Piece) -> _Call:
        """The call that a piece goes on with, or a new one."""
        for call in reversed(self._calls):
            if piece.index is None or piece.index == call.index:
                if _goes_on(piece, call):
                    return call
                if piece.index is None:
                    break  # without numbers a piece belongs to the last call or to a new one
        call = _Call(piece.index, piece.id)
        self._calls.append(call)
        return call


def _goes_on(piece: Piece, call: _Call) -> bool:
    """Whether a piece of the same number is of this call: a name may mean another one."""
    if not piece.name or call.name is None:
        return True
    if piece.id is not None and call.id is not None:
        return piece.id == call.id
    return piece.name == call.name and not call.is_whole()
