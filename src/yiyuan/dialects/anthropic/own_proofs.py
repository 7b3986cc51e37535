"""Signatures in bodies that pass between two who both speak Anthropic's format.

Several vendors speak it, and each verifies only what it signed itself. What comes from
one that is not Anthropic goes out marked with its name; what comes back goes to that
one alone, unmarked again. A block with another's proof is left out: it would be refused,
and so would be one without a proof at Anthropic, which other vendors' own thinking has.
"""

from typing import Any, Final

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.proofs import ANTHROPIC, Proof, opened, sealed


class Thinking:
    """What an upstream thought before a call: a client of another format keeps it with that.

    Only one block, with its signature, can be kept so: of several none is, since all of
    them would have to come back.
    """

    __slots__ = ("_blocks", "_signature", "_text")

    def __init__(self) -> None:
        """It has not begun."""
        self._blocks = 0
        self._text = ""
        self._signature = ""

    def note(self, block: Json) -> None:
        """Note that a block begins; a whole one has its text and its signature already."""
        if str(block.get("type")) in _PROOFS:
            self._blocks += 1
            self.add(block.get("thinking"), block.get("signature"))

    def add(self, text: Any, signature: Any) -> None:
        """Note more of the block."""
        if type(text) is str:
            self._text += text
        if type(signature) is str:
            self._signature += signature

    def taken(self) -> Proof | None:
        """The proof of the call that begins now."""
        is_whole = self._blocks == 1 and self._signature
        proof = Proof(ANTHROPIC, self._signature, self._text) if is_whole else None
        self._blocks, self._text, self._signature = 0, "", ""
        return proof


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
