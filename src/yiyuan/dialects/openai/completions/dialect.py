"""OpenAI's legacy completions: prompts in, text out.

Clients still speak it; few upstreams do. Over any other format a prompt becomes
a conversation of one user message; several prompts, and several choices where
the upstream makes only one, are several calls, which the gateway fans out and
numbers. What cannot be said in chat (`suffix`, `best_of` above `n`, `echo` with
`logprobs`) is refused there and passed to upstreams that speak this format.
"""

from yiyuan.dialects.canonical import Choice, GenerationRequest, GenerationResponse, Json, Reply
from yiyuan.dialects.contract import Dialect
from yiyuan.dialects.openai.completions.fields import FIELDS
from yiyuan.dialects.openai.completions.request import NAME, echoed, read_request, write_request
from yiyuan.dialects.openai.completions.stream import CompletionsChoiceWriter, read_choice
from yiyuan.dialects.openai.errors import openai_error
from yiyuan.dialects.openai.finish_reasons import COMPLETIONS_WORD, from_openai
from yiyuan.dialects.openai.logprobs import to_legacy
from yiyuan.dialects.openai.response import patch_response, read_choices, response_head, response_of
from yiyuan.dialects.openai.stream import ChunkReader, ChunkWriter
from yiyuan.dialects.openai.usage import write_usage
from yiyuan.dialects.plain import MouldReader
from yiyuan.dialects.shared.upstream_error import read_problem
from yiyuan.kernel.usage import Usage


def _read_response(body: Json) -> GenerationResponse:
    return response_of(body, NAME, [_read_choice(c, index) for index, c in read_choices(body)])


def _write_response(response: GenerationResponse, reply: Reply, usage: Usage, charge: int) -> Json:
    request = reply.request
    assert isinstance(request, GenerationRequest)
    head = response_head(reply, CompletionsChoiceWriter.id_prefix, "text_completion")
    written = write_usage(usage, charge)
    if response.raw is not None and response.raw_dialect == NAME:
        return patch_response(response.raw, head, written) | {
            "choices": [_echo(choice, request) for choice in response.raw["choices"]]
        }
    choices = sorted(response.choices, key=lambda choice: choice.index)
    made = [_write_choice(choice, request) for choice in choices]
    return head | {"choices": made, "usage": written}


def _read_choice(choice: Json, index: int) -> Choice:
    said = read_choice(choice, index)
    finish = from_openai(choice.get("finish_reason")) or "stop"
    return Choice(index, said.text, finish=finish, logprobs=said.logprobs, unread=said.unread)


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


DIALECT = Dialect(
    name=NAME,
    fields=FIELDS,
    operation="generation",
    client_path="/completions",
    upstream_path="/completions",
    id_prefix=CompletionsChoiceWriter.id_prefix,
    many_conversations=True,
    many_choices=True,
    read_request=read_request,
    write_request=write_request,
    read_response=_read_response,
    write_response=_write_response,
    stream_reader=lambda: ChunkReader(
        NAME, read_choice, MouldReader("text", lambda chunk: chunk["choices"][0])
    ),
    stream_writer=lambda reply: ChunkWriter(reply, CompletionsChoiceWriter(reply)),
    read_error=read_problem,
    write_error=openai_error,
)
