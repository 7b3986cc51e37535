"""One call to an upstream, and the bytes of its head.

The head is written once, as one string, and what must not be in it is looked for
in that string: a CR, LF or NUL inside a value shows as a line end too many. Names
are checked once each and remembered (they come from configuration and from the
providers' short lists).

The headers that frame a message or steer connections are ours: `host`,
`content-length`, `transfer-encoding`, `connection`, `accept-encoding` and their
kin are left out of what callers pass. We ask for `identity`: compressed streams
arrive late, and compressed bodies can be bombs.

Failure: `UpstreamFailure("protocol")`, nothing written. The text names the
header, never its value.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.origin import Target
from yiyuan.kernel.errors import Header

NAMES_MAX = 1024
BEGINNINGS_MAX = 1024

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_METHOD = re.compile(r"[A-Z]{1,16}", re.ASCII)
_OURS = frozenset(
    (
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)


class Call(Struct):
    """One request to be sent. Timeouts are in seconds."""

    method: str
    url: str
    headers: Sequence[Header] = ()
    """A tuple where they will come again: what is written of it is kept."""
    body: bytes = b""
    proxy: str | None = None
    """Overrides the environment's proxies."""
    allow_private: bool = False
    connect_timeout: float = 10.0
    """For name, connection, proxy and TLS together, and for a place in the pool."""
    first_byte_timeout: float = 600.0
    """From the request's writing to the complete response head."""
    idle_timeout: float = 600.0
    """Between any two pieces of the body."""
    was_written: bool = False
    """Set by the client once the whole request was handed to a connection."""


class _Beginning(NamedTuple):
    """A head's part that is the same for all calls with these headers."""

    headers: tuple[Header, ...]
    route: Target
    method: str
    text: bytes


class HeadWriter:
    """Writes request heads."""

    def __init__(self, user_agent: str) -> None:
        """`user_agent` is sent unless a call has its own."""
        self._user_agent = f"user-agent: {user_agent}"
        self._prefixes: dict[str, str] = {}
        self._beginnings: dict[int, _Beginning] = {}
        """By the headers' id, which is theirs as long as they are kept here."""

    def write(self, call: Call, route: Target) -> bytes:
        """The head up to and including the empty line.

        Headers in a tuple are those of a channel and key: their part is made once.
        """
        headers, method = call.headers, call.method
        if type(headers) is not tuple:
            beginning = self._beginning(call, route)
        else:
            kept = self._beginnings.get(id(headers))
            if kept is None or kept.route is not route or kept.method != method:
                if len(self._beginnings) >= BEGINNINGS_MAX:
                    self._beginnings.clear()
                kept = _Beginning(headers, route, method, self._beginning(call, route))
                self._beginnings[id(headers)] = kept
            beginning = kept.text
        if call.body or method not in ("GET", "HEAD"):
            return beginning + f"content-length: {len(call.body)}\r\n\r\n".encode("ascii")
        return beginning + b"\r\n"

    def _beginning(self, call: Call, route: Target) -> bytes:
        """Everything but the length and the empty line."""
        prefixes = self._prefixes
        lines = []
        has_user_agent = False
        for name, value in call.headers:
            prefix = prefixes.get(name)
            if prefix is None:
                prefix = self._learn(name)
            if prefix:
                lines.append(prefix + value)
                if prefix == "user-agent: ":
                    has_user_agent = True
        if not has_user_agent:
            lines.append(self._user_agent)
        text = "\r\n".join(lines)
        expected = len(lines) - 1
        if text.count("\n") != expected or text.count("\r") != expected or "\0" in text:
            raise _invalid("a header value with a line break or NUL")
        if not _METHOD.fullmatch(call.method):
            raise _invalid("not a method")
        head = (
            f"{call.method} {route.request_target} HTTP/1.1\r\n"
            f"{route.fixed_headers}accept-encoding: identity\r\n{text}\r\n"
        )
        try:
            return head.encode("latin-1")
        except UnicodeEncodeError:
            raise _invalid("a header value that is not Latin-1") from None

    def _learn(self, name: str) -> str:
        """A name's beginning of a line; empty for the headers that are ours."""
        if not _NAME.fullmatch(name):
            raise _invalid("a header name that is not one")
        lower = name.lower()
        prefix = "" if lower in _OURS else f"{lower}: "
        if len(self._prefixes) < NAMES_MAX:
            self._prefixes[name] = prefix
        return prefix


def _invalid(detail: str) -> UpstreamFailure:
    return UpstreamFailure("protocol", f"the request has {detail}", request_was_written=False)
