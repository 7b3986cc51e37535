"""The request of OpenAI's Responses, read from a client and written for an upstream.

It is served without any store: what refers to something stored, or asks for an
answer later, is refused by name, and `store` is always sent on as false.
"""

from yiyuan.dialects.canonical import (
    GenerationRequest,
    Image,
    Json,
    Message,
    Reasoning,
    Target,
    Tool,
    ToolResult,
)
from yiyuan.dialects.openai.models import effort_of, is_reasoning_model
from yiyuan.dialects.openai.responses.client_tools import joined, read_tools
from yiyuan.dialects.openai.responses.fields import FIELDS
from yiyuan.dialects.openai.responses.input import read_input, write_input
from yiyuan.dialects.openai.responses.object import NAME
from yiyuan.dialects.openai.responses.own_proofs import ID_CHARS_MAX, own_items
from yiyuan.dialects.openai.tool_choice import read_choice
from yiyuan.dialects.request_fields import screened
from yiyuan.dialects.shared.call_ids import shorten_ids
from yiyuan.dialects.shared.conversion import (
    check_convertible,
    drop,
    drop_unmapped,
    only_conversation,
    pass_on,
    refuse_penalties,
    unmapped_fields,
    unsupported,
    unsupported_value,
)
from yiyuan.dialects.shared.fields import (
    flag,
    integer,
    listing,
    mapping,
    number,
    read_model,
    required_text,
    text,
)

STORED = {
    "previous_response_id": "value_stateless",
    "conversation": "value_stateless",
    "prompt": "value_no_templates",
}
"""OpenAI refuses a longer id of a call."""
DEFAULTS = {"truncation": ("disabled",)}
LOGPROBS = "message.output_text.logprobs"
"""What `include` names when the tokens' probabilities are wanted."""

PROOFS = "reasoning.encrypted_content"
"""What `include` names when reasoning is to come with something to send back."""


def read_request(body: Json) -> GenerationRequest:
    """Read a client's body. Raises InvalidRequest naming the parameter."""
    dropped = screened(body, FIELDS)
    _refuse_stored(body)
    unmapped = unmapped_fields(body, FIELDS.carried)
    for name, usual in DEFAULTS.items():
        if text(body, name) not in (None, *usual):
            unmapped.append(name)
    reasoning = mapping(body, "reasoning") or {}
    return GenerationRequest(
        model=read_model(body),
        conversations=[read_input(body, unmapped)],
        source=NAME,
        dropped=dropped,
        raw=body,
        stream=flag(body, "stream") or False,
        wants_usage=True,
        max_output_tokens=integer(body, "max_output_tokens", 1),
        temperature=number(body, "temperature", 0, 2),
        top_p=number(body, "top_p", 0, 1),
        top_logprobs=_read_logprobs(body),
        tools=read_tools(body, unmapped),
        tool_choice=_read_tool_choice(body, unmapped),
        parallel_tool_calls=flag(body, "parallel_tool_calls"),
        response_format=_read_format(body, unmapped),
        reasoning_effort=text(reasoning, "effort", "reasoning."),
        user=text(body, "user"),
        unmapped=unmapped,
    )


def _refuse_stored(body: Json) -> None:
    for name, reason in STORED.items():
        if body.get(name) is not None:
            raise unsupported_value(name, reason)
    if flag(body, "background"):
        raise unsupported_value("background", "value_no_background")
    flag(body, "store")
    mapping(body, "metadata")


def _read_logprobs(body: Json) -> int | None:
    count = integer(body, "top_logprobs", 0, 20)
    return (count or 0) if count or LOGPROBS in listing(body, "include") else None


def _read_tool_choice(body: Json, unmapped: list[str]) -> str | None:
    choice = read_choice(body)
    if choice is None or isinstance(choice, str):
        return choice
    if choice.get("type") in ("function", "custom"):
        name = required_text(choice, "name", "tool_choice.")
        return "=" + joined(text(choice, "namespace", "tool_choice."), name)
    unmapped.append("tool_choice")
    mode = choice.get("mode")  # of `allowed_tools`
    return mode if mode in ("auto", "required") else None


def _read_format(body: Json, unmapped: list[str]) -> Json | None:
    """The chat form of `text.format`."""
    options = mapping(body, "text") or {}
    unmapped += [f"text.{name}" for name in unmapped_fields(options, frozenset({"format"}))]
    wanted = mapping(options, "format", "text.")
    if wanted is None:
        return None
    kind = required_text(wanted, "type", "text.format.")
    if kind == "text":
        return None
    if kind != "json_schema":
        return {"type": kind}
    mapping(wanted, "schema", "text.format.")
    return {"type": kind, kind: {n: v for n, v in wanted.items() if n != "type" and v is not None}}


def write_request(request: GenerationRequest, target: Target) -> Json:
    """Make the upstream's body. Raises InvalidRequest for what it cannot honour."""
    if request.source == NAME:
        body = pass_on(request, target, FIELDS)
        body["input"] = own_items(body["input"], target.proof_family)
    else:
        body = _convert(request, target)
    body["model"] = target.model
    body["store"] = False
    maximum = target.max_output_tokens or body.get("max_output_tokens")
    maximum = maximum or target.unnamed_max_output_tokens
    if maximum is not None:
        body["max_output_tokens"] = maximum
    return body


def _convert(request: GenerationRequest, target: Target) -> Json:
    check_convertible(request, target)
    _refuse(request, target)
    drop_unmapped(request, target)
    conversation = only_conversation(request)
    shorten_ids(conversation, ID_CHARS_MAX)
    items = write_input(conversation, target.proof_family)
    _drop_unsayable(request, conversation, items)
    body: Json = {"model": target.model, "input": items}
    if request.stream:
        body["stream"] = True
    if request.max_output_tokens is not None:
        body["max_output_tokens"] = request.max_output_tokens
    _convert_sampling(request, target, body)
    _convert_tools(request, body)
    if request.response_format is not None:
        body["text"] = {"format": _write_format(request.response_format)}
    if request.user:
        body["user"] = request.user
    return body


def _refuse(request: GenerationRequest, target: Target) -> None:
    """Refuse what Responses has no parameter for, unless it says nothing."""
    refuse_penalties(request, target)
    if any(request.stop):
        raise unsupported(request, target, "stop")
    if request.n > 1:
        raise unsupported(request, target, "n")


def _drop_unsayable(
    request: GenerationRequest, conversation: list[Message], items: list[Json]
) -> None:
    if request.top_k is not None:
        drop(request, "top_k")
    parts = [part for message in conversation for part in message.parts]
    kept = sum(item["type"] == "reasoning" for item in items)
    if sum(isinstance(part, Reasoning) for part in parts) > kept:
        drop(request, "reasoning_content")
    if any(message.name for message in conversation):
        drop(request, "name")
    for message in conversation:
        if message.role == "assistant" and any(isinstance(p, Image) for p in message.parts):
            raise unsupported_value("messages", "value_not_text", kind="image")
    if any(isinstance(part, ToolResult) and part.is_error for part in parts):
        drop(request, "is_error")


def _convert_sampling(request: GenerationRequest, target: Target, body: Json) -> None:
    omits_defaults = is_reasoning_model(target.model)
    for name in ("temperature", "top_p"):
        value = getattr(request, name)
        if value is not None and not (omits_defaults and value == 1):
            body[name] = value
    if request.tools and is_reasoning_model(target.model):
        body["include"] = [PROOFS]
    if request.top_logprobs is not None:
        body["include"] = [*body.get("include", ()), LOGPROBS]
        if request.top_logprobs:
            body["top_logprobs"] = request.top_logprobs
    effort = request.reasoning_effort
    if effort is None and request.thinking_budget is not None:
        effort = effort_of(request.thinking_budget)
    if effort is not None and is_reasoning_model(target.model):
        body["reasoning"] = {"effort": "high" if effort == "max" else effort}
    elif effort is not None:
        drop(request, "reasoning_effort")


def _convert_tools(request: GenerationRequest, body: Json) -> None:
    if not request.tools:
        return
    body["tools"] = [_write_tool(tool) for tool in request.tools]
    choice = request.tool_choice
    if choice is not None and choice.startswith("="):
        body["tool_choice"] = {"type": "function", "name": choice[1:]}
    elif choice is not None:
        body["tool_choice"] = choice
    if request.parallel_tool_calls is not None:
        body["parallel_tool_calls"] = request.parallel_tool_calls


def _write_tool(tool: Tool) -> Json:
    """`strict` is said in any case: here it is the default, and elsewhere it is not."""
    written: Json = {"type": "function", "name": tool.name}
    if tool.description is not None:
        written["description"] = tool.description
    written["parameters"] = tool.schema or {"type": "object", "properties": {}}
    written["strict"] = tool.strict or False
    return written


def _write_format(wanted: Json) -> Json:
    kind = wanted.get("type")
    inner = wanted.get("json_schema") if kind == "json_schema" else None
    return {"type": kind} | (inner if type(inner) is dict else {})
