"""What is left behind on a request's way to an upstream, and what is refused.

The same format on both sides keeps what its table of fields knows (`request_fields`).
Another format gets what the canon carries; the rest is
dropped, which the client is told, except for the few fields whose loss would
change what the client gets: those are refused by name.
"""

from collections.abc import Container

from yiyuan.dialects.canonical import GenerationRequest, Json, Message, Other, Request, Target
from yiyuan.dialects.request_fields import Fields, folded, note_dropped
from yiyuan.i18n.api_texts import Phrase
from yiyuan.kernel.errors import InvalidRequest

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

MUST_HONOUR = frozenset(
    {
        *("audio", "function_call", "functions", "web_search_options"),
        *("input.compaction", "input.compaction_trigger"),
        *("tools.local_shell", "tools.shell", "tools.apply_patch"),
        *("input.local_shell_call", "input.local_shell_call_output"),
        *("input.shell_call", "input.shell_call_output"),
        *("input.apply_patch_call", "input.apply_patch_call_output"),
    }
)
"""Fields of a format that no other can honour and that must not be lost silently."""

_ROUTING = frozenset(name.replace("_", "") for name in ROUTING_FIELDS)


def drop(request: Request, name: str) -> None:
    """Note that `name` was left out; it may be a client's own."""
    note_dropped(request.dropped, name)


def unmapped_fields(body: Json, known: Container[str]) -> list[str]:
    """The fields of `body` that have a value and are not `known`."""
    return [name for name, value in body.items() if name not in known and value is not None]


def pass_on(request: Request, target: Target, fields: Fields) -> Json:
    """A copy of the request's own body without what its format does not know.

    What the channel passes besides (`target.pass_fields`) stays, unless it steers, or a
    lenient decoder could take it for a field that is known.
    """
    body = dict(request.raw)
    if body.keys() <= fields.known:
        return body
    for name in [name for name in body if name not in fields.known]:
        passes = name in target.pass_fields and _unspelled(name) not in _ROUTING
        if passes and not fields.resembles_known(name):
            continue
        if body.pop(name) is not None:
            drop(request, name)
    return body


def _unspelled(name: str) -> str:
    """A name without its spelling, for comparison with what must never pass."""
    return folded(name).replace("_", "").replace("-", "")


def drop_unmapped(request: GenerationRequest, target: Target, carried: Container[str] = ()) -> None:
    """Note what another format cannot take; refuse what must not be lost.

    `carried` are names that this one takes after all.
    """
    for name in request.unmapped:
        if name in carried:
            continue
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


def stops_for(request: GenerationRequest, count_max: int) -> list[str]:
    """As many stops as the target takes; that some were left out is noted."""
    stops = [stop for stop in request.stop if stop]
    if len(stops) > count_max:
        drop(request, "stop")
    return stops[:count_max]


def not_text(part: Other) -> InvalidRequest:
    """The refusal of a part that only its own format understands."""
    return unsupported_value("messages", "value_not_text", kind=part.kind)


def refuse_penalties(request: GenerationRequest, target: Target) -> None:
    """Refuse what only OpenAI's chat has a parameter for, unless it says nothing."""
    for name in ("presence_penalty", "frequency_penalty", "logit_bias"):
        if getattr(request, name):
            raise unsupported(request, target, name)
    if request.seed is not None:
        raise unsupported(request, target, "seed")


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
