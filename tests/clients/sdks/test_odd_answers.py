"""Answers that the official libraries must read, whatever way an upstream gave them.

Custom tools and what has no such form, ends that are followed by more, an answer in the
other framing than was asked for, pictures of megabytes in events, errors worth a code.
"""

import json
from typing import Any

import anthropic
import openai
import pytest
from google import genai
from google.genai import types

from tests.support.upstreams.raw_server import EVENTS, JSON

HI = [{"role": "user", "content": "hi"}]
USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
CLAUDE_USAGE = {"input_tokens": 9, "output_tokens": 2}
CHARGE = 9 * 30 + 2 * 60


def framed(*documents: Any) -> list[bytes]:
    return [b"data: %b\n\n" % json.dumps(document).encode() for document in documents]


def chat_delta(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    usage = {"usage": USAGE} if finish else {}
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **usage}


def claude_block(block: dict[str, Any], *deltas: dict[str, Any]) -> list[dict[str, Any]]:
    pieces = [{"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas]
    return [
        {
            "type": "message_start",
            "message": {"id": "m", "role": "assistant", "content": [], "usage": CLAUDE_USAGE},
        },
        {"type": "content_block_start", "index": 0, "content_block": block},
        *pieces,
        {"type": "content_block_stop", "index": 0},
    ]


def claude_end(reason: str) -> list[dict[str, Any]]:
    told = {"stop_reason": reason, "stop_sequence": None}
    return [{"type": "message_delta", "delta": told, "usage": {"output_tokens": 2}}]


SAID = {"type": "text", "text": ""}, {"type": "text_delta", "text": "hello"}
STOP = {"type": "message_stop"}
DONE = b"data: [DONE]\n\n"
STREAM = {
    "chat": [*framed(chat_delta(content="hello"), chat_delta("stop")), DONE],
    "messages": framed(*claude_block(*SAID), *claude_end("end_turn"), STOP),
}
MESSAGE = {"role": "assistant", "content": "hello"}
WHOLE = {
    "chat": {
        "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "stop"}],
        "usage": USAGE,
    },
    "messages": {
        "id": "m",
        "content": [{"type": "text", "text": "hello"}],
        "stop_reason": "end_turn",
        "usage": CLAUDE_USAGE,
    },
}


# --- one text, asked for by each library, whole and streamed ---------------------------


def by_chat(place, key, model, is_streamed):
    with openai.OpenAI(base_url=f"{place.origin}/v1", api_key=key) as client:
        if not is_streamed:
            done = client.chat.completions.create(model=model, messages=HI)
        else:
            with client.chat.completions.stream(model=model, messages=HI) as stream:
                done = stream.get_final_completion()
    return done.choices[0].message.content


def by_responses(place, key, model, is_streamed):
    with openai.OpenAI(base_url=f"{place.origin}/v1", api_key=key) as client:
        if not is_streamed:
            return client.responses.create(model=model, input="hi").output_text
        with client.responses.stream(model=model, input="hi") as stream:
            return stream.get_final_response().output_text


def by_messages(place, key, model, is_streamed):
    asked = {"model": model, "messages": HI, "max_tokens": 50}
    with anthropic.Anthropic(base_url=place.origin, api_key=key) as client:
        if not is_streamed:
            return client.messages.create(**asked).content[0].text
        with client.messages.stream(**asked) as stream:
            return stream.get_final_text()


def by_google(place, key, model, is_streamed):
    client = genai.Client(api_key=key, http_options=types.HttpOptions(base_url=place.origin))
    if not is_streamed:
        return client.models.generate_content(model=model, contents="hi").text
    events = client.models.generate_content_stream(model=model, contents="hi")
    return "".join(event.text or "" for event in events)


LIBRARIES = pytest.mark.parametrize(
    "ask", [by_chat, by_responses, by_messages, by_google], ids=lambda ask: ask.__name__
)
MODELS = pytest.mark.parametrize("model", WHOLE)


@MODELS
@LIBRARIES
def test_one_json_answer_to_a_stream(place, odd, ask, model):
    odd.say(json.dumps(WHOLE[model]).encode(), content_type=JSON)
    customer = place.customer()
    assert ask(place, customer.key, model, True) == "hello"
    assert customer.spent == CHARGE


@MODELS
@LIBRARIES
def test_events_to_a_whole_request(place, odd, ask, model):
    odd.say(*STREAM[model], content_type=EVENTS)
    customer = place.customer()
    assert ask(place, customer.key, model, False) == "hello"
    assert customer.spent == CHARGE


AFTER = {
    "more text": framed(chat_delta(content="NO")),
    "an error": framed({"error": {"message": "NO", "type": "server_error"}}),
    "nonsense": [b"data: {\n\n"],
    "the other mark": [*framed(STOP), DONE],
}


@pytest.mark.parametrize("after", AFTER)
@MODELS
@LIBRARIES
def test_what_follows_an_end_is_nobodys(place, odd, ask, model, after):
    """In the packet of the end, where it would be read along with it."""
    *events, end = STREAM[model]
    odd.say(*events, end + b"".join(AFTER[after]))
    customer = place.customer()
    assert ask(place, customer.key, model, True) == "hello"
    assert customer.spent == CHARGE


@LIBRARIES
def test_the_other_formats_mark_is_an_end_too(place, odd, ask):
    events = framed(chat_delta(content="hello"), chat_delta("stop"), STOP)
    odd.say(*events, *framed(chat_delta(content="NO")))
    assert ask(place, place.customer().key, "chat", True) == "hello"


# --- pictures ------------------------------------------------------------------------


def test_a_picture_of_megabytes_in_a_stream(place, odd):
    """As some servers draw: the address of the picture is the picture, in one event."""
    url = "data:image/png;base64," + "iVBORw0KGgo" + "A" * 8_000_000
    picture = {"type": "image_url", "image_url": {"url": url}}
    odd.say(*framed(chat_delta(content="hello", images=[picture])), *STREAM["chat"][1:])
    customer = place.customer()
    asked = {"model": "chat", "messages": HI, "stream": True}
    client = openai.OpenAI(base_url=f"{place.origin}/v1", api_key=customer.key)
    with client, client.chat.completions.create(**asked) as stream:
        deltas = [chunk.choices[0].delta for chunk in stream if chunk.choices]
    [images] = [delta.images for delta in deltas if getattr(delta, "images", None)]
    assert images[0]["image_url"]["url"] == url
    assert "".join(delta.content or "" for delta in deltas) == "hello"
    assert customer.spent == CHARGE, "what the upstream told, and not the picture's letters"


# --- custom tools --------------------------------------------------------------------

PATCH = '*** Begin Patch\n+ "a"\n😀\n*** End Patch'
CUSTOM = {"type": "custom", "name": "apply_patch", "description": "Patches"}
ARGUMENTS = json.dumps({"input": PATCH})
HALF = len(ARGUMENTS) // 2
FUNCTION = {"name": "apply_patch", "arguments": ARGUMENTS}
CALL = {"index": 0, "id": "a", "type": "function"}
TOOL_USE = {"type": "tool_use", "id": "a", "name": "apply_patch", "input": {}}
FIRST = CALL | {"function": FUNCTION | {"arguments": ARGUMENTS[:HALF]}}
SECOND = {"index": 0, "function": {"arguments": ARGUMENTS[HALF:]}}
CALLED = {
    "chat": [
        *framed(
            chat_delta(tool_calls=[FIRST]),
            chat_delta(tool_calls=[SECOND]),
            chat_delta("tool_calls"),
        ),
        DONE,
    ],
    "messages": framed(
        *claude_block(
            TOOL_USE,
            {"type": "input_json_delta", "partial_json": ARGUMENTS[:HALF]},
            {"type": "input_json_delta", "partial_json": ARGUMENTS[HALF:]},
        ),
        *claude_end("tool_use"),
        STOP,
    ),
}


@MODELS
def test_a_custom_tool_there_and_back(place, odd, model):
    odd.say(*CALLED[model])
    with openai.OpenAI(base_url=f"{place.origin}/v1", api_key=place.customer().key) as client:
        asked = {"model": model, "input": "hi", "tools": [CUSTOM]}
        with client.responses.stream(**asked) as stream:
            events = list(stream)
            done = stream.get_final_response()
        [item] = done.output
        assert (item.type, item.name, item.input) == ("custom_tool_call", "apply_patch", PATCH)
        pieces = [e.delta for e in events if e.type == "response.custom_tool_call_input.delta"]
        assert "".join(pieces) == PATCH
        odd.say(*STREAM[model])
        output = {"type": "custom_tool_call_output", "call_id": item.call_id, "output": "done"}
        turn = [{"role": "user", "content": "hi"}, item.to_dict(), output]
        again = client.responses.create(model=model, input=turn, tools=[CUSTOM])
    assert again.output_text == "hello"
    assert b"Begin Patch" in odd.asked[0]
    assert b"done" in odd.asked[0]


REFUSED = {
    "tools.local_shell": {"tools": [{"type": "local_shell"}]},
    "input.compaction_trigger": {"input": [*HI, {"type": "compaction_trigger"}]},
}


@pytest.mark.parametrize("name", REFUSED)
@MODELS
def test_what_has_no_such_form_is_refused_by_name(place, odd, model, name):
    odd.say(*STREAM[model])
    client = openai.OpenAI(base_url=f"{place.origin}/v1", api_key=place.customer().key)
    with client, pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(**({"model": model, "input": "hi"} | REFUSED[name]))
    assert refused.value.param == name
    assert odd.asked == []


def test_a_reference_to_an_answer_of_ours_says_what_to_do(place, odd):
    """The second turn of those who count on the answers' being kept."""
    odd.say(json.dumps(WHOLE["chat"]).encode(), content_type=JSON)
    with openai.OpenAI(base_url=f"{place.origin}/v1", api_key=place.customer().key) as client:
        first = client.responses.create(model="chat", input="hi")
        turn = [{"type": "item_reference", "id": first.output[0].id}, *HI]
        with pytest.raises(openai.BadRequestError, match="store: false"):
            client.responses.create(model="chat", input=turn)


# --- errors --------------------------------------------------------------------------

TOO_LONG = {
    "chat": {"error": {"message": "too much", "code": "context_length_exceeded"}},
    "messages": {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": "prompt is too long: 9 > 8"},
    },
}
ARREARS = {
    "chat": {"error": {"message": "You exceeded your current quota", "code": "x"}},
    "messages": {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": "Your credit balance is too low"},
    },
}


@MODELS
def test_a_code_that_programs_act_on_survives(place, odd, model):
    odd.say(json.dumps(TOO_LONG[model]).encode(), content_type=JSON, status=400)
    client = openai.OpenAI(base_url=f"{place.origin}/v1", api_key=place.customer().key)
    with client, pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model=model, messages=HI)
    assert refused.value.code == "context_length_exceeded"


@MODELS
def test_the_operators_arrears_are_no_400(place, odd, model):
    odd.say(json.dumps(ARREARS[model]).encode(), content_type=JSON, status=400)
    key = place.customer().key
    client = openai.OpenAI(base_url=f"{place.origin}/v1", api_key=key, max_retries=0)
    with client, pytest.raises(openai.APIStatusError) as failed:
        client.chat.completions.create(model=model, messages=HI)
    assert failed.value.status_code in (502, 503)
    assert "quota" not in str(failed.value)
    assert "credit" not in str(failed.value)
