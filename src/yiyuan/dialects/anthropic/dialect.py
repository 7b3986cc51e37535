"""Anthropic's messages, both for clients (Claude Code, the SDKs) and for upstreams."""

from typing import Any

from yiyuan.dialects.anthropic.content import tool_arguments, tool_input
from yiyuan.dialects.anthropic.errors import anthropic_error
from yiyuan.dialects.anthropic.fields import FIELDS, PAID_FLAGS, contents_of
from yiyuan.dialects.anthropic.finish_reasons import from_anthropic
from yiyuan.dialects.anthropic.own_proofs import Thinking, seal_blocks
from yiyuan.dialects.anthropic.request import NAME, read_request, write_request
from yiyuan.dialects.anthropic.stream import ID_PREFIX, AnthropicStreamWriter, stop_reason
from yiyuan.dialects.anthropic.stream_reader import AnthropicStreamReader, string_of
from yiyuan.dialects.anthropic.usage import kept_usage, read_usage, write_usage
from yiyuan.dialects.canonical import Choice, GenerationResponse, Json, Reply, ToolCall
from yiyuan.dialects.contract import Dialect, MalformedUpstream, UpstreamStreamError
from yiyuan.dialects.proofs import marked, sealed
from yiyuan.dialects.shared.ids import response_id, upstream_id
from yiyuan.dialects.shared.unread import unread_text
from yiyuan.dialects.shared.upstream_error import problem_of, read_problem
from yiyuan.kernel.usage import Usage


def _read_response(body: Json) -> GenerationResponse:
    if type(body) is not dict:
        raise MalformedUpstream("the body is not an object")
    blocks = body.get("content")
    if blocks is None and (body.get("error") or body.get("type") == "error"):
        raise UpstreamStreamError(problem_of(body))
    if type(blocks) is not list:
        raise MalformedUpstream("the body has no content")
    return GenerationResponse(
        choices=[_read_choice(body, blocks)],
        usage=read_usage(body.get("usage")),
        raw=body,
        raw_dialect=NAME,
        upstream_id=upstream_id(body),
    )


def _write_response(response: GenerationResponse, reply: Reply, usage: Usage, charge: int) -> Json:
    head: Json = {
        "id": response_id(reply, ID_PREFIX),
        "type": "message",
        "model": reply.model,
    }
    written = write_usage(usage, charge)
    if response.raw is not None and response.raw_dialect == NAME:
        kept = kept_usage(response.raw.get("usage"))
        content = seal_blocks(response.raw.get("content"), reply.proof_family)
        _repair(content, reply)
        return response.raw | head | {"content": content, "usage": kept | written}
    choice = response.choices[0]
    return head | {
        "role": "assistant",
        "content": _write_content(choice, reply),
        "stop_reason": stop_reason(choice.finish, has_tools=bool(choice.tool_calls)),
        "stop_sequence": choice.stop_sequence,
        "usage": written,
    }


def _repair(blocks: list[Any], reply: Reply) -> None:
    """Give each call the id and the object that Anthropic's clients rely on."""
    for position, block in enumerate(blocks):
        if block.get("type") == "tool_use":
            block["id"] = block.get("id") or f"{response_id(reply, 'toolu_')}_{position}"
            if type(block.get("input")) is not dict:
                block["input"] = tool_input(tool_arguments(block.get("input")))


def _read_choice(body: Json, blocks: list[Any]) -> Choice:
    choice = Choice(finish=from_anthropic(body.get("stop_reason")))
    sequence = body.get("stop_sequence")
    choice.stop_sequence = sequence if type(sequence) is str else None
    thinking = Thinking()
    for block in blocks:
        if type(block) is not dict:
            raise MalformedUpstream("a block is not an object")
        kind = block.get("type")
        thinking.note(block)
        if kind == "text":
            choice.text += string_of(block, "text")
        elif kind == "thinking":
            choice.reasoning += string_of(block, "thinking")
            choice.reasoning_signature = string_of(block, "signature") or None
        elif kind == "tool_use":
            arguments = tool_arguments(block.get("input"))
            named = string_of(block, "id"), string_of(block, "name")
            choice.tool_calls.append(ToolCall(*named, arguments, thinking.taken()))
        else:
            choice.unread += unread_text(block)
    return choice


def _write_content(choice: Choice, reply: Reply) -> list[Json]:
    content: list[Json] = []
    proof = next((call.proof for call in choice.tool_calls if call.proof is not None), None)
    if choice.reasoning or proof is not None:
        signature = marked(choice.reasoning_signature or "", reply.proof_family)
        if proof is not None and not choice.reasoning_signature:
            signature = sealed(proof)
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


DIALECT = Dialect(
    name=NAME,
    fields=FIELDS,
    paid_flags=PAID_FLAGS,
    contents=contents_of,
    id_prefix=ID_PREFIX,
    asks_json_in_words=True,
    operation="generation",
    client_path="/messages",
    upstream_path="/messages",
    read_request=read_request,
    write_request=write_request,
    read_response=_read_response,
    write_response=_write_response,
    stream_reader=AnthropicStreamReader,
    stream_writer=AnthropicStreamWriter,
    read_error=read_problem,
    write_error=anthropic_error,
)
