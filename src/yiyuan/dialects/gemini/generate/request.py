"""The request of generateContent, read from a client and written for an upstream.

The address names the model and says whether to stream; the route puts both into
the body as `model` and `stream`, which no upstream sees.
"""

import re
from typing import Any

from yiyuan.dialects.canonical import GenerationRequest, Json, Target, Tool
from yiyuan.dialects.gemini.fields import FIELDS
from yiyuan.dialects.gemini.generate.content import read_contents, write_contents
from yiyuan.dialects.gemini.signatures import own_content
from yiyuan.dialects.gemini.spelling import camel_case, json_schema
from yiyuan.dialects.proofs import GOOGLE
from yiyuan.dialects.request_fields import screened
from yiyuan.dialects.shared import conversion, fields

NAME = "gemini"
KNOWN = frozenset(
    {
        *("model", "stream", "alt", "contents", "systemInstruction", "tools", "toolConfig"),
        *("generationConfig", "safetySettings"),
    }
)
CONFIG_KNOWN = frozenset(
    {
        *("temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences"),
        *("seed", "presencePenalty", "frequencyPenalty", "responseMimeType", "responseSchema"),
        *("responseJsonSchema", "responseLogprobs", "logprobs", "thinkingConfig"),
    }
)
STOPS_MAX = 5
_LEVELS = {"minimal": "minimal", "low": "low", "medium": "medium", "high": "high"}
_LEVELS |= {"xhigh": "high", "max": "high"}
_BUDGETS = {"none": 0, "minimal": 512, "low": 1024, "medium": 8192}
"""Gemini 2.5 takes a budget; above `medium` it decides itself (-1)."""
_OLD = re.compile(r"gemini-(?:1|2)(?:\.|-)", re.IGNORECASE)
_MODES = {"AUTO": "auto", "NONE": "none", "ANY": "required", "VALIDATED": "auto"}


def read_request(body: Json) -> GenerationRequest:
    """Read a client's body. Raises InvalidRequest naming the parameter."""
    body = camel_case(body)
    dropped = screened(body, FIELDS)
    unmapped = conversion.unmapped_fields(body, KNOWN)
    config = fields.mapping(body, "generationConfig") or {}
    at = "generationConfig."
    unmapped += [at + name for name in conversion.unmapped_fields(config, CONFIG_KNOWN)]
    thinking = fields.mapping(config, "thinkingConfig", at) or {}
    level, budget = fields.text(thinking, "thinkingLevel", at), thinking.get("thinkingBudget")
    budget = fields.integer(thinking, "thinkingBudget", -1) if budget is not None else None
    wants_logprobs = fields.flag(config, "responseLogprobs", at)
    return GenerationRequest(
        model=fields.read_model(body),
        conversations=[read_contents(body)],
        source=NAME,
        raw=body,
        dropped=dropped,
        stream=fields.flag(body, "stream") or False,
        wants_usage=True,
        n=fields.integer(config, "candidateCount", 1, 128) or 1,
        max_output_tokens=fields.integer(config, "maxOutputTokens", 1),
        temperature=fields.number(config, "temperature", 0, 2),
        top_p=fields.number(config, "topP", 0, 1),
        top_k=_top_k(config),
        stop=fields.texts(config, "stopSequences", STOPS_MAX),
        presence_penalty=fields.number(config, "presencePenalty", -2, 2),
        frequency_penalty=fields.number(config, "frequencyPenalty", -2, 2),
        seed=fields.integer(config, "seed", -(2**31), 2**31 - 1),
        top_logprobs=(fields.integer(config, "logprobs", 0, 20) or 0) if wants_logprobs else None,
        tools=_read_tools(body, unmapped),
        tool_choice=_read_choice(body, unmapped),
        response_format=_read_format(config),
        reasoning_effort="none" if budget == 0 else level.lower() if level else None,
        thinking_budget=budget if budget is not None and budget > 0 else None,
        unmapped=unmapped,
    )


def _top_k(config: Json) -> int | None:
    """Google writes it as a number with a fraction."""
    value = config.get("topK")
    if type(value) is float and value.is_integer():
        config = {"topK": int(value)}
    return fields.integer(config, "topK", -1)


def _read_tools(body: Json, unmapped: list[str]) -> list[Tool]:
    tools = []
    for at, tool in fields.entries(body, "tools"):
        unmapped += [f"tools.{kind}" for kind in tool if kind != "functionDeclarations"]
        for path, function in fields.entries(tool, "functionDeclarations", at + "."):
            schema = fields.mapping(function, "parametersJsonSchema", path + ".")
            if schema is None:
                schema = json_schema(fields.mapping(function, "parameters", path + ".") or {})
            tools.append(
                Tool(
                    name=fields.required_text(function, "name", path + "."),
                    description=fields.text(function, "description", path + "."),
                    schema=schema,
                )
            )
    return tools


def _read_choice(body: Json, unmapped: list[str]) -> str | None:
    config = fields.mapping(body, "toolConfig") or {}
    unmapped += [f"toolConfig.{name}" for name in config if name != "functionCallingConfig"]
    calling = fields.mapping(config, "functionCallingConfig", "toolConfig.") or {}
    at = "toolConfig.functionCallingConfig."
    mode = fields.text(calling, "mode", at)
    if mode is None or mode == "MODE_UNSPECIFIED":
        return None
    if mode.upper() not in _MODES:
        raise fields.unknown_value(at + "mode", mode, ", ".join(_MODES))
    names = [
        name for name in fields.listing(calling, "allowedFunctionNames", at) if type(name) is str
    ]
    if mode.upper() == "ANY" and len(names) == 1:
        return "=" + names[0]
    return _MODES[mode.upper()]


def _read_format(config: Json) -> Json | None:
    if fields.text(config, "responseMimeType", "generationConfig.") != "application/json":
        return None
    schema = fields.mapping(config, "responseJsonSchema", "generationConfig.")
    if schema is None:
        own = fields.mapping(config, "responseSchema", "generationConfig.")
        schema = json_schema(own) if own is not None else None
    if schema is None:
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "response", "schema": schema}}


def write_request(request: GenerationRequest, target: Target) -> Json:
    """Make the upstream's body. Raises InvalidRequest for what it cannot honour."""
    body = _pass_on(request, target) if request.source == NAME else _convert(request, target)
    for name in ("model", "stream", "alt"):
        body.pop(name, None)
    maximum = target.max_output_tokens or request.max_output_tokens
    maximum = maximum or target.unnamed_max_output_tokens
    if maximum is not None:
        config = body.get("generationConfig") or {}
        body["generationConfig"] = config | {"maxOutputTokens": maximum}
    return body


def _pass_on(request: GenerationRequest, target: Target) -> Json:
    body = conversion.pass_on(request, target, FIELDS)
    if type(body.get("contents")) is list:
        family, is_new = target.proof_family or GOOGLE, not _OLD.search(target.model)
        given = body["contents"]
        body["contents"] = [own_content(each, family, needs_one=is_new) for each in given]
    return body


def _convert(request: GenerationRequest, target: Target) -> Json:
    conversion.check_convertible(request, target)
    conversion.drop_unmapped(request, target)
    if request.logit_bias:
        raise conversion.unsupported(request, target, "logit_bias")
    system, contents = write_contents(
        conversion.only_conversation(request), target.proof_family or GOOGLE
    )
    body: Json = {"contents": contents}
    if system:
        body["systemInstruction"] = {"parts": system}
    config = _config(request)
    thinking = _thinking(request, target)
    if thinking:
        config["thinkingConfig"] = thinking
    if config:
        body["generationConfig"] = config
    _convert_tools(request, body)
    if request.user:
        conversion.drop(request, "user")
    return body


def _config(request: GenerationRequest) -> Json:
    stops = conversion.stops_for(request, STOPS_MAX)
    values: Json = {
        "temperature": request.temperature,
        "topP": request.top_p,
        "topK": request.top_k if request.top_k and request.top_k > 0 else None,
        "candidateCount": request.n if request.n > 1 else None,
        "maxOutputTokens": request.max_output_tokens,
        "stopSequences": stops or None,
        "seed": request.seed,
        "presencePenalty": request.presence_penalty or None,
        "frequencyPenalty": request.frequency_penalty or None,
    }
    config = {name: value for name, value in values.items() if value is not None}
    if request.top_logprobs is not None:
        config |= {"responseLogprobs": True, "logprobs": request.top_logprobs}
    wanted = request.response_format
    if wanted is not None:
        config["responseMimeType"] = "application/json"
        if wanted.get("type") == "json_schema":
            schema: Any = wanted.get("json_schema")
            schema = schema.get("schema") if type(schema) is dict else None
            if type(schema) is dict:
                config["responseJsonSchema"] = schema
    return config


def _thinking(request: GenerationRequest, target: Target) -> Json:
    """A level for Gemini 3 and later, a budget for older ones: never both."""
    effort, budget = request.reasoning_effort, request.thinking_budget
    if effort is None and budget is None:
        return {}
    if _OLD.search(target.model):
        tokens = budget if budget is not None else _BUDGETS.get(effort or "", -1)
        return {"thinkingBudget": tokens} | ({"includeThoughts": True} if tokens else {})
    if effort == "none":
        return {"thinkingLevel": "minimal"}
    if effort is None:
        effort = "low" if (budget or 0) <= 2048 else "medium" if (budget or 0) <= 8192 else "high"
    level = _LEVELS.get(effort)
    if level is None:
        conversion.drop(request, "reasoning_effort")
        return {}
    return {"thinkingLevel": level, "includeThoughts": True}


def _convert_tools(request: GenerationRequest, body: Json) -> None:
    if not request.tools:
        return
    body["tools"] = [{"functionDeclarations": [_write_tool(tool) for tool in request.tools]}]
    choice = request.tool_choice
    if choice is None:
        return
    calling: Json = {"mode": {"auto": "AUTO", "none": "NONE"}.get(choice, "ANY")}
    if choice.startswith("="):
        calling["allowedFunctionNames"] = [choice[1:]]
    body["toolConfig"] = {"functionCallingConfig": calling}
    if request.parallel_tool_calls is False:
        conversion.drop(request, "parallel_tool_calls")


def _write_tool(tool: Tool) -> Json:
    written: Json = {"name": tool.name, "description": tool.description or ""}
    if tool.schema:
        written["parametersJsonSchema"] = tool.schema
    return written
