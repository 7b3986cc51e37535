"""The request of OpenAI chat, read from a client and written for an upstream."""

from typing import Any

from yiyuan.dialects.canon import GenerationRequest, Json, Message, Reasoning, Target, Tool
from yiyuan.dialects.conversion import (
    check_convertible,
    drop,
    drop_unmapped,
    only_conversation,
    pass_on,
    unmapped_fields,
)
from yiyuan.dialects.fields import (
    entries,
    flag,
    integer,
    mapping,
    missing,
    number,
    read_model,
    required_text,
    text,
    texts,
    unknown_value,
    wrong_type,
)
from yiyuan.dialects.openai_chat_messages import read_messages, write_messages
from yiyuan.dialects.openai_models import is_reasoning_model, wants_reasoning_back

KNOWN = frozenset(
    {
        "model",
        "messages",
        "stream",
        "stream_options",
        "n",
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "top_p",
        "top_k",
        "stop",
        "presence_penalty",
        "frequency_penalty",
        "logit_bias",
        "seed",
        "logprobs",
        "top_logprobs",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "response_format",
        "reasoning_effort",
        "user",
    }
)
USER_CHARS_MAX = 64
"""OpenAI refuses a longer `user`."""


def read_request(body: Json, dialect: str) -> GenerationRequest:
    """Read a client's body. Raises InvalidRequest naming the parameter."""
    unmapped = unmapped_fields(body, KNOWN)
    stream_options = mapping(body, "stream_options") or {}
    return GenerationRequest(
        model=read_model(body),
        conversations=[read_messages(body, unmapped)],
        source=dialect,
        raw=body,
        stream=flag(body, "stream") or False,
        wants_usage=flag(stream_options, "include_usage", "stream_options.") or False,
        n=integer(body, "n", 1, 128) or 1,
        max_output_tokens=_read_maximum(body),
        temperature=number(body, "temperature", 0, 2),
        top_p=number(body, "top_p", 0, 1),
        top_k=integer(body, "top_k", -1),
        stop=texts(body, "stop"),
        presence_penalty=number(body, "presence_penalty", -2, 2),
        frequency_penalty=number(body, "frequency_penalty", -2, 2),
        logit_bias=mapping(body, "logit_bias"),
        seed=integer(body, "seed", -(2**63), 2**63 - 1),
        top_logprobs=_read_logprobs(body),
        tools=_read_tools(body, unmapped),
        tool_choice=_read_tool_choice(body, unmapped),
        parallel_tool_calls=flag(body, "parallel_tool_calls"),
        response_format=_read_response_format(body),
        reasoning_effort=text(body, "reasoning_effort"),
        user=text(body, "user"),
        unmapped=unmapped,
    )


def _read_maximum(body: Json) -> int | None:
    """The larger one when both names are used: a bound must hold for either."""
    new, old = integer(body, "max_completion_tokens", 1), integer(body, "max_tokens", 1)
    return max(new, old) if new and old else new or old


def _read_logprobs(body: Json) -> int | None:
    count = integer(body, "top_logprobs", 0, 20)
    return (count or 0) if flag(body, "logprobs") else None


def _read_tools(body: Json, unmapped: list[str]) -> list[Tool]:
    tools = []
    for at, tool in entries(body, "tools"):
        kind = tool.get("type") or "function"
        if kind != "function":
            unmapped.append(f"tools.{kind}")
            continue
        # Without a `function` it is the flat form of the Responses API.
        nested = mapping(tool, "function", at + ".")
        function, path = (tool, at + ".") if nested is None else (nested, at + ".function.")
        tools.append(
            Tool(
                name=required_text(function, "name", path),
                description=text(function, "description", path),
                schema=mapping(function, "parameters", path) or {},
                strict=flag(function, "strict", path),
            )
        )
    return tools


def _read_tool_choice(body: Json, unmapped: list[str]) -> str | None:
    choice = body.get("tool_choice")
    if choice is None or choice in ("auto", "none", "required"):
        return choice
    if type(choice) is str:
        raise unknown_value("tool_choice", choice, "auto, none, required")
    if type(choice) is not dict:
        raise wrong_type("tool_choice", "string | object")
    if choice.get("type") != "function":
        unmapped.append("tool_choice")
        return None
    function = mapping(choice, "function", "tool_choice.") or choice
    return "=" + required_text(function, "name", "tool_choice.function.")


def _read_response_format(body: Json) -> Json | None:
    value = mapping(body, "response_format")
    if value is None:
        return None
    kind = required_text(value, "type", "response_format.")
    if kind == "json_schema" and mapping(value, "json_schema", "response_format.") is None:
        raise missing("response_format.json_schema")
    return None if kind == "text" else value


def write_request(request: GenerationRequest, target: Target, dialect: str) -> Json:
    """Make the upstream's body. Raises InvalidRequest for what it cannot honour."""
    body = _pass_on(request, target) if request.source == dialect else _convert(request, target)
    body["model"] = target.model
    if request.stream and target.stream_usage:
        body["stream_options"] = (body.get("stream_options") or {}) | {"include_usage": True}
    else:
        body.pop("stream_options", None)
    return body


def _pass_on(request: GenerationRequest, target: Target) -> Json:
    body = pass_on(request)
    if target.max_output_tokens is not None:
        names = [n for n in ("max_tokens", "max_completion_tokens") if body.get(n) is not None]
        for name in names or [_maximum_name(target.model)]:
            body[name] = target.max_output_tokens
    return body


def _maximum_name(model: str) -> str:
    return "max_completion_tokens" if is_reasoning_model(model) else "max_tokens"


def _convert(request: GenerationRequest, target: Target) -> Json:
    check_convertible(request, target)
    drop_unmapped(request, target)
    conversation = only_conversation(request)
    with_reasoning = wants_reasoning_back(target.model)
    if not with_reasoning and _has_reasoning(conversation):
        drop(request, "reasoning_content")
    body: Json = {
        "model": target.model,
        "messages": write_messages(conversation, with_reasoning=with_reasoning),
    }
    if request.stream:
        body["stream"] = True
    maximum = target.max_output_tokens or request.max_output_tokens
    if maximum is not None:
        body[_maximum_name(target.model)] = maximum
    _convert_sampling(request, target, body)
    _convert_tools(request, body)
    if request.response_format is not None:
        body["response_format"] = request.response_format
    _convert_effort(request, target, body)
    if request.user and len(request.user) <= USER_CHARS_MAX:
        body["user"] = request.user
    elif request.user:
        drop(request, "user")
    return body


def _has_reasoning(conversation: list[Message]) -> bool:
    return any(isinstance(part, Reasoning) for turn in conversation for part in turn.parts)


def _convert_sampling(request: GenerationRequest, target: Target, body: Json) -> None:
    values: dict[str, tuple[Any, Any]] = {
        "n": (request.n, 1),
        "temperature": (request.temperature, 1),
        "top_p": (request.top_p, 1),
        "presence_penalty": (request.presence_penalty, 0),
        "frequency_penalty": (request.frequency_penalty, 0),
        "stop": (request.stop, []),
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


def _convert_tools(request: GenerationRequest, body: Json) -> None:
    if not request.tools:
        return
    body["tools"] = [_write_tool(tool) for tool in request.tools]
    choice = request.tool_choice
    if choice is not None and choice.startswith("="):
        body["tool_choice"] = {"type": "function", "function": {"name": choice[1:]}}
    elif choice is not None:
        body["tool_choice"] = choice
    if request.parallel_tool_calls is not None:
        body["parallel_tool_calls"] = request.parallel_tool_calls


def _write_tool(tool: Tool) -> Json:
    function: Json = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    function["parameters"] = tool.schema or {"type": "object", "properties": {}}
    if tool.strict is not None:
        function["strict"] = tool.strict
    return {"type": "function", "function": function}


def _convert_effort(request: GenerationRequest, target: Target, body: Json) -> None:
    """Only reasoning models take an effort; Anthropic's steps above `high` are its own."""
    effort = request.reasoning_effort
    if effort is None and request.thinking_budget is not None:
        effort = effort_of(request.thinking_budget)
    if effort is None:
        return
    if not is_reasoning_model(target.model):
        drop(request, "reasoning_effort")
        return
    body["reasoning_effort"] = "high" if effort in ("xhigh", "max") else effort


def effort_of(thinking_budget: int) -> str:
    """The effort that is nearest to Anthropic's budget in tokens."""
    if thinking_budget <= 2048:
        return "low"
    return "medium" if thinking_budget <= 8192 else "high"
