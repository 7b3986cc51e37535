"""The response object of OpenAI's Responses: its head, its items, its usage.

The object repeats the request's own settings, as OpenAI's does; clients' types
require some of them. Reasoning that came with another maker's proof gives it back
as `encrypted_content`, marked as ours, so that it is never taken for OpenAI's.
"""

from dataclasses import dataclass, field
from typing import Any

from yiyuan.dialects.canonical import Finish, GenerationRequest, Json, Reply, ToolCall
from yiyuan.dialects.shared.custom_tools import TextReader
from yiyuan.dialects.shared.ids import response_id
from yiyuan.kernel.usage import Usage

NAME = "openai_responses"
_PROOF = "signature:"

_SETTINGS: dict[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": "default",
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}
"""The request's settings that a response repeats, with their defaults."""

ID_PREFIX = "resp_"
_REASONS = {"length": "max_output_tokens", "content_filter": "content_filter"}
_FINISHES: dict[str, Finish] = {
    "max_output_tokens": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
}


def own_fields(reply: Reply) -> Json:
    """What is ours in any response, an upstream's own included."""
    return {
        "id": response_id(reply, ID_PREFIX),
        "object": "response",
        "created_at": reply.created,
        "model": reply.model,
        "background": False,
        "previous_response_id": None,
        "store": False,
    }


def response_object(
    reply: Reply, status: str, output: list[Json], usage: Json | None = None
) -> Json:
    """A whole response object; `status` may also be `incomplete`, see `end_of`."""
    assert isinstance(reply.request, GenerationRequest)
    asked = reply.request.raw if reply.request.source == NAME else {}
    told = {name: asked[name] for name in _SETTINGS if asked.get(name) is not None}
    settings = _SETTINGS | told
    ends = {"status": status, "error": None, "incomplete_details": None}
    return own_fields(reply) | ends | settings | {"output": output, "usage": usage}


def end_of(finish: Finish) -> Json:
    """How a response that ended so says it."""
    reason = _REASONS.get(finish)
    if reason is None:
        return {"status": "completed", "incomplete_details": None}
    return {"status": "incomplete", "incomplete_details": {"reason": reason}}


def item_status(finish: Finish) -> str:
    """The status of an item that the response's end closed."""
    return "incomplete" if finish in _REASONS else "completed"


def read_finish(response: Json, *, has_tools: bool) -> Finish:
    """Why an upstream's response ended."""
    if response.get("status") == "incomplete":
        details = response.get("incomplete_details")
        reason = details.get("reason") if type(details) is dict else None
        return _FINISHES.get(reason, "length") if type(reason) is str else "length"
    return "tool_calls" if has_tools else "stop"


def item_id(reply: Reply, kind: str, index: int) -> str:
    """The id of the item at `index`."""
    prefixes = {"reasoning": "rs_", "message": "msg_", "custom_tool_call": "ctc_"}
    prefix = prefixes.get(kind, "fc_")
    return f"{response_id(reply, prefix)}_{index}"


def wants(reply: Reply, name: str) -> bool:
    """Whether the client's `include` names it."""
    assert isinstance(reply.request, GenerationRequest)
    included = reply.request.raw.get("include") if reply.request.source == NAME else None
    return type(included) is list and name in included


def text_part(text: str, logprobs: list[Json] | None = None) -> Json:
    """The content of a message."""
    return {"type": "output_text", "annotations": [], "logprobs": logprobs or [], "text": text}


def message_item(item_id: str, status: str, content: list[Json]) -> Json:
    """A message of the model's."""
    return {
        "id": item_id,
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content,
    }


def reasoning_item(item_id: str, shown: str, signature: str | None) -> Json:
    """Reasoning; `signature` for clients that asked for what they can send back."""
    summary = [{"type": "summary_text", "text": shown}] if shown else []
    item: Json = {"id": item_id, "type": "reasoning", "summary": summary}
    if signature:
        item["encrypted_content"] = _PROOF + signature
    return item


def call_item(item_id: str, status: str, call: ToolCall, names: Json) -> Json:
    """The call of a function or a custom tool, named (`names`) as its client does."""
    kind, said = ("custom_tool_call", "input") if call.is_custom else ("function_call", "arguments")
    item = {"id": item_id, "type": kind, "status": status, said: call.arguments}
    return item | {"call_id": call.id} | names


@dataclass(slots=True)
class OpenItem:
    """An output item that is still open, and what it holds so far."""

    kind: str
    index: int
    id: str
    call_id: str = ""
    names: Json = field(default_factory=dict)
    """What a call's client calls the tool: `name`, and `namespace` if there is one."""
    text: TextReader | None = None
    """Unwraps what a custom tool is called with."""
    part: int = -1
    """The open part's index in the message's content or the reasoning's summary."""
    said: list[str] = field(default_factory=list)
    logprobs: list[Json] = field(default_factory=list)
    signature: str | None = None

    def whole(self, status: str) -> Json:
        """The item as it stands."""
        said = "".join(self.said)
        if self.kind == "message":
            content = [text_part(said, self.logprobs)] if self.part >= 0 else []
            return message_item(self.id, status, content)
        if self.kind == "reasoning":
            return reasoning_item(self.id, said, self.signature)
        is_custom = self.kind == "custom_tool_call"
        call = ToolCall(self.call_id, "", said, is_custom=is_custom)
        return call_item(self.id, status, call, self.names)


def call_id(reply: Reply, position: int) -> str:
    """An id for a call whose maker gave it none."""
    return f"{response_id(reply, 'call_')}_{position}"


def read_signature(encrypted: Any) -> str | None:
    """The proof in `encrypted_content` when it is one of ours; OpenAI's are only its own."""
    if type(encrypted) is str and encrypted.startswith(_PROOF):
        return encrypted.removeprefix(_PROOF) or None
    return None


def write_usage(usage: Usage, charge_micros: int) -> Json:
    """The usage object for a client, with what was charged in micros."""
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cached_input_tokens,
            "cache_write_tokens": usage.cache_write_tokens + usage.cache_write_1h_tokens,
        },
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "charge": charge_micros,
    }
