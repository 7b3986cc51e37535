"""Input bounds: by bytes, by exact count, and the local count, over every kind of part."""

import base64
import os
import timeit

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.dialects.canon import (
    EmbeddingsRequest,
    GenerationRequest,
    Image,
    Message,
    Other,
    Reasoning,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from yiyuan.gateway.bound import byte_bound, exact_bound, local_input_count
from yiyuan.kernel.errors import InvalidRequest
from yiyuan.pricing.counting import CL100K, O200K, count_tokens
from yiyuan.pricing.model import Model
from yiyuan.pricing.price import parse_price

PRICE = parse_price({"input": "1", "output": "1"})
MODEL = Model("m", PRICE, image_tokens=5000)
BLOB = base64.b64encode(os.urandom(3000)).decode()


def chat(*parts, **more):
    return GenerationRequest(
        model="m", conversations=[[Message("user", list(parts))]], source="", raw={}, **more
    )


def embeddings(inputs):
    return EmbeddingsRequest(model="m", inputs=inputs, source="", raw={})


def bytes_of(request):
    """The byte bound of one call without what every single message adds."""
    return byte_bound(request, MODEL, 1) - 32 - 16


def test_text_counts_its_utf8_bytes():
    assert byte_bound(chat(Text("hello")), MODEL, 1) == 5 + 16 + 32
    assert bytes_of(chat(Text("一元"), Text("é🙂"))) == 6 + 2 + 4
    assert bytes_of(chat(Text("\ud800"))) == 3
    assert bytes_of(chat()) == 0


def test_every_message_adds_and_names_count():
    turns = [Message("system", [Text("abc")]), Message("user", [Text("de")], name="bob")]
    request = GenerationRequest(model="m", conversations=[turns], source="", raw={})
    assert byte_bound(request, MODEL, 1) == 3 + 2 + 3 + 2 * 16 + 32


def test_images_count_the_same_whatever_their_bytes():
    assert bytes_of(chat(Image(url="https://example.com/a.png"))) == 5000
    assert bytes_of(chat(Image(media_type="image/png", data="A" * 10_000_000))) == 5000


def test_tool_calls_and_results_count_whole():
    call = ToolCall("call_1", "search", '{"q":"词元"}')
    result = ToolResult("call_1", [Text("found"), Image(url="u")], is_error=True)
    assert bytes_of(chat(call)) == 6 + 6 + len('{"q":"词元"}'.encode())
    assert bytes_of(chat(result)) == 6 + 5 + 5000


def test_reasoning_counts_with_its_proofs():
    assert bytes_of(chat(Reasoning("thought", signature="sig", redacted="blob"))) == 7 + 3 + 4


def test_tools_count_their_schema_and_description():
    schema = {"type": "object", "properties": {"q": {"type": "string", "description": "查询"}}}
    tools = [Tool("search", "Finds things.", schema), Tool("stop", None, {})]
    expected = 6 + 13 + len(orjson.dumps(schema)) + 4 + 2 + 1024
    assert bytes_of(chat(tools=tools)) == expected


def test_a_response_format_and_a_suffix_count():
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
    assert bytes_of(chat(response_format=wanted)) == len(orjson.dumps(wanted))
    assert bytes_of(chat(suffix="the end")) == 7


def test_fields_that_only_the_format_knows_count_as_json():
    raw = {"prediction": {"content": "x" * 50}, "store": True, "seed": 7}
    request = chat(unmapped=["prediction", "store", "cache_control"])
    request.raw = raw
    assert bytes_of(request) == len(orjson.dumps(raw["prediction"]))


def test_other_parts_count_as_json_but_base64_as_images():
    small = {"type": "input_audio", "input_audio": {"data": "UklGR", "format": "wav"}}
    assert bytes_of(chat(Other("input_audio", small))) == len(orjson.dumps(small))
    large = {"type": "input_audio", "input_audio": {"data": BLOB, "format": "wav"}}
    rest = {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}
    assert bytes_of(chat(Other("input_audio", large))) == len(orjson.dumps(rest)) + 5000
    url = {"type": "file", "file": {"file_data": f"data:application/pdf;base64,{BLOB}", "b": BLOB}}
    rest = {"type": "file", "file": {"file_data": "", "b": ""}}
    assert bytes_of(chat(Other("file", url))) == len(orjson.dumps(rest)) + 2 * 5000


def test_long_plain_text_in_other_parts_is_no_base64():
    for text in ("plain words " * 500, "词元" * 2000, "a" * 1024, BLOB + "!"):
        document = {"type": "document", "source": {"type": "text", "data": text}}
        assert bytes_of(chat(Other("document", document))) == len(orjson.dumps(document))


def test_token_id_prompts_count_their_ids_until_they_are_decoded():
    request = GenerationRequest(
        model="m",
        conversations=[[Message("user", [Text("abc")])], []],
        token_prompts={1: [5] * 700},
        source="",
        raw={},
    )
    assert byte_bound(request, MODEL, 1) == 3 + 700 + 2 * 16 + 2 * 32
    request.conversations[1] = [Message("user", [Text("x" * 900)])]
    assert byte_bound(request, MODEL, 1) == 3 + 900 + 2 * 16 + 2 * 32


def test_conversations_add_up_and_each_call_pays_its_input():
    request = GenerationRequest(
        model="m",
        conversations=[[Message("user", [Text("abc")])] for _ in range(3)],
        source="",
        raw={},
        suffix="zz",
    )
    once = 3 * (3 + 2 + 16 + 32)
    assert byte_bound(request, MODEL, 1) == once
    assert byte_bound(request, MODEL, 4) == 4 * once


def test_the_models_factor_stretches_everything_and_rounds_up():
    model = Model("m", PRICE, image_tokens=10, input_factor_ppm=1_300_001)
    request = chat(Text("hello"), Image(url="u"))
    assert byte_bound(request, model, 2) == 2 * 82  # 63 × 1.300001 = 81.900063
    assert byte_bound(chat(Text("")), Model("m", PRICE, input_factor_ppm=1), 1) == 1


def test_embeddings_count_each_input():
    assert byte_bound(embeddings(["一", "ab"]), MODEL, 1) == 5 + 2 * 16 + 32
    assert byte_bound(embeddings([[1, 2, 3], [4]]), MODEL, 1) == 4 + 2 * 16 + 32
    assert exact_bound(embeddings([[1, 2, 3]]), CL100K, MODEL, 1) == 3 + 16 + 32
    assert local_input_count(embeddings(["hello world", "hello"]), CL100K) == 3 + 2 * 4
    assert local_input_count(embeddings([[1, 2, 3]]), None) == 3 + 4


def test_a_value_that_nests_too_deeply_is_refused():
    deep = {}
    for _ in range(300):
        deep = {"a": deep}
    for request in (
        chat(Other("x", deep)),
        chat(tools=[Tool("t", None, deep)]),
        chat(response_format=deep),
    ):
        for attempt in (
            lambda asked=request: byte_bound(asked, MODEL, 1),
            lambda asked=request: exact_bound(asked, None, MODEL, 1),
            lambda asked=request: local_input_count(asked, CL100K),
        ):
            with pytest.raises(InvalidRequest) as caught:
                attempt()
            assert caught.value.code == "invalid_json"
            assert "deeply" in caught.value.message("en")


def test_the_exact_bound_counts_tokens():
    text = "The quick brown fox jumps over the lazy dog. " * 20
    known = exact_bound(chat(Text(text)), CL100K, MODEL, 2)
    assert known == 2 * (count_tokens(text, CL100K) + 16 + 32)
    unknown = exact_bound(chat(Text(text)), None, MODEL, 1)
    assert unknown == -(-count_tokens(text, O200K) * 3 // 2) + 16 + 32


def test_the_exact_bound_of_rare_text_stops_at_the_byte_bound():
    request = chat(Text("龘靐齉"))
    assert exact_bound(request, None, MODEL, 1) == byte_bound(request, MODEL, 1)


def test_the_local_count_is_what_is_likely():
    text = "The quick brown fox jumps over the lazy dog."
    assert local_input_count(chat(Text(text)), O200K) == count_tokens(text, O200K) + 4
    assert local_input_count(chat(Text("abcde")), None) == 2 + 4
    assert local_input_count(chat(Image(url="u")), None) == 1000 + 4
    assert local_input_count(chat(Image(url="u")), None, bound=100) == 100


parts = st.one_of(
    st.builds(Text, st.text(st.characters())),
    st.builds(Image, url=st.just("u")),
    st.builds(ToolCall, st.text(), st.text(), st.text()),
    st.builds(ToolResult, st.text(), st.lists(st.builds(Text, st.text()), max_size=3)),
    st.builds(Reasoning, st.text(), st.one_of(st.none(), st.text())),
    st.builds(Other, st.text(), st.dictionaries(st.text(), st.text())),
)
requests = st.builds(
    GenerationRequest,
    model=st.just("m"),
    source=st.just(""),
    raw=st.just({}),
    conversations=st.lists(
        st.lists(
            st.builds(Message, st.just("user"), st.lists(parts, max_size=3)), min_size=1, max_size=3
        ),
        min_size=1,
        max_size=3,
    ),
    tools=st.lists(
        st.builds(Tool, st.text(), st.none(), st.dictionaries(st.text(), st.integers(0, 9))),
        max_size=2,
    ),
)


@given(requests, st.sampled_from([CL100K, O200K, None]), st.integers(1, 3))
def test_the_three_figures_are_in_order(request, vocabulary, copies):
    by_bytes = byte_bound(request, MODEL, copies)
    exact = exact_bound(request, vocabulary, MODEL, copies)
    assert 0 < exact <= by_bytes
    local = local_input_count(request, vocabulary, exact)
    assert 0 <= local <= exact
    if vocabulary is not None:
        assert local_input_count(request, vocabulary) * copies <= exact


def test_bounding_a_plain_request_takes_microseconds():
    request = chat(Text("The quick brown fox. " * 100))
    times = timeit.repeat(lambda: byte_bound(request, MODEL, 1), number=500, repeat=5)
    assert min(times) / 500 < 50e-6  # 4 µs on an idle machine
