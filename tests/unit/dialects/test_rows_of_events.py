"""A row that passes as bytes says the same as the same events read and written one by one."""

import dataclasses

import orjson
import pytest

from tests.unit.dialects.dialect_cases import (
    CHAT,
    COMPLETIONS,
    MESSAGES,
    RESPONSES,
    USAGE,
    reply_to,
    request_for,
)
from tests.unit.dialects.test_plain_events import ROWS, WORDS, begin, block, chunk
from yiyuan.dialects.contract import MalformedUpstream
from yiyuan.dialects.plain import Plain, Row
from yiyuan.http.client.sse import EventReader

CHUNKS = [chunk(word) for word in WORDS]


def framed(event):
    return f"data: {event}\n\n".encode()


def joined(events, count):
    """The events as pieces from the network, `count` in each."""
    pieces = [framed(event) for event in events]
    return [b"".join(pieces[at : at + count]) for at in range(0, len(pieces), count)]


class Stream:
    """One upstream stream and one client's, as a pump connects them."""

    def __init__(self, dialect, *, has_rows, client=None):
        self.events, self.reader = EventReader(), dialect.stream_reader()
        self.events.feed(b": begun\n\n")
        client = client or dialect
        self.writer = client.stream_writer(reply_to(request_for(client, stream=True)))
        self.has_rows, self.row = has_rows, None
        self.out, self.texts, self.passed = b"", [], 0

    def take(self, piece):
        plain = self.row.read(piece) if self.row is not None else None
        if plain is not None:
            self.passed += 1
            self.texts.append((self.row.index, plain[0]))
            self.out += plain[1]
            return
        self.row = None
        for event, data in self.events.feed(piece):
            try:
                deltas = self.reader.feed(event, data)
            except MalformedUpstream as error:
                self.texts.append(str(error))
                continue
            for delta in deltas:
                self.texts.append((delta.index, delta.text))
                self.out += self.writer.write(delta)
                self.row = self.row_after(delta)

    def row_after(self, delta):
        if not self.has_rows or type(delta.raw) is not Plain:
            return None
        frame = self.writer.frame_of(delta.raw.mould)
        return None if frame is None else Row(delta.raw.mould, frame)

    def said(self):
        """What was read, choice by choice: where a text is cut is nobody's business."""
        found = {}
        for each in self.texts:
            index, text = each if isinstance(each, tuple) else ("error", each)
            found[index] = found.get(index, "") + text
        return found

    def documents(self):
        out = self.out + self.writer.close(USAGE, 7)
        lines = [line for line in out.splitlines() if line.startswith(b"data: {")]
        return [orjson.loads(line[6:]) for line in lines]


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("client", [CHAT, COMPLETIONS, MESSAGES, RESPONSES], ids=lambda c: c.name)
@pytest.mark.parametrize("name", ROWS)
def test_nothing_differs(name, client, count):
    dialect, events = ROWS[name]
    passing = Stream(dialect, has_rows=True, client=client)
    apart = Stream(dialect, has_rows=False, client=client)
    for piece in joined(events, count):
        passing.take(piece)
        apart.take(piece)
    assert passing.documents() == apart.documents()
    assert passing.said() == apart.said()


def row_of(events=CHUNKS, dialect=CHAT, event=None):
    """A row that the events have led to."""
    stream = Stream(dialect, has_rows=True)
    for each in events:
        named = f"event: {event}\n" if event else ""
        stream.take(named.encode() + framed(each))
    assert stream.row is not None
    return stream.row


def test_events_that_come_together_go_out_together():
    row = row_of()
    text, out = row.read(b"".join(framed(chunk(word)) for word in WORDS))
    assert text == "".join(WORDS)
    assert out == b"".join(row.read(framed(chunk(word)))[1] for word in WORDS)


def test_a_row_has_a_name_where_its_events_have():
    words = [begin(), *(block(word) for word in WORDS)]
    row = row_of(words, MESSAGES, "content_block_delta")
    assert row.read(framed(block("x"))) is None
    text, out = row.read(b"event: content_block_delta\n" + framed(block("x")))
    assert text == "x"
    assert out.startswith(b"event: content_block_delta\ndata: ")


@pytest.mark.parametrize(
    ("piece", "text"),
    [
        (framed(chunk("x")), "x"),
        (framed(chunk("\\n")), "\n"),
        (framed(chunk("一元")), "一元"),
        (framed(chunk("a")) + framed(chunk("\\u4e00")), "a一"),
        (framed(chunk("")), None),
        (framed(chunk("a\nb")), None),
        (framed(chunk('a"b')), None),
        (framed(chunk("a\\")), None),
        (framed(chunk("\\ud83d")), None),
        (framed(chunk("a")) + framed(chunk("")), None),
        (framed(chunk("a\\")) + framed(chunk("b")), None),
        (framed(chunk("x")).replace(b"x", b"\xff"), None),
        (framed(chunk("x")).replace(b"\n", b"\r\n"), None),
        (framed(chunk("x"))[:-1], None),
        (framed(chunk("x"))[1:], None),
        (framed(chunk("x")) + b": waiting\n\n", None),
        (b"id: 7\n" + framed(chunk("x")), None),
        (framed(chunk("x")) + framed("[DONE]"), None),
        (b"", None),
    ],
)
def test_it_takes_whole_events_of_its_mould_and_nothing_else(piece, text):
    plain = row_of().read(piece)
    assert (plain and plain[0]) == text


def test_a_writer_that_has_forgotten_a_mould_has_no_frame_for_it():
    stream = Stream(MESSAGES, has_rows=True)
    for each in (begin(), *map(block, WORDS)):
        stream.take(framed(each))
    mould = stream.row.mould
    assert stream.writer.frame_of(mould) is stream.row.frame
    assert stream.writer.frame_of(dataclasses.replace(mould)) is None
    stream.take(framed(begin(1)))
    assert stream.writer.frame_of(mould) is None
    assert stream.row is None
