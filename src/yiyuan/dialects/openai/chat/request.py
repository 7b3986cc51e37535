"""The request of OpenAI chat, read from a client and written for an upstream."""

from typing import Any

from yiyuan.dialects.canonical import (
    GenerationRequest,
    Json,
    Message,
    Reasoning,
    Target,
    Tool,
    ToolCall,
)
from yiyuan.dialects.openai.chat.fields import FIELDS
from yiyuan.dialects.openai.chat.messages import read_messages, write_messages
from yiyuan.dialects.openai.chat.own_messages import ID_CHARS_MAX, known_messages
from yiyuan.dialects.openai.chat.plain_request import larger, read_plain
from yiyuan.dialects.openai.chat.tools import read_tools
from yiyuan.dialects.openai.chat.vendor import adapt
from yiyuan.dialects.openai.models import (
    effort_of,
    is_openai_model,
    is_reasoning_model,
    wants_reasoning_back,
)
from yiyuan.dialects.openai.tool_choice import read_choice
from yiyuan.dialects.request_fields import screened
from yiyuan.dialects.shared import fields
from yiyuan.dialects.shared.cache_marks import CACHE_MARKS, write_cache
from yiyuan.dialects.shared.call_ids import shorten_ids
from yiyuan.dialects.shared.conversion import (
    check_convertible,
    drop,
    drop_unmapped,
    only_conversation,
    pass_on,
    stops_for,
    unmapped_fields,
)

NAME = "openai_chat"
STOPS_MAX = 4
USER_CHARS_MAX = 64
"""OpenAI refuses a longer `user`."""


def read_request(body: Json) -> GenerationRequest:
    """Read a client's body. Raises InvalidRequest naming the parameter."""
    return read_plain(body, NAME) or read_any(body)


def read_any(body: Json) -> GenerationRequest:
    """Read one that need not be plain. Raises likewise."""
    dropped = screened(body, FIELDS)
    unmapped = unmapped_fields(body, FIELDS.carried)
    options = fields.mapping(body, "stream_options")
    return GenerationRequest(
        model=fields.read_model(body),
        conversations=[read_messages(body, unmapped)],
        source=NAME,
        dropped=dropped,
        raw=body,
        stream=fields.flag(body, "stream") or False,
        wants_usage=options is not None
        and (fields.flag(options, "include_usage", "stream_options.") or False),
        max_output_tokens=larger(
            fields.integer(body, "max_completion_tokens", 1), fields.integer(body, "max_tokens", 1)
        ),
        temperature=fields.number(body, "temperature", 0, 2),
        top_p=fields.number(body, "top_p", 0, 1),
        user=fields.text(body, "user"),
        n=fields.integer(body, "n", 1, 128) or 1,
        top_k=fields.integer(body, "top_k", -1),
        stop=fields.texts(body, "stop"),
        presence_penalty=fields.number(body, "presence_penalty", -2, 2),
        frequency_penalty=fields.number(body, "frequency_penalty", -2, 2),
        logit_bias=fields.mapping(body, "logit_bias"),
        seed=fields.integer(body, "seed", -(2**63), 2**63 - 1),
        top_logprobs=_read_logprobs(body),
        tools=read_tools(body, unmapped),
        tool_choice=_read_tool_choice(body, unmapped),
        parallel_tool_calls=fields.flag(body, "parallel_tool_calls"),
        response_format=_read_response_format(body),
        reasoning_effort=fields.text(body, "reasoning_effort"),
        unmapped=unmapped,
    )


def _read_logprobs(body: Json) -> int | None:
    count = fields.integer(body, "top_logprobs", 0, 20)
    return (count or 0) if fields.flag(body, "logprobs") else None


def _read_tool_choice(body: Json, unmapped: list[str]) -> str | None:
    choice = read_choice(body)
    if choice is None or isinstance(choice, str):
        return choice
    kind = choice.get("type")
    if kind not in ("function", "custom"):
        unmapped.append("tool_choice")
        return None
    named = fields.mapping(choice, kind, "tool_choice.") or choice
    return "=" + fields.required_text(named, "name", f"tool_choice.{kind}.")


def _read_response_format(body: Json) -> Json | None:
    value = fields.mapping(body, "response_format")
    if value is None:
        return None
    kind = fields.required_text(value, "type", "response_format.")
    if kind == "json_schema" and fields.mapping(value, "json_schema", "response_format.") is None:
        raise fields.missing("response_format.json_schema")
    return None if kind == "text" else value


_MAXIMA = ("max_tokens", "max_completion_tokens")


def write_request(request: GenerationRequest, target: Target) -> Json:
    """Make the upstream's body. Raises InvalidRequest for what it cannot honour."""
    body = _pass_on(request, target) if request.source == NAME else _convert(request, target)
    body["model"] = target.model
    quirks = target.quirks
    tells_usage = target.stream_usage and (quirks is None or quirks.stream_usage)
    if request.stream and tells_usage:
        body["stream_options"] = (body.get("stream_options") or {}) | {"include_usage": True}
    elif "stream_options" in body:
        del body["stream_options"]
    if quirks is not None:
        adapt(body, request, target, quirks)
    return body


def _pass_on(request: GenerationRequest, target: Target) -> Json:
    body = pass_on(request, target, FIELDS)
    body["messages"] = known_messages(body["messages"], target.model)
    if type(body.get("stop")) is list and is_openai_model(target.model):
        body["stop"] = stops_for(request, STOPS_MAX)
    maximum = target.max_output_tokens or request.max_output_tokens
    maximum = maximum or target.unnamed_max_output_tokens
    if maximum is not None:
        given: str | None = None
        for name in _MAXIMA:
            if name in body and body.pop(name) is not None:
                given = name
        body[_known_maximum_name(target, given)] = maximum
    return body


def _known_maximum_name(target: Target, given: str | None) -> str:
    """The one that the upstream knows: another is no bound. The client's where it knows both."""
    quirks = target.quirks
    if quirks is not None and quirks.max_tokens != "both":
        return quirks.max_tokens
    name = _maximum_name(target.model)
    knows_both = quirks is not None and name == "max_tokens"
    return given if knows_both and given is not None else name


def _maximum_name(model: str) -> str:
    return "max_completion_tokens" if is_reasoning_model(model) else "max_tokens"


def _convert(request: GenerationRequest, target: Target) -> Json:
    check_convertible(request, target)
    with_marks = target.quirks is not None and "cache_marks" in target.quirks.flags
    drop_unmapped(request, target, carried=CACHE_MARKS if with_marks else ())
    conversation = only_conversation(request)
    shorten_ids(conversation, ID_CHARS_MAX)
    with_reasoning = _gives_reasoning_back(conversation, target)
    if not with_reasoning and _has_reasoning(conversation):
        drop(request, "reasoning_content")
    body: Json = {
        "model": target.model,
        "messages": write_messages(
            conversation, with_reasoning=with_reasoning, with_marks=with_marks
        ),
    }
    if request.stream:
        body["stream"] = True
    maximum = target.max_output_tokens or request.max_output_tokens
    maximum = maximum or target.unnamed_max_output_tokens
    if maximum is not None:
        body[_maximum_name(target.model)] = maximum
    _convert_sampling(request, target, body)
    _convert_tools(request, body, with_marks=with_marks)
    if request.response_format is not None:
        body["response_format"] = request.response_format
    if target.quirks is None:
        _convert_effort(request, target, body)
    if request.user and len(request.user) <= USER_CHARS_MAX:
        body["user"] = request.user
    elif request.user:
        drop(request, "user")
    return body


def _gives_reasoning_back(conversation: list[Message], target: Target) -> bool:
    quirks = target.quirks
    if quirks is None:
        return wants_reasoning_back(target.model)
    if quirks.reasoning_back != "with_tools":
        return quirks.reasoning_back == "always"
    return any(isinstance(part, ToolCall) for turn in conversation for part in turn.parts)


def _has_reasoning(conversation: list[Message]) -> bool:
    return any(isinstance(part, Reasoning) for turn in conversation for part in turn.parts)


def _convert_sampling(request: GenerationRequest, target: Target, body: Json) -> None:
    values: dict[str, tuple[Any, Any]] = {
        "n": (request.n, 1),
        "temperature": (request.temperature, 1),
        "top_p": (request.top_p, 1),
        "presence_penalty": (request.presence_penalty, 0),
        "frequency_penalty": (request.frequency_penalty, 0),
        "stop": (stops_for(request, STOPS_MAX), []),
        "logit_bias": (request.logit_bias, {}),
        "seed": (request.seed, None),
    }
    # Reasoning models refuse sampling parameters, unless they are not there at
    # all; elsewhere a server's own default may differ from OpenAI's.
    omits_defaults = is_reasoning_model(target.model)
    for name, (value, default) in values.items():
        is_default = value == default
        if value is None or (is_default and (omits_defaults or name in ("n", "stop"))):
            continue
        body[name] = value
    if request.top_logprobs is not None:
        body["logprobs"] = True
        if request.top_logprobs:
            body["top_logprobs"] = request.top_logprobs
    if request.top_k is not None:
        drop(request, "top_k")


def _convert_tools(request: GenerationRequest, body: Json, *, with_marks: bool) -> None:
    if not request.tools:
        return
    body["tools"] = [_write_tool(tool, with_marks=with_marks) for tool in request.tools]
    choice = request.tool_choice
    if choice is not None and choice.startswith("="):
        body["tool_choice"] = {"type": "function", "function": {"name": choice[1:]}}
    elif choice is not None:
        body["tool_choice"] = choice
    if request.parallel_tool_calls is not None:
        body["parallel_tool_calls"] = request.parallel_tool_calls


def _write_tool(tool: Tool, *, with_marks: bool) -> Json:
    function: Json = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    function["parameters"] = tool.schema or {"type": "object", "properties": {}}
    if tool.strict is not None:
        function["strict"] = tool.strict
    written = {"type": "function", "function": function}
    return written | write_cache(tool.cache) if with_marks else written


def _convert_effort(request: GenerationRequest, target: Target, body: Json) -> None:
    """Only reasoning models take an effort; Anthropic's steps above `high` are its own."""
    effort = request.reasoning_effort
    if effort is None and request.thinking_budget is not None:
        effort = effort_of(request.thinking_budget)
    if effort is None or effort == "none":
        return  # models before gpt-5.1 refuse the word; all of them take none at all
    if not is_reasoning_model(target.model):
        drop(request, "reasoning_effort")
        return
    body["reasoning_effort"] = "high" if effort in ("xhigh", "max") else effort
