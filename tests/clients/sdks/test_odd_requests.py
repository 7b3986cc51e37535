"""The official libraries' requests, as an upstream of either format gets them.

What a library sends of its own accord, and what its users commonly put into it, must not
break there: proofs of thinking, pictures, marks, stops, tools, schemas, compressed bodies.
"""

import base64
import gzip
import json
from typing import Any

import anthropic
import httpx2
import openai
import pytest
import zstandard
from google import genai
from google.genai import types
from pydantic import BaseModel, Field

from tests.support.upstreams.raw_server import JSON

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
    "RU5ErkJggg=="
)
FOLDED = PNG[:40] + "\r\n " + PNG[40:]
USAGE = {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14}
CLAUDE_USAGE = {"input_tokens": 9, "output_tokens": 5}
HI = [{"role": "user", "content": "hi"}]


@pytest.fixture
def by_openai(place):
    with openai.OpenAI(base_url=f"{place.origin}/v1", api_key=place.customer().key) as client:
        yield client


@pytest.fixture
def by_anthropic(place):
    with anthropic.Anthropic(base_url=place.origin, api_key=place.customer().key) as client:
        yield client


@pytest.fixture
def by_google(place):
    options = types.HttpOptions(base_url=place.origin)
    return genai.Client(api_key=place.customer().key, http_options=options)


def whole(text: str, **message: Any) -> dict[str, bytes]:
    """A whole answer of each format, by the model's name."""
    choice = {"role": "assistant", "content": text} | message
    chat = {"id": "x", "choices": [{"index": 0, "message": choice, "finish_reason": "stop"}]}
    content = [{"type": "text", "text": text}]
    claude = {"id": "m", "content": content, "stop_reason": "end_turn", "usage": CLAUDE_USAGE}
    return {
        "chat": json.dumps(chat | {"usage": USAGE}).encode(),
        "messages": json.dumps(claude).encode(),
    }


def answers(odd, model: str, text: str = "hello", **message: Any) -> None:
    odd.say(whole(text, **message)[model], content_type=JSON)


def sent(odd) -> Any:
    """The body of the only request that its upstream got."""
    [body] = odd.asked
    return json.loads(body)


# --- thinking ------------------------------------------------------------------------


@pytest.mark.parametrize("signature", ["", None])
def test_thinking_without_a_proof_does_not_go_to_anthropic(by_anthropic, odd, signature):
    answers(odd, "messages")
    thought = {"type": "thinking", "thinking": "mine"}
    thought |= {} if signature is None else {"signature": signature}
    turn = {"role": "assistant", "content": [thought, {"type": "text", "text": "yes"}]}
    asked = [*HI, turn, {"role": "user", "content": "and"}]
    done = by_anthropic.messages.create(model="messages", messages=asked, max_tokens=50)
    assert done.content[0].text == "hello"
    assert sent(odd)["messages"][1]["content"] == [{"type": "text", "text": "yes"}]


def test_thinking_of_another_vendor_does_not_go_to_anthropic(by_anthropic, odd):
    """The answer of one model, given back as it is while another goes on."""
    answers(odd, "chat", reasoning_content="let me see")
    first = by_anthropic.messages.create(model="chat", messages=HI, max_tokens=50)
    assert [block.type for block in first.content] == ["thinking", "text"]
    answers(odd, "messages")
    turn = {"role": "assistant", "content": first.content}
    asked = [*HI, turn, {"role": "user", "content": "and"}]
    by_anthropic.messages.create(model="messages", messages=asked, max_tokens=50)
    assert [block["type"] for block in sent(odd)["messages"][1]["content"]] == ["text"]


# --- pictures, marks, stops ----------------------------------------------------------


def chat_picture(clients):
    part = {"type": "image_url", "image_url": {"url": f"data:IMAGE/JPG;base64,{FOLDED}"}}
    said = [{"role": "user", "content": [part]}]
    return lambda model: clients["openai"].chat.completions.create(model=model, messages=said)


def responses_picture(clients):
    part = {"type": "input_image", "detail": "auto", "image_url": f"data:image/x;base64,{FOLDED}"}
    said = [{"role": "user", "content": [part]}]
    return lambda model: clients["openai"].responses.create(model=model, input=said)


def messages_picture(clients):
    source = {"type": "base64", "media_type": "image/jpg", "data": FOLDED}
    said = [{"role": "user", "content": [{"type": "image", "source": source}]}]
    create = clients["anthropic"].messages.create
    return lambda model: create(model=model, messages=said, max_tokens=50)


def google_picture(clients):
    part = types.Part.from_bytes(data=base64.b64decode(PNG), mime_type="Image/JPG")
    return lambda model: clients["google"].models.generate_content(model=model, contents=[part])


@pytest.mark.parametrize("model", ["chat", "messages"])
@pytest.mark.parametrize(
    "make", [chat_picture, responses_picture, messages_picture, google_picture]
)
def test_a_picture_arrives_in_its_one_right_form(
    by_openai, by_anthropic, by_google, odd, make, model
):
    answers(odd, model)
    make({"openai": by_openai, "anthropic": by_anthropic, "google": by_google})(model)
    [part] = [p for p in sent(odd)["messages"][-1]["content"] if p["type"] != "text"]
    if model == "chat":
        assert part["image_url"]["url"] == f"data:image/png;base64,{PNG}"
    else:
        assert part["source"] == {"type": "base64", "media_type": "image/png", "data": PNG}


MARK = {"cache_control": {"type": "ephemeral"}}


def test_marks_of_the_openai_library_reach_anthropic(by_openai, odd):
    answers(odd, "messages")
    said = [
        {"role": "system", "content": [{"type": "text", "text": "be", **MARK}]},
        {"role": "user", "content": [{"type": "text", "text": "hi", **MARK}]},
    ]
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}, **MARK}
    by_openai.chat.completions.create(model="messages", messages=said, tools=[tool])
    body = sent(odd)
    marked = [body["system"][0], body["messages"][0]["content"][0], body["tools"][0]]
    assert [each["cache_control"] for each in marked] == [{"type": "ephemeral"}] * 3


def test_marks_of_the_anthropic_library_are_named_where_nobody_knows_them(by_anthropic, odd):
    answers(odd, "chat")
    said = [{"role": "user", "content": [{"type": "text", "text": "hi", **MARK}]}]
    raw = by_anthropic.messages.with_raw_response
    answer = raw.create(model="chat", messages=said, max_tokens=50)
    assert "cache_control" in answer.headers["x-yiyuan-dropped-params"]
    assert b"cache_control" not in odd.asked[0]


def test_one_of_two_samplings_and_four_stops(by_openai, by_anthropic, odd):
    answers(odd, "messages")
    raw = by_openai.chat.completions.with_raw_response
    raw.create(model="messages", messages=HI, temperature=0.5, top_p=0.9)
    assert ("temperature" in sent(odd), "top_p" in sent(odd)) == (True, False)
    answers(odd, "chat")
    raw = by_anthropic.messages.with_raw_response
    stops = ["a", "b", "c", "d", "e"]
    answer = raw.create(model="chat", messages=HI, max_tokens=50, stop_sequences=stops)
    assert sent(odd)["stop"] == stops[:4]
    assert "stop" in answer.headers["x-yiyuan-dropped-params"]


def test_the_developer_speaks_for_the_system(by_openai, odd):
    answers(odd, "messages")
    said = [{"role": "developer", "content": "Be brief."}, *HI]
    by_openai.chat.completions.create(model="messages", messages=said)
    assert "Be brief." in json.dumps(sent(odd)["system"])


# --- schemas -------------------------------------------------------------------------


class Town(BaseModel):
    name: str = Field(min_length=2)
    people: int = Field(ge=0)


TOWN = '{"name": "Aa", "people": 5}'


def chat_parse(clients):
    done = clients["openai"].chat.completions.parse(
        model="messages", messages=HI, response_format=Town
    )
    return done.choices[0].message.parsed


def responses_parse(clients):
    done = clients["openai"].responses.parse(model="messages", input="hi", text_format=Town)
    return done.output_parsed


def google_parse(clients):
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_schema=Town
    )
    done = clients["google"].models.generate_content(model="messages", contents="hi", config=config)
    return done.parsed


def messages_parse(clients):
    done = clients["anthropic"].messages.parse(
        model="messages", messages=HI, max_tokens=50, output_format=Town
    )
    return done.parsed_output


@pytest.mark.parametrize("parse", [chat_parse, responses_parse, google_parse, messages_parse])
def test_a_schema_is_one_that_anthropic_takes(by_openai, by_anthropic, by_google, odd, parse):
    answers(odd, "messages", TOWN)
    clients = {"openai": by_openai, "anthropic": by_anthropic, "google": by_google}
    assert parse(clients) == Town(name="Aa", people=5)
    schema = sent(odd)["output_config"]["format"]["schema"]
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {"name", "people"}
    said = json.dumps(schema)
    assert '"minLength":' not in said
    assert '"minimum":' not in said
    assert "minLength" in said, "it is said in words"


def test_any_object_works_at_anthropic(by_openai, odd):
    answers(odd, "messages", f"Here you are:\n```json\n{TOWN}\n```")
    form = {"type": "json_object"}
    done = by_openai.chat.completions.create(model="messages", messages=HI, response_format=form)
    assert json.loads(done.choices[0].message.content) == json.loads(TOWN)
    assert "JSON" in json.dumps(sent(odd)["system"])
    assert "output_config" not in sent(odd)


def test_a_strict_tool_of_the_openai_library(by_openai, odd):
    answers(odd, "messages")
    tool = openai.pydantic_function_tool(Town)
    by_openai.chat.completions.parse(model="messages", messages=HI, tools=[tool])
    [offered] = sent(odd)["tools"]
    assert offered["strict"] is True
    assert offered["input_schema"]["additionalProperties"] is False
    assert '"minLength":' not in json.dumps(offered)


# --- compressed bodies ---------------------------------------------------------------


class Compressing(httpx2.HTTPTransport):
    """Sends every body compressed, as some clients and proxies do."""

    def __init__(self, coding: str) -> None:
        super().__init__()
        self.coding = coding

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        body = request.read()
        pressed = (
            gzip.compress(body)
            if self.coding == "gzip"
            else zstandard.ZstdCompressor().compress(body)
        )
        headers = dict(request.headers) | {"content-encoding": self.coding}
        headers["content-length"] = str(len(pressed))
        again = httpx2.Request(request.method, request.url, headers=headers, content=pressed)
        return super().handle_request(again)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_compressed_body(place, odd, coding):
    text = "many words " * 2000
    said = [{"role": "user", "content": text}]
    key = place.customer().key
    answers(odd, "chat")
    with openai.OpenAI(
        base_url=f"{place.origin}//v1",
        api_key=key,
        http_client=httpx2.Client(transport=Compressing(coding)),
    ) as client:
        client.chat.completions.create(model="chat", messages=said)
    assert sent(odd)["messages"] == said
    answers(odd, "messages")
    with anthropic.Anthropic(
        base_url=place.origin,
        api_key=key,
        http_client=httpx2.Client(transport=Compressing(coding)),
    ) as client:
        client.messages.create(model="messages", messages=said, max_tokens=50)
    assert sent(odd)["messages"] == said
