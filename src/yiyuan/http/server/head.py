"""A request's head: strictly read, or refused; nothing is repaired.

llhttp (through httptools) judges the header lines: it refuses bare CR and LF,
NUL and control characters, folded lines, blanks before the colon, repeated or
non-decimal lengths, and a length beside a transfer coding. On top of that:

- the request line is `METHOD SP target SP HTTP/1.0 or 1.1` and nothing else;
- the target is a path, or an absolute URL whose authority is the Host header
  (then its path counts), or `*` for OPTIONS; its percent-encoding must be
  UTF-8 without control characters;
- HTTP/1.1 has exactly one Host, HTTP/1.0 at most one;
- the only transfer coding is `chunked`, in HTTP/1.1 only, named once.

So two readers of an accepted head cannot disagree on where the request ends,
whom it is for or what it asks, which is what request smuggling needs.
"""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from httptools import (
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserUpgrade,
    HttpRequestParser,
)
from msgspec import Struct, field
from msgspec.structs import replace

from yiyuan.http.header_names import HeaderNames
from yiyuan.i18n.api_texts import Phrase
from yiyuan.kernel.errors import InvalidRequest

CHUNKED = -1

_REQUEST_LINE = re.compile(rb"([A-Z-]{1,20}) ([!-~]+) HTTP/1\.([01])\r\n")
_ABSOLUTE = re.compile(r"https?://([^/?]+)(/[^?]*)?(\?.*)?", re.IGNORECASE)
_HOST = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
_LENGTH = re.compile(r"[0-9]{1,15}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_UNFINISHED = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|(?<!\r)\n|\r(?!\n|\Z)")


class Head(Struct):
    """A well-formed head. `length` is the body's in bytes, or `CHUNKED`."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    length: int
    is_http_10: bool
    keeps_alive: bool
    expects_continue: bool
    derived: dict[object, Any] = field(default_factory=dict)
    """What follows from these bytes alone, but for the length: see `KnownHeads`."""


class MalformedHead(Exception):
    """The head is refused with `refusal`; `headers` are those read until then."""

    def __init__(self, reason: str, headers: dict[str, str]) -> None:
        """`reason` is the key of a phrase."""
        super().__init__(reason)
        self.refusal = malformed(reason)
        self.headers = headers


def malformed(reason: str) -> InvalidRequest:
    """The refusal of a request that is not HTTP; `reason` is the key of a phrase."""
    return InvalidRequest("malformed_request", reason=Phrase(reason))


def is_hopeless(part: bytes) -> bool:
    """Whether an unfinished head holds a byte that no head may have there."""
    return _UNFINISHED.search(part) is not None


def read_head(head: bytes) -> Head:
    """Read a head up to and including its empty line. Raises MalformedHead."""
    match = _REQUEST_LINE.match(head)
    if match is None:
        raise MalformedHead("http_request_line", {})
    method, target, minor = match.groups()
    headers = _read_headers(head)
    is_http_10 = minor == b"0"
    path, query = _read_target(method, target.decode("ascii"), headers, is_http_10=is_http_10)
    length = _read_length(headers, is_http_10=is_http_10)
    connection = headers["connection"].lower() if "connection" in headers else ""
    if is_http_10:
        keeps_alive = "keep-alive" in connection and "close" not in connection
        expects_continue = False
    else:
        keeps_alive = "close" not in connection
        expects_continue = "expect" in headers and headers["expect"].lower() == "100-continue"
    return Head(
        method.decode("ascii"),
        path,
        query,
        headers,
        length,
        is_http_10,
        keeps_alive,
        expects_continue,
    )


class KnownHeads:
    """Heads that came before, known again by their bytes.

    A client sends the same head again and again; only the number of Content-Length differs.
    What is read of a head follows from its bytes, so it is kept by the bytes around that
    number, together with what readers derive from it (`Head.derived`): whose key it is, say.

    A head is here only if it was read whole and found well-formed, so the line with the number
    is the only one of its name and a header of its own. Another head with the same bytes around
    another number of at most nine digits is as well-formed. Whatever is out of the ordinary is
    read anew each time.

    Keys of clients are among what is kept, in this process's memory only, where they are while
    their requests run; for a minute at most, since all is forgotten then.
    """

    HEADS_MAX = 256
    HEAD_BYTES_MAX = 4096
    KEPT_SECONDS = 60.0

    def __init__(self) -> None:
        """Know none."""
        self._known: dict[tuple[bytes, bytes, bytes], Head] = {}
        self._forget_at = 0.0

    def read(self, head: bytes) -> Head:
        """Read a head up to and including its empty line. Raises MalformedHead."""
        before, name, rest = head.partition(b"\r\nContent-Length: ")
        if not name:
            before, name, rest = head.partition(b"\r\ncontent-length: ")
        digits, _, after = rest.partition(b"\r\n")
        if not digits.isdigit() or len(digits) > _KNOWN_DIGITS_MAX:
            return read_head(head)
        around = (before, name, after)
        if around not in self._known:
            found = read_head(head)
            if len(head) <= self.HEAD_BYTES_MAX:
                self._learn(around, found)
            return found
        known = self._known[around]
        headers = known.headers.copy()
        headers["content-length"] = digits.decode("ascii")
        return Head(
            known.method,
            known.path,
            known.query,
            headers,
            int(digits),
            known.is_http_10,
            known.keeps_alive,
            known.expects_continue,
            known.derived,
        )

    def _learn(self, around: tuple[bytes, bytes, bytes], head: Head) -> None:
        if len(self._known) >= self.HEADS_MAX:
            self._known.clear()
        self._known[around] = replace(head, headers=dict(head.headers))

    def forget(self, now: float) -> None:
        """Let go of all, once a minute of the monotonic time `now`."""
        if now >= self._forget_at:
            self._known.clear()
            self._forget_at = now + self.KEPT_SECONDS


_KNOWN_DIGITS_MAX = 9
_NAMES = HeaderNames()


class _Headers(dict[str, str]):
    """The header lines, collected as the parser calls back."""

    __slots__ = ()

    def on_header(self, name: bytes, value: bytes) -> None:
        key = _NAMES[name]
        text = value.decode("latin-1")
        if text and text[-1] in " \t":
            text = text.rstrip(" \t")
        if key in self:
            text = self[key] + ("; " if key == "cookie" else ", ") + text
        self[key] = text


@lru_cache(256)
def _is_host(text: str) -> bool:
    """Whether it is one host with or without a port; two joined by a comma are not."""
    return _HOST.fullmatch(text) is not None


def _read_headers(head: bytes) -> dict[str, str]:
    headers = _Headers()
    try:
        HttpRequestParser(headers).feed_data(head)
    except HttpParserUpgrade:
        pass  # answered in HTTP/1.1, as a server may that knows no other protocol
    except HttpParserInvalidMethodError:
        raise MalformedHead("http_request_line", headers) from None
    except HttpParserError:
        raise MalformedHead(_reason(head), headers) from None
    return headers


def _reason(head: bytes) -> str:
    """Tell framing from the rest, as well as a refused head can be told."""
    lowered = head.lower()
    is_framing = b"\ncontent-length:" in lowered or b"\ntransfer-encoding:" in lowered
    return "http_framing" if is_framing else "http_header"


def _read_target(
    method: bytes, target: str, headers: dict[str, str], *, is_http_10: bool
) -> tuple[str, str]:
    host = headers.get("host")
    if not is_http_10 if host is None else not _is_host(host):
        raise MalformedHead("http_host", headers)
    if target[0] == "/":
        path, _, query = target.partition("?")
    elif target == "*" and method == b"OPTIONS":
        return "*", ""
    else:
        match = _ABSOLUTE.fullmatch(target)
        if match is None or host is None or match[1].lower() != host.lower():
            raise MalformedHead("http_target", headers)
        path, query = match[2] or "/", (match[3] or "?")[1:]
    if "#" in target:
        raise MalformedHead("http_target", headers)
    if "%" in path:
        path = _decode_path(path, headers)
    return path, query


def _decode_path(path: str, headers: dict[str, str]) -> str:
    try:
        decoded = unquote_to_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedHead("http_target", headers) from None
    if _CONTROL.search(decoded) is not None:
        raise MalformedHead("http_target", headers)
    return decoded


def _read_length(headers: dict[str, str], *, is_http_10: bool) -> int:
    length = headers.get("content-length")
    if "transfer-encoding" not in headers:
        if length is None:
            return 0
        if _LENGTH.fullmatch(length):
            return int(length)
    elif length is None and not is_http_10 and headers["transfer-encoding"].lower() == "chunked":
        return CHUNKED
    raise MalformedHead("http_framing", headers)
