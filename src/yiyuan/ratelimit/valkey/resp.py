"""The wire format of Valkey and Redis (RESP2): commands out, replies in.

Only what a limiter needs: no pushes, no nested limits. A reply that is not complete
yet is Incomplete; one that cannot be a reply is a ValueError, after which the
connection is of no use.
"""

from typing import TypeAlias

Reply: TypeAlias = "int | bytes | ReplyError | list[Reply] | None"

_INTEGER, _BULK, _ARRAY, _SIMPLE, _ERROR = b":$*+-"


class Incomplete(Exception):
    """The rest has not arrived yet."""


class ReplyError(Exception):
    """An error that the server answered; a value, not raised."""

    @property
    def code(self) -> str:
        """Its first word: NOSCRIPT, READONLY, LOADING, …"""
        return str(self).partition(" ")[0]


def pack(*parts: bytes) -> bytes:
    """One command, ready to be written."""
    lines = [b"$%d\r\n%b\r\n" % (len(part), part) for part in parts]
    return b"*%d\r\n%b" % (len(parts), b"".join(lines))


def unpack(buffer: bytes, at: int) -> tuple[Reply, int]:
    """The reply that begins at `at`, and where it ends. Raises Incomplete, ValueError."""
    end = buffer.find(b"\r\n", at)
    if end < 0:
        raise Incomplete
    kind, line, at = buffer[at], buffer[at + 1 : end], end + 2
    if kind == _INTEGER:
        return int(line), at
    if kind == _BULK:
        return _bulk(buffer, at, int(line))
    if kind == _ARRAY:
        items: list[Reply] = []
        for _ in range(int(line)):
            item, at = unpack(buffer, at)
            items.append(item)
        return items, at
    if kind == _SIMPLE:
        return bytes(line), at
    if kind == _ERROR:
        return ReplyError(line.decode("utf-8", "replace")), at
    raise ValueError("not a reply")


def _bulk(buffer: bytes, at: int, size: int) -> tuple[Reply, int]:
    if size < 0:
        return None, at
    if len(buffer) < at + size + 2:
        raise Incomplete
    return buffer[at : at + size], at + size + 2
