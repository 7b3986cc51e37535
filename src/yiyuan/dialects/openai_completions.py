"""OpenAI's legacy completions: prompts in, text out.

Clients still speak it; few upstreams do. Over any other format a prompt becomes
a conversation of one user message; several prompts, and several choices where
the upstream makes only one, are several calls, which the gateway fans out and
numbers. What cannot be said in chat (`suffix`, `best_of` above `n`, `echo` with
`logprobs`) is refused there and passed to upstreams that speak this format.
"""

from typing import Literal

from yiyuan.dialects.canon import (
    Choice,
    GenerationRequest,
    GenerationResponse,
    Json,
    Reply,
    Target,
    UpstreamProblem,
)
from yiyuan.dialects.completions_request import echoed, read_request, write_request
from yiyuan.dialects.completions_stream import (
    NAME,
    CompletionsChoiceWriter,
    read_choice,
)
from yiyuan.dialects.dialect import Dialect, Request, Response, StreamReader, StreamWriter
from yiyuan.dialects.finish_reasons import COMPLETIONS_WORD, from_openai
from yiyuan.dialects.logprobs import to_legacy
from yiyuan.dialects.openai_errors import openai_error
from yiyuan.dialects.openai_response import patch_response, read_choices, response_head
from yiyuan.dialects.openai_stream import ChunkReader, ChunkWriter
from yiyuan.dialects.openai_usage import read_usage, write_usage
from yiyuan.dialects.upstream_problem import read_problem
from yiyuan.kernel.errors import ApiError
from yiyuan.kernel.usage import Usage


class OpenAICompletions:
    """`POST /completions`; see `Dialect`."""

    name = NAME
    operation: Literal["generation", "embeddings"] = "generation"
    client_path = "/completions"
    upstream_path = "/completions"
    many_conversations = True
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
        assert isinstance(reply.request, GenerationRequest)
        head = response_head(reply, "cmpl-", "text_completion")
        written = write_usage(usage, charge)
        if response.raw is not None and response.raw_dialect == NAME:
            return patch_response(response.raw, head, written) | {
                "choices": [_echo(choice, reply.request) for choice in response.raw["choices"]]
            }
        choices = sorted(response.choices, key=lambda choice: choice.index)
        made = [_write_choice(choice, reply.request) for choice in choices]
        return head | {"choices": made, "usage": written}

    def stream_reader(self) -> StreamReader:
        """See `Dialect.stream_reader`."""
        return ChunkReader(read_choice)

    def stream_writer(self, reply: Reply) -> StreamWriter:
        """See `Dialect.stream_writer`."""
        return ChunkWriter(reply, CompletionsChoiceWriter(reply))

    def read_error(self, body: bytes) -> UpstreamProblem:
        """See `Dialect.read_error`."""
        return read_problem(body)

    def write_error(self, error: ApiError, language: str, request_id: str) -> Json:
        """See `Dialect.write_error`."""
        return openai_error(error, language, request_id)


def _read_choice(choice: Json, index: int) -> Choice:
    said = read_choice(choice, index)
    finish = from_openai(choice.get("finish_reason")) or "stop"
    return Choice(index, said.text, finish=finish, logprobs=said.logprobs)


def _echo(choice: Json, request: GenerationRequest) -> Json:
    index = choice.get("index")
    before = echoed(request, index) if type(index) is int else ""
    return choice | {"text": before + (choice.get("text") or "")} if before else choice


def _write_choice(choice: Choice, request: GenerationRequest) -> Json:
    before = echoed(request, choice.index)
    logprobs = None
    if choice.logprobs is not None and request.top_logprobs is not None:
        logprobs = to_legacy(choice.logprobs, len(before))
    return {
        "text": before + choice.text,
        "index": choice.index,
        "logprobs": logprobs,
        "finish_reason": COMPLETIONS_WORD[choice.finish],
    }


DIALECT: Dialect = OpenAICompletions()
