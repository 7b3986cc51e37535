"""Stream events that are alike but for the text in them, and what stays the same in them.

Nearly every event of a stream repeats the one before it with another word. Where that is
proven, an event is read by its beginning and its end alone and goes out between a beginning
and an end of ours: nothing of it is taken apart, and nothing in it can differ from what was
looked at once, since whatever stands between the two is one JSON string and no more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

Json = dict[str, Any]
Place = Callable[[Json], Json]
"""Finds, in an event, the object that has the text. Raises KeyError, TypeError, IndexError."""

PROBE: Final = "yiyuan: here stands the text"
TRIES_MAX: Final = 8
"""Streams whose events differ in more than the text (a padding, a time) are left alone."""


@dataclass(slots=True, frozen=True)
class Mould:
    """What a row of events has in common: everything but the text of choice `index`."""

    event: str | None
    head: str
    tail: str
    index: int
    begin: int
    """Where the text begins in an event, in characters, and from its end where it ends."""
    end: int
    size: int


@dataclass(slots=True)
class Plain:
    """One event by its mould: the text is `inner`, as JSON writes it between quotes."""

    mould: Mould
    inner: str

    def body(self) -> Json:
        """The whole event."""
        body: Json = orjson.loads(self.mould.head + self.inner + self.mould.tail)
        return body


class Frame(NamedTuple):
    """What goes out before and after the text of a plain event."""

    head: bytes
    tail: bytes


class MouldReader:
    """The mould of one stream, as soon as an event has shown it."""

    __slots__ = ("_label", "_name", "_place", "_tries", "mould")

    def __init__(self, name: str, place: Place) -> None:
        """`name` is the field of the text in the object that `place` finds."""
        self.mould: Mould | None = None
        self._name = name
        self._label = f'"{name}":'
        self._place = place
        self._tries = TRIES_MAX

    def read(self, event: str | None, data: str) -> tuple[str, Plain] | None:
        """The text of an event of the mould; None for any other event."""
        mould = self.mould
        if mould is None or not data.startswith(mould.head) or not data.endswith(mould.tail):
            return None
        if len(data) <= mould.size or event != mould.event:
            return None
        inner = data[mould.begin : mould.end]
        text = _text_of(inner)
        return None if text is None else (text, Plain(mould, inner))

    def learn(self, event: str | None, data: str, text: str, index: int) -> None:
        """Take an event whose only news is `text` for the mould of those that follow."""
        if self._tries <= 0:
            return
        self._tries -= 1
        at = data.find(self._label) + len(self._label)
        at += data[at : at + 1] == " "
        inner = orjson.dumps(text).decode()
        if not data.startswith(inner, at):
            return
        head, tail = data[: at + 1], data[at + len(inner) - 1 :]
        try:
            probe, body = orjson.loads(head + PROBE + tail), orjson.loads(data)
            if self._place(probe)[self._name] != PROBE:
                return
            self._place(probe)[self._name] = text
        except (orjson.JSONDecodeError, KeyError, TypeError, IndexError):
            return
        if probe == body:
            self.mould = Mould(
                event, head, tail, index, len(head), -len(tail), len(head) + len(tail)
            )


class MouldWriter:
    """How events of one mould go out: between a head and a tail of ours."""

    __slots__ = ("_frame", "_mould")

    def __init__(self) -> None:
        self._mould: Mould | None = None
        self._frame = Frame(b"", b"")

    def cast(self, plain: Plain) -> bytes | None:
        """The event as a client gets it; None as long as `learn` was not told of its mould."""
        if plain.mould is not self._mould:
            return None
        head, tail = self._frame
        return head + plain.inner.encode() + tail

    def frame_of(self, mould: Mould) -> Frame | None:
        """What `cast` puts around each text of `mould`; None as long as it cannot."""
        return self._frame if mould is self._mould else None

    def learn(self, mould: Mould, write: Callable[[Json], bytes]) -> None:
        """`write` frames an event of `mould`; it must do the same with each."""
        framed = write(Plain(mould, PROBE).body())
        head, found, tail = framed.partition(PROBE.encode())
        if found and PROBE.encode() not in tail:
            self._mould, self._frame = mould, Frame(head, tail)

    def forget(self) -> None:
        """What is written may differ from now on."""
        self._mould = None


class Row:
    """Plain events that pass as bytes: a piece of the network's in, what goes out for it out.

    It holds while `frame` is how the writer casts `mould`.
    """

    __slots__ = ("_begin", "_between", "_end", "_inner", "frame", "index", "mould")

    def __init__(self, mould: Mould, frame: Frame) -> None:
        """Events of `mould`, framed as nearly every upstream frames them."""
        self.mould = mould
        self.frame = frame
        self.index = mould.index
        named = "" if mould.event is None else f"event: {mould.event}\n"
        self._begin = f"{named}data: {mould.head}".encode()
        self._end = f"{mould.tail}\n\n".encode()
        self._between = self._end + self._begin
        self._inner = slice(len(self._begin), -len(self._end))

    def read(self, piece: bytes) -> tuple[str, bytes] | None:
        """The text of whole events, and those as they go out; None if it is anything else."""
        inner = piece[self._inner]
        if not inner or self._begin + inner + self._end != piece:
            return None
        head, tail = self.frame
        try:
            if self._between in inner:
                return self._read_several(inner.split(self._between))
            text = inner.decode()
            if '"' in text or "\\" in text or not text.isprintable():
                said = _text_of(text)
                return None if said is None else (said, head + inner + tail)
        except UnicodeDecodeError:
            return None
        return text, head + inner + tail

    def _read_several(self, inners: list[bytes]) -> tuple[str, bytes] | None:
        head, tail = self.frame
        texts = [_text_of(inner.decode()) for inner in inners]
        said = [text for text in texts if text]
        if len(said) < len(texts):
            return None
        return "".join(said), head + (tail + head).join(inners) + tail


def _text_of(inner: str) -> str | None:
    """What stands between the quotes of one JSON string; None where it is more than that."""
    if inner.isprintable() and '"' not in inner and "\\" not in inner:
        return inner
    try:
        text: str = orjson.loads(f'"{inner}"')
    except orjson.JSONDecodeError:
        return None  # more than one string: another event
    return text
