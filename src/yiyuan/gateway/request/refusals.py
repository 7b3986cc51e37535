"""Refused requests have a limit of their own: they cost us work and their sender nothing.

Two allowances an account, each of which fills up again within a minute: so many refused
requests, and so many bytes of refused large bodies. Who has used one up is told 429 before
anything of the next body is read. Requests that another limit refuses (429) count by their
large bodies only: how often one may try again is that limit's business.

An allowance is a level that sinks steadily, so `Retry-After` is exact. In this process's
memory: it protects this process.
"""

import math

from yiyuan.kernel.clock import Clock
from yiyuan.kernel.errors import retry_headers
from yiyuan.kernel.limit_errors import RefusedTooOften

LARGE_BYTES = 65_536
LARGE_BYTES_PER_MINUTE = 32 * 1024 * 1024
ACCOUNTS_KEPT_MAX = 10_000
_MINUTE = 60.0


class _Level:
    """What an account has used of its allowances, as of a moment."""

    __slots__ = ("at", "count", "large_bytes")

    def __init__(self, at: float) -> None:
        self.at = at
        self.count = 0.0
        self.large_bytes = 0.0


class Refusals:
    """The refused requests of all accounts in the last minute."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        """`per_minute` refused requests an account; 0: without limit."""
        self._per_minute = per_minute
        self._clock = clock
        self._levels: dict[str, _Level] = {}

    def check(self, account: str) -> None:
        """Whether this account may send another. Raises RefusedTooOften."""
        level = self._levels.get(account) if self._levels else None
        if level is None or not self._per_minute:
            return
        self._sink(level)
        minutes = max(
            (level.count - self._per_minute) / self._per_minute,
            (level.large_bytes - LARGE_BYTES_PER_MINUTE) / LARGE_BYTES_PER_MINUTE,
        )
        if minutes < 0:
            return
        seconds = min(_MINUTE, max(0.001, minutes * _MINUTE))
        raise RefusedTooOften(
            headers=retry_headers(seconds),
            limit=self._per_minute,
            retry_seconds=math.ceil(seconds),
        )

    def note(self, account: str, status: int, body_bytes: int) -> None:
        """A request of this account was refused with this status."""
        if not 400 <= status < 500 or not self._per_minute:
            return
        level = self._levels.get(account)
        if level is None:
            if len(self._levels) >= ACCOUNTS_KEPT_MAX:
                del self._levels[next(iter(self._levels))]
            level = self._levels[account] = _Level(self._clock.monotonic())
        self._sink(level)
        if status != 429:
            level.count += 1
        if body_bytes > LARGE_BYTES:
            level.large_bytes += body_bytes

    def _sink(self, level: _Level) -> None:
        now = self._clock.monotonic()
        minutes, level.at = (now - level.at) / _MINUTE, now
        level.count = max(0.0, level.count - minutes * self._per_minute)
        level.large_bytes = max(0.0, level.large_bytes - minutes * LARGE_BYTES_PER_MINUTE)
