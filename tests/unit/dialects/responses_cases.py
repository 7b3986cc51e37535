"""The events of an upstream that speaks Responses."""

from typing import Any

import orjson


def data(**body: Any) -> str:
    return orjson.dumps(body).decode()


RESPONSES_USAGE = {
    "input_tokens": 20,
    "input_tokens_details": {"cached_tokens": 5},
    "output_tokens": 9,
    "output_tokens_details": {"reasoning_tokens": 3},
    "total_tokens": 29,
}


def response_event(kind: str, at: int | None = None, **more: Any) -> str:
    place = {} if at is None else {"output_index": at}
    return data(type=f"response.{kind}", sequence_number=99, **place, **more)


def lifecycle(kind: str, **more: Any) -> str:
    fields = {
        "id": "up-1", "object": "response", "created_at": 7, "model": "up", "output": [],
        "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "store": True,
    }  # fmt: skip
    return response_event(kind, response=fields | more)


def call_events(at: int, item: str, call_id: str, name: str, pieces: list[str]) -> list[str]:
    arguments = "".join(pieces)
    call = {"id": item, "type": "function_call", "call_id": call_id, "name": name}
    opening = call | {"arguments": "", "status": "in_progress"}
    done = call | {"arguments": arguments, "status": "completed"}
    kind = "function_call_arguments"
    return [
        response_event("output_item.added", at, item=opening),
        *[response_event(f"{kind}.delta", at, item_id=item, delta=piece) for piece in pieces],
        response_event(f"{kind}.done", at, item_id=item, name=name, arguments=arguments),
        response_event("output_item.done", at, item=done),
    ]


RS_ITEM = {"id": "rs_1", "type": "reasoning", "encrypted_content": "gAAAA", "summary": []}
RS_PART = {"type": "summary_text", "text": "Let me see."}
MSG_ITEM = {"id": "item_m", "type": "message", "role": "assistant", "content": []}
MSG_PART = {"type": "output_text", "annotations": [], "logprobs": []}

RESPONSES_STREAM = [
    lifecycle("created", status="in_progress"),
    lifecycle("in_progress", status="in_progress"),
    response_event("output_item.added", 0, item=RS_ITEM),
    response_event(
        "reasoning_summary_part.added",
        0,
        item_id="rs_1",
        summary_index=0,
        part=RS_PART | {"text": ""},
    ),
    response_event(
        "reasoning_summary_text.delta", 0, item_id="rs_1", summary_index=0, delta="Let me see."
    ),
    response_event(
        "reasoning_summary_text.done", 0, item_id="rs_1", summary_index=0, text="Let me see."
    ),
    response_event("reasoning_summary_part.done", 0, item_id="rs_1", summary_index=0, part=RS_PART),
    response_event("output_item.done", 0, item=RS_ITEM | {"summary": [RS_PART]}),
    response_event("output_item.added", 1, item=MSG_ITEM | {"status": "in_progress"}),
    response_event(
        "content_part.added", 1, item_id="item_m", content_index=0, part=MSG_PART | {"text": ""}
    ),
    response_event(
        "output_text.delta",
        1,
        item_id="item_m",
        content_index=0,
        delta="Hello",
        logprobs=[],
        obfuscation="x",
    ),
    response_event(
        "output_text.delta", 1, item_id="item_m", content_index=0, delta=" 世界", logprobs=[]
    ),
    response_event(
        "output_text.done", 1, item_id="item_m", content_index=0, text="Hello 世界", logprobs=[]
    ),
    response_event(
        "content_part.done",
        1,
        item_id="item_m",
        content_index=0,
        part=MSG_PART | {"text": "Hello 世界"},
    ),
    response_event(
        "output_item.done",
        1,
        item=MSG_ITEM | {"status": "completed", "content": [MSG_PART | {"text": "Hello 世界"}]},
    ),
    *call_events(2, "fc_1", "call_a", "weather", ['{"city":', '"北京"}']),
    *call_events(3, "fc_2", "call_b", "time", ["{}"]),
    lifecycle("completed", status="completed", usage=RESPONSES_USAGE),
]
