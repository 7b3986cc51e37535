"""The request of legacy completions, read from a client and written for an upstream.

A request is a number of prompts with `n` choices each. Prompts that came as
token ids are kept apart, by position, with an empty conversation, until someone
who knows the model's vocabulary has decoded them. Without `max_tokens` it is
16, as the contract of OpenAI has it.
"""

from typing import Any

from yiyuan.dialects.canonical import GenerationRequest, Json, Message, Other, Target, Text
from yiyuan.dialects.openai.completions.fields import FIELDS
from yiyuan.dialects.request_fields import screened
from yiyuan.dialects.shared.conversion import (
    drop,
    drop_unmapped,
    not_text,
    pass_on,
    unmapped_fields,
    unsupported,
    unsupported_value,
)
from yiyuan.dialects.shared.fields import (
    INTEGER_MAX,
    flag,
    integer,
    mapping,
    missing,
    number,
    read_model,
    text,
    texts,
    wrong_type,
    wrong_value,
)

NAME = "openai_completions"
PROMPTS_MAX = 2048
STOPS_MAX = 4
DEFAULT_MAX_TOKENS = 16
EMPTY_DOCUMENT = "<|endoftext|>"
"""What a prompt of null means in OpenAI's contract."""

PROMPT_TYPES = "string | string[] | integer[] | integer[][]"


def read_request(body: Json) -> GenerationRequest:
    """Read a client's body. Raises InvalidRequest naming the parameter."""
    dropped = screened(body, FIELDS)
    prompts, token_prompts = _read_prompts(body)
    n = integer(body, "n", 1, 128) or 1
    stream = flag(body, "stream") or False
    stream_options = mapping(body, "stream_options") or {}
    echo = flag(body, "echo") or False
    return GenerationRequest(
        model=read_model(body),
        conversations=[conversation_of(prompt) for prompt in prompts],
        token_prompts=token_prompts,
        source=NAME,
        dropped=dropped,
        raw=body,
        stream=stream,
        wants_usage=flag(stream_options, "include_usage", "stream_options.") or False,
        n=n,
        max_output_tokens=_read_maximum(body, echo=echo),
        temperature=number(body, "temperature", 0, 2),
        top_p=number(body, "top_p", 0, 1),
        top_k=integer(body, "top_k", -1),
        stop=texts(body, "stop", STOPS_MAX),
        presence_penalty=number(body, "presence_penalty", -2, 2),
        frequency_penalty=number(body, "frequency_penalty", -2, 2),
        logit_bias=mapping(body, "logit_bias"),
        seed=integer(body, "seed", -(2**63), 2**63 - 1),
        top_logprobs=integer(body, "logprobs", 0, 5),
        user=text(body, "user"),
        echo=echo,
        suffix=text(body, "suffix"),
        best_of=_read_best_of(body, n, stream=stream),
        unmapped=unmapped_fields(body, FIELDS.carried),
    )


def conversation_of(prompt: str | None) -> list[Message]:
    """A prompt as a conversation; none at all for one that came as token ids."""
    return [] if prompt is None else [Message("user", [Text(prompt)])]


def prompt_text(conversation: list[Message]) -> str:
    """The text of a prompt again."""
    parts = [part for message in conversation for part in message.parts]
    return "".join(part.text for part in parts if isinstance(part, Text))


def upstream_echoes(request: GenerationRequest) -> bool:
    """Whether echo is left to the upstream: when it is to tell of the prompt's own tokens.

    Otherwise the prompt is put before the answer here, for every upstream alike,
    and no upstream is asked for it: an echo is not output.
    """
    needs_upstream = request.top_logprobs is not None or request.max_output_tokens == 0
    return request.echo and (needs_upstream or not all(request.conversations))


def echoed(request: GenerationRequest, index: int) -> str:
    """What is put before choice number `index`: its prompt's text, or nothing."""
    prompt_number = index // request.n
    if not request.echo or upstream_echoes(request) or prompt_number >= len(request.conversations):
        return ""
    return prompt_text(request.conversations[prompt_number])


def _read_prompts(body: Json) -> tuple[list[str | None], dict[int, list[int]]]:
    if "prompt" not in body:
        raise missing("prompt")
    value = body["prompt"]
    if value is None:
        return [EMPTY_DOCUMENT], {}
    if type(value) is str:
        return [value], {}
    if type(value) is not list:
        raise wrong_type("prompt", PROMPT_TYPES)
    if not value:
        raise wrong_value("prompt", "value_empty")
    if len(value) > PROMPTS_MAX and type(value[0]) is not int:
        raise wrong_value("prompt", "value_at_most", count=PROMPTS_MAX)
    if all(type(item) is str for item in value):
        return value, {}
    if all(type(item) is int for item in value):
        return [None], {0: _read_ids(value)}
    if all(type(item) is list for item in value):
        return [None] * len(value), {i: _read_ids(ids) for i, ids in enumerate(value)}
    raise wrong_type("prompt", PROMPT_TYPES)


def _read_ids(ids: list[Any]) -> list[int]:
    if not ids:
        raise wrong_value("prompt", "value_empty")
    for token_id in ids:
        if type(token_id) is not int:
            raise wrong_type("prompt", PROMPT_TYPES)
        if not 0 <= token_id <= INTEGER_MAX:
            raise wrong_value("prompt", "value_between", low=0, high=INTEGER_MAX)
    return ids


def _read_maximum(body: Json, *, echo: bool) -> int:
    maximum = integer(body, "max_tokens")
    if maximum is None:
        return DEFAULT_MAX_TOKENS
    if maximum == 0 and not echo:
        raise wrong_value("max_tokens", "value_between", low=1, high=INTEGER_MAX)
    return maximum


def _read_best_of(body: Json, n: int, *, stream: bool) -> int | None:
    """How many candidates when there are more than choices, else None."""
    count = integer(body, "best_of", 0, 20)
    if count is None or count in (1, n):
        return None
    if count < n:
        raise wrong_value("best_of", "value_below_n")
    if stream:
        raise wrong_value("best_of", "value_streamed")
    return count


def write_request(request: GenerationRequest, target: Target) -> Json:
    """Make the upstream's body. Raises InvalidRequest for what it cannot honour."""
    body = pass_on(request, target, FIELDS) if request.source == NAME else _convert(request, target)
    body["model"] = target.model
    if not upstream_echoes(request):
        body.pop("echo", None)
    maximum = target.max_output_tokens
    if maximum is None:
        # Said in so many words: not every server has OpenAI's default of 16.
        maximum = request.max_output_tokens
    body["max_tokens"] = target.default_max_output_tokens if maximum is None else maximum
    if request.stream and target.stream_usage:
        body["stream_options"] = (body.get("stream_options") or {}) | {"include_usage": True}
    else:
        body.pop("stream_options", None)
    return body


def _convert(request: GenerationRequest, target: Target) -> Json:
    drop_unmapped(request, target)
    if request.tools:
        raise unsupported(request, target, "tools")
    if request.response_format is not None:
        raise unsupported(request, target, "response_format")
    for name in ("reasoning_effort", "thinking_budget", "top_k"):
        if getattr(request, name) is not None:
            drop(request, name)
    prompts = [_only_prompt(conversation) for conversation in request.conversations]
    values: dict[str, tuple[Any, Any]] = {
        "prompt": (prompts[0] if len(prompts) == 1 else prompts, None),
        "stream": (request.stream, False),
        "n": (request.n, 1),
        "best_of": (request.best_of, None),
        "echo": (request.echo, False),
        "suffix": (request.suffix, None),
        "logprobs": (request.top_logprobs, None),
        "temperature": (request.temperature, None),
        "top_p": (request.top_p, None),
        "stop": (request.stop, []),
        "presence_penalty": (request.presence_penalty, None),
        "frequency_penalty": (request.frequency_penalty, None),
        "logit_bias": (request.logit_bias, None),
        "seed": (request.seed, None),
        "user": (request.user, None),
    }
    return {name: value for name, (value, default) in values.items() if value != default}


def _only_prompt(conversation: list[Message]) -> str:
    """A conversation that is nothing but one user text, as a prompt."""
    if not conversation:
        raise unsupported_value("prompt", "value_token_ids")
    if len(conversation) != 1 or conversation[0].role != "user":
        raise unsupported_value("messages", "value_at_most", count=1)
    for part in conversation[0].parts:
        if not isinstance(part, Text):
            raise not_text(part if isinstance(part, Other) else Other("image", {}))
    return prompt_text(conversation)
