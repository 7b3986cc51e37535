"""Which format each vendor speaks, where, and with which credential."""

import orjson
import pytest

from yiyuan.dialects.dialect import discover as discover_dialects
from yiyuan.providers.provider import discover

PROVIDERS = discover()
DEMO = PROVIDERS["demo"]


def test_there_are_three_and_their_dialects_exist():
    assert set(PROVIDERS) == {"openai", "anthropic", "demo"}
    dialects = discover_dialects()
    for provider in PROVIDERS.values():
        assert dialects[provider.generation].operation == "generation"
        assert provider.completions is None or provider.completions in dialects
        assert provider.embeddings is None or provider.embeddings in dialects


@pytest.mark.parametrize("base", ["https://api.openai.com/v1", "https://api.openai.com/v1/"])
def test_openai(base):
    openai = PROVIDERS["openai"]
    assert openai.url(base, "/chat/completions") == "https://api.openai.com/v1/chat/completions"
    assert openai.credential("sk-1") == [("authorization", "Bearer sk-1")]
    assert openai.credential("") == []
    assert openai.completions == "openai_completions"
    assert openai.embeddings == "openai_embeddings"
    assert not openai.counts_tokens


@pytest.mark.parametrize("tail", ["", "/", "/v1", "/v1/"])
def test_anthropic(tail):
    anthropic = PROVIDERS["anthropic"]
    base = "https://api.anthropic.com" + tail
    assert anthropic.url(base, "/messages") == "https://api.anthropic.com/v1/messages"
    assert anthropic.credential("k") == [("x-api-key", "k"), ("anthropic-version", "2023-06-01")]
    assert anthropic.forwarded_headers == {"anthropic-beta"}
    assert anthropic.counts_tokens


def asked(text, **fields):
    return {"model": "gpt-4", "messages": [{"role": "user", "content": text}]} | fields


async def whole(body):
    assert DEMO.answer is not None
    [answer] = [piece async for piece in DEMO.answer(body)]
    return orjson.loads(answer)


async def streamed(body):
    assert DEMO.answer is not None
    events = [piece async for piece in DEMO.answer(body | {"stream": True})]
    assert events.pop() == b"data: [DONE]\n\n"
    assert all(event.endswith(b"\n\n") for event in events)
    return [orjson.loads(event.removeprefix(b"data: ")) for event in events]


async def test_the_demo_says_that_it_is_the_demo():
    body = await whole(asked("Hello, world!"))
    text = body["choices"][0]["message"]["content"]
    assert text.startswith("This is the demo channel")
    assert "“Hello, world!”" in text
    assert body["choices"][0]["finish_reason"] == "stop"
    assert body["usage"]["prompt_tokens"] == 2
    assert body["usage"]["completion_tokens"] == len(text.split())
    assert body["usage"]["total_tokens"] == 2 + len(text.split())


async def test_the_demo_answers_in_chinese():
    body = await whole(asked([{"type": "text", "text": "你好，世界"}, {"type": "image_url"}]))
    text = body["choices"][0]["message"]["content"]
    assert "演示渠道" in text
    assert "“你好，世界”" in text
    assert body["usage"]["prompt_tokens"] == 4


async def test_the_demo_streams_word_by_word():
    body = asked("Hi {there} " + "long " * 20, stream_options={"include_usage": True})
    *chunks, usage = await streamed(body)
    words = [c["choices"][0]["delta"].get("content", "") for c in chunks]
    said = (await whole(body))["choices"][0]["message"]["content"]
    assert "".join(words) == said
    assert len(words) == usage["usage"]["completion_tokens"] + 1
    assert usage["choices"] == []
    assert all(chunk.get("usage") is None for chunk in await streamed(asked("Hi")))


async def test_the_demo_respects_maximum_stop_and_n():
    body = asked("Hi", max_tokens=4, n=2)
    answer = await whole(body)
    assert [choice["index"] for choice in answer["choices"]] == [0, 1]
    assert answer["choices"][0]["message"]["content"] == "This is the demo"
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 8
    chunks = await streamed(body)
    assert [c["choices"][0]["index"] for c in chunks] == [0, 1] * 5
    for stop in ("channel", ["channel", ""]):
        answer = await whole(asked("Hi", stop=stop))
        assert answer["choices"][0]["message"]["content"] == "This is the demo"
        assert answer["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize("messages", [[], [{"role": "assistant", "content": None}]])
async def test_the_demo_has_an_answer_to_nothing(messages):
    answer = await whole({"model": "m", "messages": messages})
    assert answer["usage"]["prompt_tokens"] == 0


async def test_what_the_demo_says_is_what_the_dialect_reads():
    dialect = discover_dialects()["openai_chat"]
    body = asked("Hi", n=2, stream_options={"include_usage": True})
    response = dialect.read_response(await whole(body))
    reader = dialect.stream_reader()
    texts, usage = ["", ""], None
    for chunk in await streamed(body):
        for delta in reader.feed(None, orjson.dumps(chunk).decode()):
            texts[delta.index] += delta.text
            usage = delta.usage or usage
    assert texts == [choice.text for choice in response.choices]
    assert usage == response.usage
    assert reader.is_complete
