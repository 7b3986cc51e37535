"""Events come out the same however the bytes were cut, and nothing makes the reader grow."""

import itertools
import re
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.sse import EVENT_BYTES_MAX, EventReader


def reference(data):
    """The specification, word for word, over the whole stream at once."""
    text = data.decode().removeprefix("\ufeff")
    events, kind, lines = [], None, []
    for line in re.split("\r\n|\r|\n", text)[:-1]:
        if line == "":
            if lines:
                events.append((kind, "\n".join(lines)))
            kind, lines = None, []
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            lines.append(value)
        elif name == "event":
            kind = value or None
    return events


def read(*pieces):
    reader = EventReader()
    return [event for piece in pieces for event in reader.feed(piece)]


LINE = st.one_of(
    st.sampled_from(
        (
            *("data: {}", "data:x", "data", "data:  two", "data: a: b", "data: 词元 😀"),
            *("data: \u2028", "\ufeffdata: x", "event: ping", "event:", ": note", "id: 7"),
            *("retry: 9", "datum: no"),
        )
    ),
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=8),
)
END = st.sampled_from(["\n", "\r", "\r\n", "\n\n", "\r\n\r\n", "\r\r", "\n\r\n"])


@settings(max_examples=400)
@given(
    bom=st.booleans(),
    lines=st.lists(st.tuples(LINE, END), max_size=12),
    cuts=st.lists(st.integers(0, 200), max_size=12),
)
def test_any_stream_cut_anywhere_reads_as_the_specification_says(bom, lines, cuts):
    data = (("\ufeff" if bom else "") + "".join(a + b for a, b in lines)).encode()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in itertools.pairwise(edges)]
    expected = reference(data)
    assert read(*pieces) == expected
    assert read(data) == expected
    assert read(*(data[i : i + 1] for i in range(len(data)))) == expected


STREAM = (
    '\ufeff: hello\n\nevent: message_start\r\ndata: {"a":"词元"}\r\n\r\n'
    "data: one\ndata: two\n\ndata: x\r\rid: 3\nretry: 5\n\ndata: [DONE]\n\n"
).encode()


def test_every_single_cut():
    expected = reference(STREAM)
    assert expected == [
        ("message_start", '{"a":"词元"}'),
        (None, "one\ntwo"),
        (None, "x"),
        (None, "[DONE]"),
    ]
    for first in range(len(STREAM)):
        for second in range(first, len(STREAM), 7):
            assert read(STREAM[:first], STREAM[first:second], STREAM[second:]) == expected


def test_a_last_event_without_its_empty_line_is_given_at_the_end():
    reader = EventReader()
    assert reader.feed(b"data: a\n\ndata: [DONE]") == [(None, "a")]
    assert reader.end() == [(None, "[DONE]")]
    assert reader.end() == []


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"])
def test_bytes_that_are_not_utf8_are_a_failure(bad):
    reader = EventReader()
    reader.feed(b"data: fine\n\n")
    with pytest.raises(UpstreamFailure) as caught:
        reader.feed(b"data: " + bad + b"\n\n")
    assert caught.value.kind == "protocol"
    assert caught.value.request_was_written


@pytest.mark.parametrize("size", [1400, 65536, 256 * 1024])
def test_a_line_of_100_megabytes_is_refused_in_bounded_memory(size):
    piece = b"x" * size
    reader = EventReader()
    tracemalloc.start()
    with pytest.raises(UpstreamFailure) as caught:
        for _ in range(100_000_000 // size):
            reader.feed(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.kind == "too_large"
    assert peak < 3 * EVENT_BYTES_MAX


def test_an_event_over_the_limit_is_refused_also_when_it_comes_whole():
    with pytest.raises(UpstreamFailure):
        EventReader(100).feed(b"data: " + b"x" * 200 + b"\n\n")
    reader = EventReader(100)
    assert len(reader.feed(b"data: " + b"x" * 80 + b"\n\n")) == 1
    assert len(reader.feed((b"data: " + b"x" * 80 + b"\n\n") * 10)) == 10


def test_single_bytes_cost_linear_time():
    """A megabyte in pieces of one byte would take minutes if each were searched anew."""
    reader = EventReader()
    begin = time.process_time()
    for _ in range(300_000):
        reader.feed(b"x")
    assert time.process_time() - begin < 3
