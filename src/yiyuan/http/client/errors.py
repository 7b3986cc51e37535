"""What can go wrong between us and an upstream, as one exception with a kind.

```
refused_address      the URL or one of its addresses may not be connected to
dns                  the name does not resolve
connect              no connection (refused, unreachable, proxy said no, too many waiting)
tls                  no trustworthy encryption (bad certificate, wrong name, no common version)
timeout_connect      name, connection, proxy and encryption together took too long
timeout_first_byte   connected and sent, but no complete response head in time
timeout_idle         the response began, then nothing came for too long
reset                the connection ended before the response did
protocol             what came is not HTTP/1.1, not an event stream, or not decodable
too_large            a head, an event or a body is over its limit
```

`request_was_written` is what billing and retrying turn on: while it is False the
upstream cannot have seen the request; once it is True it may have done the work.
The text is for the operator's log. It never contains header values or bodies.
"""

from typing import Literal

FailureKind = Literal[
    "refused_address",
    "dns",
    "connect",
    "tls",
    "timeout_connect",
    "timeout_first_byte",
    "timeout_idle",
    "reset",
    "protocol",
    "too_large",
]


class UpstreamFailure(Exception):
    """One failed call, or one broken response."""

    def __init__(self, kind: FailureKind, detail: str, *, request_was_written: bool) -> None:
        """`detail` is for the log: it must not hold secrets or what people wrote."""
        super().__init__(f"{kind}: {detail}")
        self.kind: FailureKind = kind
        self.detail = detail
        self.request_was_written = request_was_written
