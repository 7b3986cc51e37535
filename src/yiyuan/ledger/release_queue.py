"""Waiting for a hold of the same account to end, in a bounded queue.

A request that is refused only because its account's other requests hold the money
may wait a moment for one of them. When one ends, everyone who waits on that account
is woken, first come first, and tries again: one large hold may make room for many,
and waking only one would leave the rest waiting for nothing.
"""

import asyncio

WAITING_PER_ACCOUNT_MAX = 64
WAITING_MAX = 1_024


class ReleaseQueue:
    """Who waits for a release, by account."""

    def __init__(self) -> None:
        self.waiting = 0
        self._queues: dict[str, list[asyncio.Future[bool]]] = {}

    async def wait(self, account_id: str, timeout_seconds: float) -> bool:
        """True once a hold of the account has ended; False at the time-out or when full."""
        queue = self._queues.get(account_id, [])
        if self.waiting >= WAITING_MAX or len(queue) >= WAITING_PER_ACCOUNT_MAX:
            return False
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(account_id, queue).append(future)
        self.waiting += 1
        try:
            async with asyncio.timeout(timeout_seconds):
                return await future
        except TimeoutError:
            return False
        finally:
            self.waiting -= 1
            self._forget(account_id, future)

    def _forget(self, account_id: str, future: asyncio.Future[bool]) -> None:
        queue = self._queues.get(account_id)
        if queue is not None and future in queue:
            queue.remove(future)
            if not queue:
                del self._queues[account_id]

    def wake(self, account_id: str) -> None:
        """Something of this account's money was released."""
        if self._queues:
            for future in self._queues.pop(account_id, ()):
                if not future.done():
                    future.set_result(True)

    def stop(self) -> None:
        """Nothing will be released any more."""
        queues, self._queues = self._queues, {}
        for queue in queues.values():
            for future in queue:
                if not future.done():
                    future.set_result(False)
