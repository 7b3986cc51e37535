"""Which format each vendor speaks, where, and with which credential."""

import orjson
import pytest

from yiyuan.dialects.contract import discover as discover_dialects
from yiyuan.integrations.providers.contract import Destination
from yiyuan.integrations.providers.registry import discover, provider_at

PROVIDERS = discover()
DEMO = PROVIDERS["demo"]
FILES = {"openai", "anthropic", "gemini", "azure", "vertex", "demo"}


def test_the_dialects_that_vendors_name_exist():
    dialects = discover_dialects()
    assert set(PROVIDERS) >= FILES
    for provider in PROVIDERS.values():
        assert {e.dialect for e in provider.endpoints} <= set(dialects) | {"gemini_embeddings"}
        spoken = {e.dialect for e in provider.endpoints if e.operation == "generation"}
        assert set(provider.speaks) <= spoken


def url(name, base, model="some/model", dialect=None, *, stream=False):
    provider = provider_at(name, base)
    assert provider is not None
    endpoint = provider.endpoint(dialect or provider.speaks[0])
    assert endpoint is not None
    return endpoint.url(Destination(base or provider.base_url, model, stream))


@pytest.mark.parametrize(
    ("name", "base", "dialect", "address"),
    [
        ("openai", "https://a.example/v1", None, "https://a.example/v1/chat/completions"),
        ("openai", "https://a.example/v1/", None, "https://a.example/v1/chat/completions"),
        ("openai", "", "openai_responses", "https://api.openai.com/v1/responses"),
        ("anthropic", "https://a.example", None, "https://a.example/v1/messages"),
        ("anthropic", "https://a.example/v1/", None, "https://a.example/v1/messages"),
        ("deepseek", "", "anthropic_messages", "https://api.deepseek.com/anthropic/v1/messages"),
        (
            "zhipu",
            "https://own.example/api/paas/v4",
            "anthropic_messages",
            "https://own.example/api/anthropic/v1/messages",
        ),
        ("openrouter", "", "anthropic_messages", "https://openrouter.ai/api/v1/messages"),
        (
            "azure",
            "https://r.openai.azure.com?api-version=2024-10-21",
            None,
            (
                "https://r.openai.azure.com/openai/deployments/some%2Fmodel/chat/completions"
                "?api-version=2024-10-21"
            ),
        ),
        (
            "azure",
            "https://r.openai.azure.com/openai/v1",
            None,
            "https://r.openai.azure.com/openai/v1/chat/completions",
        ),
        (
            "gemini",
            "",
            None,
            "https://generativelanguage.googleapis.com/v1beta/models/some/model:generateContent",
        ),
        (
            "vertex-express",
            "",
            None,
            (
                "https://aiplatform.googleapis.com/v1/publishers/google/models/some/model"
                ":generateContent"
            ),
        ),
    ],
)
def test_addresses(name, base, dialect, address):
    assert url(name, base, dialect=dialect) == address


def test_a_stream_has_another_address_where_google_wants_it():
    base = "https://aiplatform.googleapis.com/v1/projects/p/locations/global"
    assert url("vertex", base, "claude-x", "anthropic_messages", stream=True) == (
        f"{base}/publishers/anthropic/models/claude-x:streamRawPredict"
    )
    assert url("vertex", base, "gemini-x", "gemini", stream=True) == (
        f"{base}/publishers/google/models/gemini-x:streamGenerateContent?alt=sse"
    )


def test_openais_own_address_speaks_responses_and_others_only_chat():
    assert provider_at("openai", "").speaks == ("openai_chat", "openai_responses")
    assert provider_at("openai", "https://api.openai.com/v1").quirks_for is not None
    other = provider_at("openai", "https://a.example/v1")
    assert other.speaks == ("openai_chat",)
    assert other.quirks_for is None


@pytest.mark.parametrize(
    ("name", "key", "headers"),
    [
        ("openai", "sk-1", [("authorization", "Bearer sk-1")]),
        ("openai", "", []),
        ("anthropic", "k", [("x-api-key", "k"), ("anthropic-version", "2023-06-01")]),
        ("gemini", "k", [("x-goog-api-key", "k")]),
        ("azure", "k", [("api-key", "k")]),
        ("azure", "eyJ.a.b", [("authorization", "Bearer eyJ.a.b")]),
    ],
)
def test_credentials(name, key, headers):
    assert PROVIDERS[name].endpoints[0].credential(key) == headers


def test_who_counts_tokens_for_nothing():
    """Anthropic and Google do, and nobody who merely speaks like them."""
    found = {
        name: {each.dialect for each in provider.endpoints if each.counter is not None}
        for name, provider in PROVIDERS.items()
    }
    assert {name: formats for name, formats in found.items() if formats} == {
        "anthropic": {"anthropic_messages"},
        "gemini": {"gemini"},
        "vertex": {"gemini", "anthropic_messages"},
        "vertex-express": {"gemini"},
    }


def asked(text, **fields):
    return {"model": "gpt-4", "messages": [{"role": "user", "content": text}]} | fields


async def whole(body):
    assert DEMO.answer is not None
    [answer] = DEMO.answer(body)
    return orjson.loads(answer)


async def streamed(body):
    assert DEMO.answer is not None
    events = list(DEMO.answer(body | {"stream": True}))
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
