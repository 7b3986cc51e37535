"""The complete answer of generateContent, read from an upstream and written for a client."""

from typing import Any

import orjson

from yiyuan.dialects.canonical import Choice, Finish, GenerationResponse, Json, Reply, ToolCall
from yiyuan.dialects.contract import MalformedUpstream, UpstreamStreamError
from yiyuan.dialects.gemini.errors import google_problem
from yiyuan.dialects.gemini.finish_reasons import ASTRAY, GOOGLE_WORD, from_google
from yiyuan.dialects.gemini.generate.request import NAME
from yiyuan.dialects.gemini.signatures import seal_parts, write_signature
from yiyuan.dialects.gemini.usage import read_usage, write_usage
from yiyuan.dialects.proofs import GOOGLE, Proof
from yiyuan.dialects.shared.unread import unread_text
from yiyuan.dialects.shared.upstream_error import problem_of
from yiyuan.kernel.usage import Usage

TEXT_PART = frozenset({"text", "thought", "thoughtSignature"})
"""The fields of a part that is text; whatever else stands in one has no lane."""


def read_response(body: Json) -> GenerationResponse:
    """Read an answer; raises UpstreamStreamError for an error in a 200, or a model astray."""
    if type(body) is not dict:
        raise MalformedUpstream("the body is not an object")
    candidates = body.get("candidates")
    if body.get("error") and not candidates:
        raise UpstreamStreamError(google_problem(body))
    choices = read_candidates(body)
    upstream_id = body.get("responseId")
    return GenerationResponse(
        choices,
        usage=read_usage(body.get("usageMetadata")),
        raw=body,
        raw_dialect=NAME,
        upstream_id=upstream_id if type(upstream_id) is str else None,
    )


def read_candidates(body: Json) -> list[Choice]:
    """The choices; a blocked prompt is one empty choice that was filtered."""
    candidates = body.get("candidates")
    if not candidates:
        feedback = body.get("promptFeedback")
        if type(feedback) is dict and feedback.get("blockReason"):
            return [Choice(finish="content_filter")]
        raise MalformedUpstream("the body has no candidates")
    if type(candidates) is not list:
        raise MalformedUpstream("candidates is not a list")
    return [_read_candidate(candidate, place) for place, candidate in enumerate(candidates)]


def _read_candidate(candidate: Any, place: int) -> Choice:
    if type(candidate) is not dict:
        raise MalformedUpstream("a candidate is not an object")
    index = candidate.get("index")
    choice = Choice(index=index if type(index) is int and index >= 0 else place)
    for part in parts_of(candidate):
        said = part.get("text")
        if type(said) is str:
            if part.get("thought"):
                choice.reasoning += said
            else:
                choice.text += said
            choice.unread += unread_text(part, TEXT_PART)
        elif part.get("functionCall") is not None:
            choice.tool_calls.append(read_call(part))
        else:
            choice.unread += unread_text(part)
    word = candidate.get("finishReason")
    if word in ASTRAY and not (choice.text or choice.reasoning or choice.tool_calls):
        raise UpstreamStreamError(problem_of(f"finishReason: {word}"))
    choice.finish = from_google(word, called_tools=bool(choice.tool_calls)) or "stop"
    return choice


def parts_of(candidate: Json) -> list[Json]:
    """The parts of a candidate; raises MalformedUpstream."""
    content = candidate.get("content")
    if content is None:
        return []
    parts = content.get("parts") if type(content) is dict else None
    if parts is None:
        return []
    if type(parts) is not list or not all(type(part) is dict for part in parts):
        raise MalformedUpstream("a candidate's parts are not a list of objects")
    return parts


def read_call(part: Json) -> ToolCall:
    """A `functionCall` with its proof; its id may be empty."""
    call = part["functionCall"]
    if type(call) is not dict or type(call.get("name")) is not str:
        raise MalformedUpstream("a functionCall has no name")
    arguments = call.get("args")
    if arguments is not None and type(arguments) is not dict:
        raise MalformedUpstream("a functionCall's args are not an object")
    call_id, signature = call.get("id"), part.get("thoughtSignature")
    return ToolCall(
        call_id if type(call_id) is str else "",
        call["name"],
        orjson.dumps(arguments or {}).decode(),
        Proof(GOOGLE, signature) if type(signature) is str and signature else None,
    )


def write_response(response: GenerationResponse, reply: Reply, usage: Usage, charge: int) -> Any:
    """Make the client's body, `usageMetadata.charge` (micros) included; or an array of it."""
    made = _write_whole(response, reply, usage, charge)
    return [made] if reply.request.raw.get("alt") == "array" else made


def _write_whole(response: GenerationResponse, reply: Reply, usage: Usage, charge: int) -> Json:
    head = {"modelVersion": reply.model, "responseId": reply.id.removeprefix("ex_")}
    written = write_usage(usage, charge)
    if response.raw is not None and response.raw_dialect == NAME:
        for candidate in response.raw.get("candidates") or []:
            seal_parts(parts_of(candidate), reply.proof_family)
        return response.raw | head | {"usageMetadata": written}
    choices = sorted(response.choices, key=lambda choice: choice.index)
    return {
        "candidates": [_write_candidate(choice) for choice in choices],
        "usageMetadata": written,
    } | head


def _write_candidate(choice: Choice) -> Json:
    parts: list[Json] = []
    if choice.reasoning:
        parts.append({"text": choice.reasoning, "thought": True})
    if choice.text:
        parts.append({"text": choice.text})
    parts += [write_call(call) for call in choice.tool_calls]
    return candidate_of(choice.index, parts, choice.finish)


def candidate_of(index: int, parts: list[Json], finish: Finish | None) -> Json:
    """One candidate."""
    written: Json = {"content": {"role": "model", "parts": parts}}
    if finish is not None:
        written["finishReason"] = GOOGLE_WORD[finish]
    return written | {"index": index}


def write_call(call: ToolCall) -> Json:
    """A call as Google's clients expect it: its arguments as an object."""
    try:
        arguments = orjson.loads(call.arguments) if call.arguments.strip() else {}
    except orjson.JSONDecodeError:
        arguments = {"arguments": call.arguments}
    if type(arguments) is not dict:
        arguments = {"arguments": arguments}
    written: Json = {"name": call.name, "args": arguments}
    if call.id:
        written["id"] = call.id
    return {"functionCall": written} | write_signature(call.proof)
