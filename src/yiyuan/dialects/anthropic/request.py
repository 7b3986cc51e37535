"""The request of Anthropic's messages, read from a client and written for an upstream."""

from collections.abc import Iterator

from yiyuan.dialects.anthropic.content import (
    only_text,
    read_messages,
    safe_messages,
    write_messages,
)
from yiyuan.dialects.anthropic.fields import FIELDS
from yiyuan.dialects.anthropic.models import keep_one_sampling
from yiyuan.dialects.anthropic.output import convert_output
from yiyuan.dialects.anthropic.own_proofs import own_messages, thinking_count
from yiyuan.dialects.anthropic.plain_request import read_plain
from yiyuan.dialects.anthropic.schema import strict_schema
from yiyuan.dialects.anthropic.thinking import convert_thinking, stop_unproven
from yiyuan.dialects.canonical import (
    GenerationRequest,
    Json,
    Message,
    Part,
    Reasoning,
    Target,
    Tool,
)
from yiyuan.dialects.proofs import ANTHROPIC
from yiyuan.dialects.request_fields import screened
from yiyuan.dialects.shared import conversion, fields
from yiyuan.dialects.shared.cache_marks import CACHE_MARK, CACHE_MARKS, read_cache, write_cache
from yiyuan.kernel.errors import InvalidRequest

NAME = "anthropic_messages"
THREADS = "thread_unsupported_request"
MARKS_MAX = 4
USER_CHARS_MAX = 256
"""Anthropic refuses a longer `metadata.user_id`."""

_CHOICES = {"auto": "auto", "any": "required", "none": "none"}
_CHOICE_TYPES = {"auto": "auto", "required": "any", "none": "none"}


def read_request(body: Json) -> GenerationRequest:
    """Read a client's body. Raises InvalidRequest naming the parameter."""
    return read_plain(body, NAME) or read_any(body)


def read_any(body: Json) -> GenerationRequest:
    """Read one that need not be plain. Raises likewise."""
    _refuse_threads(body)
    dropped = screened(body, FIELDS)
    unmapped = _unmapped(body)
    maximum = _read_maximum(body)
    request = GenerationRequest(
        model=fields.read_model(body),
        source=NAME,
        raw=body,
        dropped=dropped,
        max_output_tokens=maximum,
        conversations=[read_messages(body, unmapped)],
        stream=fields.flag(body, "stream") or False,
        wants_usage=True,
        temperature=fields.number(body, "temperature", 0, 1),
        top_p=fields.number(body, "top_p", 0, 1),
        unmapped=unmapped,
    )
    _read_rest(body, request)
    return request


def _unmapped(body: Json) -> list[str]:
    """What of its top level the canon does not carry."""
    unmapped = conversion.unmapped_fields(body, FIELDS.carried)
    output = fields.mapping(body, "output_config") or {}
    unmapped += [f"output_config.{name}" for name in output if name not in ("effort", "format")]
    thinking = fields.mapping(body, "thinking") or {}
    if thinking.get("type") not in (None, "enabled", "disabled", "adaptive"):
        unmapped.append("thinking")
    return unmapped


def _read_rest(body: Json, request: GenerationRequest) -> None:
    """Read what plain requests do not have."""
    unmapped = request.unmapped
    choice = fields.mapping(body, "tool_choice") or {}
    parallel = fields.flag(choice, "disable_parallel_tool_use", "tool_choice.")
    thinking = fields.mapping(body, "thinking") or {}
    output = fields.mapping(body, "output_config") or {}
    effort = fields.text(output, "effort", "output_config.")
    if effort is None and thinking.get("type") == "adaptive":
        effort = "high"
    request.top_k = fields.integer(body, "top_k", -1)
    request.stop = fields.texts(body, "stop_sequences")
    request.tools = _read_tools(body, unmapped)
    request.tool_choice = _read_tool_choice(choice)
    request.parallel_tool_calls = None if parallel is None else not parallel
    request.response_format = _read_format(output)
    request.reasoning_effort = "none" if thinking.get("type") == "disabled" else effort
    request.thinking_budget = fields.integer(thinking, "budget_tokens")
    metadata = fields.mapping(body, "metadata") or {}
    request.user = fields.text(metadata, "user_id", "metadata.")


def _read_maximum(body: Json) -> int:
    maximum = fields.integer(body, "max_tokens")
    if maximum is None:
        raise fields.missing("max_tokens")
    return maximum


def _refuse_threads(body: Json) -> None:
    """Nothing is kept here: by this very answer Anthropic's libraries go on without a thread."""
    if body.get("thread") is not None:
        told = {"error_code": THREADS, "unsupported": ["thread"]}
        raise InvalidRequest(THREADS, param="thread", details={"details": told})


def _read_tools(body: Json, unmapped: list[str]) -> list[Tool]:
    tools = []
    for path, tool in fields.entries(body, "tools"):
        at = path + "."
        kind = fields.text(tool, "type", at) or "custom"
        if kind != "custom":
            unmapped.append(f"tools.{kind}")
            continue
        cache = read_cache(tool, unmapped)
        tools.append(
            Tool(
                name=fields.required_text(tool, "name", at),
                description=fields.text(tool, "description", at),
                schema=fields.mapping(tool, "input_schema", at) or {},
                strict=fields.flag(tool, "strict", at),
                cache=cache,
            )
        )
    return tools


def _read_tool_choice(choice: Json) -> str | None:
    if not choice:
        return None
    kind = fields.required_text(choice, "type", "tool_choice.")
    if kind == "tool":
        return "=" + fields.required_text(choice, "name", "tool_choice.")
    if kind not in _CHOICES:
        raise fields.unknown_value("tool_choice.type", kind, "auto, any, tool, none")
    return _CHOICES[kind]


def _read_format(output: Json) -> Json | None:
    wanted = fields.mapping(output, "format", "output_config.")
    if wanted is None:
        return None
    schema = fields.mapping(wanted, "schema", "output_config.format.") or {}
    return {"type": "json_schema", "json_schema": {"name": "response", "schema": schema}}


def write_request(request: GenerationRequest, target: Target) -> Json:
    """Make the upstream's body. Raises InvalidRequest for what it cannot honour."""
    if request.source == NAME:
        body = conversion.pass_on(request, target, FIELDS)
        given = safe_messages(body["messages"])
        body["messages"] = own_messages(given, target.proof_family)
        if thinking_count(body["messages"]) != thinking_count(given):
            conversion.drop(request, "messages.thinking")
            stop_unproven(request, body)
    else:
        body = _convert(request, target)
    body["model"] = target.model
    keep_one_sampling(request, body, target.model)
    maximum = target.max_output_tokens
    if maximum is None:
        maximum = request.max_output_tokens
    if maximum is None:
        maximum = target.unnamed_max_output_tokens
    body["max_tokens"] = target.default_max_output_tokens if maximum is None else maximum
    return body


def _convert(request: GenerationRequest, target: Target) -> Json:
    conversion.check_convertible(request, target)
    _refuse(request, target)
    conversion.drop_unmapped(request, target, carried=CACHE_MARKS)
    conversation = conversion.only_conversation(request)
    is_legacy = "prompt" in request.raw
    param, family = "prompt" if is_legacy else "messages", target.proof_family or ANTHROPIC
    system, turns = write_messages(conversation, param, family)
    if sum(map(_is_reasoning, _parts(conversation))) > thinking_count(turns):
        conversion.drop(request, "reasoning_content")
    body: Json = {"model": target.model, "max_tokens": None, "messages": turns}
    if system:
        body["system"] = only_text(system) or system
    if request.stream:
        body["stream"] = True
    _convert_sampling(request, body)
    _convert_tools(request, body)
    convert_output(request, target, body)
    convert_thinking(request, target, body)
    _bound_marks(request, body)
    if request.user and len(request.user) <= USER_CHARS_MAX:
        body["metadata"] = {"user_id": request.user}
    elif request.user:
        conversion.drop(request, "user")
    return body


def _refuse(request: GenerationRequest, target: Target) -> None:
    """Refuse what Anthropic has no parameter for, unless it says nothing."""
    conversion.refuse_penalties(request, target)
    if request.top_logprobs is not None:
        raise conversion.unsupported(request, target, "logprobs")
    if request.n > 1:
        raise conversion.unsupported(request, target, "n")
    if request.temperature is not None and request.temperature > 1:
        raise conversion.unsupported_value("temperature", "value_between", low=0, high=1)
    if any(not stop.strip() for stop in request.stop if stop):
        raise conversion.unsupported_value("stop", "value_blank_stop")


def _parts(conversation: list[Message]) -> Iterator[Part]:
    return (part for message in conversation for part in message.parts)


def _is_reasoning(part: Part) -> bool:
    return isinstance(part, Reasoning) and part.redacted is None


def _convert_sampling(request: GenerationRequest, body: Json) -> None:
    """1 is the default of both; newer models refuse the two together, so it is not said."""
    if request.temperature not in (None, 1):
        body["temperature"] = request.temperature
    if request.top_p not in (None, 1):
        body["top_p"] = request.top_p
    if request.top_k is not None and request.top_k > 0:
        body["top_k"] = request.top_k
    stops = [stop for stop in request.stop if stop]
    if stops:
        body["stop_sequences"] = stops


def _convert_tools(request: GenerationRequest, body: Json) -> None:
    if not request.tools:
        return
    body["tools"] = [_write_tool(tool) for tool in request.tools]
    choice = request.tool_choice
    written: Json | None = None
    if choice is not None and choice.startswith("="):
        written = {"type": "tool", "name": choice[1:]}
    elif choice is not None:
        written = {"type": _CHOICE_TYPES[choice]}
    if request.parallel_tool_calls is not None and choice != "none":
        disabled = not request.parallel_tool_calls
        if written is not None or disabled:
            written = (written or {"type": "auto"}) | {"disable_parallel_tool_use": disabled}
    if written is not None:
        body["tool_choice"] = written


def _write_tool(tool: Tool) -> Json:
    written: Json = {"name": tool.name}
    if tool.description:
        written["description"] = tool.description
    schema = {"type": "object"} | tool.schema
    written["input_schema"] = strict_schema(schema) if tool.strict else schema
    if tool.strict is not None:
        written["strict"] = tool.strict
    return written | write_cache(tool.cache)


def _bound_marks(request: GenerationRequest, body: Json) -> None:
    """Anthropic takes four marks; the last ones reach furthest."""
    system = body.get("system")
    holders = [*body.get("tools", ()), *(system if type(system) is list else ())]
    for turn in body["messages"]:
        blocks = turn["content"] if type(turn["content"]) is list else ()
        for block in blocks:
            inner = block.get("content")
            holders += [*(inner if type(inner) is list else ()), block]
    marked = [holder for holder in holders if CACHE_MARK in holder]
    for holder in marked[:-MARKS_MAX]:
        del holder[CACHE_MARK]
        conversion.drop(request, CACHE_MARK)
