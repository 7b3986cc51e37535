"""The meter: never more than was delivered, and exact where words are separated."""

from hypothesis import given, settings
from hypothesis import strategies as st

from yiyuan.dialects.canonical import Delta, ToolCallDelta
from yiyuan.gateway.request.meter import Meter, output_bytes
from yiyuan.pricing.counting import count_tokens

WORDS = st.sampled_from(
    [
        "hello",
        "world",
        "一元",
        "词元，",
        "don't",
        "x = 3;",
        "\n\n",
        "1234567",
        "…",
        "naïve",
        "🙂",
        "The",
    ]
)
TEXTS = st.lists(st.tuples(st.sampled_from(["", " ", "  "]), WORDS), max_size=60).map(
    lambda parts: [space + word for space, word in parts]
)


def deliver(meter: Meter, pieces: list[str], index: int = 0) -> None:
    for piece in pieces:
        delta = Delta(index=index, text=piece)
        meter.add(delta, output_bytes(delta))


@given(TEXTS, st.sampled_from(["cl100k_base", "o200k_base"]))
@settings(max_examples=150)
def test_counting_in_between_never_counts_more_than_was_delivered(pieces, vocabulary):
    meter = Meter(vocabulary=vocabulary)
    delivered = ""
    for piece in pieces:
        deliver(meter, [piece])
        delivered += piece
        assert meter.count(count_tokens) <= count_tokens(delivered, vocabulary)


@given(st.lists(st.sampled_from([" one", " two", " three", " four"]), min_size=1, max_size=200))
@settings(max_examples=50)
def test_words_are_counted_exactly(pieces):
    meter = Meter(vocabulary="o200k_base")
    for position, piece in enumerate(pieces, 1):
        deliver(meter, [piece])
        assert meter.count(count_tokens) == position


def test_choices_are_counted_apart_and_together():
    meter = Meter(vocabulary="o200k_base")
    deliver(meter, [" one"] * 5, index=0)
    deliver(meter, [" one"] * 7, index=1)
    assert meter.count(count_tokens) == 12
    assert meter.count_choices(0, 1, count_tokens) == 5
    assert meter.count_choices(1, 3, count_tokens) == 7


def test_reasoning_and_tool_arguments_count():
    meter = Meter(vocabulary="o200k_base")
    for delta in (
        Delta(reasoning=" one two"),
        Delta(tool_calls=[ToolCallDelta(0, "call_1", "f", "")]),
        Delta(tool_calls=[ToolCallDelta(0, arguments=" one")]),
    ):
        meter.add(delta, output_bytes(delta))
    assert meter.count(count_tokens) == 4


def test_text_without_any_cut_stays_bounded_and_gives_tokens_away():
    meter = Meter(vocabulary="o200k_base")
    for _ in range(300):
        deliver(meter, ["字" * 20])
        meter.count(count_tokens)
    true = count_tokens("字" * 6000, "o200k_base")
    counted = meter.count(count_tokens)
    assert true * 0.9 <= counted <= true


PICTURE = "QUJD/+abc" * 3000


@given(st.integers(1, 5000), st.sampled_from(["o200k_base", None]))
@settings(max_examples=30)
def test_media_in_a_text_are_no_words_however_it_is_cut(size, vocabulary):
    text = f"Here: ![a](data:image/png;base64,{PICTURE}) and that was it."
    meter = Meter(vocabulary=vocabulary)
    for start in range(0, len(text), size):
        deliver(meter, [text[start : start + size]])
        meter.count(count_tokens)
    assert 0 < meter.count(count_tokens) < 60


def test_what_no_lane_understood_counts_as_delivered():
    meter = Meter(vocabulary="o200k_base")
    delta = Delta(unread=" one two three")
    meter.add(delta, output_bytes(delta))
    assert meter.count(count_tokens) == 3
    assert output_bytes(delta) == 14
    assert delta.has_output()
