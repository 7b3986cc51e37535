"""OpenAI's chat completions, and what every server that speaks like OpenAI speaks.

The format in the middle of the field: most clients and most upstreams use it.
Upstreams are read with tolerance for what their makers do differently (see
`openai_chat_stream`), clients are read strictly and by name.
"""

from typing import Any, Literal

from yiyuan.dialects.canon import (
    Choice,
    GenerationRequest,
    GenerationResponse,
    Json,
    Reply,
    Target,
    ToolCall,
    UpstreamProblem,
)
from yiyuan.dialects.dialect import (
    Dialect,
    MalformedUpstream,
    Request,
    Response,
    StreamReader,
    StreamWriter,
)
from yiyuan.dialects.finish_reasons import OPENAI_WORD, from_openai
from yiyuan.dialects.openai_chat_messages import arguments_text
from yiyuan.dialects.openai_chat_request import read_request, write_request
from yiyuan.dialects.openai_chat_stream import (
    NAME,
    ChatChoiceReader,
    ChatChoiceWriter,
    read_logprobs,
    write_logprobs,
)
from yiyuan.dialects.openai_content import split_content
from yiyuan.dialects.openai_errors import openai_error
from yiyuan.dialects.openai_response import patch_response, read_choices, response_head
from yiyuan.dialects.openai_stream import ChunkReader, ChunkWriter, response_id
from yiyuan.dialects.openai_usage import read_usage, write_usage
from yiyuan.dialects.upstream_problem import read_problem
from yiyuan.kernel.errors import ApiError
from yiyuan.kernel.usage import Usage


class OpenAIChat:
    """`POST /chat/completions`; see `Dialect`."""

    name = NAME
    operation: Literal["generation", "embeddings"] = "generation"
    client_path = "/chat/completions"
    upstream_path = "/chat/completions"
    many_conversations = False
    many_choices = True

    def read_request(self, body: Json) -> Request:
        """See `Dialect.read_request`."""
        return read_request(body, NAME)

    def write_request(self, request: Request, target: Target) -> Json:
        """See `Dialect.write_request`."""
        assert isinstance(request, GenerationRequest)
        return write_request(request, target, NAME)

    def read_response(self, body: Json) -> Response:
        """See `Dialect.read_response`; raises UpstreamStreamError for an error in a 200."""
        choices = [_read_choice(choice, index) for index, choice in read_choices(body)]
        upstream_id = body.get("id")
        return GenerationResponse(
            choices,
            read_usage(body.get("usage")),
            raw=body,
            raw_dialect=NAME,
            upstream_id=upstream_id if type(upstream_id) is str else None,
        )

    def write_response(self, response: Response, reply: Reply, usage: Usage, charge: int) -> Json:
        """See `Dialect.write_response`."""
        assert isinstance(response, GenerationResponse)
        head = response_head(reply, "chatcmpl-", "chat.completion")
        written = write_usage(usage, charge)
        if response.raw is not None and response.raw_dialect == NAME:
            return patch_response(response.raw, head, written)
        choices = sorted(response.choices, key=lambda choice: choice.index)
        return head | {"choices": [_write_choice(c, reply) for c in choices], "usage": written}

    def stream_reader(self) -> StreamReader:
        """See `Dialect.stream_reader`."""
        return ChunkReader(ChatChoiceReader().read)

    def stream_writer(self, reply: Reply) -> StreamWriter:
        """See `Dialect.stream_writer`."""
        return ChunkWriter(reply, ChatChoiceWriter(reply))

    def read_error(self, body: bytes) -> UpstreamProblem:
        """See `Dialect.read_error`."""
        return read_problem(body)

    def write_error(self, error: ApiError, language: str, request_id: str) -> Json:
        """See `Dialect.write_error`."""
        return openai_error(error, language, request_id)


def _read_choice(choice: Json, index: int) -> Choice:
    message = choice.get("message")
    if type(message) is not dict:
        raise MalformedUpstream("a choice has no message")
    text, reasoning = split_content(message.get("content"))
    shown = message.get("reasoning_content") or message.get("reasoning")
    refusal = message.get("refusal")
    calls = message.get("tool_calls") or []
    if type(calls) is not list:
        raise MalformedUpstream("tool_calls is not a list")
    if message.get("function_call"):
        calls = [*calls, {"function": message["function_call"]}]
    return Choice(
        index=index,
        text=text + (refusal if type(refusal) is str else ""),
        reasoning=reasoning + (shown if type(shown) is str else ""),
        tool_calls=[_read_call(call) for call in calls],
        finish=from_openai(choice.get("finish_reason")) or "stop",
        logprobs=read_logprobs(choice.get("logprobs")),
    )


def _read_call(call: Any) -> ToolCall:
    function = call.get("function") if type(call) is dict else None
    if type(function) is not dict or type(function.get("name")) is not str:
        raise MalformedUpstream("a tool call has no function")
    call_id = call.get("id")
    call_id = call_id if type(call_id) is str else ""
    return ToolCall(call_id, function["name"], arguments_text(function.get("arguments")))


def _write_choice(choice: Choice, reply: Reply) -> Json:
    call_id = response_id(reply, "call_")
    content = choice.text or (None if choice.tool_calls else "")
    message: Json = {"role": "assistant", "content": content, "refusal": None}
    if choice.reasoning:
        message["reasoning_content"] = choice.reasoning
    if choice.tool_calls:
        message["tool_calls"] = [
            {
                "id": call.id or f"{call_id}_{choice.index}_{position}",
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for position, call in enumerate(choice.tool_calls)
        ]
    return {
        "index": choice.index,
        "message": message,
        "logprobs": write_logprobs(choice.logprobs),
        "finish_reason": OPENAI_WORD[choice.finish],
    }


DIALECT: Dialect = OpenAIChat()
