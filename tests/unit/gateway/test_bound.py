"""Input bounds over the very bodies that are sent, and the local count over every kind of part."""

import base64
import random
import timeit

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.dialects.dialect_cases import DIALECTS
from yiyuan.dialects.canonical import (
    EmbeddingsRequest,
    GenerationRequest,
    Image,
    Message,
    Other,
    Target,
    Text,
    Tool,
)
from yiyuan.dialects.contents import UNBOUNDED
from yiyuan.gateway.hold import bound
from yiyuan.gateway.operations.contract import discover
from yiyuan.kernel.errors import InvalidRequest
from yiyuan.pricing.counting import CL100K, O200K, count_tokens
from yiyuan.pricing.model import Model
from yiyuan.pricing.price import parse_price

PRICE = parse_price({"input": "1", "output": "1"})
MODEL = Model("m", PRICE, image_tokens=5000, context_tokens=200_000)
OPERATIONS = discover()
PIXELS = base64.b64encode(random.Random(3000).randbytes(3000)).decode()
DATA_URL = f"data:image/png;base64,{PIXELS}"
USER = {
    "openai_chat": lambda *parts: {"messages": [{"role": "user", "content": list(parts)}]},
    "anthropic_messages": lambda *parts: {
        "messages": [{"role": "user", "content": list(parts)}],
        "max_tokens": 5_000,
    },
    "openai_responses": lambda *parts: {"input": [{"role": "user", "content": list(parts)}]},
    "gemini": lambda *parts: {"contents": [{"role": "user", "parts": list(parts)}]},
}
TEXTS = {
    "openai_chat": {"type": "text"},
    "anthropic_messages": {"type": "text"},
    "openai_responses": {"type": "input_text"},
    "gemini": {},
}
PICTURES = {
    "openai_chat": {"type": "image_url", "image_url": {"url": DATA_URL}},
    "anthropic_messages": {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": PIXELS},
    },
    "openai_responses": {"type": "input_image", "image_url": DATA_URL},
    "gemini": {"inlineData": {"mimeType": "image/png", "data": PIXELS}},
}
OPAQUE = {
    "openai_chat": [
        {"type": "file", "file": {"file_data": f"data:application/pdf;base64,{PIXELS}"}},
        {"type": "file", "file": {"file_id": "file_1"}},
        {"type": "input_audio", "input_audio": {"data": PIXELS, "format": "wav"}},
        {"type": "video_url", "video_url": {"url": "https://x.invalid/v.mp4"}},
        {"type": "image_url", "image_url": {"url": f"data:application/pdf;base64,{PIXELS}"}},
    ],
    "anthropic_messages": [
        {"type": "document", "source": {"type": "url", "url": "https://x.invalid/a.pdf"}},
        {"type": "document", "source": {"type": "base64", "data": PIXELS}},
        {"type": "document", "source": {"type": "file", "file_id": "file_1"}},
        {"type": "container_upload", "file_id": "file_1"},
    ],
    "openai_responses": [
        {"type": "input_file", "file_id": "file_1"},
        {"type": "input_file", "file_data": f"data:application/pdf;base64,{PIXELS}"},
        {"type": "input_audio", "input_audio": {"data": PIXELS}},
    ],
    "gemini": [
        {"fileData": {"fileUri": "https://x.invalid/a.pdf"}},
        {"inlineData": {"mimeType": "application/pdf", "data": PIXELS}},
        {"inlineData": {"mimeType": "audio/wav", "data": PIXELS}},
    ],
}
FORMATS = sorted(USER)
CASES = [(name, part) for name in FORMATS for part in OPAQUE[name]]


def drafted(name, body):
    """A client's body in one format, and what an upstream of the same one would be sent."""
    dialect = DIALECTS[name]
    request = dialect.read_request({"model": "m"} | body)
    written = dialect.write_request(request, Target(model="up"))
    draft = bound.Draft(written, len(orjson.dumps(written)), dialect.contents(written), [])
    return OPERATIONS[dialect.operation], request, draft


def by_bytes(name, body, model=MODEL, calls=1):
    operation, request, draft = drafted(name, body)
    size = draft.size_bytes - (4 if name == "anthropic_messages" else 0)  # of `max_tokens`
    return bound.byte_bound(operation, request, [[draft]], model, calls), size


def by_tokens(name, body, vocabulary, model=MODEL, calls=1):
    operation, request, draft = drafted(name, body)
    return bound.exact_bound(operation, request, [[draft]], model, calls, vocabulary)


@pytest.mark.parametrize("name", FORMATS)
def test_text_counts_the_bytes_that_are_sent(name):
    for text in ("hello", "一元", "\n" * 50, PIXELS, DATA_URL):
        found, size = by_bytes(name, USER[name](TEXTS[name] | {"text": text}))
        assert found == size + 16 + 32
        assert size > len(text.encode())


@pytest.mark.parametrize("name", FORMATS)
def test_a_picture_is_known_by_its_place(name):
    found, size = by_bytes(name, USER[name](PICTURES[name]))
    head = "" if name in ("anthropic_messages", "gemini") else "data:image/png;base64,"
    assert found == size - len(head + PIXELS) + 5000 + 16 + 32
    text = orjson.dumps(PICTURES[name]).decode()
    found, size = by_bytes(name, USER[name](TEXTS[name] | {"text": text}))
    assert found == size + 16 + 32


@pytest.mark.parametrize(("name", "part"), CASES)
def test_a_part_of_unseen_size_counts_as_the_whole_context(name, part):
    body = USER[name](part)
    assert by_bytes(name, body)[0] == 200_000 + 16 + 32
    assert by_tokens(name, body, O200K) == 200_000 + 16 + 32
    small = Model("m", PRICE, context_tokens=10)
    found, size = by_bytes(name, body, small)
    assert found >= size - len(PIXELS)
    with pytest.raises(InvalidRequest) as refused:
        by_bytes(name, body, Model("m", PRICE))
    assert refused.value.code == "unsupported_value"
    assert refused.value.message("en") != refused.value.message("zh")


def test_base64_elsewhere_is_text():
    schema = {"type": "object", "description": DATA_URL, "properties": {"x": {"const": PIXELS}}}
    tool = {"type": "function", "function": {"name": "f", "parameters": schema}}
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": DATA_URL}}
    body = {
        "messages": [
            {"role": "user", "content": "x", "reasoning_details": [{"data": PIXELS}]},
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": PIXELS},
        ],
        "tools": [tool],
    }
    found, size = by_bytes("openai_chat", body)
    assert found == size + 3 * 16 + 32 + 1024
    assert size > 5 * len(PIXELS)


def test_the_largest_draft_counts_and_each_call_pays_its_input():
    operation, request, draft = drafted("openai_chat", USER["openai_chat"]())
    large = replace(draft, size_bytes=10_000)
    once = 10_000 + 16 + 32
    assert bound.byte_bound(operation, request, [[draft, large]], MODEL, 1) == once
    assert bound.byte_bound(operation, request, [[large, draft]], MODEL, 4) == 4 * once
    both = bound.byte_bound(operation, request, [[large], [large]], MODEL, 2)
    assert both == 2 * 10_000 + 16 + 32


def test_the_models_factor_stretches_everything_and_rounds_up():
    model = Model("m", PRICE, input_factor_ppm=1_300_001)
    operation, request, draft = drafted("openai_chat", USER["openai_chat"]())
    draft = replace(draft, size_bytes=15)
    assert bound.byte_bound(operation, request, [[draft]], model, 2) == 2 * 82  # 63 × 1.300001


def test_embeddings_count_each_input():
    found, size = by_bytes("openai_embeddings", {"input": ["一", "ab"]})
    assert found == size + 2 * 16 + 32
    ids = {"input": [[1, 2, 3] * 100, [4]]}
    assert by_tokens("openai_embeddings", ids, CL100K) < 301 + 2 * 16 + 32 + 30
    assert by_bytes("openai_embeddings", ids)[0] > 600
    assert local_input_count(embeddings(["hello world", "hello"]), CL100K) == 3 + 2 * 4
    assert local_input_count(embeddings([[1, 2, 3]]), None) == 3 + 4


@pytest.mark.parametrize("name", FORMATS)
def test_the_exact_bound_counts_every_text_that_is_sent(name):
    text = "The quick brown fox jumps over the lazy dog.\n\n" * 40
    body = USER[name](TEXTS[name] | {"text": text}, PICTURES[name])
    known = by_tokens(name, body, CL100K)
    count = count_tokens(text, CL100K)
    assert count + 5000 < known < count + 5000 + 150
    assert by_tokens(name, body, CL100K, calls=2) == 2 * known
    assert known < by_tokens(name, body, None) <= by_bytes(name, body)[0]


FOX = "The quick brown fox jumps over the lazy dog. " * 40
BEHIND_A_NUMBER = {
    "a text": ([1, FOX], count_tokens(FOX, O200K)),
    "an object": ([1, {"a": FOX}], count_tokens(FOX, O200K)),
    "a list": ([1, [FOX]], count_tokens(FOX, O200K)),
    "a list of numbers and a text": ([[1, 2, FOX]], count_tokens(FOX, O200K)),
    "long numbers": ([10**17 + i for i in range(100)], 100 * 6),
    "long numbers in a list": ([[10**17 + i for i in range(100)]], 100 * 6),
}


@pytest.mark.parametrize(("values", "least"), BEHIND_A_NUMBER.values(), ids=BEHIND_A_NUMBER)
@pytest.mark.parametrize("name", ["openai_chat", "anthropic_messages", "openai_responses"])
def test_numbers_are_ids_of_tokens_only_in_their_place(name, values, least):
    for field in ("enum", "prompt", "input"):
        schema = {"type": "object", field: values}
        tool = {"name": "f"}
        if name == "openai_chat":
            tool = {"type": "function", "function": tool | {"parameters": schema}}
        elif name == "anthropic_messages":
            tool |= {"input_schema": schema}
        else:
            tool |= {"type": "function", "parameters": schema}
        plain = by_tokens(name, USER[name](TEXTS[name] | {"text": "x"}), O200K)
        body = USER[name](TEXTS[name] | {"text": "x"}) | {"tools": [tool]}
        assert by_tokens(name, body, O200K) >= plain + 1024 + least


ESCAPES = {
    "line ends": "\n" * 4000,
    "indents": "\n \t" * 2000,
    "quotes": '"' * 4000,
    "backslashes": "\\" * 4000,
    "control characters": "\x01" * 4000,
}
AS_JSON = {
    "openai_chat": lambda odd: {
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"enum": [odd]}}}]
    },
    "anthropic_messages": lambda odd: {"tools": [{"name": "f", "input_schema": {"enum": [odd]}}]},
    "openai_responses": lambda odd: {
        "text": {"format": {"type": "json_schema", "name": "x", "schema": {"const": odd}}}
    },
    "gemini": lambda odd: {
        "tools": [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": {odd: {}}}]}]
    },
}


@pytest.mark.parametrize("odd", ESCAPES.values(), ids=ESCAPES)
@pytest.mark.parametrize("name", AS_JSON)
def test_what_is_shown_as_json_counts_its_escapes(name, odd):
    body = USER[name](TEXTS[name] | {"text": "x"})
    shown = count_tokens(orjson.dumps(odd).decode(), O200K)
    more = by_tokens(name, body | AS_JSON[name](odd), O200K)
    assert more >= by_tokens(name, body, O200K) + shown
    assert more <= by_bytes(name, body | AS_JSON[name](odd))[0]


def test_arguments_of_a_call_count_their_escapes():
    odd = ESCAPES["line ends"]
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {"a": odd}}
    said = [{"role": "user", "content": "x"}, {"role": "assistant", "content": [call]}]
    body = {"messages": said, "max_tokens": 9}
    assert by_tokens("anthropic_messages", body, O200K) > len(odd)


def test_ids_of_tokens_count_one_each():
    for name, field in (("openai_embeddings", "input"), ("openai_completions", "prompt")):
        for ids in ([1000, 2000] * 50, [[1000, 2000] * 25] * 2):
            assert 100 < by_tokens(name, {field: ids}, CL100K) < 250


@given(st.text(), st.sampled_from([CL100K, O200K, None]))
def test_the_exact_bound_is_never_above_the_byte_bound(text, vocabulary):
    body = {"messages": [{"role": "user", "content": text or "x"}]}
    exact = by_tokens("openai_chat", body, vocabulary)
    assert count_tokens(text, vocabulary) < exact <= by_bytes("openai_chat", body)[0]


def test_bounding_a_plain_request_takes_microseconds():
    text = {"type": "text", "text": "The quick brown fox. " * 100}
    operation, request, draft = drafted("openai_chat", USER["openai_chat"](text))
    times = timeit.repeat(
        lambda: bound.byte_bound(operation, request, [[draft]], MODEL, 1), number=500, repeat=5
    )
    assert min(times) / 500 < 50e-6


def operation_of(request):
    return OPERATIONS["embeddings" if isinstance(request, EmbeddingsRequest) else "generation"]


def local_input_count(request, *asked, **more):
    return bound.local_input_count(operation_of(request), request, *asked, **more)


def chat(*parts, **more):
    return GenerationRequest(
        model="m", conversations=[[Message("user", list(parts))]], source="", raw={}, **more
    )


def embeddings(inputs):
    return EmbeddingsRequest(model="m", inputs=inputs, source="", raw={})


def test_the_local_count_is_what_is_likely():
    text = "The quick brown fox jumps over the lazy dog."
    assert local_input_count(chat(Text(text)), O200K) == count_tokens(text, O200K) + 4
    assert local_input_count(chat(Text("abcde")), None) == 2 + 4
    assert local_input_count(chat(Image(url="u")), None) == 1000 + 4
    assert local_input_count(chat(Image(url="u")), None, bound=100) == 100


def test_a_value_that_nests_too_deeply_is_refused():
    deep = {}
    for _ in range(300):
        deep = {"a": deep}
    for request in (
        chat(Other("x", deep)),
        chat(tools=[Tool("t", None, deep)]),
        chat(response_format=deep),
    ):
        with pytest.raises(InvalidRequest) as caught:
            local_input_count(request, CL100K)
        assert caught.value.code == "invalid_json"
        assert "deeply" in caught.value.message("en")


THOUGHT = {
    "a budget": ({"thinking_budget": 30_000}, 30_000),
    "by another name": ({"reasoning": {"max_tokens": 700}}, 700),
    "no number": ({"thinking_budget": "30000"}, UNBOUNDED),
    "without a budget": ({"enable_thinking": True}, UNBOUNDED),
    "with one": ({"enable_thinking": True, "thinking_budget": 500}, 500),
    "switched off": ({"enable_thinking": False}, 0),
    "by effort": ({"reasoning": {"effort": "high"}}, 0),
    "nothing": ({}, 0),
}


@pytest.mark.parametrize(("fields", "tokens"), THOUGHT.values(), ids=THOUGHT)
def test_what_vendors_own_fields_let_a_model_think_is_seen(fields, tokens):
    """It is held for beside the maximum: `system/public_api/test_the_maximum_is_enforced.py`."""
    body = {"model": "qwen-plus", "messages": [{"role": "user", "content": "Hi"}]} | fields
    assert DIALECTS["openai_chat"].contents(body).thinking_beside == tokens
