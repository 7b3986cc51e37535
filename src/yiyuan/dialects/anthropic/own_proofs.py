"""Signatures in bodies that pass between two who both speak Anthropic's format.

Several vendors speak it, and each verifies only what it signed itself. What comes from
one that is not Anthropic goes out marked with its name; what comes back goes to that
one alone, unmarked again. A block with another's proof is left out: it would be refused,
and so would be one without a proof at Anthropic, which other vendors' own thinking has.
"""

import json
from typing import Any, Final

import orjson

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.proofs import ANTHROPIC, SERIES, Proof, opened, packed, sealed, unpacked


class Thinking:
    """What an upstream thought before a call: a client of another format keeps it with that.

    All its blocks have to come back as they were, so none is kept where one has no proof.
    """

    __slots__ = ("_blocks", "_said")

    def __init__(self) -> None:
        """It has not begun."""
        self._blocks: list[Json] = []
        self._said: list[str] = []

    def note(self, block: Json) -> None:
        """Note that a block begins; a whole one has its text and its signature already."""
        kind = str(block.get("type"))
        if kind not in _PROOFS:
            return
        self._end_text()
        data = block.get("data")
        empty = {"thinking": "", "signature": ""} if kind == "thinking" else {"data": data}
        self._blocks.append({"type": kind} | empty)
        self.add(block.get("thinking"), block.get("signature"))

    def add(self, text: Any, signature: Any) -> None:
        """Note more of the block."""
        if not self._blocks or "thinking" not in self._blocks[-1]:
            return
        if type(text) is str:
            self._said.append(text)
        if type(signature) is str:
            self._blocks[-1]["signature"] += signature

    def _end_text(self) -> None:
        if self._said:
            self._blocks[-1]["thinking"] = "".join(self._said)
            self._said = []

    def taken(self) -> Proof | None:
        """The proof of the call that begins now."""
        self._end_text()
        blocks, self._blocks = self._blocks, []
        if not blocks or not all(_is_proven(block) for block in blocks):
            return None
        if len(blocks) == 1 and "signature" in blocks[0]:
            return Proof(ANTHROPIC, blocks[0]["signature"], blocks[0]["thinking"])
        return Proof(ANTHROPIC, SERIES + packed(json.dumps(blocks)))


def blocks_of(proof: Proof, text: str) -> list[Json]:
    """The blocks of thinking that a proof is for; `text` is that of a single one.

    None if a client has changed it so that it holds no such blocks.
    """
    if not proof.is_series:
        return [{"type": "thinking", "thinking": text, "signature": proof.value}]
    try:
        found = orjson.loads(unpacked(proof.value.removeprefix(SERIES)) or "")
    except orjson.JSONDecodeError:
        return []
    blocks = found if type(found) is list else []
    is_whole = all(type(block) is dict and _is_proven(block) for block in blocks)
    return blocks if is_whole else []


def _is_proven(block: Json) -> bool:
    """Whether it is a block of thinking with its proof, and nothing else."""
    name = _PROOFS.get(str(block.get("type")))
    names = {"type", "data"} if name == "data" else {"type", "thinking", "signature"}
    is_text = all(type(value) is str for value in block.values())
    return name is not None and block.keys() == names and is_text and block[name] != ""


_PROOFS: Final = {"thinking": "signature", "redacted_thinking": "data"}
"""Where a block of thinking has its proof; hidden thinking is nothing else."""


def seal_blocks(blocks: Any, family: str) -> Any:
    """The content of an answer with its signatures marked as of `family`."""
    if not family or type(blocks) is not list:
        return blocks
    return [_sealed(block, family) for block in blocks]


def _sealed(block: Any, family: str) -> Any:
    return seal_block(block, family) if type(block) is dict else block


def seal_block(block: Json, family: str) -> Json:
    """One block, marked."""
    name = _PROOFS.get(str(block.get("type")), "signature")
    value = block.get(name)
    if type(value) is not str or not value:
        return block
    return block | {name: sealed(Proof(family, value))}


def own_messages(messages: Any, family: str) -> Any:
    """A request's messages with proofs of `family` as it made them, and without others'."""
    if type(messages) is not list:
        return messages
    return [_own_message(message, family) for message in messages]


def _own_message(message: Any, family: str) -> Any:
    if type(message) is not dict or message.get("role") != "assistant":
        return message
    blocks = message.get("content")
    if type(blocks) is not list or not any(_is_thinking(block) for block in blocks):
        return message
    kept = [own for block in blocks if (own := _own_block(block, family)) is not None]
    return message | {"content": kept or [{"type": "text", "text": "."}]}


def _is_thinking(block: Any) -> bool:
    return type(block) is dict and block.get("type") in _PROOFS


def _own_block(block: Json, family: str) -> Json | None:
    if not _is_thinking(block):
        return block
    name = _PROOFS[block["type"]]
    value = block.get(name)
    if not value:  # its maker signs nothing: only Anthropic refuses that
        return block if family else None
    proof = opened(value)
    if proof is None:  # Anthropic's own
        return None if family else block
    return block | {name: proof.value} if proof.family == family else None


def thinking_count(messages: Any) -> int:
    """How many blocks of thinking a request's messages have."""
    if type(messages) is not list:
        return 0
    contents = [message.get("content") for message in messages if type(message) is dict]
    return sum(_is_thinking(b) for blocks in contents if type(blocks) is list for b in blocks)
