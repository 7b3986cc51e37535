"""A vendor of each format that signs its thinking and knows its own signature again.

It thinks, calls a tool in each of three turns, then answers. What it signed has to come
back as it was: another's signature, one of ours around it, or a changed one is refused
with 400, and so is a turn whose proof its format cannot do without. `kept` is which of
its own came back with each request. Two more speak a format of the four: one thinks in
several blocks, hidden ones among them, and one signs Google's format for itself alone.
"""

import json
import re
from functools import partial
from typing import Any

from tests.support.upstreams.serving import Answered, Asked, Json

TURNS = 3
FORMATS = ("openai_chat", "anthropic_messages", "openai_responses", "gemini")
MAKERS = (*FORMATS, "several", "vertex")
VERTEX = "/v1/publishers/google"
TEXT = "all is well"
SKIP = "skip_thought_signature_validator"
_FORMAT_OF = {
    "/v1/messages": "anthropic_messages",
    "/v1/responses": "openai_responses",
    "/chat/completions": "openai_chat",
    "/anthropic/v1/messages": "several",
}


def sign(wire: str, turn: int) -> str:
    """What the vendor of this format signs in a turn."""
    return f"{wire}-signed-{turn}"


def signs(wire: str, turn: int) -> list[str]:
    """All that it signs in a turn."""
    own = sign(wire, turn)
    return [own, f"{own}-more", f"{own}-hidden"] if wire == "several" else [own]


def thought(wire: str, turn: int) -> str:
    """What it thinks."""
    return f"{wire} thinks of {turn}"


class Refused(Exception):
    """A 400."""


class Signing:
    """The four vendors on one origin."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, list[str]]] = []

    def handle(self, asked: Asked) -> Answered:
        is_vertex = asked.path.startswith(VERTEX)
        wire = _FORMAT_OF.get(asked.path, "vertex" if is_vertex else "gemini")
        foreign = set(re.findall(r"(\w+)-signed-", asked.raw.decode())) - {wire}
        try:
            if foreign or "yy1." in asked.raw.decode():
                raise Refused(f"a proof of {sorted(foreign)} in {asked.raw.decode()}")
            kept, turn = _READERS[wire](asked.body)
            own = [proof for number in range(turn) for proof in signs(wire, number)]
            if [proof for proof in kept if proof not in own]:
                raise Refused(f"not signed here: {kept}, but {own}")
            self.kept.append((wire, kept))
        except Refused as refused:
            return Answered(400, {"error": {"message": str(refused), "type": "invalid"}})
        is_stream = asked.body.get("stream") or "stream" in asked.path
        return _WRITERS[wire](turn, bool(is_stream))


# --- Messages -----------------------------------------------------------------------------


def _read_messages(body: Json) -> tuple[list[str], int]:
    kept, turn = [], 0
    is_thinking = body.get("thinking", {}).get("type") in ("enabled", "adaptive")
    for message in body["messages"]:
        if message["role"] != "assistant":
            continue
        blocks = message["content"] if isinstance(message["content"], list) else []
        proofs = [b for b in blocks if b["type"] == "thinking"]
        kept += [block["signature"] for block in proofs]
        if any(b["thinking"] != thought("anthropic_messages", turn) for b in proofs):
            raise Refused(f"changed: {proofs}")
        calls = [block for block in blocks if block["type"] == "tool_use"]
        if is_thinking and calls and blocks[0]["type"] != "thinking":
            raise Refused("Expected `thinking`, but found `tool_use`")
        turn += 1
    return kept, turn


def _thinks(wire: str, turn: int) -> list[Json]:
    said = {"type": "thinking", "thinking": thought(wire, turn)}
    own = signs(wire, turn)
    blocks: list[Json] = [said | {"signature": proof} for proof in own[:2]]
    return blocks + [{"type": "redacted_thinking", "data": proof} for proof in own[2:]]


def _read_several(body: Json) -> tuple[list[str], int]:
    kept, turn = [], 0
    for message in body["messages"]:
        if message["role"] != "assistant":
            continue
        blocks = message["content"] if isinstance(message["content"], list) else []
        proofs = [b for b in blocks if b.get("signature") or b.get("data")]
        if proofs and proofs != _thinks("several", turn):
            raise Refused(f"changed: {proofs}")
        kept += signs("several", turn) if proofs else []
        turn += 1
    return kept, turn


def _write_messages(turn: int, is_stream: bool, wire: str = "anthropic_messages") -> Answered:
    blocks = _thinks(wire, turn)
    called = {"type": "tool_use", "id": f"toolu_{turn}", "name": "look", "input": {"turn": turn}}
    blocks.append(called if turn < TURNS else {"type": "text", "text": TEXT})
    stop = "tool_use" if turn < TURNS else "end_turn"
    usage = {"input_tokens": 10, "output_tokens": 7}
    head = {"id": f"msg_{turn}", "type": "message", "role": "assistant", "model": "claude"}
    if not is_stream:
        rest = {"content": blocks, "stop_reason": stop, "stop_sequence": None, "usage": usage}
        return Answered(200, head | rest)
    opened = head | {"content": [], "stop_reason": None, "usage": usage | {"output_tokens": 1}}
    events: list[Json] = [{"type": "message_start", "message": opened}]
    for index, block in enumerate(blocks):
        events += _block_events(index, block)
    delta = {"stop_reason": stop, "stop_sequence": None}
    events += [{"type": "message_delta", "delta": delta, "usage": usage}, {"type": "message_stop"}]
    return Answered(200, events=events, named=True)


def _block_events(index: int, block: Json) -> list[Json]:
    kinds = {"thinking": "thinking_delta", "signature": "signature_delta", "text": "text_delta"}
    steps = [{"type": kinds[name], name: block[name]} for name in kinds if name in block]
    empty = {name: "" if name in kinds else value for name, value in block.items()}
    if block["type"] == "tool_use":
        empty["input"] = {}
        steps = [{"type": "input_json_delta", "partial_json": json.dumps(block["input"])}]
    opened = {"type": "content_block_start", "index": index, "content_block": empty}
    deltas = [{"type": "content_block_delta", "index": index, "delta": step} for step in steps]
    return [opened, *deltas, {"type": "content_block_stop", "index": index}]


# --- Chat, as DeepSeek speaks it: reasoning in the open, which has to come back -----------------


def _read_chat(body: Json) -> tuple[list[str], int]:
    turns = [m for m in body["messages"] if m["role"] == "assistant"]
    for message in turns:
        if message.get("tool_calls") and "reasoning_content" not in message:
            raise Refused("The `reasoning_content` in the thinking mode must be passed back")
    shown = [message.get("reasoning_content") for message in turns]
    wire = "openai_chat"
    own = [turn for turn, said in enumerate(shown) if said == thought(wire, turn)]
    return [sign(wire, turn) for turn in own], len(turns)


def _write_chat(turn: int, is_stream: bool) -> Answered:
    function = {"name": "look", "arguments": json.dumps({"turn": turn})}
    call = {"id": f"call_{turn}", "type": "function", "function": function}
    said: Json = {"reasoning_content": thought("openai_chat", turn)}
    said |= {"content": TEXT} if turn == TURNS else {"content": None, "tool_calls": [call]}
    finish = "stop" if turn == TURNS else "tool_calls"
    usage = {"prompt_tokens": 10, "completion_tokens": 7, "total_tokens": 17}
    if not is_stream:
        message = {"role": "assistant"} | said
        choice = {"index": 0, "message": message, "finish_reason": finish}
        return Answered(200, {"id": "up-1", "choices": [choice], "usage": usage})
    deltas: list[Json] = [{"role": "assistant"}]
    deltas += [
        {"reasoning_content": word} for word in re.split("(?<= )", said["reasoning_content"])
    ]
    calls = [{"index": 0} | call]
    deltas.append({"content": TEXT} if turn == TURNS else {"tool_calls": calls})
    head = {"id": "up-1", "object": "chat.completion.chunk"}
    choices = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": finish})
    events: list[Json] = [head | {"choices": [choice]} for choice in choices]
    return Answered(200, events=[*events, head | {"choices": [], "usage": usage}], done=True)


# --- Responses ----------------------------------------------------------------------------


def _read_responses(body: Json) -> tuple[list[str], int]:
    items = body["input"] if isinstance(body["input"], list) else []
    kept = [item["encrypted_content"] for item in items if item.get("type") == "reasoning"]
    if body.get("store") is not False:
        raise Refused("store")
    return kept, sum(item.get("type") == "function_call" for item in items)


def _write_responses(turn: int, is_stream: bool) -> Answered:
    wire = "openai_responses"
    shown = [{"type": "summary_text", "text": thought(wire, turn)}]
    proof = {"encrypted_content": sign(wire, turn)}
    output: list[Json] = [{"type": "reasoning", "id": f"rs_{turn}", "summary": shown} | proof]
    if turn < TURNS:
        said = {"call_id": f"call_{turn}", "name": "look", "arguments": json.dumps({"turn": turn})}
        called = {"type": "function_call", "id": f"fc_{turn}", "status": "completed"}
        output.append(called | said)
    else:
        text = [{"type": "output_text", "text": TEXT, "annotations": []}]
        last = {"type": "message", "id": "msg_1", "role": "assistant", "content": text}
        output.append(last | {"status": "completed"})
    usage = {"input_tokens": 10, "output_tokens": 7, "total_tokens": 17}
    head = {"id": f"resp_{turn}", "object": "response", "model": "gpt-5", "created_at": 1}
    whole = head | {"status": "completed", "output": output, "usage": usage}
    if not is_stream:
        return Answered(200, whole)
    opened = head | {"status": "in_progress", "output": []}
    events: list[Json] = [{"type": "response.created", "response": opened}]
    for place, item in enumerate(output):
        events += _item_events(place, item)
    events.append({"type": "response.completed", "response": whole})
    for number, event in enumerate(events):
        event["sequence_number"] = number
    return Answered(200, events=events, named=True)


def _item_events(place: int, item: Json) -> list[Json]:
    at = {"item_id": item["id"], "output_index": place}
    empty = item | {"arguments": ""} if "arguments" in item else item
    events: list[Json] = [
        {"type": "response.output_item.added", "output_index": place, "item": empty}
    ]
    match item["type"]:
        case "reasoning":
            said = {"delta": item["summary"][0]["text"], "summary_index": 0}
            events.append({"type": "response.reasoning_summary_text.delta"} | at | said)
        case "function_call":
            kind = "response.function_call_arguments.delta"
            events.append({"type": kind, "delta": item["arguments"]} | at)
        case _:
            text = {"delta": TEXT, "content_index": 0}
            events.append({"type": "response.output_text.delta"} | at | text)
    return [*events, {"type": "response.output_item.done", "output_index": place, "item": item}]


# --- Gemini -------------------------------------------------------------------------------


def _read_gemini(body: Json) -> tuple[list[str], int]:
    kept, turn = [], 0
    for content in body["contents"]:
        if content.get("role") != "model":
            continue
        proofs = [
            part["thoughtSignature"] for part in content["parts"] if "thoughtSignature" in part
        ]
        if any("functionCall" in part for part in content["parts"]) and not proofs:
            raise Refused("Function call is missing a thought_signature")
        kept += [proof for proof in proofs if proof != SKIP]
        turn += 1
    return kept, turn


def _write_gemini(turn: int, is_stream: bool, wire: str = "gemini") -> Answered:
    parts: list[Json] = [{"text": thought(wire, turn), "thought": True}]
    called = {"name": "look", "args": {"turn": turn}}
    signed = {"functionCall": called, "thoughtSignature": sign(wire, turn)}
    parts.append(signed if turn < TURNS else {"text": TEXT})
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 4, "thoughtsTokenCount": 3}
    told = {"usageMetadata": usage | {"totalTokenCount": 17}}

    def candidate(said: list[Any], **more: Any) -> Json:
        content = {"role": "model", "parts": said}
        return {"candidates": [{"content": content, "index": 0} | more]} | told

    if not is_stream:
        return Answered(200, candidate(parts, finishReason="STOP"))
    return Answered(200, events=[candidate(parts[:1]), candidate(parts[1:], finishReason="STOP")])


_READERS = {
    "anthropic_messages": _read_messages,
    "openai_chat": _read_chat,
    "openai_responses": _read_responses,
    "gemini": _read_gemini,
    "several": _read_several,
    "vertex": _read_gemini,
}
_WRITERS = {
    "anthropic_messages": _write_messages,
    "openai_chat": _write_chat,
    "openai_responses": _write_responses,
    "gemini": _write_gemini,
    "several": partial(_write_messages, wire="several"),
    "vertex": partial(_write_gemini, wire="vertex"),
}
