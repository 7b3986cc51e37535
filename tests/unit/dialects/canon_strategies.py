"""Hypothesis strategies for the canon, in the form that a dialect can carry."""

import orjson
from hypothesis import strategies as st

from yiyuan.dialects.anthropic.schema import strict_schema
from yiyuan.dialects.canonical import (
    Choice,
    Delta,
    GenerationRequest,
    Image,
    Message,
    Reasoning,
    Text,
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolResult,
)
from yiyuan.kernel.usage import Usage

CHARACTERS = st.characters(exclude_categories=["Cs"])
texts = st.text(CHARACTERS, min_size=1, max_size=20).filter(lambda text: text.strip())
names = st.text("abcXYZ019_-", min_size=1, max_size=12)
objects = st.dictionaries(st.text(CHARACTERS, max_size=5), st.integers(-9, 9) | texts, max_size=3)
arguments = objects.map(lambda value: orjson.dumps(value).decode())
floats = st.floats(0, 0.99, allow_nan=False).map(lambda value: round(value, 3))
counts = st.integers(1, 100_000)


@st.composite
def images(draw):
    if draw(st.booleans()):
        return Image(url="https://pictures.invalid/" + draw(names))
    return Image(media_type="image/png", data=draw(st.text("ABCDabcd0189+/", min_size=1)))


@st.composite
def user_turns(draw):
    parts = []
    for is_image in draw(st.sampled_from([[0], [1], [0, 1], [1, 0], [0, 1, 0], [1, 1]])):
        parts.append(draw(images()) if is_image else Text(draw(texts)))
    return Message("user", parts)


@st.composite
def tool_turns(draw, *, is_anthropic: bool):
    """An assistant's calls and their results."""
    ids = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    calls = [ToolCall(call_id, draw(names), draw(arguments)) for call_id in ids]
    before = [Text(draw(texts))] if draw(st.booleans()) else []
    if is_anthropic and draw(st.booleans()):
        before.insert(0, Reasoning(draw(texts), signature=draw(names)))
    turns = [Message("assistant", [*before, *calls])]
    for call_id in ids:
        content = [Text(draw(texts))] if draw(st.booleans()) else []
        if is_anthropic and draw(st.booleans()):
            content.append(draw(images()))
        is_error = is_anthropic and draw(st.booleans())
        turns.append(Message("tool", [ToolResult(call_id, content, is_error)]))
    return turns


@st.composite
def conversations(draw, *, is_anthropic: bool = False):
    messages = [Message("system", [Text(draw(texts))])] if draw(st.booleans()) else []
    messages.append(draw(user_turns()))
    for has_tools in draw(st.lists(st.booleans(), max_size=3)):
        if has_tools:
            messages += draw(tool_turns(is_anthropic=is_anthropic))
            # Anthropic's user turn is one with the results before it.
            messages += draw(st.sampled_from([[], [Message("user", [Text("go on")])]]))
        else:
            messages.append(Message("assistant", [Text(draw(texts))]))
            messages.append(draw(user_turns()))
        if messages[-1].role != "user":
            messages.append(Message("assistant", [Text("well")]))
            messages.append(Message("user", [Text("go on")]))
    return messages


tools = st.builds(
    Tool,
    name=names,
    description=st.none() | texts,
    schema=objects.map(lambda value: {"type": "object", "properties": value}),
    strict=st.none() | st.booleans(),
)
usages = st.builds(
    lambda fresh, cached, written, output, reasoning: Usage(
        fresh + cached + written, output + reasoning, cached, written, 0, reasoning
    ),
    *[st.integers(0, 10_000)] * 5,
)


@st.composite
def _common(draw, conversation):
    found = draw(st.lists(tools, max_size=2))
    choice = st.none() | st.sampled_from(["auto", "none", "required", "=pick"])
    tool_choice = draw(choice) if found else None
    parallel = draw(st.none() | st.booleans()) if tool_choice not in (None, "none") else None
    return GenerationRequest(
        model=draw(names),
        conversations=[conversation],
        source="test",
        raw={},
        stream=draw(st.booleans()),
        max_output_tokens=draw(counts),
        temperature=draw(st.none() | floats),
        top_p=draw(st.none() | floats),
        stop=draw(st.lists(texts, max_size=4)),
        tools=found,
        tool_choice=tool_choice,
        parallel_tool_calls=parallel,
        user=draw(st.none() | names),
    )


def _schema(schema):
    return {"type": "json_schema", "json_schema": {"name": "response", "schema": schema}}


@st.composite
def chat_requests(draw):
    request = draw(_common(draw(conversations())))
    request.n = draw(st.integers(1, 128))
    request.presence_penalty = draw(st.none() | floats)
    request.frequency_penalty = draw(st.none() | floats)
    request.seed = draw(st.none() | st.integers(-(2**63), 2**63 - 1))
    request.logit_bias = draw(st.none() | st.just({"50256": -100}))
    request.top_logprobs = draw(st.none() | st.integers(0, 20))
    formats = st.none() | st.just({"type": "json_object"}) | objects.map(_schema)
    request.response_format = draw(formats)
    return request


@st.composite
def message_requests(draw):
    request = draw(_common(draw(conversations(is_anthropic=True))))
    request.top_k = draw(st.none() | st.integers(1, 500))
    # An effort becomes a budget or goes on as one, by the model: a conversion, no round trip.
    request.reasoning_effort = None
    request.thinking_budget = draw(st.none() | st.integers(1024, 9999))
    if request.thinking_budget is not None:  # these exclude thinking there
        request.top_k = request.temperature = request.top_p = None
        if request.tool_choice not in (None, "auto", "none"):
            request.tool_choice = "auto"
    for tool in request.tools:
        if tool.strict:
            tool.schema = strict_schema({"type": "object"} | tool.schema)
    forms = objects.map(lambda schema: _schema(strict_schema(schema)))
    request.response_format = draw(st.none() | forms)
    return request


@st.composite
def completion_requests(draw):
    request = draw(_common([]))
    request.tools, request.tool_choice, request.parallel_tool_calls = [], None, None
    prompts = draw(st.lists(texts, min_size=1, max_size=3))
    request.conversations = [[Message("user", [Text(prompt)])] for prompt in prompts]
    request.n = draw(st.integers(1, 20))
    request.top_logprobs = draw(st.none() | st.integers(0, 5))
    request.echo = draw(st.booleans()) and request.top_logprobs is not None
    request.suffix = draw(st.none() | texts)
    request.seed = draw(st.none() | st.integers(0, 99))
    return request


@st.composite
def responses_requests(draw):
    request = draw(_common(draw(conversations())))
    request.stop = []
    for tool in request.tools:
        tool.strict = draw(st.booleans())
    request.top_logprobs = draw(st.none() | st.integers(0, 20))
    formats = st.none() | st.just({"type": "json_object"}) | objects.map(_schema)
    request.response_format = draw(formats)
    return request


REQUESTS = {
    "openai_responses": responses_requests(),
    "openai_chat": chat_requests(),
    "openai_completions": completion_requests(),
    "anthropic_messages": message_requests(),
}


@st.composite
def choices(draw, dialect: str):
    choice = Choice(text=draw(st.just("") | texts))
    choice.finish = draw(st.sampled_from(["stop", "length", "content_filter"]))
    if dialect == "openai_completions":
        return choice
    choice.reasoning = draw(st.just("") | texts)
    calls = draw(st.lists(st.builds(ToolCall, names, names, arguments), max_size=2))
    if calls:
        choice.tool_calls, choice.finish = calls, "tool_calls"
    if dialect == "anthropic_messages":
        if choice.reasoning:
            choice.reasoning_signature = draw(st.none() | names)
        if not calls and draw(st.booleans()):
            choice.finish, choice.stop_sequence = "stop_sequence", draw(names)
    return choice


@st.composite
def streams(draw, dialect: str):
    """Deltas of one choice, and what they say together."""
    whole = draw(choices(dialect))
    pieces = []
    for text in _cut(draw, whole.reasoning):
        pieces.append(Delta(reasoning=text))
    if whole.reasoning_signature:
        pieces.append(Delta(reasoning_signature=whole.reasoning_signature))
    for text in _cut(draw, whole.text):
        pieces.append(Delta(text=text))
    for position, call in enumerate(whole.tool_calls):
        first, *rest = _cut(draw, call.arguments)
        pieces.append(Delta(tool_calls=[ToolCallDelta(position, call.id, call.name, first)]))
        pieces += [Delta(tool_calls=[ToolCallDelta(position, arguments=text)]) for text in rest]
    pieces.append(Delta(finish=whole.finish, stop_sequence=whole.stop_sequence))
    return pieces, whole


def _cut(draw, text: str) -> list[str]:
    if not text:
        return []
    at = draw(st.integers(0, len(text)))
    return [piece for piece in (text[:at], text[at:]) if piece]
