"""Counts the tokens that were delivered, on accumulated text.

What a stream delivered is counted in lanes, one per choice and kind of output
(text, reasoning, tool arguments). Tokenising every delta on its own would count
too many, and tokenising the whole text again and again would cost quadratic
time. So each lane keeps a short tail; the tail is cut only where a vocabulary
never joins (between a letter and a space before the next word, or a Chinese
punctuation mark), which makes the parts add up exactly. Where no such place comes
for 400 characters, the cut is made anyway and one token is given away: the count
must never exceed what was delivered.

Between counts the number of bytes is used: a token covers at least one byte, so
`uncounted_bytes` bounds what a count would add.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from yiyuan.dialects.canonical import Delta

CountTokens = Callable[[str, str | None], int]

_LAST_CUT = re.compile(r"(?s:.*)(?<=[^\W\d_])()(?: (?=[^\W\d_])|(?=[，。！？；：、]))")
"""As far as it goes: its group is at the last safe place."""
_TAIL_CHARACTERS_MAX = 400
_MEDIA = re.compile(r"data:[\w.+-]+/[\w.+-]+(?:;[\w.+=-]+){0,4};base64,[A-Za-z0-9+/=_-]*+")
_BASE64 = re.compile(r"\A[A-Za-z0-9+/=_-]*+")

_UNREAD, _TEXT, _REASONING, _ARGUMENTS = -1, 0, 1, 2


@dataclass(slots=True)
class _Lane:
    """Output of one kind for one choice: tokens already counted, and a tail."""

    counted: int = 0
    tail: str = ""
    fresh: list[str] = field(default_factory=list)
    in_media: bool = False
    """Whether a medium goes on at the end of what came."""

    def total(self, count: CountTokens, vocabulary: str | None) -> int:
        """Tokens so far; moves the part that cannot change any more out of the tail."""
        if self.fresh:
            self._take("".join(self.fresh))
            self.fresh.clear()
        cut = _last_cut(self.tail)
        if cut:
            self.counted += count(self.tail[:cut], vocabulary)
            self.tail = self.tail[cut:]
        elif len(self.tail) > _TAIL_CHARACTERS_MAX:
            self.counted += max(0, count(self.tail, vocabulary) - 1)
            self.tail = ""
        return self.counted + (count(self.tail, vocabulary) if self.tail else 0)

    def _take(self, fresh: str) -> None:
        """Put it to the tail, but for media in base64 (a `data:` URL): they are no words."""
        if self.in_media:
            fresh = _BASE64.sub("", fresh, count=1)
            self.in_media = not fresh
        self.tail += fresh
        if ";base64," in self.tail:
            ends = [found.end() for found in _MEDIA.finditer(self.tail)]
            self.in_media = ends[-1:] == [len(self.tail)]
            self.tail = _MEDIA.sub("", self.tail)


def _last_cut(text: str) -> int:
    """Where the last safe place to cut is; 0 if there is none."""
    for begin in (max(0, len(text) - _TAIL_CHARACTERS_MAX), 0):
        match = _LAST_CUT.match(text, begin)
        if match is not None:
            return match.start(1)
        if begin == 0:
            return 0
    return 0


@dataclass(slots=True)
class Meter:
    """What one request has delivered so far."""

    vocabulary: str | None = None
    uncounted_bytes: int = 0
    """Bytes delivered since the last count: an upper bound of their tokens."""
    counted_tokens: int = 0
    """All tokens as of the last count."""
    _lanes: dict[tuple[int, int], _Lane] = field(default_factory=dict)

    def add(self, delta: Delta, size_bytes: int) -> None:
        """Note a delta of `size_bytes` (see `output_bytes`) as delivered."""
        index = delta.index
        if delta.text:
            key, lanes = (index, _TEXT), self._lanes
            lane = lanes[key] if key in lanes else self._lane(index, _TEXT)
            lane.fresh.append(delta.text)
        if delta.reasoning:
            self._lane(index, _REASONING).fresh.append(delta.reasoning)
        if delta.unread:
            self._lane(index, _UNREAD).fresh.append(delta.unread)
        for call in delta.tool_calls:
            piece = (call.name or "") + call.arguments
            if piece:
                self._lane(index, _ARGUMENTS + call.position).fresh.append(piece)
        self.uncounted_bytes += size_bytes

    def add_text(self, index: int, text: str, size_bytes: int) -> None:
        """Note more text of a choice that has some."""
        self._lanes[index, _TEXT].fresh.append(text)
        self.uncounted_bytes += size_bytes

    def count(self, count_tokens: CountTokens) -> int:
        """All delivered tokens, counted now."""
        vocabulary = self.vocabulary
        self.counted_tokens = sum(
            lane.total(count_tokens, vocabulary) for lane in self._lanes.values()
        )
        self.uncounted_bytes = 0
        return self.counted_tokens

    def count_choices(self, first: int, n: int, count_tokens: CountTokens) -> int:
        """Tokens delivered for the choices `first` to `first + n - 1`."""
        return sum(
            lane.total(count_tokens, self.vocabulary)
            for (index, _), lane in self._lanes.items()
            if first <= index < first + n
        )

    def indices(self) -> set[int]:
        """The choices of which anything was delivered."""
        return {index for index, _ in self._lanes}

    def _lane(self, index: int, kind: int) -> _Lane:
        key = (index, kind)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane()
        return lane


def output_bytes(delta: Delta) -> int:
    """UTF-8 bytes of everything in `delta` that counts as output."""
    size = len(delta.text.encode(errors="replace")) if delta.text else 0
    if delta.reasoning:
        size += len(delta.reasoning.encode(errors="replace"))
    if delta.unread:
        size += len(delta.unread.encode(errors="replace"))
    for call in delta.tool_calls:
        size += len(call.arguments.encode(errors="replace")) + len((call.name or "").encode())
    return size
