"""Tool calls that upstreams send in odd pieces: every client format gets the one normal form.

The readers here are as strict as the clients' libraries: an index that jumps, a first
piece without id or name, or a name that comes twice is an error.
"""

from typing import Any

import orjson
import pytest

from tests.unit.dialects.dialect_cases import (
    CHAT,
    DIALECTS,
    MESSAGES,
    RESPONSES,
    USAGE,
    block_delta,
    block_start,
    block_stop,
    bodies,
    chunk,
    message_delta,
    message_start,
    relay,
    reply_to,
    request_for,
    said,
)
from tests.unit.dialects.responses_cases import response_event

GEMINI = DIALECTS["gemini"]
CLIENTS = [CHAT, MESSAGES, RESPONSES, GEMINI]


def piece(index: Any = None, call_id: Any = None, name: Any = None, arguments: Any = None) -> Any:
    function = {"name": name, "arguments": arguments}
    function = {key: value for key, value in function.items() if value is not None}
    found: dict[str, Any] = {"function": function}
    if index is not None:
        found["index"] = index
    if call_id is not None:
        found |= {"id": call_id, "type": "function"}
    return found


TWO = [("a", "f", {"x": 1}), ("b", "g", {})]
CHAT_PIECES: dict[str, tuple[list[Any], list[Any]]] = {
    "as specified": (
        [piece(0, "a", "f", ""), piece(0, None, None, '{"x":1}'), piece(1, "b", "g", "{}")],
        TWO,
    ),
    "no index": (
        [
            piece(None, "a", "f", '{"x"'),
            piece(None, None, None, ":1}"),
            piece(None, "b", "g", "{}"),
        ],
        TWO,
    ),
    "index 0 for all": (
        [piece(0, "a", "f", '{"x"'), piece(0, None, None, ":1}"), piece(0, "b", "g", "{}")],
        TWO,
    ),
    "index from 1": (
        [piece(1, "a", "f", '{"x":1}'), piece(2, "b", "g", "{}")],
        TWO,
    ),
    "index as text": (
        [piece("0", "a", "f", '{"x":1}'), piece("1", "b", "g", "{}")],
        TWO,
    ),
    "id and name repeated": (
        [piece(0, "a", "f", '{"x"'), piece(0, "a", "f", ":1}"), piece(1, "b", "g", "{}")],
        TWO,
    ),
    "name repeated, no id": (
        [piece(0, None, "f", '{"x"'), piece(0, None, "f", ":1}"), piece(1, None, "g", "{}")],
        [(None, "f", {"x": 1}), (None, "g", {})],
    ),
    "no id, no index": (
        [piece(None, None, "f", '{"x":1}'), piece(None, None, "g", "{}")],
        [(None, "f", {"x": 1}), (None, "g", {})],
    ),
    "one tool twice, no id, index 0": (
        [piece(0, None, "f", '{"x":1}'), piece(0, None, "f", '{"x":2}')],
        [(None, "f", {"x": 1}), (None, "f", {"x": 2})],
    ),
    "another id with every piece": (
        [piece(0, "a", "f", '{"x"'), piece(0, "zz", None, ":1}"), piece(1, "b", "g", "{}")],
        TWO,
    ),
    "arguments as an object": (
        [piece(0, "a", "f", {"x": 1}), piece(1, "b", "g", {})],
        TWO,
    ),
    "the name after the first piece": (
        [piece(0, "a", None, ""), piece(0, None, "f", '{"x":1}'), piece(1, "b", "g", "{}")],
        TWO,
    ),
    "the name after the arguments began": (
        [piece(0, "a", None, '{"x"'), piece(0, None, "f", ":1}"), piece(1, "b", "g", "{}")],
        TWO,
    ),
    "the id after the name": (
        [piece(0, None, "f", '{"x"'), piece(0, "a", None, ":1}")],
        [(None, "f", {"x": 1})],
    ),
    "mixed": (
        [
            piece(0, "a", "f", ""),
            piece(1, "b", "g", ""),
            piece(0, None, None, '{"x":1}'),
            piece(1, None, None, "{}"),
        ],
        TWO,
    ),
    "a call without a name is none": (
        [piece(0, "a", None, "{}"), piece(1, "b", "g", "{}")],
        [("b", "g", {})],
    ),
    "names that are empty": (
        [piece(0, "a", "f", ""), piece(0, "", "", '{"x":1}'), piece(1, "b", "g", "{}")],
        TWO,
    ),
}


def chat_calls(documents: list[Any]) -> list[Any]:
    """As OpenAI's own libraries add them up: by index, which must not jump."""
    found: list[Any] = []
    for document in documents:
        for choice in document["choices"]:
            for part in choice["delta"].get("tool_calls", []):
                assert type(part["index"]) is int
                function = part["function"]
                assert type(function["arguments"]) is str
                if part["index"] == len(found):
                    assert part["type"] == "function"
                    assert part["id"]
                    assert function["name"]
                    found.append([part["id"], function["name"], ""])
                else:
                    assert part["index"] < len(found), "the index jumps"
                    assert "name" not in function
                    assert "id" not in part
                found[part["index"]][2] += function["arguments"]
    return found


def message_calls(documents: list[Any]) -> list[Any]:
    blocks: dict[int, Any] = {}
    for document in documents:
        match document["type"]:
            case "content_block_start" if document["content_block"]["type"] == "tool_use":
                block = document["content_block"]
                assert block["id"]
                assert block["name"]
                assert block["input"] == {}, "input comes in deltas"
                blocks[document["index"]] = [block["id"], block["name"], ""]
            case "content_block_delta" if document["delta"]["type"] == "input_json_delta":
                blocks[document["index"]][2] += document["delta"]["partial_json"]
    return list(blocks.values())


def response_calls(documents: list[Any]) -> list[Any]:
    items: dict[int, Any] = {}
    whole: list[Any] = []
    for document in documents:
        match document["type"]:
            case "response.output_item.added" if document["item"]["type"] == "function_call":
                item = document["item"]
                assert item["id"]
                items[document["output_index"]] = [item["call_id"], item["name"], ""]
                items[document["output_index"]][2] += item["arguments"]
            case "response.function_call_arguments.delta":
                assert document["item_id"]
                items[document["output_index"]][2] += document["delta"]
            case "response.output_item.done" if document["item"]["type"] == "function_call":
                item = document["item"]
                whole.append([item["call_id"], item["name"], item["arguments"]])
                assert items[document["output_index"]] == whole[-1]
    output = documents[-1]["response"]["output"]
    told = [[i["call_id"], i["name"], i["arguments"]] for i in output]
    assert sorted(told) == sorted(whole) == sorted(items.values())
    return list(items.values())


def gemini_calls(documents: list[Any]) -> list[Any]:
    found = []
    for document in documents:
        for part in document["candidates"][0]["content"]["parts"]:
            if "functionCall" in part:
                call = part["functionCall"]
                found.append([call.get("id"), call["name"], orjson.dumps(call["args"]).decode()])
    return found


READ = {
    "openai_chat": chat_calls,
    "anthropic_messages": message_calls,
    "openai_responses": response_calls,
    "gemini": gemini_calls,
}


def check(client: Any, events: list[str], upstream: Any, expected: list[Any]) -> None:
    documents = bodies(relay(upstream, client, events, request_for(client, stream=True)))
    found = [
        (call_id, name, orjson.loads(arguments or "{}"))
        for call_id, name, arguments in READ[client.name](documents)
    ]
    assert [call[1:] for call in found] == [call[1:] for call in expected]
    for (call_id, *_), (wanted, *_) in zip(found, expected, strict=True):
        assert wanted is None or call_id == wanted
    ids = [call_id for call_id, *_ in found if call_id is not None]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
@pytest.mark.parametrize("is_together", [False, True], ids=["apart", "in one chunk"])
@pytest.mark.parametrize("case", CHAT_PIECES)
def test_chat_pieces(case, client, is_together):
    pieces, expected = CHAT_PIECES[case]
    groups = [pieces] if is_together else [[part] for part in pieces]
    events = [chunk([said({"tool_calls": group})]) for group in groups]
    check(client, [*events, chunk([said({}, "tool_calls")]), "[DONE]"], CHAT, expected)


BLOCKS: dict[str, list[str]] = {
    "as specified": [
        block_start(0, type="tool_use", id="a", name="f", input={}),
        block_delta(0, type="input_json_delta", partial_json='{"x":1}'),
        block_stop(0),
        block_start(1, type="tool_use", id="b", name="g", input={}),
        block_stop(1),
    ],
    "input at once": [
        block_start(0, type="tool_use", id="a", name="f", input={"x": 1}),
        block_stop(0),
        block_start(1, type="tool_use", id="b", name="g"),
        block_stop(1),
    ],
    "numbers that jump": [
        block_start(3, type="tool_use", id="a", name="f", input={}),
        block_delta(3, type="input_json_delta", partial_json='{"x":1}'),
        block_stop(3),
        block_start(7, type="tool_use", id="b", name="g", input={}),
        block_stop(7),
    ],
}


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
@pytest.mark.parametrize("case", BLOCKS)
def test_blocks(case, client):
    events = [message_start(), *BLOCKS[case], message_delta("tool_use")]
    check(client, events, MESSAGES, TWO)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_blocks_without_ids(client):
    events = [
        message_start(),
        block_start(0, type="tool_use", name="f", input={"x": 1}),
        block_stop(0),
        message_delta("tool_use"),
    ]
    check(client, events, MESSAGES, [(None, "f", {"x": 1})])


def item(**fields: Any) -> dict[str, Any]:
    return {"type": "function_call", "name": "f", "arguments": ""} | fields


ITEMS: dict[str, list[str]] = {
    "as specified": [
        response_event("output_item.added", output_index=0, item=item(id="fc", call_id="a")),
        response_event("function_call_arguments.delta", output_index=0, item_id="fc", delta='{"x"'),
        response_event("function_call_arguments.delta", output_index=0, item_id="fc", delta=":1}"),
        response_event(
            "output_item.done",
            output_index=0,
            item=item(id="fc", call_id="a", arguments='{"x":1}'),
        ),
    ],
    "no ids of items": [
        response_event("output_item.added", output_index=0, item=item(call_id="a")),
        response_event("function_call_arguments.delta", output_index=0, delta='{"x":1}'),
        response_event("output_item.done", output_index=0, item=item(call_id="a")),
    ],
    "arguments as an object": [
        response_event(
            "output_item.added", output_index=0, item=item(id="fc", call_id="a", arguments={"x": 1})
        ),
        response_event(
            "output_item.done", output_index=0, item=item(id="fc", call_id="a", arguments={"x": 1})
        ),
    ],
    "only the finished item": [
        response_event(
            "output_item.done", output_index=0, item=item(id="fc", call_id="a", arguments='{"x":1}')
        ),
    ],
}


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
@pytest.mark.parametrize("case", ITEMS)
def test_items(case, client):
    end = {"id": "up", "status": "completed", "output": [], "usage": None}
    events = [*ITEMS[case], response_event("completed", response=end)]
    check(client, events, RESPONSES, [("a", "f", {"x": 1})])


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_a_whole_answer_is_repaired_too(client):
    calls = [
        {"function": {"name": "f", "arguments": {"x": 1}}},
        {"id": "b", "function": {"name": "g", "arguments": None}},
    ]
    message = {"role": "assistant", "content": [{"type": "text", "text": "hm"}]}
    raw = {"choices": [{"message": message | {"tool_calls": calls}, "finish_reason": "tool_calls"}]}
    answer = CHAT.read_response(raw)
    body = client.write_response(answer, reply_to(request_for(client)), USAGE, 1)
    match client.name:
        case "openai_chat":
            told = body["choices"][0]["message"]
            assert told["content"] == "hm"
            assert all(call["type"] == "function" and call["id"] for call in told["tool_calls"])
            found = [call["function"] for call in told["tool_calls"]]
            assert [f["arguments"] for f in found] == ['{"x":1}', ""]
        case "anthropic_messages":
            uses = [block for block in body["content"] if block["type"] == "tool_use"]
            assert all(use["id"] for use in uses)
            assert [use["input"] for use in uses] == [{"x": 1}, {}]
        case "openai_responses":
            items = [i for i in body["output"] if i["type"] == "function_call"]
            assert all(i["call_id"] for i in items)
            assert [i["arguments"] for i in items] == ['{"x":1}', ""]
        case _:
            parts = body["candidates"][0]["content"]["parts"]
            assert [p["functionCall"]["args"] for p in parts if "functionCall" in p] == [
                {"x": 1},
                {},
            ]
