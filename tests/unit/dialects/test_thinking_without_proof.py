"""Thinking that its reader would refuse stays behind: unsigned at Anthropic, or another's."""

import json
from typing import Any

import pytest

from tests.unit.dialects.dialect_cases import CHAT, DIALECTS, MESSAGES, message
from yiyuan.dialects.anthropic.own_proofs import seal_blocks
from yiyuan.dialects.canonical import Reply, Target
from yiyuan.dialects.proofs import Proof, sealed

CALL = {"type": "tool_use", "id": "t1", "name": "look", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "a cat"}
UNSIGNED = {"type": "thinking", "thinking": "hm"}
EMPTY = UNSIGNED | {"signature": ""}
OWN = UNSIGNED | {"signature": "c2ln"}
VENDOR = UNSIGNED | {"signature": sealed(Proof("moonshot", "vendor-proof"))}
REDACTED = {"type": "redacted_thinking", "data": "x"}
HIDDEN = REDACTED | {"data": sealed(Proof("moonshot", "vendor-hidden"))}


def written(*blocks: Any, family: str = "", **fields: Any) -> tuple[dict[str, Any], list[str]]:
    body = message(
        messages=[
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": [dict(block) for block in blocks]},
            {"role": "user", "content": [RESULT] if CALL in blocks else "and?"},
        ],
        max_tokens=5000,
        **fields,
    )
    request = MESSAGES.read_request(body)
    target = Target(model="claude-sonnet-4-5", proof_family=family)
    return MESSAGES.write_request(request, target), request.dropped


@pytest.mark.parametrize(
    ("family", "block", "expected"),
    [
        ("", UNSIGNED, None),
        ("", EMPTY, None),
        ("", OWN, OWN),
        ("", VENDOR, None),
        ("", REDACTED, REDACTED),
        ("moonshot", UNSIGNED, UNSIGNED),
        ("moonshot", OWN, None),
        ("moonshot", VENDOR, UNSIGNED | {"signature": "vendor-proof"}),
        ("vertex", VENDOR, None),
        ("", HIDDEN, None),
        ("moonshot", HIDDEN, REDACTED | {"data": "vendor-hidden"}),
        ("moonshot", REDACTED, None),
        ("vertex", HIDDEN, None),
    ],
)
def test_in_the_same_format(family, block, expected):
    text = {"type": "text", "text": "so"}
    body, dropped = written(block, text, family=family)
    kept = [text] if expected is None else [expected, text]
    assert body["messages"][1]["content"] == kept
    assert dropped == ([] if expected is not None else ["messages.thinking"])


def test_a_turn_of_such_thinking_alone_is_not_empty():
    body, _ = written(EMPTY)
    assert body["messages"][1]["content"] == [{"type": "text", "text": "."}]


@pytest.mark.parametrize(
    ("thinking", "stays"),
    [({"type": "enabled", "budget_tokens": 2000}, False), ({"type": "adaptive"}, True)],
)
def test_a_call_whose_thinking_is_gone_ends_a_budget(thinking, stays):
    edits = [{"type": "clear_thinking_20251015"}, {"type": "clear_tool_uses_20250919"}]
    managed = {"context_management": {"edits": edits}}
    body, dropped = written(EMPTY, CALL, thinking=thinking, **managed)
    assert ("thinking" in body) == stays
    assert ("thinking" in dropped) != stays
    kept = edits if stays else edits[1:]
    assert body["context_management"] == {"edits": kept}


def test_a_proven_call_keeps_its_budget():
    thinking = {"type": "enabled", "budget_tokens": 2000}
    body, dropped = written(OWN, CALL, thinking=thinking)
    assert body["thinking"] == thinking
    assert dropped == []


@pytest.mark.parametrize("name", ["openai_chat", "openai_responses", "gemini"])
def test_other_formats_get_no_proof_of_anthropics(name):
    body = message(
        messages=[
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": [OWN, {"type": "text", "text": "so"}]},
            {"role": "user", "content": "and?"},
        ]
    )
    request = MESSAGES.read_request(body)
    assert "c2ln" not in str(DIALECTS[name].write_request(request, Target(model="m")))


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_of_chat_does_not_reach_anthropic(name):
    request = CHAT.read_request(
        {
            "model": "m",
            "messages": [
                {"role": "user", "content": "hi"},
                {"role": "assistant", "content": "so", name: "hm"},
                {"role": "user", "content": "and?"},
            ],
        }
    )
    body = MESSAGES.write_request(request, Target(model="claude-sonnet-4-5"))
    assert "hm" not in str(body)
    assert request.dropped == ["reasoning_content"]


@pytest.mark.parametrize("family", ["", "moonshot"])
def test_hidden_thinking_goes_out_with_its_makers_name(family):
    """Whole and streamed; Anthropic's own stays as it is."""
    expected = HIDDEN if family else REDACTED
    data = expected["data"].replace("vendor-hidden", "x")
    content = [dict(REDACTED), {"type": "text", "text": "so"}]
    assert seal_blocks(content, family)[0]["data"] == data
    reply = Reply("ex_1", 0, MESSAGES.read_request(message()), "m", proof_family=family)
    reader, writer = MESSAGES.stream_reader(), MESSAGES.stream_writer(reply)
    start = {"type": "content_block_start", "index": 0, "content_block": dict(REDACTED)}
    written = b"".join(
        writer.write(delta) for delta in reader.feed("content_block_start", json.dumps(start))
    )
    assert f'"data":"{data}"'.encode() in written
