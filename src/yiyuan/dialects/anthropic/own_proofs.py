"""Signatures in bodies that pass between two who both speak Anthropic's format.

Several vendors speak it, and each verifies only what it signed itself. What comes from
one that is not Anthropic goes out marked with its name; what comes back goes to that
one alone, unmarked again. A block with another's proof is left out: it would be refused,
and so would be one without a proof at Anthropic, which other vendors' own thinking has.
"""

from typing import Any, Final

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.proofs import Proof, opened, sealed

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
