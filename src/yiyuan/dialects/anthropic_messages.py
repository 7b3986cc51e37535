"""Anthropic's messages, both for clients (Claude Code, the SDKs) and for upstreams."""

from typing import Any, Literal

from yiyuan.dialects.anthropic_content import tool_arguments, tool_input
from yiyuan.dialects.anthropic_errors import anthropic_error
from yiyuan.dialects.anthropic_request import read_request, write_request
from yiyuan.dialects.anthropic_stream import (
    NAME,
    AnthropicStreamReader,
    AnthropicStreamWriter,
    stop_reason,
)
from yiyuan.dialects.anthropic_usage import kept_usage, read_usage, write_usage
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
    UpstreamStreamError,
)
from yiyuan.dialects.finish_reasons import from_anthropic
from yiyuan.dialects.openai_stream import response_id
from yiyuan.dialects.upstream_problem import problem_of, read_problem
from yiyuan.kernel.errors import ApiError
from yiyuan.kernel.usage import Usage


class AnthropicMessages:
    """`POST /messages`; see `Dialect`."""

    name = NAME
    operation: Literal["generation", "embeddings"] = "generation"
    client_path = "/messages"
    upstream_path = "/messages"
    many_conversations = False
    many_choices = False

    def read_request(self, body: Json) -> Request:
        """See `Dialect.read_request`."""
        return read_request(body, NAME)

    def write_request(self, request: Request, target: Target) -> Json:
        """See `Dialect.write_request`."""
        assert isinstance(request, GenerationRequest)
        return write_request(request, target, NAME)

    def read_response(self, body: Json) -> Response:
        """See `Dialect.read_response`; raises UpstreamStreamError for an error in a 200."""
        if type(body) is not dict:
            raise MalformedUpstream("the body is not an object")
        blocks = body.get("content")
        if blocks is None and (body.get("error") or body.get("type") == "error"):
            raise UpstreamStreamError(problem_of(body))
        if type(blocks) is not list:
            raise MalformedUpstream("the body has no content")
        upstream_id = body.get("id")
        return GenerationResponse(
            [_read_choice(body, blocks)],
            read_usage(body.get("usage")),
            raw=body,
            raw_dialect=NAME,
            upstream_id=upstream_id if type(upstream_id) is str else None,
        )

    def write_response(self, response: Response, reply: Reply, usage: Usage, charge: int) -> Json:
        """See `Dialect.write_response`."""
        assert isinstance(response, GenerationResponse)
        head: Json = {"id": response_id(reply, "msg_"), "type": "message", "model": reply.model}
        written = write_usage(usage, charge)
        if response.raw is not None and response.raw_dialect == NAME:
            kept = kept_usage(response.raw.get("usage"))
            return response.raw | head | {"usage": kept | written}
        choice = response.choices[0]
        return head | {
            "role": "assistant",
            "content": _write_content(choice, reply),
            "stop_reason": stop_reason(choice.finish, has_tools=bool(choice.tool_calls)),
            "stop_sequence": choice.stop_sequence,
            "usage": written,
        }

    def stream_reader(self) -> StreamReader:
        """See `Dialect.stream_reader`."""
        return AnthropicStreamReader()

    def stream_writer(self, reply: Reply) -> StreamWriter:
        """See `Dialect.stream_writer`."""
        return AnthropicStreamWriter(reply)

    def read_error(self, body: bytes) -> UpstreamProblem:
        """See `Dialect.read_error`."""
        return read_problem(body)

    def write_error(self, error: ApiError, language: str, request_id: str) -> Json:
        """See `Dialect.write_error`."""
        return anthropic_error(error, language, request_id)


def _read_choice(body: Json, blocks: list[Any]) -> Choice:
    choice = Choice(finish=from_anthropic(body.get("stop_reason")))
    sequence = body.get("stop_sequence")
    choice.stop_sequence = sequence if type(sequence) is str else None
    for block in blocks:
        if type(block) is not dict:
            raise MalformedUpstream("a block is not an object")
        kind = block.get("type")
        if kind == "text":
            choice.text += _string(block, "text")
        elif kind == "thinking":
            choice.reasoning += _string(block, "thinking")
            choice.reasoning_signature = _string(block, "signature") or None
        elif kind == "tool_use":
            arguments = tool_arguments(block.get("input"))
            call = ToolCall(_string(block, "id"), _string(block, "name"), arguments)
            choice.tool_calls.append(call)
    return choice


def _string(block: Json, name: str) -> str:
    value = block.get(name)
    if value is None:
        return ""
    if type(value) is not str:
        raise MalformedUpstream(f"{name} is not a string")
    return value


def _write_content(choice: Choice, reply: Reply) -> list[Json]:
    content: list[Json] = []
    if choice.reasoning:
        signature = choice.reasoning_signature or ""
        content.append({"type": "thinking", "thinking": choice.reasoning, "signature": signature})
    if choice.text:
        content.append({"type": "text", "text": choice.text})
    for position, call in enumerate(choice.tool_calls):
        content.append(
            {
                "type": "tool_use",
                "id": call.id or f"{response_id(reply, 'toolu_')}_{position}",
                "name": call.name,
                "input": tool_input(call.arguments),
            }
        )
    return content


DIALECT: Dialect = AnthropicMessages()
