"""Status lines with the standard reason phrases, made once, and lines of headers.

Clients show the phrase to people, and some proxies choke on an empty one.
"""

from collections.abc import Sequence
from http import HTTPStatus
from types import MappingProxyType

from yiyuan.kernel.errors import Header

HeaderLines = Sequence[Header] | bytes

STATUS_LINES = MappingProxyType(
    {
        status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode("ascii")
        for status in HTTPStatus
        if status.value >= 200
    }
)


def has_no_body(status: int) -> bool:
    """Whether an answer with this status never has a body or a length."""
    return status in (204, 304)


def odd_status_line(status: int) -> bytes:
    """The line for a status without a standard phrase, such as 529.

    Raises ValueError for what is no final status.
    """
    if not 200 <= status <= 599:
        message = f"{status} is not a final HTTP status"
        raise ValueError(message)
    return b"HTTP/1.1 %d Unknown\r\n" % status


def encode_headers(headers: HeaderLines) -> bytes:
    """Encode header lines, each with its CRLF; bytes are taken as they are.

    Raises ValueError for CR, LF or NUL anywhere, and for what Latin-1 lacks.
    """
    if isinstance(headers, bytes):
        return headers
    text = "".join([f"{name}: {value}\r\n" for name, value in headers])
    count = len(headers)
    if text.count("\n") != count or text.count("\r") != count or "\0" in text:
        message = "a response header contains CR, LF or NUL"
        raise ValueError(message)
    return text.encode("latin-1")
