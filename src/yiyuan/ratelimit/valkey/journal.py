"""What this process knows and Valkey does not yet: to be written there.

Normally that is empty but for an instant; while Valkey is away it grows by at most one
number per key and second, for one minute. After that it would not count any more.
"""

from yiyuan.ratelimit.valkey.script import Change

KEPT_SECONDS = 61


class Journal:
    """Changes by second of the server's clock; what cancels out is forgotten."""

    def __init__(self) -> None:
        self._seconds: dict[int, dict[str, int]] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, key: str, second: int, weight: int) -> None:
        """Note that `weight` is to be counted, or taken back where it is negative."""
        changes = self._seconds.setdefault(second, {})
        before = changes.get(key)
        if before is None:
            self._size += 1
            if len(changes) == 0:
                self._forget(second - KEPT_SECONDS)
        changes[key] = (before or 0) + weight
        if not changes[key]:
            del changes[key]
            self._size -= 1

    def take(self, most: int) -> list[Change]:
        """Remove up to `most` changes, to be written."""
        taken: list[Change] = []
        while self._seconds and len(taken) < most:
            second, changes = next(iter(self._seconds.items()))
            while changes and len(taken) < most:
                key, weight = changes.popitem()
                taken.append(Change(key, second, weight))
            if not changes:
                del self._seconds[second]
        self._size -= len(taken)
        return taken

    def put_back(self, changes: list[Change]) -> None:
        """Keep what may not have been written: better counted twice than taken back twice."""
        for key, second, weight in changes:
            if weight > 0:
                self.add(key, second, weight)

    def shift(self, seconds: int) -> None:
        """Follow a server's clock that turned out to be another one."""
        self._seconds = {second + seconds: c for second, c in self._seconds.items()}

    def clear(self) -> None:
        """Forget everything."""
        self._seconds.clear()
        self._size = 0

    def _forget(self, before: int) -> None:
        for second in [second for second in self._seconds if second < before]:
            self._size -= len(self._seconds.pop(second))
