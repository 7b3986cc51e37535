"""The form in the middle: what every wire format is read into and written from.

It holds what more than one format can express. What only the request's own
format knows stays in `raw`; an upstream that speaks that format gets `raw` with
only what must change changed, any other gets what the canon carries, and the
names of what was left behind are collected in `dropped`.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from yiyuan.kernel.usage import Usage

Json = dict[str, Any]
Role = Literal["system", "user", "assistant", "tool"]
Finish = Literal["stop", "stop_sequence", "length", "tool_calls", "content_filter"]


@dataclass(slots=True)
class Text:
    """Plain text."""

    text: str


@dataclass(slots=True)
class Image:
    """A picture: by `url`, or inline as base64 `data` of `media_type`. Never fetched."""

    url: str | None = None
    media_type: str | None = None
    data: str | None = None
    detail: str | None = None


@dataclass(slots=True)
class ToolCall:
    """The model asks for a tool; `arguments` is JSON text, as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(slots=True)
class ToolResult:
    """What a tool answered to the call `call_id`."""

    call_id: str
    content: list["Text | Image | Other"]
    is_error: bool = False


@dataclass(slots=True)
class Reasoning:
    """Reasoning that was shown; `signature` and `redacted` are Anthropic's proofs."""

    text: str
    signature: str | None = None
    redacted: str | None = None


@dataclass(slots=True)
class Other:
    """A part that only its own format understands; `kind` names it in errors."""

    kind: str
    raw: Json


Part = Text | Image | ToolCall | ToolResult | Reasoning | Other


@dataclass(slots=True)
class Message:
    """One turn."""

    role: Role
    parts: list[Part]
    name: str | None = None


@dataclass(slots=True)
class Tool:
    """A function the model may call; `schema` is JSON Schema."""

    name: str
    description: str | None
    schema: Json
    strict: bool | None = None


@dataclass(slots=True, kw_only=True)
class GenerationRequest:
    """Text to be generated: completions, chat and messages alike.

    `conversations` has one element, except for legacy completions with several
    prompts. `token_prompts` are those prompts of a legacy request that came as
    token ids (by position); their conversation is empty until the gateway has
    decoded them with the model's vocabulary.
    """

    model: str
    conversations: list[list[Message]]
    source: str
    raw: Json
    token_prompts: dict[int, list[int]] = field(default_factory=dict)
    stream: bool = False
    wants_usage: bool = False
    n: int = 1
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: list[str] = field(default_factory=list)
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logit_bias: Json | None = None
    seed: int | None = None
    top_logprobs: int | None = None
    tools: list[Tool] = field(default_factory=list)
    tool_choice: str | None = None
    """`auto`, `none`, `required`, or `=name` for one tool."""
    parallel_tool_calls: bool | None = None
    response_format: Json | None = None
    """OpenAI's form: `{"type": "json_object"}` or `{"type": "json_schema", …}`."""
    reasoning_effort: str | None = None
    thinking_budget: int | None = None
    user: str | None = None
    echo: bool = False
    suffix: str | None = None
    """Legacy completions: the text after the gap."""
    best_of: int | None = None
    """Legacy completions: how many candidates are generated and paid for; None for `n`."""
    dropped: list[str] = field(default_factory=list)
    """Names of parameters left out because the target cannot take them; told to the client."""
    unmapped: list[str] = field(default_factory=list)
    """Names of fields of `raw`, nested ones included, that the canon does not carry."""


@dataclass(slots=True, kw_only=True)
class EmbeddingsRequest:
    """Texts (or token ids) to embed."""

    model: str
    inputs: list[str] | list[list[int]]
    source: str
    raw: Json
    dropped: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Target:
    """What changes on the way to one upstream."""

    model: str
    """The upstream's name for the model."""
    public_model: str = ""
    """The client's name for it, for error texts."""
    max_output_tokens: int | None = None
    """Replaces the request's own when it is not None (clamped, or required by the format)."""
    stream_usage: bool = True
    default_max_output_tokens: int = 4096
    """For formats that require a maximum when the request has none."""


@dataclass(slots=True)
class Choice:
    """One answer, complete."""

    index: int = 0
    text: str = ""
    reasoning: str = ""
    reasoning_signature: str | None = None
    tool_calls: list[ToolCall] = field(default_factory=list)
    finish: Finish = "stop"
    stop_sequence: str | None = None
    logprobs: list[Json] | None = None
    """OpenAI chat's `logprobs.content` items."""


@dataclass(slots=True)
class GenerationResponse:
    """A complete response; `usage` is None when the upstream told none or nonsense."""

    choices: list[Choice]
    usage: Usage | None = None
    raw: Json | None = None
    raw_dialect: str = ""
    upstream_id: str | None = None


@dataclass(slots=True)
class EmbeddingsResponse:
    """Vectors, still as the upstream sent them in `raw`."""

    raw: Json
    usage: Usage | None = None
    raw_dialect: str = ""
    upstream_id: str | None = None


@dataclass(slots=True)
class ToolCallDelta:
    """A piece of the tool call at `position`; `id` and `name` come with its first piece."""

    position: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""


@dataclass(slots=True)
class Delta:
    """One step of a stream, for one choice.

    `usage` is cumulative: a later one replaces an earlier. `raw` is the source
    event when it concerns this delta alone, for a writer of the same format.
    """

    index: int = 0
    text: str = ""
    reasoning: str = ""
    reasoning_signature: str | None = None
    tool_calls: list[ToolCallDelta] = field(default_factory=list)
    finish: Finish | None = None
    stop_sequence: str | None = None
    logprobs: list[Json] | None = None
    usage: Usage | None = None
    raw: Json | None = None
    raw_dialect: str = ""

    def has_output(self) -> bool:
        """Whether anything in it counts as delivered output."""
        return bool(self.text or self.reasoning or self.tool_calls)


@dataclass(slots=True)
class Reply:
    """What a writer needs to know of the exchange it writes for."""

    id: str
    """Our request id, `ex_…`; formats make their own response id from it."""
    created: int
    """Unix seconds."""
    request: GenerationRequest | EmbeddingsRequest
    model: str
    """The name that the client asked for."""
    input_tokens: int = 0
    """The input's count as far as known when the stream begins."""


@dataclass(slots=True)
class UpstreamProblem:
    """What an upstream's error said, before redaction."""

    message: str
    code: str | None = None
    type: str | None = None
    param: str | None = None
