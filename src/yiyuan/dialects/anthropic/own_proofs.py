"""Signatures in bodies that pass between two who both speak Anthropic's format.

Several vendors speak it, and each verifies only what it signed itself. What comes from
one that is not Anthropic goes out marked with its name; what comes back goes to that
one alone, unmarked again. A block with another's proof is left out: it would be refused,
and so would be one without a proof at Anthropic, which other vendors' own thinking has.
"""

from typing import Any

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.proofs import Proof, opened, sealed


def seal_blocks(blocks: Any, family: str) -> Any:
    """The content of an answer with its signatures marked as of `family`."""
    if not family or type(blocks) is not list:
        return blocks
    return [_sealed(block, family) for block in blocks]


def _sealed(block: Any, family: str) -> Any:
    signature = block.get("signature") if type(block) is dict else None
    if type(signature) is not str or not signature:
        return block
    return block | {"signature": sealed(Proof(family, signature))}


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
    return type(block) is dict and block.get("type") == "thinking"


def _own_block(block: Json, family: str) -> Json | None:
    if not _is_thinking(block):
        return block
    signature = block.get("signature")
    if not signature:  # its maker signs nothing: only Anthropic refuses that
        return block if family else None
    proof = opened(signature)
    if proof is None:  # Anthropic's own
        return None if family else block
    return block | {"signature": proof.value} if proof.family == family else None


def thinking_count(messages: Any) -> int:
    """How many blocks of thinking a request's messages have."""
    if type(messages) is not list:
        return 0
    contents = [message.get("content") for message in messages if type(message) is dict]
    return sum(_is_thinking(b) for blocks in contents if type(blocks) is list for b in blocks)
