"""Where a body ends: by its length, or chunk by chunk. No I/O.

A body takes the connection's bytes with `feed`, which returns where the next
request begins, and collects the content in `received`, one flat buffer however
small the pieces came.

Chunked framing is as strict as the head: sizes of at most eight hex digits,
CRLF only, well-formed extensions and trailers read over and bounded. All framing together
may take 16 KiB more than the content itself, so that neither extensions,
trailers nor one-byte chunks cost more than they bring. `is_broken` tells of a
violation; nothing more is taken then, and the connection cannot be kept.
"""

import re

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
_SIZE_LINE = re.compile(
    rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[ \t]*%b(?:[ \t]*=[ \t]*(?:%b|%b))?)*\r\n"
    % (_TOKEN, _TOKEN, _QUOTED)
)
_TRAILER_LINE = re.compile(rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t -~\x80-\xff]*)?\r\n")
_LINE_BYTES_MAX = 1_024
_OVERHEAD_BYTES_MAX = 16_384

_SIZE, _DATA, _DATA_END, _TRAILER = range(4)

_SIZE_LINES = tuple([b"%x\r\n" % size for size in range(1024)])
"""How most chunks of a stream begin."""


def as_chunk(data: bytes) -> bytes:
    """Frame what is sent as one chunk; no data would be the end."""
    size = len(data)
    line = _SIZE_LINES[size] if size < len(_SIZE_LINES) else b"%x\r\n" % size
    return line + data + b"\r\n"


class LengthBody:
    """A body of a declared length."""

    __slots__ = ("count", "declared", "is_broken", "received")

    def __init__(self, length: int) -> None:
        """`length` in bytes, more than 0."""
        self.declared = length
        self.count = 0
        self.received = bytearray()
        self.is_broken = False

    @property
    def is_complete(self) -> bool:
        """Whether all of it has arrived."""
        return self.count == self.declared

    @property
    def rest(self) -> int | None:
        """How many bytes are still to come; None when unknown."""
        return self.declared - self.count

    def feed(self, data: bytes, start: int) -> int:
        """Take content from `data[start:]`; returns where it ends."""
        end = min(len(data), start + self.declared - self.count)
        self.received += data[start:end]
        self.count += end - start
        return end


class ChunkedBody:
    """A body in chunks, its end unknown until it comes."""

    __slots__ = (
        "_left",
        "_line",
        "_overhead",
        "_state",
        "count",
        "is_broken",
        "is_complete",
        "received",
    )

    declared: int | None = None
    rest: int | None = None

    def __init__(self) -> None:
        """Nothing has arrived."""
        self.count = 0
        self.received = bytearray()
        self.is_broken = False
        self.is_complete = False
        self._state = _SIZE
        self._left = 0
        self._line = b""
        self._overhead = 0

    def feed(self, data: bytes, start: int) -> int:
        """Take framing and content from `data[start:]`; returns where they end."""
        end = len(data)
        while start < end and not (self.is_complete or self.is_broken):
            if self._state == _DATA:
                start = self._take_content(data, start)
            else:
                start = self._take_line(data, start)
        return start

    def _take_content(self, data: bytes, start: int) -> int:
        end = min(len(data), start + self._left)
        self.received += data[start:end]
        self.count += end - start
        self._left -= end - start
        if self._left == 0:
            self._state = _DATA_END
        return end

    def _take_line(self, data: bytes, start: int) -> int:
        found = data.find(b"\n", start)
        end = len(data) if found < 0 else found + 1
        self._overhead += end - start
        line = self._line + data[start:end] if self._line else data[start:end]
        is_over = self._overhead > _OVERHEAD_BYTES_MAX + self.count
        if is_over or len(line) > _LINE_BYTES_MAX:
            self.is_broken = True
        elif found < 0:
            self._line = line
            self.is_broken = self._state == _DATA_END and not b"\r\n".startswith(line)
        else:
            self._line = b""
            self.is_broken = not self._read_line(line)
        return end

    def _read_line(self, line: bytes) -> bool:
        if self._state == _DATA_END:
            self._state = _SIZE
            return line == b"\r\n"
        if self._state == _TRAILER:
            self.is_complete = line == b"\r\n"
            return _TRAILER_LINE.fullmatch(line) is not None
        match = _SIZE_LINE.fullmatch(line)
        if match is None:
            return False
        self._left = int(match[1], 16)
        self._state = _DATA if self._left else _TRAILER
        return True


Body = LengthBody | ChunkedBody
