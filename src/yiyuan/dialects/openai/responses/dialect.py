"""OpenAI's Responses without its store: what Codex, Cline and newer programs speak.

A response is a list of items instead of one message, and its stream tells each
item's beginning, pieces and end. Nothing is kept between requests.
"""

from typing import Any

from yiyuan.dialects.canonical import Choice, GenerationResponse, Json, Reply, ToolCall
from yiyuan.dialects.contract import Dialect, MalformedUpstream, UpstreamStreamError
from yiyuan.dialects.openai.content import arguments_text
from yiyuan.dialects.openai.errors import openai_error
from yiyuan.dialects.openai.responses.fields import FIELDS, contents_of
from yiyuan.dialects.openai.responses.input import reasoning_text
from yiyuan.dialects.openai.responses.items import output_items
from yiyuan.dialects.openai.responses.object import (
    ID_PREFIX,
    NAME,
    end_of,
    own_fields,
    read_finish,
    read_signature,
    response_object,
    wants,
    write_usage,
)
from yiyuan.dialects.openai.responses.own_proofs import read_proof, seal_item
from yiyuan.dialects.openai.responses.request import PROOFS, read_request, write_request
from yiyuan.dialects.openai.responses.stream_reader import ResponsesStreamReader, message_text
from yiyuan.dialects.openai.responses.stream_writer import ResponsesStreamWriter
from yiyuan.dialects.openai.usage import read_usage
from yiyuan.dialects.proofs import Proof
from yiyuan.dialects.shared.ids import upstream_id
from yiyuan.dialects.shared.unread import unread_text
from yiyuan.dialects.shared.upstream_error import problem_of, read_problem
from yiyuan.kernel.usage import Usage


def _read_response(body: Json) -> GenerationResponse:
    if type(body) is not dict:
        raise MalformedUpstream("the body is not an object")
    if body.get("error") or body.get("status") in ("failed", "cancelled"):
        raise UpstreamStreamError(problem_of(body))
    items = body.get("output")
    if type(items) is not list:
        raise MalformedUpstream("the body has no output")
    return GenerationResponse(
        [_read_choice(body, items)],
        usage=read_usage(body.get("usage")),
        raw=body,
        raw_dialect=NAME,
        upstream_id=upstream_id(body),
    )


def _write_response(response: GenerationResponse, reply: Reply, usage: Usage, charge: int) -> Json:
    written = {"usage": write_usage(usage, charge)}
    if response.raw is not None and response.raw_dialect == NAME:
        items = [seal_item(item, reply.proof_family) for item in response.raw["output"]]
        return response.raw | own_fields(reply) | {"output": items} | written
    choice = response.choices[0]
    items = output_items(choice, reply, with_proofs=wants(reply, PROOFS))
    made = response_object(reply, "completed", items)
    return made | end_of(choice.finish) | written


def _read_choice(body: Json, items: list[Any]) -> Choice:
    choice = Choice()
    shown: list[str] = []
    proof: Proof | None = None
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
                proof = read_proof(item) or proof
            case "function_call":
                choice.tool_calls.append(_read_call(item, proof))
                proof = None
            case _:
                choice.unread += unread_text(item)
    choice.reasoning = "\n\n".join(text for text in shown if text)
    if not items:
        choice.unread = unread_text(body.get("output_text"))
    choice.finish = read_finish(body, has_tools=bool(choice.tool_calls))
    return choice


def _read_call(item: Json, proof: Proof | None) -> ToolCall:
    name, call_id = item.get("name"), item.get("call_id") or item.get("id")
    if type(name) is not str:
        raise MalformedUpstream("a function call has no name")
    call_id = call_id if type(call_id) is str else ""
    return ToolCall(call_id, name, arguments_text(item.get("arguments")), proof)


def _read_logprobs(item: Json) -> list[Json] | None:
    parts = [part for part in item["content"] if type(part) is dict]
    found = [part["logprobs"] for part in parts if type(part.get("logprobs")) is list]
    return [entry for logprobs in found for entry in logprobs] or None


DIALECT = Dialect(
    name=NAME,
    fields=FIELDS,
    contents=contents_of,
    operation="generation",
    client_path="/responses",
    upstream_path="/responses",
    id_prefix=ID_PREFIX,
    read_request=read_request,
    write_request=write_request,
    read_response=_read_response,
    write_response=_write_response,
    stream_reader=ResponsesStreamReader,
    stream_writer=ResponsesStreamWriter,
    read_error=read_problem,
    write_error=openai_error,
)
