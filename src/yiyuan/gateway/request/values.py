"""How many values a JSON body holds, found without reading it: 400 for too many.

A parsed value takes far more memory than its text: ten megabytes of `{}` become 350. The
marks outside strings tell the number of values exactly; where there are few marks in all,
strings included, nobody has to tell the strings apart.

The limits are also such that reading a body takes some 40 ms at most: the reader lets no
other thread on before it is done. Counting does, after each piece of the body.
"""

import re
import time
from typing import Final

from yiyuan.kernel.errors import InvalidRequest

VALUES_MAX = 350_000
"""Numbers, strings, names and whatever else stands between commas and colons."""
STRINGS_MAX = 200_000
"""Strings and names: each takes longer than a number."""
CONTAINERS_MAX = 20_000
"""Objects and lists, of which each takes a few hundred bytes here and again on its way up."""
CONTAINER_BYTES = 500
"""What one takes, as parsed, as read and as written again."""
SMALL_BYTES = 16_384
PIECE_BYTES = 131_072
HEAVY_BYTES = 262_144
HEAVY_CONTAINERS = 2_000


_ALL_MARKS: Final = b'{[,:"'
_NO_ESCAPE: Final = re.compile(rb"[^\\]")


def check_values(body: bytes) -> int:
    """How many objects and lists there are in `body`; 0 if it is small.

    An upper bound where nobody needs to know exactly. Raises InvalidRequest when it would
    become too many objects.
    """
    if len(body) <= SMALL_BYTES:
        return 0
    marks = _all_marks(body)
    containers = containers_up_to(HEAVY_CONTAINERS, body)
    if marks <= VALUES_MAX and containers <= HEAVY_CONTAINERS:
        return containers
    return _exactly(body)


def _exactly(body: bytes) -> int:
    """Count outside strings, a piece at a time: each keeps the interpreter for a moment."""
    containers = others = quotes = start = 0
    while start < len(body):
        end = start + PIECE_BYTES
        if body[end - 1 : end] == b"\\":  # what it escapes belongs to it
            found = _NO_ESCAPE.search(body, end)
            end = found.end() if found else len(body)
        piece = body[start:end]
        if b"\\" in piece:
            piece = piece.replace(rb"\\", b"").replace(rb"\"", b"")
        parts = piece.split(b'"')
        more = _marks(b"".join(parts[quotes % 2 :: 2]))
        containers, others = containers + more[0], others + more[1]
        quotes += len(parts) - 1
        if quotes > 2 * STRINGS_MAX:
            raise InvalidRequest("too_many_values", limit=STRINGS_MAX)
        if containers > CONTAINERS_MAX:
            raise InvalidRequest("too_many_values", limit=CONTAINERS_MAX)
        if containers + others > VALUES_MAX:
            raise InvalidRequest("too_many_values", limit=VALUES_MAX)
        start = end
        time.sleep(0)
    return containers


def is_heavy(body: bytes) -> bool:
    """Whether reading `body` and writing it again takes more than a few milliseconds."""
    if len(body) > HEAVY_BYTES:
        return True
    return len(body) > SMALL_BYTES and containers_up_to(HEAVY_CONTAINERS, body) > HEAVY_CONTAINERS


def containers_up_to(most: int, text: bytes) -> int:
    """How many objects and lists there are in `text`, or marks like theirs; `most` + 1 if more.

    A long text with few of them is passed through at once.
    """
    count = 0
    for mark in (b"{", b"["):
        place = text.find(mark)
        while place >= 0 and count <= most:
            count += 1
            place = text.find(mark, place + 1)
    return count


def _all_marks(body: bytes) -> int:
    """Marks of every kind, inside strings too; others are let on after each piece."""
    count = 0
    for start in range(0, len(body), PIECE_BYTES):
        piece = body[start : start + PIECE_BYTES]
        count += len(piece) - len(piece.translate(None, _ALL_MARKS))
        time.sleep(0)
    return count


def _marks(text: bytes) -> tuple[int, int]:
    """Beginnings of objects and lists, and what separates values."""
    return text.count(b"{") + text.count(b"["), text.count(b",") + text.count(b":")
