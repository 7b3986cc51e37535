"""Reads server-sent events from bytes, however the network cut them.

The format (WHATWG, "Server-sent events"): lines end in CR, LF or CRLF; an empty
line ends an event; `data` lines are joined by LF; a line that begins with a
colon is a comment; one space after a field's colon belongs to the format; a
byte order mark may come first. `id` and `retry` steer browsers' reconnecting
and mean nothing here.

How it reads. Nearly every upstream sends `data: {…}` LF LF, and nearly every
piece from the network holds whole events. Such a piece is decoded and split by
C code alone. Everything else takes the general way: line ends become LF (a CR
at a piece's end counts at once, and a LF that follows it is dropped), bytes
gather until LF LF is seen, and only what is new is searched, so that the work
is linear in the bytes even if they come one by one.

Limits and failure: an event over 10 MiB raises `UpstreamFailure("too_large")`
before more than that and one piece is held, and so does one for which there is no
room beside the large events of other streams; bytes that are not UTF-8 raise
`UpstreamFailure("protocol")`. After a failure the reader must not be fed again.
"""

from yiyuan.http.client.errors import UpstreamFailure

Event = tuple[str | None, str]
"""The event's type, None when it has none, and its data."""

EVENT_BYTES_MAX = 10 * 1024 * 1024
"""Pictures come in streams, as base64."""
_CR = ord("\r")
"""As a number: for bytes in bytes the interpreter words an error first that nobody reads."""
LARGE_BYTES = 256 * 1024
LARGE_BYTES_MAX = 64 * 1024 * 1024
"""What unfinished events over `LARGE_BYTES` of all streams may hold together."""


class _LargeEvents:
    """How much the unfinished large events of this process hold."""

    held_bytes = 0


_BOM = b"\xef\xbb\xbf"


class EventReader:
    """One stream's reader; feed it what comes, in order."""

    __slots__ = ("_after_cr", "_event_bytes_max", "_held_bytes", "_is_started", "rest")

    def __init__(self, event_bytes_max: int = EVENT_BYTES_MAX) -> None:
        """`event_bytes_max` bounds one event, its field names included."""
        self._event_bytes_max = event_bytes_max
        self.rest = bytearray()
        """An unfinished event, line ends already LF; not to be changed."""
        self._after_cr = False
        self._is_started = False
        self._held_bytes = 0

    def __del__(self) -> None:
        self._hold(0)

    @property
    def is_between_events(self) -> bool:
        """Whether the next byte begins an event."""
        return self._is_started and not self.rest and not self._after_cr

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes, give the events that they complete."""
        if self.rest or self._after_cr or not self._is_started or _CR in data:
            return self._feed_any(data)
        if data.endswith(b"\n\n"):
            return self._events(data)
        end = data.rfind(b"\n\n") + 2
        if end == 1:
            end = 0
        self.rest += data[end:]
        self._bound_rest()
        return self._events(data[:end]) if end else []

    def end(self) -> list[Event]:
        """Take the end of the stream: the last event, if its empty line is missing.

        Browsers drop such an event. Some upstreams leave the line out, so it is
        given here; one that was cut in the middle shows by its data.
        """
        rest, self.rest = bytes(self.rest), bytearray()
        self._hold(0)
        return self._events(rest) if rest else []

    def _feed_any(self, data: bytes) -> list[Event]:
        data = self._with_line_feeds(data)
        searched = max(0, len(self.rest) - 1)
        self.rest += data
        if not self._is_started:
            if len(self.rest) < len(_BOM) and _BOM.startswith(self.rest):
                return []
            self._is_started = True
            if self.rest.startswith(_BOM):
                del self.rest[: len(_BOM)]
            searched = 0
        end = self.rest.rfind(b"\n\n", searched) + 2
        if end == 1:
            self._bound_rest()
            return []
        complete = bytes(self.rest[:end])
        del self.rest[:end]
        self._bound_rest()
        return self._events(complete)

    def _with_line_feeds(self, data: bytes) -> bytes:
        if self._after_cr and data:
            self._after_cr = False
            if data.startswith(b"\n"):
                data = data[1:]
        if _CR in data:
            self._after_cr = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return data

    def _events(self, data: bytes) -> list[Event]:
        """Read whole events, line ends LF."""
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            raise UpstreamFailure(
                "protocol", f"event stream is not UTF-8: {error.reason}", request_was_written=True
            ) from None
        is_small = len(data) <= self._event_bytes_max
        first, _, rest = text.partition("\n")
        if rest == "\n" and is_small and first[:6] == "data: ":
            return [(None, first[6:])]  # one event of one line
        blocks = text.split("\n\n")
        events: list[Event] = []
        for block in blocks:
            if not block:
                continue
            if block.startswith("data: ") and "\n" not in block:
                event: Event | None = (None, block[6:])
            else:
                event = _parse(block)
            if not is_small:
                self._check(len(block.encode()))
            if event is not None:
                events.append(event)
        return events

    def _bound_rest(self) -> None:
        """Bound the unfinished event, and with it those of all streams."""
        size_bytes = len(self.rest)
        self._check(size_bytes)
        if size_bytes <= LARGE_BYTES and not self._held_bytes:
            return
        self._hold(size_bytes if size_bytes > LARGE_BYTES else 0)
        if self._held_bytes and _LargeEvents.held_bytes > LARGE_BYTES_MAX:
            self._hold(0)
            raise UpstreamFailure(
                "too_large", "too many large events at once", request_was_written=True
            )

    def _hold(self, size_bytes: int) -> None:
        _LargeEvents.held_bytes += size_bytes - self._held_bytes
        self._held_bytes = size_bytes

    def _check(self, size_bytes: int) -> None:
        if size_bytes > self._event_bytes_max:
            raise UpstreamFailure(
                "too_large",
                f"an event is larger than {self._event_bytes_max} bytes",
                request_was_written=True,
            )


def _parse(block: str) -> Event | None:
    """Read one event's lines; None when it has no data."""
    kind: str | None = None
    lines: list[str] = []
    for line in block.split("\n"):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            lines.append(value)
        elif name == "event":
            kind = value or None
    return (kind, "\n".join(lines)) if lines else None
