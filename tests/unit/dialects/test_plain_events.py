"""Events that are read by what they have in common say the same as events taken apart.

Each row goes through two readers of its format, one of which never learns a mould, and
through two writers: neither the deltas nor what a client gets may differ.
"""

import orjson
import pytest
from msgspec.structs import replace

from tests.unit.dialects.dialect_cases import (
    CHAT,
    COMPLETIONS,
    MESSAGES,
    RESPONSES,
    USAGE,
    reply_to,
    request_for,
)
from yiyuan.dialects.contract import MalformedUpstream
from yiyuan.dialects.plain import PROBE, TRIES_MAX, MouldReader, MouldWriter, Plain

HEAD = '{"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{'


def chunk(inner: str, tail: str = '"},"finish_reason":null}]}', head: str = HEAD) -> str:
    return f'{head}"content":"{inner}{tail}'


def text(inner: str) -> str:
    return f'{{"id":"c","choices":[{{"text":"{inner}","index":0,"finish_reason":null}}]}}'


def block(inner: str, index: int = 0) -> str:
    said = f'{{"type":"text_delta","text":"{inner}"}}'
    return f'{{"type":"content_block_delta","index":{index},"delta":{said}}}'


def begin(index: int = 0) -> str:
    said = '{"type":"text","text":""}'
    return f'{{"type":"content_block_start","index":{index},"content_block":{said}}}'


STOP = '{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'
WORDS = ["Once", " upon", " a", " time"]
INNERS = {
    "words": WORDS,
    "Chinese": ["一元", "，", "\\u4e00元", "\u3000空"],
    "escapes": ["a", 'b\\"c', "d\\\\", "e\\n\\tf", "\\/g"],
    "emoji": ["a", "😀", "\\ud83d\\ude00", "b"],
    "half an emoji": ["a", "b", "\\ud83d", "\\ude00c"],
    "nothing": ["a", "b", "", "c"],
    "quotes that end the text": [
        "a", "b", 'c","role":"assistant', 'd"},"finish_reason":"stop"}]}{"x":"', "e",
    ],
    "a name like the text's": ["a", "b", '\\"content\\":\\"x', '","content":"y', "c"],
    "a probe": [PROBE, "a", PROBE, "b"],
}  # fmt: skip


def rows() -> dict[str, tuple]:
    """Name → format, events."""
    found = {}
    for name, inners in INNERS.items():
        found[f"chat, {name}"] = CHAT, [chunk(inner) for inner in inners]
        found[f"completions, {name}"] = COMPLETIONS, [text(inner) for inner in inners]
        found[f"messages, {name}"] = MESSAGES, [begin(), *(block(inner) for inner in inners)]
    found["a space after the colon"] = CHAT, [chunk(w).replace(":", ": ") for w in WORDS]
    found["an end in between"] = CHAT, [chunk("a"), chunk("b"), STOP, chunk("c")]
    other = HEAD.replace('"index":0', '"index":1')
    found["two choices in turns"] = (
        CHAT,
        [chunk(w, head=head) for w in WORDS for head in (HEAD, other)],
    )
    usage = '"},"finish_reason":null}],"usage":{"prompt_tokens":1,"completion_tokens":2}}'
    found["usage in between"] = CHAT, [chunk("a"), chunk("b"), chunk("c", usage), chunk("d")]
    found["a padding"] = (
        CHAT,
        [chunk(w, f'"}},"finish_reason":null}}],"obfuscation":"{w * 3}"}}') for w in WORDS * 4],
    )
    reason = '"reasoning_content":"hm",'
    found["reasoning in between"] = (
        CHAT,
        [chunk("a"), chunk("b"), chunk("c", head=HEAD + reason), chunk("d")],
    )
    twice = '"},"content":"z","finish_reason":null}]}'
    found["the name twice"] = CHAT, [chunk(w, twice) for w in WORDS]
    found["an odd name"] = CHAT, [chunk(w, head=HEAD + f'"x\\"content":"{w}",') for w in WORDS]
    found["another block"] = (
        MESSAGES,
        [begin(), block("a"), block("b"), block("c"), begin(1), block("d", 1), block("e", 1),
         begin(0), block("f"), block("g")],
    )  # fmt: skip
    found["a block that never began"] = MESSAGES, [block("a"), block("b"), block("c")]
    return found


ROWS = rows()


def without_moulds(dialect):
    reader = dialect.stream_reader()
    reader._moulds = MouldReader("none", lambda event: event)
    return reader


def fed(reader, events) -> list:
    found = []
    for event in events:
        try:
            found += reader.feed(None, event)
        except MalformedUpstream as error:
            found.append(str(error))
    return found


def said(delta):
    """What a delta says, whatever way it was read."""
    return delta if isinstance(delta, str) else replace(delta, raw=None)


def documents(dialect, deltas, **asked) -> list:
    """What a client gets, event by event."""
    request = request_for(dialect, stream=True, **asked)
    writer = dialect.stream_writer(reply_to(request))
    framed = b"".join(writer.write(each) for each in deltas if not isinstance(each, str))
    framed += writer.close(USAGE, 7)
    lines = [line for line in framed.splitlines() if line.startswith(b"data: {")]
    return [orjson.loads(line[6:]) for line in lines]


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("client", [None, CHAT, RESPONSES], ids=["same", "chat", "responses"])
def test_nothing_differs(name, client):
    dialect, events = ROWS[name]
    quick = dialect.stream_reader()
    by_mould, apart = fed(quick, events), fed(without_moulds(dialect), events)
    assert [said(each) for each in by_mould] == [said(each) for each in apart]
    assert quick.is_complete == without_moulds(dialect).is_complete or STOP in events
    client = client or dialect
    assert documents(client, by_mould) == documents(client, apart)


@pytest.mark.parametrize(
    ("dialect", "events", "plain"),
    [
        (CHAT, [chunk(word) for word in WORDS], 3),
        (COMPLETIONS, [text(word) for word in WORDS], 3),
        (MESSAGES, [begin(), *(block(word) for word in WORDS)], 3),
    ],
    ids=["chat", "completions", "messages"],
)
def test_what_repeats_is_read_and_written_by_its_mould(dialect, events, plain):
    deltas = fed(dialect.stream_reader(), events)
    assert sum(type(delta.raw) is Plain for delta in deltas) == plain
    writer = dialect.stream_writer(reply_to(request_for(dialect, stream=True)))
    for delta in deltas[:-1]:
        writer.write(delta)
    assert writer._moulds.cast(deltas[-1].raw) == writer.write(deltas[-1])


def test_wanted_usage_is_in_what_is_cast():
    asked = {"stream_options": {"include_usage": True}}
    events = [chunk(word) for word in WORDS]
    by_mould = fed(CHAT.stream_reader(), events)
    written = documents(CHAT, by_mould, **asked)
    assert written == documents(CHAT, fed(without_moulds(CHAT), events), **asked)
    assert [document.get("usage", "none") for document in written[: len(WORDS)]] == [None] * 4


def test_a_mould_is_sought_a_few_times_only():
    """A stream whose events all differ pays for it at its beginning and no longer."""
    reader = CHAT.stream_reader()
    tails = [f'"}},"finish_reason":null}}],"created":{number}}}' for number in range(40)]
    deltas = fed(reader, [chunk("a", tail) for tail in tails])
    assert not any(type(delta.raw) is Plain for delta in deltas)
    assert reader._moulds._tries == 0
    assert len(tails) > TRIES_MAX


def test_a_writer_casts_no_mould_that_it_cannot_tell_apart():
    """Where the text comes out twice, nothing is cast."""
    reader = fed(CHAT.stream_reader(), [chunk(word) for word in WORDS])
    plain = reader[-1].raw
    writer = MouldWriter()
    writer.learn(plain.mould, lambda body: orjson.dumps([body, body]))
    assert writer.cast(plain) is None
