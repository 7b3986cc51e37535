"""OpenAI's chat completions, and what every server that speaks like OpenAI speaks.

The format in the middle of the field: most clients and most upstreams use it.
Upstreams are read with tolerance for what their makers do differently (see
`openai_chat_stream`), clients are read strictly and by name.
"""

from typing import Any

from msgspec.structs import replace
from orjson import Fragment

from yiyuan.dialects.canonical import Choice, Finish, GenerationResponse, Json, Reply, ToolCall
from yiyuan.dialects.contract import Dialect, MalformedUpstream
from yiyuan.dialects.openai.chat.fields import FIELDS, contents_of
from yiyuan.dialects.openai.chat.messages import read_proof, write_proof
from yiyuan.dialects.openai.chat.plain_answer import read_plain
from yiyuan.dialects.openai.chat.request import NAME, read_request, write_request
from yiyuan.dialects.openai.chat.stream import (
    READ,
    ChatChoiceReader,
    ChatChoiceWriter,
    read_logprobs,
    write_logprobs,
)
from yiyuan.dialects.openai.content import arguments_text, split_content
from yiyuan.dialects.openai.errors import openai_error
from yiyuan.dialects.openai.finish_reasons import OPENAI_WORD, from_openai
from yiyuan.dialects.openai.response import patch_response, read_choices, response_head, response_of
from yiyuan.dialects.openai.stream import ChunkReader, ChunkWriter
from yiyuan.dialects.openai.usage import write_usage
from yiyuan.dialects.plain import MouldReader
from yiyuan.dialects.shared.custom_tools import custom_names, text_of
from yiyuan.dialects.shared.ids import response_id
from yiyuan.dialects.shared.unread import unread_text
from yiyuan.dialects.shared.upstream_error import read_problem
from yiyuan.kernel.usage import Usage


def _read_response(body: Json) -> GenerationResponse:
    return response_of(body, NAME, read_every(body))


def read_every(body: Json) -> list[Choice]:
    """The choices of an answer that need not be plain. Raises as `read_choices`."""
    return [_read_choice(choice, index) for index, choice in read_choices(body)]


def _write_response(response: GenerationResponse, reply: Reply, usage: Usage, charge: int) -> Json:
    head = response_head(reply, ChatChoiceWriter.id_prefix, "chat.completion")
    written = write_usage(usage, charge)
    if response.raw is not None and response.raw_dialect == NAME:
        choices = response.raw["choices"]
        if type(choices) is not Fragment:  # a plain one needs no repair: see `plain_answer.py`
            for choice, raw in zip(response.choices, choices, strict=True):
                _repair(raw["message"], choice, reply)
        return patch_response(response.raw, head, written)
    ordered = sorted(response.choices, key=lambda choice: choice.index)
    return head | {"choices": [_write_choice(c, reply) for c in ordered], "usage": written}


def _repair(message: Json, choice: Choice, reply: Reply) -> None:
    """Bring an upstream's own message into the form that OpenAI's clients rely on."""
    if type(message.get("content")) is list:
        message["content"] = choice.text or None
        if choice.reasoning:
            message["reasoning_content"] = choice.reasoning
    if message.get("tool_calls"):
        calls = zip(message["tool_calls"], choice.tool_calls, strict=False)
        message["tool_calls"] = [
            raw | _write_call(call, reply, choice.index, position)
            for position, (raw, call) in enumerate(calls)
        ]


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
    text += refusal if type(refusal) is str else ""
    reasoning += shown if type(shown) is str else ""
    return Choice(
        index=index,
        text=text,
        reasoning=reasoning,
        unread="" if message.keys() <= READ else unread_text(message, READ, text, reasoning),
        tool_calls=[_read_call(call) for call in calls],
        finish=_finish_of(choice),
        logprobs=_logs(choice),
    )


def _finish_of(choice: Json) -> Finish:
    return from_openai(choice.get("finish_reason")) or "stop"


def _logs(choice: Json) -> list[Json] | None:
    if "logprobs" not in choice or choice["logprobs"] is None:
        return None
    return read_logprobs(choice["logprobs"])


def _read_call(call: Any) -> ToolCall:
    is_custom = type(call) is dict and type(call.get("custom")) is dict
    said = call.get("custom" if is_custom else "function") if type(call) is dict else None
    if type(said) is not dict or type(said.get("name")) is not str:
        raise MalformedUpstream("a tool call has no function")
    call_id = call.get("id")
    return ToolCall(
        call_id if type(call_id) is str else "",
        said["name"],
        arguments_text(said.get("input" if is_custom else "arguments")),
        read_proof(call),
        is_custom,
    )


def _write_choice(choice: Choice, reply: Reply) -> Json:
    content = choice.text or (None if choice.tool_calls else "")
    message: Json = {"role": "assistant", "content": content, "refusal": None}
    if choice.reasoning:
        message["reasoning_content"] = choice.reasoning
    if choice.tool_calls:
        message["tool_calls"] = [
            _write_call(call, reply, choice.index, position)
            for position, call in enumerate(choice.tool_calls)
        ]
    return {
        "index": choice.index,
        "message": message,
        "logprobs": write_logprobs(choice.logprobs),
        "finish_reason": OPENAI_WORD[choice.finish],
    }


def _write_call(call: ToolCall, reply: Reply, index: int, position: int) -> Json:
    if not call.is_custom and call.name in custom_names(reply.request):
        call = replace(call, arguments=text_of(call.arguments), is_custom=True)
    kind, name = ("custom", "input") if call.is_custom else ("function", "arguments")
    written = {
        "id": call.id or f"{response_id(reply, 'call_')}_{index}_{position}",
        "type": kind,
        kind: {"name": call.name, name: call.arguments},
    }
    return written | write_proof(call.proof)


DIALECT = Dialect(
    name=NAME,
    fields=FIELDS,
    contents=contents_of,
    operation="generation",
    client_path="/chat/completions",
    upstream_path="/chat/completions",
    id_prefix=ChatChoiceWriter.id_prefix,
    many_choices=True,
    read_request=read_request,
    write_request=write_request,
    read_response=_read_response,
    read_plain_response=lambda data: read_plain(data, NAME),
    write_response=_write_response,
    stream_reader=lambda: ChunkReader(
        NAME,
        ChatChoiceReader().read,
        MouldReader("content", lambda chunk: chunk["choices"][0]["delta"]),
    ),
    stream_writer=lambda reply: ChunkWriter(reply, ChatChoiceWriter(reply)),
    read_error=read_problem,
    write_error=openai_error,
)
