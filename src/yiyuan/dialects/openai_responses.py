"""OpenAI's Responses without its store: what Codex, Cline and newer programs speak.

A response is a list of items instead of one message, and its stream tells each
item's beginning, pieces and end. Nothing is kept between requests.
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
    UpstreamStreamError,
)
from yiyuan.dialects.openai_chat_messages import arguments_text
from yiyuan.dialects.openai_errors import openai_error
from yiyuan.dialects.responses_input import reasoning_text
from yiyuan.dialects.responses_object import (
    NAME,
    end_of,
    output_items,
    own_fields,
    read_finish,
    read_signature,
    read_usage,
    response_object,
    wants,
    write_usage,
)
from yiyuan.dialects.responses_reader import ResponsesStreamReader, message_text
from yiyuan.dialects.responses_request import PROOFS, read_request, write_request
from yiyuan.dialects.responses_writer import ResponsesStreamWriter
from yiyuan.dialects.upstream_problem import problem_of, read_problem
from yiyuan.kernel.errors import ApiError
from yiyuan.kernel.usage import Usage


class OpenAIResponses:
    """`POST /responses`; see `Dialect`."""

    name = NAME
    operation: Literal["generation", "embeddings"] = "generation"
    client_path = "/responses"
    upstream_path = "/responses"
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
        """See `Dialect.read_response`; raises UpstreamStreamError for a failed response."""
        if type(body) is not dict:
            raise MalformedUpstream("the body is not an object")
        if body.get("error") or body.get("status") in ("failed", "cancelled"):
            raise UpstreamStreamError(problem_of(body))
        items = body.get("output")
        if type(items) is not list:
            raise MalformedUpstream("the body has no output")
        upstream_id = body.get("id")
        return GenerationResponse(
            [_read_choice(body, items)],
            read_usage(body.get("usage")),
            raw=body,
            raw_dialect=NAME,
            upstream_id=upstream_id if type(upstream_id) is str else None,
        )

    def write_response(self, response: Response, reply: Reply, usage: Usage, charge: int) -> Json:
        """See `Dialect.write_response`."""
        assert isinstance(response, GenerationResponse)
        written = {"usage": write_usage(usage, charge)}
        if response.raw is not None and response.raw_dialect == NAME:
            return response.raw | own_fields(reply) | written
        choice = response.choices[0]
        items = output_items(choice, reply, with_proofs=wants(reply, PROOFS))
        made = response_object(reply, "completed", items)
        return made | end_of(choice.finish) | written

    def stream_reader(self) -> StreamReader:
        """See `Dialect.stream_reader`."""
        return ResponsesStreamReader()

    def stream_writer(self, reply: Reply) -> StreamWriter:
        """See `Dialect.stream_writer`."""
        return ResponsesStreamWriter(reply)

    def read_error(self, body: bytes) -> UpstreamProblem:
        """See `Dialect.read_error`."""
        return read_problem(body)

    def write_error(self, error: ApiError, language: str, request_id: str) -> Json:
        """See `Dialect.write_error`."""
        return openai_error(error, language, request_id)


def _read_choice(body: Json, items: list[Any]) -> Choice:
    choice = Choice()
    shown: list[str] = []
    for item in items:
        if type(item) is not dict:
            raise MalformedUpstream("an item is not an object")
        match item.get("type"):
            case "message":
                choice.text += message_text(item)
                choice.logprobs = _read_logprobs(item) or choice.logprobs
            case "reasoning":
                shown.append(reasoning_text(item))
                signature = read_signature(item.get("encrypted_content"))
                choice.reasoning_signature = signature or choice.reasoning_signature
            case "function_call":
                choice.tool_calls.append(_read_call(item))
    choice.reasoning = "\n\n".join(text for text in shown if text)
    choice.finish = read_finish(body, has_tools=bool(choice.tool_calls))
    return choice


def _read_call(item: Json) -> ToolCall:
    name, call_id = item.get("name"), item.get("call_id") or item.get("id")
    if type(name) is not str:
        raise MalformedUpstream("a function call has no name")
    call_id = call_id if type(call_id) is str else ""
    return ToolCall(call_id, name, arguments_text(item.get("arguments")))


def _read_logprobs(item: Json) -> list[Json] | None:
    parts = [part for part in item["content"] if type(part) is dict]
    found = [part["logprobs"] for part in parts if type(part.get("logprobs")) is list]
    return [entry for logprobs in found for entry in logprobs] or None


DIALECT: Dialect = OpenAIResponses()
