"""How many connections one address has, so that no single one takes them all.

An IPv6 address counts by its /64: whoever has one of it has them all.
"""

import ipaddress
from collections.abc import Callable

from yiyuan.kernel.errors import ApiError, retry_headers
from yiyuan.kernel.limit_errors import TooManyConnections


class Addresses:
    """Counts connections by address; those of proxies and of Unix sockets are not counted."""

    def __init__(self, limit: int, is_exempt: Callable[[str], bool]) -> None:
        """At most `limit` of an address; 0: without limit."""
        self._limit = limit
        self._is_exempt = is_exempt
        self._counts: dict[str, int] = {}

    def joined(self, address: str) -> ApiError | None:
        """Count a connection in; returns why it may not stay, if it may not."""
        if not self._limit or not address:
            return None
        place = _place(address)
        count = self._counts[place] = self._counts.get(place, 0) + 1
        if count <= self._limit or self._is_exempt(address):
            return None
        return TooManyConnections(headers=retry_headers(5.0), limit=self._limit)

    def is_flooding(self, address: str) -> bool:
        """Whether there are so many above the limit that not even an answer is worth it."""
        return self._counts.get(_place(address), 0) > self._limit + self._limit // 10 + 64

    def left(self, address: str) -> None:
        """Count a connection out."""
        place = _place(address)
        count = self._counts.get(place, 0)
        if count > 1:
            self._counts[place] = count - 1
        elif count:
            del self._counts[place]


def _place(address: str) -> str:
    """What an address is counted by; exemptions name it itself."""
    if ":" not in address:
        return address
    return str(ipaddress.IPv6Network((address, 64), strict=False))
