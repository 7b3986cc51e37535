"""A vendor as its preset's file describes it, enforced: what the row says is refused, is refused.

The file is read here with `tomllib` alone, so that a fault in our reader of presets
cannot hide itself. Besides OpenAI chat it speaks Messages and Responses where the
row says so. It calls the tool it is given as long as no result has come, thinks
where it is told to or always does, and counts words as tokens.
"""

import json
import tomllib
from fnmatch import fnmatchcase
from importlib import resources
from typing import Any

from tests.support.upstreams.serving import Answered, Asked, Handle, Json

REASONING = "thinking it over"
TEXT = "all is well"
CACHED = 3
OWN_EFFORTS = {"none", "minimal", "low", "medium", "high", "xhigh", "max"}
NO_EFFORT = (None, "none")
THINKING_FIELDS = {
    "reasoning_effort": "reasoning_effort",
    "thinking_type": "thinking",
    "enable_thinking": "enable_thinking",
    "reasoning_object": "reasoning",
    "template_kwargs": "chat_template_kwargs",
}


class Refused(Exception):
    """A 400 with the parameter's name."""

    def __init__(self, param: str, why: str) -> None:
        super().__init__(why)
        self.param = param


def row_of(vendor: str) -> Json:
    """The vendor's file as plain values."""
    folder = resources.files("yiyuan.integrations.providers") / "presets"
    return tomllib.loads((folder / f"{vendor}.toml").read_text("utf-8"))


def base_url(vendor: str, origin: str) -> str:
    """The vendor's OpenAI address on this origin."""
    row = row_of(vendor)
    _, _, rest = (row.get("base_url") or row["base_url_example"]).partition("://")
    _, slash, path = rest.partition("/")
    return origin + slash + path


def vendor(name: str) -> Handle:
    """The vendor's server; every key is good but `upkey-bad`, `upkey-poor` has no money."""
    row = row_of(name)
    openai = base_url(name, "")
    anthropic = row.get("anthropic_path")

    def handle(asked: Asked) -> Answered:
        try:
            if asked.path == openai + "/chat/completions":
                return _chat(row, asked)
            if asked.path == openai + "/responses" and "openai_responses" in row["speaks"]:
                return _responses(asked)
            if anthropic is not None and asked.path == anthropic + "/v1/messages":
                return messages(asked)
        except Refused as refused:
            error = {"message": str(refused), "type": "invalid_request_error"}
            return Answered(400, {"error": error | {"param": refused.param, "code": "bad"}})
        return Answered(404, {"error": {"message": f"no {asked.path}", "code": "not_found"}})

    return handle


def quirks_of(row: Json, model: str) -> Json:
    """Those of one model."""
    found = dict(row.get("quirks", {}))
    for table in row.get("models", []):
        if fnmatchcase(model.lower(), table["match"]):
            found |= {key: value for key, value in table.items() if key != "match"}
            break
    return found


def words(value: Any) -> int:
    """Words of every text in a value."""
    if isinstance(value, str):
        return len(value.split())
    if isinstance(value, list):
        return sum(words(item) for item in value)
    if isinstance(value, dict):
        return sum(words(item) for item in value.values())
    return 0


# --- OpenAI chat ---------------------------------------------------------------


def _chat(row: Json, asked: Asked) -> Answered:
    if not asked.headers.get("authorization", "").startswith("Bearer ") and (
        "api-key" not in asked.headers
    ):
        return Answered(401, {"error": {"message": "no key", "code": "invalid_api_key"}})
    body = asked.body
    quirks = quirks_of(row, body["model"])
    enforce(quirks, body)
    thinks = _thinks(quirks, body)
    wants_tool = bool(body.get("tools")) and body["messages"][-1]["role"] != "tool"
    message: Json = {"role": "assistant", "content": None if wants_tool else TEXT}
    if thinks:
        message["reasoning_content"] = REASONING
    if wants_tool:
        name = body["tools"][0]["function"]["name"]
        turn = sum(m["role"] == "tool" for m in body["messages"])
        function = {"name": name, "arguments": json.dumps({"turn": turn})}
        message["tool_calls"] = [{"id": f"call_{turn}", "type": "function", "function": function}]
    usage = _usage(words(body["messages"]), thinks=thinks, called=wants_tool)
    finish = "tool_calls" if wants_tool else "stop"
    if not body.get("stream"):
        choice = {"index": 0, "message": message, "finish_reason": finish}
        return Answered(200, {"id": "up-1", "choices": [choice], "usage": usage})
    deltas: list[Json] = [{"role": "assistant", "content": ""}]
    if thinks:
        deltas += [{"reasoning_content": word + " "} for word in REASONING.split()]
    if wants_tool:
        deltas.append({"tool_calls": [{"index": 0} | message["tool_calls"][0]]})
    else:
        deltas += [{"content": word + " "} for word in TEXT.split()]
    events = [_chunk({"index": 0, "delta": d, "finish_reason": None}) for d in deltas]
    events.append(_chunk({"index": 0, "delta": {}, "finish_reason": finish}) | {"usage": usage})
    return Answered(200, events=events, done=True)


def _chunk(choice: Json) -> Json:
    return {"id": "up-1", "object": "chat.completion.chunk", "choices": [choice]}


def _usage(prompt: int, *, thinks: bool, called: bool) -> Json:
    prompt += CACHED
    reasoning = words(REASONING) if thinks else 0
    completion = reasoning + (5 if called else words(TEXT))
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": CACHED},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }


def _thinks(quirks: Json, body: Json) -> bool:
    if not quirks.get("thinking_off", True):
        return True
    match quirks.get("thinking", "reasoning_effort"):
        case "thinking_type":
            return (body.get("thinking") or {"type": "enabled"})["type"] != "disabled"
        case "enable_thinking":
            return body.get("enable_thinking") is True
        case "reasoning_object":
            return body.get("reasoning", {}).get("enabled") is not False and "reasoning" in body
        case "template_kwargs":
            return body.get("chat_template_kwargs", {}).get("enable_thinking") is not False
        case "reasoning_effort":
            return body.get("reasoning_effort") not in (None, "none")
    return False


def enforce(quirks: Json, body: Json) -> None:
    """Refuse everything that the row says the vendor does not take."""
    _enforce_fields(quirks, body)
    _enforce_thinking(quirks, body)
    _enforce_tools(quirks, body)
    _enforce_reasoning_back(quirks, body)
    flags = quirks.get("flags", [])
    is_whole = "nonstream_no_thinking" in flags and not body.get("stream")
    if is_whole and body.get("enable_thinking") is not False:
        raise Refused("enable_thinking", "must be false for non-streaming calls")
    wants_parsed = "reasoning_parsed" in flags and body.get("reasoning_effort") not in NO_EFFORT
    if wants_parsed and body.get("reasoning_format") != "parsed":
        raise Refused("reasoning_format", "this test wants the reasoning apart")
    if "cache_marks" not in flags and '"cache_control"' in json.dumps(body["messages"]):
        raise Refused("messages.cache_control", "is not known")
    if quirks.get("strict_fields") and "unheard_of" in body:
        raise Refused("unheard_of", "extra fields are not permitted")
    if "reasoning_split" in flags and body.get("reasoning_split") is not True:
        raise Refused("reasoning_split", "this test wants the reasoning apart")
    if "no_message_name" in flags and any("name" in m for m in body["messages"]):
        raise Refused("messages.name", "is not known")
    wanted = (body.get("response_format") or {}).get("type")
    if "no_json_schema" in flags and wanted == "json_schema":
        raise Refused("response_format", "json_schema is not known")


def _enforce_fields(quirks: Json, body: Json) -> None:
    wanted = quirks.get("max_tokens", "both")
    names = {"max_tokens", "max_completion_tokens"}
    for name in names - {wanted} if wanted != "both" else ():
        if name in body:
            raise Refused(name, "is not known")
    for name in [*quirks.get("refuse", []), *quirks.get("drop", [])]:
        if name in body:
            raise Refused(name, "is not allowed")
    for name, (least, greatest) in quirks.get("clamp", {}).items():
        if name in body and not least <= body[name] <= greatest:
            raise Refused(name, f"must be from {least} to {greatest}")
    if not quirks.get("stream_usage", True) and "stream_options" in body:
        raise Refused("stream_options", "is not known")


def _enforce_thinking(quirks: Json, body: Json) -> None:
    method = quirks.get("thinking", "reasoning_effort")
    allowed = {THINKING_FIELDS.get(method)}
    if quirks.get("efforts"):
        allowed.add("reasoning_effort")
    if "nonstream_no_thinking" in quirks.get("flags", []):
        allowed.add("enable_thinking")
    for name in set(THINKING_FIELDS.values()) - allowed:
        if name in body:
            raise Refused(name, "is not known")
    effort = body.get("reasoning_effort")
    known = set(quirks.get("efforts", {}).values()) or OWN_EFFORTS
    if effort is not None and effort not in known:
        raise Refused("reasoning_effort", f"must be one of {', '.join(sorted(known))}")
    is_off = effort == "none" or (body.get("thinking") or {}).get("type") == "disabled"
    if is_off and not quirks.get("thinking_off", True):
        raise Refused("thinking", "cannot be switched off")


def _enforce_tools(quirks: Json, body: Json) -> None:
    choice = body.get("tool_choice")
    form = choice if choice is None or isinstance(choice, str) else "named"
    known = quirks.get("tool_choice", ["auto", "none", "required", "named"])
    if form is not None and form not in known:
        raise Refused("tool_choice", f"must be one of {', '.join(known)}")
    is_strict = any("strict" in tool["function"] for tool in body.get("tools", []))
    if is_strict and "no_tool_strict" in quirks.get("flags", []):
        raise Refused("tools.strict", "is not known")


def _enforce_reasoning_back(quirks: Json, body: Json) -> None:
    wanted = quirks.get("reasoning_back", "never")
    for message in body["messages"]:
        if message["role"] != "assistant":
            continue
        must = wanted == "always" or (wanted == "with_tools" and message.get("tool_calls"))
        if must and "reasoning_content" not in message:
            raise Refused("messages.reasoning_content", "must come back")


# --- Messages and Responses, spoken natively ---------------------------------------------


def messages(asked: Asked) -> Answered:
    if "authorization" not in asked.headers and "x-api-key" not in asked.headers:
        return Answered(401, {"type": "error", "error": {"type": "authentication_error"}})
    body = asked.body
    assert isinstance(body["max_tokens"], int)
    blocks: list[Json] = []
    if (body.get("thinking") or {}).get("type") != "disabled":
        blocks.append({"type": "thinking", "thinking": REASONING, "signature": "vendor-proof"})
    last = body["messages"][-1]["content"]
    has_result = isinstance(last, list) and any(b["type"] == "tool_result" for b in last)
    if body.get("tools") and not has_result:
        name = body["tools"][0]["name"]
        blocks.append({"type": "tool_use", "id": "toolu_1", "name": name, "input": {"turn": 0}})
    else:
        blocks.append({"type": "text", "text": TEXT})
    stop = "tool_use" if blocks[-1]["type"] == "tool_use" else "end_turn"
    usage = {
        "input_tokens": words(body["messages"]),
        "cache_read_input_tokens": CACHED,
        "output_tokens": words(blocks),
    }
    head = {"id": "msg_up", "type": "message", "role": "assistant", "model": body["model"]}
    if not body.get("stream"):
        rest = {"content": blocks, "stop_reason": stop, "stop_sequence": None, "usage": usage}
        return Answered(200, head | rest)
    start = head | {"content": [], "stop_reason": None, "usage": usage | {"output_tokens": 1}}
    events: list[Json] = [{"type": "message_start", "message": start}]
    for index, block in enumerate(blocks):
        events += _block_events(index, block)
    delta = {"stop_reason": stop, "stop_sequence": None}
    counted = {"output_tokens": usage["output_tokens"]}
    events.append({"type": "message_delta", "delta": delta, "usage": counted})
    events.append({"type": "message_stop"})
    return Answered(200, events=events, named=True)


def _block_events(index: int, block: Json) -> list[Json]:
    def delta(**values: Any) -> Json:
        return {"type": "content_block_delta", "index": index, "delta": values}

    match block["type"]:
        case "thinking":
            empty = {"type": "thinking", "thinking": "", "signature": ""}
            steps = [
                delta(type="thinking_delta", thinking=block["thinking"]),
                delta(type="signature_delta", signature=block["signature"]),
            ]
        case "tool_use":
            empty = block | {"input": {}}
            said = json.dumps(block["input"])
            steps = [delta(type="input_json_delta", partial_json=said)]
        case _:
            empty = {"type": "text", "text": ""}
            steps = [delta(type="text_delta", text=block["text"])]
    start = {"type": "content_block_start", "index": index, "content_block": empty}
    return [start, *steps, {"type": "content_block_stop", "index": index}]


def _responses(asked: Asked) -> Answered:
    if "authorization" not in asked.headers and "api-key" not in asked.headers:
        return Answered(401, {"error": {"message": "no key", "code": "invalid_api_key"}})
    body = asked.body
    if body.get("store") is not False:
        raise Refused("store", "must be false: nothing may be kept")
    text = {"type": "output_text", "text": TEXT, "annotations": []}
    item = {
        "type": "message",
        "id": "msg_1",
        "status": "completed",
        "role": "assistant",
        "content": [text],
    }
    output: list[Json] = [item]
    if "reasoning.encrypted_content" in (body.get("include") or []):
        reasoning = {"type": "reasoning", "id": "rs_1", "summary": []}
        output.insert(0, reasoning | {"encrypted_content": "vendor-sealed"})
    if isinstance(body["input"], list) and {"type": "compaction_trigger"} in body["input"]:
        output = [{"type": "compaction", "id": "cmp_1", "encrypted_content": "vendor-compacted"}]
    usage = {
        "input_tokens": words(body["input"]),
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": words(TEXT),
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    usage["total_tokens"] = usage["input_tokens"] + usage["output_tokens"]
    head = {"id": "resp_up", "object": "response", "model": body["model"], "created_at": 1}
    whole = head | {"status": "completed", "output": output, "usage": usage}
    if not body.get("stream"):
        return Answered(200, whole)
    opened = head | {"status": "in_progress", "output": []}
    events: list[Json] = [{"type": "response.created", "response": opened}]
    for place, one in enumerate(output):
        events.append({"type": "response.output_item.added", "output_index": place, "item": one})
        if one["type"] == "message":
            at = {"item_id": "msg_1", "output_index": place, "content_index": 0}
            events.append({"type": "response.output_text.delta", "delta": TEXT} | at)
        events.append({"type": "response.output_item.done", "output_index": place, "item": one})
    events.append({"type": "response.completed", "response": whole})
    for number, event in enumerate(events):
        event["sequence_number"] = number
    return Answered(200, events=events, named=True)
