"""What complete answers of OpenAI's chat and legacy completions have in common."""

from typing import Any

from yiyuan.dialects.canonical import Choice, GenerationResponse, Json, Reply
from yiyuan.dialects.contract import MalformedUpstream, UpstreamStreamError
from yiyuan.dialects.openai.finish_reasons import BROKEN_OFF
from yiyuan.dialects.openai.usage import read_usage
from yiyuan.dialects.shared.ids import own_id, upstream_id
from yiyuan.dialects.shared.upstream_error import list_of, problem_of


def read_choices(body: Any) -> list[tuple[int, Json]]:
    """The choices of an upstream's answer with their indices, in its order.

    Raises UpstreamStreamError for an error that came with status 200,
    MalformedUpstream when there is no choice.
    """
    found = []
    for position, choice in enumerate(list_of(body, "choices", "choices")):
        if type(choice) is not dict:
            raise MalformedUpstream("a choice is not an object")
        word = choice.get("finish_reason")
        if type(word) is str and word in BROKEN_OFF:
            raise UpstreamStreamError(problem_of(choice.get("error") or f"finish_reason: {word}"))
        index = choice.get("index")
        found.append((index if type(index) is int and index >= 0 else position, choice))
    return found


def response_of(body: Json, dialect: str, choices: list[Choice]) -> GenerationResponse:
    """An upstream's answer with its choices read."""
    return GenerationResponse(
        choices=choices,
        usage=read_usage(body.get("usage")),
        raw=body,
        raw_dialect=dialect,
        upstream_id=upstream_id(body),
    )


def response_head(reply: Reply, prefix: str, object_name: str) -> Json:
    """The first fields of an answer."""
    return {
        "id": own_id(reply.id, prefix),
        "object": object_name,
        "created": reply.created,
        "model": reply.model,
    }


def patch_response(raw: Json, head: Json, usage: Json) -> Json:
    """An upstream's own answer with what must change changed."""
    return {**raw, **head, "usage": usage}
