"""The official libraries over servers whose bytes are not what any specification says."""

import json
from typing import Any

import anthropic
import openai
import pytest
from google import genai
from google.genai import types

USAGE = {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14}
TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: %b\n\n" % json.dumps({"choices": [choice], **more}).encode()


def call(**fields: Any) -> bytes:
    index = {"index": fields.pop("index")} if "index" in fields else {}
    call_id = {"id": fields.pop("id")} if "id" in fields else {}
    return chunk({"tool_calls": [{**index, **call_id, "function": fields}]})


SEQUENCES = {
    "no index": [
        call(id="a", name="f", arguments='{"x"'),
        call(arguments=":1}"),
        call(id="b", name="f", arguments="{}"),
    ],
    "index 0 for all": [
        call(index=0, id="a", name="f", arguments='{"x":1}'),
        call(index=0, id="b", name="f", arguments="{}"),
    ],
    "index from 1": [
        call(index=1, id="a", name="f", arguments='{"x":1}'),
        call(index=2, id="b", name="f", arguments="{}"),
    ],
    "no id": [
        call(index=0, name="f", arguments='{"x":1}'),
        call(index=1, name="f", arguments="{}"),
    ],
    "id and name repeated": [
        call(index=0, id="a", name="f", arguments='{"x"'),
        call(index=0, id="a", name="f", arguments=":1}"),
        call(index=1, id="b", name="f", arguments="{}"),
    ],
    "arguments as an object": [
        call(index=0, id="a", name="f", arguments={"x": 1}),
        call(index=1, id="b", name="f", arguments={}),
    ],
    "the name late": [
        call(index=0, id="a", arguments=""),
        call(index=0, name="f", arguments='{"x":1}'),
        call(index=1, id="b", name="f", arguments="{}"),
    ],
}
END = chunk({}, "tool_calls", usage=USAGE)


def by_openai(place, customer) -> list[Any]:
    with openai.OpenAI(base_url=f"{place.origin}/v1", api_key=customer.key) as client:
        messages = [{"role": "user", "content": "hi"}]
        asked = {"model": "chat", "messages": messages, "tools": TOOLS, "max_tokens": 50}
        with client.chat.completions.stream(**asked) as stream:
            done = stream.get_final_completion()
    calls = done.choices[0].message.tool_calls
    assert all(call.id for call in calls)
    return [(call.function.name, json.loads(call.function.arguments)) for call in calls]


def by_responses(place, customer) -> list[Any]:
    tools = [{"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": False}]
    with openai.OpenAI(base_url=f"{place.origin}/v1", api_key=customer.key) as client:
        asked = {"model": "chat", "input": "hi", "tools": tools, "max_output_tokens": 50}
        with client.responses.stream(**asked) as stream:
            done = stream.get_final_response()
    calls = [item for item in done.output if item.type == "function_call"]
    assert all(call.call_id for call in calls)
    return [(call.name, json.loads(call.arguments)) for call in calls]


def by_anthropic(place, customer) -> list[Any]:
    with anthropic.Anthropic(base_url=place.origin, api_key=customer.key) as client:
        asked = {"model": "chat", "messages": [{"role": "user", "content": "hi"}]}
        tools = [{"name": "f", "input_schema": {"type": "object"}}]
        with client.messages.stream(**asked, tools=tools, max_tokens=50) as stream:
            done = stream.get_final_message()
    uses = [block for block in done.content if block.type == "tool_use"]
    assert all(use.id for use in uses)
    return [(use.name, use.input) for use in uses]


def by_google(place, customer) -> list[Any]:
    options = types.HttpOptions(base_url=place.origin)
    client = genai.Client(api_key=customer.key, http_options=options)
    declared = types.FunctionDeclaration(name="f", parameters_json_schema={"type": "object"})
    config = types.GenerateContentConfig(
        tools=[types.Tool(function_declarations=[declared])],
        max_output_tokens=50,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )
    stream = client.models.generate_content_stream(model="chat", contents="hi", config=config)
    return [(call.name, call.args) for event in stream for call in event.function_calls or []]


CLIENTS = [by_openai, by_responses, by_anthropic, by_google]


@pytest.mark.parametrize("ask", CLIENTS, ids=lambda ask: ask.__name__)
@pytest.mark.parametrize("case", SEQUENCES)
def test_calls_in_odd_pieces(place, odd, case, ask):
    odd.say(*SEQUENCES[case], END, b"data: [DONE]\n\n")
    assert ask(place, place.customer()) == [("f", {"x": 1}), ("f", {})]


@pytest.mark.parametrize("ask", CLIENTS, ids=lambda ask: ask.__name__)
def test_the_connection_ends_after_the_reason(place, odd, ask):
    """No end mark, and no last chunk either: all was said."""
    odd.say(*SEQUENCES["index from 1"], END)
    odd.ends_abruptly = True
    try:
        customer = place.customer()
        assert ask(place, customer) == [("f", {"x": 1}), ("f", {})]
    finally:
        odd.ends_abruptly = False
    assert customer.spent == 9 * 30 + 5 * 60


def test_anthropics_own_format_is_repaired(place, odd):
    """A call with its input at once, and no `message_stop`."""
    usage = {"input_tokens": 9, "output_tokens": 1}
    start = {"type": "message_start", "message": {"id": "m", "content": [], "usage": usage}}
    block = {"type": "tool_use", "name": "f", "input": {"x": 1}}
    events = [
        start,
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "tool_use"},
            "usage": {"output_tokens": 5},
        },
    ]
    odd.say(*[b"data: %b\n\n" % json.dumps(event).encode() for event in events])
    customer = place.customer()
    with anthropic.Anthropic(base_url=place.origin, api_key=customer.key) as client:
        asked = {"model": "messages", "messages": [{"role": "user", "content": "hi"}]}
        tools = [{"name": "f", "input_schema": {"type": "object"}}]
        with client.messages.stream(**asked, tools=tools, max_tokens=50) as stream:
            done = stream.get_final_message()
    [use] = done.content
    assert (use.name, use.input, bool(use.id)) == ("f", {"x": 1}, True)
    assert customer.spent == 9 * 30 + 5 * 60
