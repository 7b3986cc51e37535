"""Honest answers in OpenAI's formats: chat, legacy completions, embeddings."""

import base64
import json
import struct
from typing import Any

from tests.support.upstreams.behaviour import (
    DEFAULT_OUTPUT_TOKENS,
    Behaviour,
    Plan,
    Step,
    count_words,
    pieces,
)

CREATED = 1_700_000_000


def refuse(status: int, message: str, code: str | None = None, param: str | None = None) -> tuple:
    """An error as OpenAI words it."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    return status, {
        "error": {"message": message, "type": kind, "param": param, "code": code},
    }


def check(body: Any, headers: dict[str, str], path: str) -> tuple[int, Any] | None:
    """What the real server would refuse at once, or None."""
    if not headers.get("authorization", "").startswith("Bearer "):
        return refuse(401, "You didn't provide an API key.", "invalid_api_key")
    if not isinstance(body, dict) or not isinstance(body.get("model"), str):
        return refuse(400, "you must provide a model parameter")
    if path.endswith("/chat/completions") and not body.get("messages"):
        return refuse(400, "[] is too short - 'messages'", param="messages")
    if path.endswith("/chat/completions"):
        for at, message in enumerate(body["messages"]):
            if "content" not in message and "tool_calls" not in message:
                return refuse(400, f"Invalid value for 'messages[{at}]'", param="messages")
    if path.endswith("/completions") and "stream_options" in body and not body.get("stream"):
        return refuse(400, "'stream_options' is only allowed with stream", param="stream_options")
    if "max_tokens" in body and "max_completion_tokens" in body:
        return refuse(400, "max_tokens and max_completion_tokens are exclusive", param="max_tokens")
    stop = body.get("stop")
    if isinstance(stop, list) and len(stop) > 4:
        return refuse(400, "at most 4 stop sequences", param="stop")
    return None


def usage_object(behaviour: Behaviour, input_tokens: int, output_tokens: int) -> dict[str, Any]:
    """OpenAI's usage: cached tokens lie inside the prompt's, reasoning inside the completion's."""
    reasoning = behaviour.reasoning_tokens + behaviour.hidden_reasoning_tokens
    return {
        "prompt_tokens": input_tokens,
        "completion_tokens": output_tokens,
        "total_tokens": input_tokens + output_tokens,
        "prompt_tokens_details": {"cached_tokens": behaviour.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }


def _tool_calls(behaviour: Behaviour) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{position}",
            "type": "function",
            "function": {"name": call["name"], "arguments": call["arguments"]},
        }
        for position, call in enumerate(behaviour.tool_calls)
    ]


def _finish(behaviour: Behaviour, count: int, maximum: int | None) -> str:
    if behaviour.finish is not None:
        return behaviour.finish
    if behaviour.tool_calls:
        return "tool_calls"
    return "length" if maximum is not None and count >= maximum else "stop"


def _logprob(token: str, top: int) -> dict[str, Any]:
    item: dict[str, Any] = {"token": token, "logprob": -0.25, "bytes": list(token.encode())}
    item["top_logprobs"] = [
        {"token": token if rank == 0 else f"{token}{rank}", "logprob": -0.25 - rank, "bytes": None}
        for rank in range(top)
    ]
    return item


def plan_chat(behaviour: Behaviour, body: dict[str, Any]) -> Plan:
    """A chat completion, n choices."""
    maximum = body.get("max_completion_tokens", body.get("max_tokens"))
    count = behaviour.output_tokens
    if count is None:
        count = maximum if maximum is not None else DEFAULT_OUTPUT_TOKENS
    parts = pieces(behaviour, count)
    thoughts = [" hmm"] * behaviour.reasoning_tokens
    choices = body.get("n") or 1
    words = count_words(parts) + count_words([c["arguments"] for c in behaviour.tool_calls])
    output = choices * (words + behaviour.reasoning_tokens + behaviour.hidden_reasoning_tokens)
    given = behaviour.input_tokens
    if given is None:
        given = count_words(body["messages"]) + count_words(body.get("tools"))
    usage = usage_object(behaviour, given, output)
    finish = _finish(behaviour, words, maximum)
    calls = _tool_calls(behaviour)
    top = body.get("top_logprobs", 0) if body.get("logprobs") and behaviour.logprobs else None
    head = {
        "id": "chatcmpl-up1",
        "created": CREATED,
        "model": body["model"],
        "system_fingerprint": "fp_up",
    }

    def logprobs(texts: list[str]) -> dict[str, Any] | None:
        return (
            None if top is None else {"content": [_logprob(t, top) for t in texts], "refusal": None}
        )

    message: dict[str, Any] = {
        "role": "assistant",
        "content": "".join(parts) or None,
        "refusal": None,
    }
    if thoughts:
        message["reasoning_content"] = "".join(thoughts)
    if calls:
        message["tool_calls"] = calls
    elif message["content"] is None:
        message["content"] = ""
    answer = {
        **head,
        "object": "chat.completion",
        "choices": [
            {
                "index": index,
                "message": message,
                "logprobs": logprobs(parts),
                "finish_reason": finish,
            }
            for index in range(choices)
        ],
    }

    def step(
        index: int,
        delta: dict[str, Any],
        kind: str,
        tokens: int = 0,
        reason: str | None = None,
        texts: list[str] | None = None,
    ) -> Step:
        choice = {
            "index": index,
            "delta": delta,
            "logprobs": logprobs(texts) if texts else None,
            "finish_reason": reason,
        }
        event = {**head, "object": "chat.completion.chunk", "choices": [choice]}
        if (body.get("stream_options") or {}).get("include_usage"):
            event["usage"] = None
        return Step(json.dumps(event, ensure_ascii=False), None, tokens, kind)

    steps = [step(i, {"role": "assistant", "content": ""}, "start") for i in range(choices)]
    for text in thoughts:
        steps += [step(i, {"reasoning_content": text}, "delta", 1) for i in range(choices)]
    for text in parts:
        tokens = count_words(text)
        steps += [step(i, {"content": text}, "delta", tokens, texts=[text]) for i in range(choices)]
    for position, call in enumerate(calls):
        opening = {
            **call,
            "index": position,
            "function": {"name": call["function"]["name"], "arguments": ""},
        }
        steps.append(step(0, {"tool_calls": [opening]}, "delta"))
        arguments = call["function"]["arguments"]
        middle = len(arguments) // 2
        for part in (arguments[:middle], arguments[middle:]):
            steps.append(
                step(
                    0,
                    {"tool_calls": [{"index": position, "function": {"arguments": part}}]},
                    "delta",
                    count_words(part),
                )
            )
    steps += [step(i, {}, "finish", reason=finish) for i in range(choices)]
    _end(steps, behaviour, body, usage, {**head, "object": "chat.completion.chunk"})
    endless = step(0, {"content": " one"}, "delta", 1, texts=[" one"])
    return Plan(answer, steps, usage, output, endless)


def _end(
    steps: list[Step],
    behaviour: Behaviour,
    body: dict[str, Any],
    usage: dict[str, Any],
    head: dict[str, Any],
) -> None:
    """The usage chunk, where it was asked for, and the end mark."""
    asked = (body.get("stream_options") or {}).get("include_usage")
    told = usage if isinstance(behaviour.usage, str) else behaviour.usage
    if asked and behaviour.usage == "on_finish":
        last = json.loads(steps[-1].data)
        steps[-1].data = json.dumps({**last, "usage": told})
    elif asked and behaviour.usage != "missing":
        times = 2 if behaviour.usage == "twice" else 1
        data = json.dumps({**head, "choices": [], "usage": told})
        steps += [Step(data, kind="usage")] * times
    if not behaviour.without_end_mark:
        steps.append(Step("[DONE]", kind="end"))


def plan_completion(behaviour: Behaviour, body: dict[str, Any]) -> Plan:
    """A legacy completion: k prompts, n choices each, index i·n + j."""
    prompts = body.get("prompt", "")
    if isinstance(prompts, str) or (prompts and isinstance(prompts[0], int)):
        prompts = [prompts]
    choices = len(prompts) * (body.get("n") or 1)
    maximum = body.get("max_tokens") if body.get("max_tokens") is not None else 16
    count = maximum if behaviour.output_tokens is None else behaviour.output_tokens
    parts = pieces(behaviour, count)
    words = count_words(parts)
    given = behaviour.input_tokens if behaviour.input_tokens is not None else count_words(prompts)
    usage = usage_object(behaviour, given, choices * words)
    finish = _finish(behaviour, words, maximum)
    head = {
        "id": "cmpl-up1",
        "object": "text_completion",
        "created": CREATED,
        "model": body["model"],
    }
    answer = {
        **head,
        "choices": [
            {"text": "".join(parts), "index": index, "logprobs": None, "finish_reason": finish}
            for index in range(choices)
        ],
    }

    def step(index: int, text: str, kind: str, reason: str | None = None) -> Step:
        choice = {"text": text, "index": index, "logprobs": None, "finish_reason": reason}
        return Step(json.dumps({**head, "choices": [choice]}), None, count_words(text), kind)

    steps = [step(i, text, "delta") for text in parts for i in range(choices)]
    steps += [step(i, "", "finish", finish) for i in range(choices)]
    _end(steps, behaviour, body, usage, head)
    return Plan(answer, steps, usage, choices * words, step(0, " one", "delta"))


def plan_embeddings(behaviour: Behaviour, body: dict[str, Any]) -> Plan:
    """One vector for each input."""
    inputs = body.get("input", [])
    if isinstance(inputs, str) or (inputs and isinstance(inputs[0], int)):
        inputs = [inputs]
    vector = behaviour.vector or [0.5, -0.25, 1.0, 0.0]
    value: Any = vector
    if body.get("encoding_format") == "base64":
        value = base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
    given = behaviour.input_tokens if behaviour.input_tokens is not None else count_words(inputs)
    usage = {"prompt_tokens": given, "total_tokens": given}
    data = [{"object": "embedding", "index": i, "embedding": value} for i in range(len(inputs))]
    return Plan({"object": "list", "data": data, "model": body["model"]}, [], usage)


def plan_rerank(behaviour: Behaviour, body: dict[str, Any]) -> Plan:
    """The documents by their length, the longest first."""
    documents = body["documents"]
    order = sorted(range(len(documents)), key=lambda i: -len(str(documents[i])))
    results = [{"index": i, "relevance_score": 1 / (1 + place)} for place, i in enumerate(order)]
    told = count_words(body["query"]) * len(documents) + count_words(documents)
    given = behaviour.input_tokens if behaviour.input_tokens is not None else told
    usage = {"total_tokens": given}
    return Plan({"id": "rr-1", "results": results[: body.get("top_n")]}, [], usage)


def plan_moderations(_behaviour: Behaviour, body: dict[str, Any]) -> Plan:
    """Nothing is harmful but the word itself."""
    inputs = body["input"] if isinstance(body["input"], list) else [body["input"]]
    results = [{"flagged": "harmful" in str(one), "categories": {}} for one in inputs]
    return Plan({"id": "modr-1", "model": body["model"], "results": results}, [], None)


def models() -> dict[str, Any]:
    """OpenAI's list."""
    return {
        "object": "list",
        "data": [{"id": "gpt-4.1", "object": "model", "created": CREATED, "owned_by": "upstream"}],
    }
