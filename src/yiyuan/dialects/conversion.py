"""What is left behind on a request's way to an upstream, and what is refused.

The same format on both sides keeps everything but the fields that would steer
routing or credentials. Another format gets what the canon carries; the rest is
dropped, which the client is told, except for the few fields whose loss would
change what the client gets: those are refused by name.
"""

import re

from yiyuan.dialects.canon import (
    EmbeddingsRequest,
    GenerationRequest,
    Json,
    Message,
    Other,
    Target,
)
from yiyuan.kernel.errors import InvalidRequest
from yiyuan.kernel.text import Phrase

ROUTING_FIELDS = frozenset(
    {
        "api_base",
        "api_key",
        "api_type",
        "api_version",
        "aws_access_key_id",
        "aws_region_name",
        "aws_secret_access_key",
        "aws_session_token",
        "azure_ad_token",
        "base_url",
        "credentials",
        "custom_llm_provider",
        "default_headers",
        "deployment_id",
        "extra_body",
        "extra_headers",
        "extra_query",
        "fallbacks",
        "headers",
        "mock_response",
        "model_list",
        "models",
        "organization",
        "preset",
        "project",
        "provider",
        "route",
        "user_config",
        "vertex_credentials",
        "vertex_location",
        "vertex_project",
    }
)
"""Never sent to any upstream: they choose servers, models or credentials."""

MUST_HONOUR = frozenset({"audio", "function_call", "functions", "web_search_options"})
"""Fields of a format that no other can honour and that must not be lost silently."""

NAMES_MAX = 32
_HEADER_SAFE = re.compile(r"[A-Za-z0-9_.\-]{1,64}", re.ASCII)


def drop(request: GenerationRequest | EmbeddingsRequest, name: str) -> None:
    """Note that `name` was left out.

    The names come from the client and go into a response header: only short
    ones of plain characters are noted, once each, 32 at most.
    """
    if name in request.dropped or len(request.dropped) >= NAMES_MAX:
        return
    if _HEADER_SAFE.fullmatch(name):
        request.dropped.append(name)


def unmapped_fields(body: Json, known: frozenset[str]) -> list[str]:
    """The fields of `body` that have a value and are not `known`."""
    return [name for name, value in body.items() if name not in known and value is not None]


def pass_on(request: GenerationRequest | EmbeddingsRequest) -> Json:
    """A copy of the request's own body without the routing fields."""
    body = dict(request.raw)
    for name in ROUTING_FIELDS & body.keys():
        del body[name]
        drop(request, name)
    return body


def drop_unmapped(request: GenerationRequest, target: Target) -> None:
    """Note what another format cannot take; refuse what must not be lost."""
    for name in request.unmapped:
        if name in MUST_HONOUR:
            raise unsupported(request, target, name)
        drop(request, name)


def unsupported(request: GenerationRequest, target: Target, param: str) -> InvalidRequest:
    """The refusal of a parameter that the target cannot honour."""
    model = target.public_model or request.model
    return InvalidRequest("unsupported_parameter", param=param, model=model)


def unsupported_value(param: str, reason: str, **places: object) -> InvalidRequest:
    """The refusal of a value that the target cannot honour."""
    return InvalidRequest("unsupported_value", param=param, reason=Phrase(reason, **places))


def not_text(part: Other) -> InvalidRequest:
    """The refusal of a part that only its own format understands."""
    return unsupported_value("messages", "value_not_text", kind=part.kind)


def check_convertible(request: GenerationRequest, target: Target) -> None:
    """Refuse what only an upstream of the request's own format can honour."""
    if request.suffix:
        raise unsupported(request, target, "suffix")
    if request.best_of is not None:
        raise unsupported_value("best_of", "value_equal_n")
    if request.echo and request.top_logprobs is not None:
        raise unsupported_value("logprobs", "value_echo_logprobs")
    if request.max_output_tokens == 0:
        raise unsupported_value("max_tokens", "value_zero")


def only_conversation(request: GenerationRequest) -> list[Message]:
    """The one conversation of a request for a format that takes no more."""
    if len(request.conversations) != 1:
        raise unsupported_value("prompt", "value_at_most", count=1)
    if not request.conversations[0]:
        raise unsupported_value("prompt", "value_token_ids")
    return request.conversations[0]
