"""An OpenAI chat body, changed into what one vendor's model takes.

Works on the finished body, so that a body passed on and one made by conversion
come out alike. What the vendor cannot do is refused by name when losing it would
change what the client gets, else left out, which the client is told.
"""

from typing import Any

from yiyuan.dialects.canonical import GenerationRequest, Json, Target
from yiyuan.dialects.openai.models import effort_of
from yiyuan.dialects.quirks import Quirks
from yiyuan.dialects.shared.conversion import drop, unsupported, unsupported_value

HARMLESS: Json = {
    "n": 1,
    "logprobs": False,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "temperature": 1,
    "top_p": 1,
    "logit_bias": {},
}
"""Values that say nothing: a field that has one is left out without a word."""
KNOWN = frozenset(
    {
        *("model", "messages", "stream", "stream_options", "n", "max_tokens", "seed", "stop"),
        *("max_completion_tokens", "temperature", "top_p", "presence_penalty", "tools"),
        *("frequency_penalty", "logit_bias", "logprobs", "top_logprobs", "tool_choice", "user"),
        *("parallel_tool_calls", "response_format", "reasoning_effort"),
    }
)
"""OpenAI's own fields, which a vendor with `strict_fields` may know."""
_OWN_THINKING = ("thinking", "enable_thinking", "reasoning", "chat_template_kwargs")
"""A client that sends one of these speaks to the vendor itself."""


def adapt(body: Json, request: GenerationRequest, target: Target, quirks: Quirks) -> None:
    """Change `body` in place. Raises InvalidRequest for what cannot be honoured."""
    _fields(body, request, target, quirks)
    _maximum(body, quirks)
    _think(body, request, target, quirks)
    if quirks.thinks_beside != "never" and body.get("enable_thinking") not in (None, False):
        _bound_thinking(body, target)
    if body.get("tools"):
        _tools(body, request, quirks)
    body["messages"] = [_without_proofs(message) for message in body["messages"]]
    if quirks.reasoning_back != "never":
        _reasoning_back(body, quirks)
    if quirks.flags:
        _flags(body, quirks)
    if quirks.strict_fields:
        for name in [name for name in body if name not in KNOWN]:
            del body[name]
            drop(request, name)


def _fields(body: Json, request: GenerationRequest, target: Target, quirks: Quirks) -> None:
    for name in quirks.refuse & body.keys():
        if body[name] is not None and body[name] != HARMLESS.get(name):
            raise unsupported(request, target, name)
        del body[name]
    for name in quirks.drop & body.keys():
        old = body.pop(name)
        if old is not None and old != HARMLESS.get(name):
            drop(request, name)
    for name, (least, greatest) in quirks.clamp.items():
        value: Any = body.get(name)
        if type(value) in (int, float) and not least <= value <= greatest:
            body[name] = min(max(value, least), greatest)
            drop(request, name)


def _maximum(body: Json, quirks: Quirks) -> None:
    """The larger one where both names were used: a bound must hold for either."""
    wanted = quirks.max_tokens
    if wanted == "both":
        return
    other = "max_tokens" if wanted == "max_completion_tokens" else "max_completion_tokens"
    value: Any = body.pop(other, None)
    if value is not None:
        own = body.get(wanted)
        body[wanted] = value if own is None else max(own, value)


def _think(body: Json, request: GenerationRequest, target: Target, quirks: Quirks) -> None:
    """Say how much to think in the vendor's way; also that it must not."""
    body.pop("reasoning_effort", None)
    if any(name in body for name in _OWN_THINKING):
        return
    effort = request.reasoning_effort
    if effort is None and request.thinking_budget is not None:
        effort = effort_of(request.thinking_budget)
    if "nonstream_no_thinking" in quirks.flags and not body.get("stream"):
        body["enable_thinking"] = False
        if effort not in (None, "none"):
            drop(request, "reasoning_effort")
        return
    if effort is None:
        return
    if effort == "none" and not quirks.thinking_off:
        model = target.public_model or request.model
        raise unsupported_value("reasoning_effort", "value_always_thinks", model=model)
    _write_thinking(body, request, effort, quirks)


def _bound_thinking(body: Json, target: Target) -> None:
    """What is thought beside the answer has a maximum of its own, which is held for, too."""
    if type(body.get("thinking_budget")) is not int:
        body["thinking_budget"] = target.default_max_output_tokens


def _write_thinking(body: Json, request: GenerationRequest, effort: str, quirks: Quirks) -> None:
    is_off = effort == "none"
    word = quirks.efforts.get(effort) if quirks.efforts else effort
    match quirks.thinking:
        case "reasoning_effort":
            _put_effort(body, request, word)
        case "thinking_type":
            body["thinking"] = {"type": "disabled" if is_off else "enabled"}
            if quirks.efforts and not is_off:
                _put_effort(body, request, word)
        case "enable_thinking":
            body["enable_thinking"] = not is_off
            if not is_off and request.thinking_budget:
                body["thinking_budget"] = request.thinking_budget
        case "reasoning_object":
            body["reasoning"] = _reasoning_object(request, word, is_off=is_off)
        case "template_kwargs":
            body["chat_template_kwargs"] = {"enable_thinking": not is_off}
        case "none":
            if not is_off:
                drop(request, "reasoning_effort")


def _reasoning_object(request: GenerationRequest, word: str | None, *, is_off: bool) -> Json:
    if is_off:
        return {"enabled": False}
    budget = request.thinking_budget
    return {"max_tokens": budget} if budget else {"effort": word}


def _put_effort(body: Json, request: GenerationRequest, word: str | None) -> None:
    if word is None:
        drop(request, "reasoning_effort")
    else:
        body["reasoning_effort"] = word


def _tools(body: Json, request: GenerationRequest, quirks: Quirks) -> None:
    """Degrade a choice that is not taken to `auto`; without tools nothing can be called."""
    choice = body.get("tool_choice")
    if choice is None:
        return
    form = choice if type(choice) is str else "named"
    if form in quirks.tool_choice:
        return
    if form == "required" and "any" in quirks.tool_choice:
        body["tool_choice"] = "any"
    elif form == "none":
        del body["tool_choice"], body["tools"]
        body.pop("parallel_tool_calls", None)
    else:
        body["tool_choice"] = "auto"
        drop(request, "tool_choice")


def _without_proofs(message: Json) -> Json:
    """Google's signatures, and ours around others', are no vendor's of this format."""
    calls = message.get("tool_calls")
    if not calls or not any("extra_content" in call for call in calls):
        return message
    return message | {"tool_calls": [_without(call, "extra_content") for call in calls]}


def _reasoning_back(body: Json, quirks: Quirks) -> None:
    """Most clients keep no reasoning; where it has to come back, an empty one is taken."""
    is_always = quirks.reasoning_back == "always"
    body["messages"] = [
        {"reasoning_content": ""} | message
        if message.get("role") == "assistant" and (is_always or message.get("tool_calls"))
        else message
        for message in body["messages"]
    ]


def _flags(body: Json, quirks: Quirks) -> None:
    flags = quirks.flags
    if "reasoning_split" in flags:
        body["reasoning_split"] = True
    if "reasoning_parsed" in flags and body.get("reasoning_effort") not in (None, "none"):
        body.setdefault("reasoning_format", "parsed")
    if "no_tool_strict" in flags and body.get("tools"):
        body["tools"] = [_without_strict(tool) for tool in body["tools"]]
    if "no_message_name" in flags:
        body["messages"] = [_without(message, "name") for message in body["messages"]]
    if "no_json_schema" in flags:
        wanted = body.get("response_format")
        if type(wanted) is dict and wanted.get("type") == "json_schema":
            raise unsupported_value(
                "response_format", "value_known", value="json_schema", known="text, json_object"
            )


def _without_strict(tool: Any) -> Any:
    if type(tool) is not dict or type(tool.get("function")) is not dict:
        return tool
    return tool | {"function": _without(tool["function"], "strict")}


def _without(values: Any, name: str) -> Any:
    if type(values) is not dict or name not in values:
        return values
    return {key: value for key, value in values.items() if key != name}
