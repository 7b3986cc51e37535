"""The items of a complete answer of Responses, made of a choice."""

from yiyuan.dialects.canonical import Choice, Json, Reply, ToolCall
from yiyuan.dialects.openai.responses.client_tools import ClientTools
from yiyuan.dialects.openai.responses.object import (
    call_id,
    call_item,
    item_id,
    item_status,
    message_item,
    reasoning_item,
    text_part,
)
from yiyuan.dialects.proofs import marked, sealed
from yiyuan.dialects.shared.custom_tools import text_of


def output_items(choice: Choice, reply: Reply, *, with_proofs: bool) -> list[Json]:
    """The items of a complete answer."""
    items: list[Json] = []
    status = item_status(choice.finish)
    signature = _proof_of(choice, reply) if with_proofs else None
    if choice.reasoning or signature:
        items.append(reasoning_item(item_id(reply, "reasoning", 0), choice.reasoning, signature))
    if choice.text or not choice.tool_calls:
        content = [text_part(choice.text, choice.logprobs)] if choice.text else []
        items.append(message_item(item_id(reply, "message", len(items)), status, content))
    tools = ClientTools(reply)
    for position, call in enumerate(choice.tool_calls):
        is_custom = call.name in tools.customs
        said = text_of(call.arguments) if is_custom else call.arguments
        named = ToolCall(call.id or call_id(reply, position), "", said, is_custom=is_custom)
        kind = "custom_tool_call" if is_custom else "function_call"
        place = item_id(reply, kind, len(items))
        items.append(call_item(place, status, named, tools.own_name(call.name)))
    return items


def _proof_of(choice: Choice, reply: Reply) -> str | None:
    """What the model's maker wants to see again: of its reasoning, or of a call."""
    proof = next((call.proof for call in choice.tool_calls if call.proof is not None), None)
    own = marked(choice.reasoning_signature or "", reply.proof_family)
    if proof is not None and (proof.is_series or not own):
        return sealed(proof)
    return own or None
