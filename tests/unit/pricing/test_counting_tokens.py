"""Token counts: known values, any text, bounded time, loaded only on use."""

import random
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.pricing import counting
from yiyuan.pricing.counting import CL100K, O200K, count_tokens, decode, vocabulary_of

VOCABULARIES = (CL100K, O200K)


def whole(text, vocabulary):
    """The library's own count, in one piece."""
    counting.load(vocabulary)
    return counting._open(vocabulary).count(text)


def test_importing_loads_nothing():
    script = (
        "import sys; from yiyuan.pricing import counting as c;"
        "assert not any('bpe_openai' in name for name in sys.modules);"
        "assert not c.is_loaded(None) and not c.is_loaded('cl100k_base');"
        "c.vocabulary_of('gpt-4'); assert not c.is_loaded('cl100k_base');"
        "c.load('cl100k_base'); assert c.is_loaded('cl100k_base') and not c.is_loaded(None);"
        "c.count_tokens('x', None); assert c.is_loaded('o200k_base');"
        "assert 'bpe_openai' not in sys.modules;"
        "import bpe_openai; assert bpe_openai.get_encoding('cl100k_base').encode('hi') == [6151]"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


@pytest.mark.parametrize(
    ("model", "vocabulary"),
    [
        ("gpt-4o", O200K),
        ("gpt-4o-mini-2024-07-18", O200K),
        ("GPT-4.1-nano", O200K),
        ("gpt-5", O200K),
        ("gpt-5.2-pro", O200K),
        ("o1", O200K),
        ("o3-mini", O200K),
        ("o4-mini", O200K),
        ("chatgpt-4o-latest", O200K),
        ("openai/gpt-4o", O200K),
        ("ft:gpt-4o-mini:acme::x1", O200K),
        ("gpt-oss-120b", O200K),
        ("gpt-4", CL100K),
        ("gpt-4-0613", CL100K),
        ("gpt-4-turbo", CL100K),
        ("gpt-3.5-turbo", CL100K),
        ("gpt-3.5-turbo-instruct", CL100K),
        ("gpt-35-turbo", CL100K),
        ("text-embedding-ada-002", CL100K),
        ("text-embedding-3-large", CL100K),
        ("text-embedding-v3", None),
        ("claude-sonnet-4-5", None),
        ("deepseek-chat", None),
        ("gpt-40", None),
        ("o10", None),
        ("", None),
    ],
)
def test_the_vocabulary_of_a_model(model, vocabulary):
    assert vocabulary_of(model) == vocabulary


def test_known_counts():
    assert count_tokens("", CL100K) == 0
    assert count_tokens("Hello, world!", CL100K) == 4
    assert count_tokens("hello world", O200K) == 2
    assert count_tokens("hello world", None) == 2
    chinese = "一元是一个预付费的大模型网关。"
    assert count_tokens(chinese, O200K) < count_tokens(chinese, CL100K)


def test_special_markers_are_plain_text():
    assert count_tokens("<|endoftext|>", CL100K) > 1
    assert count_tokens("<|endoftext|>", O200K) > 1


@pytest.mark.parametrize("vocabulary", [*VOCABULARIES, None])
@given(text=st.text(st.characters()))
def test_any_text_is_counted_and_never_above_its_bytes(text, vocabulary):
    size = len(text.encode("utf-8", "surrogatepass"))
    assert (len(text) > 0) <= count_tokens(text, vocabulary) <= size


def test_lone_surrogates_are_counted():
    assert count_tokens("\ud800", None) >= 1
    assert count_tokens("a\udfff b" * 10_000, CL100K) > 10_000


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_a_long_text_counts_as_in_one_piece_where_words_end(vocabulary):
    pick = random.Random(7)
    pieces = [
        "the",
        "fox",
        "中文",
        "，",
        "。\n",
        "\n",
        " ",
        "  ",
        "12",
        "don't",
        "🙂",
        "²",
        "a\u0301",
    ]
    for _ in range(5):
        text = "".join(pick.choices(pieces, k=40_000))
        assert "".join(counting._pieces(text)) == text
        assert count_tokens(text, vocabulary) == whole(text, vocabulary)


HOSTILE = {
    "a million and more of one letter": "a" * 1_200_000,
    "over 200,000 tokens": "词" * 400_000,
    "spaces": " " * 1_000_000,
    "tabs": "\t" * 300_000,
    "line breaks": "\n" * 1_000_000,
    "full stops": "." * 1_000_000,
    "combining marks": "a\u0301" * 200_000,
    "surrogates": "\ud800" * 300_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_counted_in_bounded_time(text):
    counting.load(CL100K)
    began = time.perf_counter()
    found = count_tokens(text, CL100K)
    assert time.perf_counter() - began < 3
    pieces = len(counting._pieces(text))
    if "\ud800" not in text:
        assert abs(found - whole(text, CL100K)) <= pieces


def test_counting_is_fast():
    counting.load(O200K)
    text = "The quick brown fox jumps over the lazy dog. " * 1000
    times = []
    for _ in range(5):
        began = time.perf_counter()
        count_tokens(text, O200K)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.05  # 10,000 tokens in 1.5 ms on an idle machine


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
@given(text=st.text())
def test_ids_are_decoded(text, vocabulary):
    ids = counting._open(vocabulary).encode(text)
    assert decode(ids, vocabulary) == text


def test_decoding_is_lenient_with_bytes_and_strict_with_ids():
    rare = counting._open(CL100K).encode("龘")
    assert len(rare) > 1
    assert decode([*rare, *rare], CL100K) == "龘龘"
    assert decode(rare[:1], CL100K) == "\ufffd"
    assert decode([9906, *rare[:1], 9906], CL100K) == "Hello\ufffdHello"
    assert decode([9906, 100257, 9906], CL100K) == "Hello<|endoftext|>Hello"
    assert decode([], None) == ""
    for wrong in (-1, 100_256, 100_261, 2**40):
        with pytest.raises(ValueError, match=f"{wrong} is not a token id of cl100k_base"):
            decode([1, wrong], CL100K)
    with pytest.raises(ValueError):
        decode([199_998], O200K)
    assert decode(list(range(100_256)), CL100K)
    assert decode(list(range(199_998)), O200K)
