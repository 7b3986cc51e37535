"""How many connections one address has, so that no single one takes them all.

An IPv6 address counts by its /64 (`address_block.py`); exemptions name an address itself.
"""

from collections.abc import Callable

from yiyuan.http.address_block import address_block
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
        block = address_block(address)
        count = self._counts[block] = self._counts.get(block, 0) + 1
        if count <= self._limit or self._is_exempt(address):
            return None
        return TooManyConnections(headers=retry_headers(5.0), limit=self._limit)

    def is_flooding(self, address: str) -> bool:
        """Whether there are so many above the limit that not even an answer is worth it."""
        return self._counts.get(address_block(address), 0) > self._limit + self._limit // 10 + 64

    def left(self, address: str) -> None:
        """Count a connection out."""
        block = address_block(address)
        count = self._counts.get(block, 0)
        if count > 1:
            self._counts[block] = count - 1
        elif count:
            del self._counts[block]
