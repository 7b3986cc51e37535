"""The form in the middle: what every wire format is read into and written from.

It holds what more than one format can express. What only the request's own format knows
stays in `raw`; an upstream that speaks that format gets `raw` with only what must change
changed, any other what the canon carries; names of what was left behind are in `dropped`.
"""

from typing import Any, Literal

from msgspec import Struct, field

from yiyuan.dialects.plain import Plain
from yiyuan.dialects.proofs import Proof
from yiyuan.dialects.quirks import Quirks
from yiyuan.kernel.usage import Usage

Json = dict[str, Any]
Role = Literal["system", "user", "assistant", "tool"]
Finish = Literal["stop", "stop_sequence", "length", "tool_calls", "content_filter"]


class Text(Struct):
    """Plain text."""

    text: str
    cache: Json | None = None
    """Anthropic's mark that all up to here is to be cached; so in the other parts."""


class Image(Struct):
    """A picture: by `url`, or inline as base64 `data` of `media_type`. Never fetched."""

    url: str | None = None
    media_type: str | None = None
    data: str | None = None
    detail: str | None = None
    cache: Json | None = None


class ToolCall(Struct):
    """The model asks for a tool; `arguments` is JSON text, as the model wrote it."""

    id: str
    name: str
    arguments: str
    proof: Proof | None = None
    """What the model's family wants to see again with it."""
    is_custom: bool = False
    """Whether `arguments` is text of any kind: a call of a custom tool."""


class ToolResult(Struct):
    """What a tool answered to the call `call_id`."""

    call_id: str
    content: list["Text | Image | Other"]
    is_error: bool = False
    cache: Json | None = None


class Reasoning(Struct):
    """Reasoning that was shown; `signature` and `redacted` are Anthropic's proofs."""

    text: str
    signature: str | None = None
    redacted: str | None = None


class Other(Struct):
    """A part that only its own format understands; `kind` names it in errors."""

    kind: str
    raw: Json


Part = Text | Image | ToolCall | ToolResult | Reasoning | Other


class Message(Struct):
    """One turn."""

    role: Role
    parts: list[Part]
    name: str | None = None


class Tool(Struct):
    """A function the model may call; `schema` is JSON Schema."""

    name: str
    description: str | None
    schema: Json
    strict: bool | None = None
    is_custom: bool = False
    """Whether it takes one text of any kind; `schema` then asks for that text."""
    cache: Json | None = None


class Request(Struct, kw_only=True):
    """What a request has, whatever it asks for; each operation has its own kind."""

    model: str
    source: str
    """The name of the format that it was read from; empty when it was put together here."""
    raw: Json
    dropped: list[str] = field(default_factory=list)
    """Names of parameters left out because the target cannot take them; told to the client."""


class GenerationRequest(Request, kw_only=True):
    """Text to be generated: completions, chat and messages alike.

    `conversations` has one element, except for legacy completions with several
    prompts. `token_prompts` are those prompts of a legacy request that came as
    token ids (by position); their conversation is empty until the gateway has
    decoded them with the model's vocabulary.
    """

    conversations: list[list[Message]]
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
    unmapped: list[str] = field(default_factory=list)
    """Names of fields of `raw`, nested ones included, that the canon does not carry."""
    is_plain: bool = False
    """Whether it is one conversation of texts, numbers beside it, and one choice: no more."""


class EmbeddingsRequest(Request, kw_only=True):
    """Texts (or token ids) to embed."""

    inputs: list[str] | list[list[int]]


class Target(Struct):
    """What changes on the way to one upstream."""

    model: str
    """The upstream's name for the model."""
    public_model: str = ""
    """The client's name for it, for error texts."""
    max_output_tokens: int | None = None
    """Replaces the request's own when it is not None (clamped, or required by the format)."""
    unnamed_max_output_tokens: int | None = None  # where neither is there: what is held for
    stream_usage: bool = True
    default_max_output_tokens: int = 4096
    """For formats that require a maximum when the request has none."""
    quirks: Quirks | None = None
    """What the vendor's model does differently; None: nothing is known of it."""
    proof_family: str = ""
    """Whose proofs may be sent; empty: the format's own."""
    pass_fields: frozenset[str] = frozenset()
    """Fields of the vendor's own that may be sent on."""


class Choice(Struct):
    """One answer, complete; `logprobs` are OpenAI chat's `logprobs.content` items."""

    index: int = 0
    text: str = ""
    reasoning: str = ""
    reasoning_signature: str | None = None
    tool_calls: list[ToolCall] = field(default_factory=list)
    finish: Finish = "stop"
    stop_sequence: str | None = None
    logprobs: list[Json] | None = None
    unread: str = ""


class Response(Struct, kw_only=True):
    """What a complete response has, whatever was asked for."""

    usage: Usage | None = None
    """None when the upstream told none or nonsense."""
    raw_dialect: str = ""
    """The name of the format that `raw` of each kind is in."""
    upstream_id: str | None = None


class GenerationResponse(Response):
    """Text that was generated."""

    choices: list[Choice]
    raw: Json | None = None


class EmbeddingsResponse(Response):
    """Vectors, still as the upstream sent them in `raw`; `vectors` are another format's."""

    raw: Json
    vectors: list[list[float]] | None = None


class ToolCallDelta(Struct):
    """A piece of the tool call at `position`; `id` and `name` come with its first piece."""

    position: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""
    proof: Proof | None = None
    is_custom: bool = False
    """Whether `arguments` is text of any kind and no JSON: what OpenAI calls a custom tool."""


class Delta(Struct):
    """One step of a stream, for one choice.

    `usage` is cumulative: a later one replaces an earlier. `raw` is the source
    event when it concerns this delta alone, for a writer of the same format, and
    `unread` the text that only it has.
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
    raw: Json | Plain | None = None
    raw_dialect: str = ""
    unread: str = ""
    is_heavy: bool = False
    """Whether it came in so large a piece that writing it, too, is done off the loop."""

    def has_output(self) -> bool:
        """Whether anything in it counts as delivered output."""
        return bool(self.text or self.reasoning or self.tool_calls or self.unread)


class Reply(Struct):
    """What a writer needs to know of the exchange it writes for; `created` in Unix seconds."""

    id: str
    """Our request id, `ex_…`; formats make their own response id from it."""
    created: int
    request: Request
    model: str
    """The public name of the model that answers."""
    input_tokens: int = 0
    """The input's count as far as known when the stream begins."""
    proof_family: str = ""
    """Whose proofs the answer has; empty: the format's own, which go out as they are."""


class UpstreamProblem(Struct):
    """What an upstream's error said, before redaction; `retry_after` in seconds."""

    message: str
    code: str | None = None
    type: str | None = None
    param: str | None = None
    retry_after: float | None = None
    details: Json | None = None
    """Its `details` as they are: programs read them."""
