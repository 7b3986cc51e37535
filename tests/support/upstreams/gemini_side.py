"""Honest answers in Google's format: generateContent, whole and streamed."""

import json
import re
from typing import Any

from tests.support.upstreams.behaviour import (
    DEFAULT_OUTPUT_TOKENS,
    Behaviour,
    Plan,
    Step,
    count_words,
    pieces,
)

PATH = re.compile(r".*/models/(?P<model>[^/:]+):(?P<verb>[A-Za-z]+)$")
STREAM = "streamGenerateContent"
_STATUSES = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "NOT_FOUND"}


def refuse(status: int, message: str) -> tuple[int, Any]:
    """An error as Google words it."""
    word = _STATUSES.get(status, "INTERNAL")
    return status, {"error": {"code": status, "message": message, "status": word}}


def check(body: Any, headers: dict[str, str], verb: str) -> tuple[int, Any] | None:
    """What the real server would refuse at once, or None."""
    if not headers.get("x-goog-api-key"):
        return refuse(401, "Request had no credential.")
    if verb not in ("generateContent", STREAM):
        return refuse(404, f"no {verb}")
    if not isinstance(body, dict) or not body.get("contents"):
        return refuse(400, "contents is not specified")
    foreign = set(body) & {"model", "stream", "messages", "max_tokens"}
    if foreign:
        return refuse(400, f"Unknown name: {min(foreign)}")
    if any(not content.get("parts") for content in body["contents"]):
        return refuse(400, "contents.parts must not be empty.")
    return None


def count_input(body: dict[str, Any]) -> int:
    """The words of all that is said, without the roles."""
    contents = [*body["contents"], body.get("systemInstruction") or {}]
    said = [content.get("parts") for content in contents]
    return count_words(said) + count_words(body.get("tools"))


def usage_object(behaviour: Behaviour, given: int, output: int) -> dict[str, Any]:
    """Google's usage: cached tokens lie inside the prompt's, thoughts beside the candidates'."""
    thoughts = behaviour.reasoning_tokens + behaviour.hidden_reasoning_tokens
    told = {
        "promptTokenCount": given,
        "candidatesTokenCount": output - thoughts,
        "totalTokenCount": given + output,
    }
    if thoughts:
        told["thoughtsTokenCount"] = thoughts
    if behaviour.cached_tokens:
        told["cachedContentTokenCount"] = behaviour.cached_tokens
    return told


def plan_generate(behaviour: Behaviour, body: dict[str, Any], model: str) -> Plan:
    """One candidate; every event of its stream is a whole answer, and there is no end mark."""
    maximum = (body.get("generationConfig") or {}).get("maxOutputTokens")
    count = behaviour.output_tokens
    if count is None:
        count = maximum if maximum is not None else DEFAULT_OUTPUT_TOKENS
    texts = pieces(behaviour, count)
    parts: list[dict[str, Any]] = [
        {"text": " hmm", "thought": True} for _ in range(behaviour.reasoning_tokens)
    ]
    parts += [{"text": text} for text in texts]
    for call in behaviour.tool_calls:
        function = {"name": call["name"], "args": json.loads(call["arguments"])}
        parts.append({"functionCall": function})
    words = count_words(texts) + count_words([c["arguments"] for c in behaviour.tool_calls])
    output = words + behaviour.reasoning_tokens + behaviour.hidden_reasoning_tokens
    given = behaviour.input_tokens if behaviour.input_tokens is not None else count_input(body)
    usage = usage_object(behaviour, given, output)
    is_cut = maximum is not None and words >= maximum and not behaviour.tool_calls
    finish = behaviour.finish or ("MAX_TOKENS" if is_cut else "STOP")
    head = {"modelVersion": model, "responseId": "up-1"}
    whole = {"candidates": [_candidate(parts, finish)], **head}
    steps = _steps(behaviour, head, parts, usage, finish)
    endless = _step(head, [_candidate([{"text": " one"}])], None, 1)
    return Plan(whole, steps, usage, output, endless, usage_name="usageMetadata")


def _candidate(parts: list[dict[str, Any]], finish: str | None = None) -> dict[str, Any]:
    content: dict[str, Any] = {"role": "model"}
    if parts:
        content["parts"] = parts
    candidate = {"content": content, "index": 0}
    return candidate if finish is None else {**candidate, "finishReason": finish}


def _step(
    head: dict[str, Any], candidates: list[Any], usage: Any, tokens: int = 0, kind: str = "delta"
) -> Step:
    event = {"candidates": candidates} if candidates else {}
    if usage is not None:
        event["usageMetadata"] = usage
    return Step(json.dumps(event | head, ensure_ascii=False), None, tokens, kind)


def _steps(
    behaviour: Behaviour,
    head: dict[str, Any],
    parts: list[dict[str, Any]],
    usage: dict[str, Any],
    finish: str,
) -> list[Step]:
    """The input is told with every event, the output with the last one."""
    is_honest = isinstance(behaviour.usage, str)
    is_told = behaviour.usage != "missing"
    given = usage["promptTokenCount"]
    early = {"promptTokenCount": given, "totalTokenCount": given} if is_honest and is_told else None
    steps = [
        _step(head, [_candidate([part])], early, count_words(part.get("text"))) for part in parts
    ]
    last = (usage if is_honest else behaviour.usage) if is_told else None
    steps.append(_step(head, [_candidate([], finish)], last, kind="finish"))
    if behaviour.usage == "twice":
        steps.append(_step(head, [], last, kind="usage"))
    return steps
