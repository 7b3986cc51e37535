"""How much memory the bodies of open requests may take, all together and of one account.

A body is counted from before it is read until its request ends, since what was read from
it lives as long. Small ones are not counted: the number of connections bounds them. One
body alone always fits, whatever the budgets say; the largest has a limit of its own (413).
"""

from yiyuan.kernel.errors import Overloaded, retry_headers
from yiyuan.kernel.limit_errors import BodiesTooLargeAtOnce

UNCOUNTED_BYTES = 16_384
_RETRY_SECONDS = 2.0


class BodyBudget:
    """The memory of one process for bodies."""

    def __init__(self, total_bytes: int, account_bytes: int) -> None:
        """What all bodies, and those of one account, may take."""
        self._total_bytes = total_bytes
        self._account_bytes = account_bytes
        self._by_account: dict[str, int] = {}
        self.used_bytes = 0
        """By all counted bodies."""

    def share(self, account: str) -> "BodyShare":
        """The share of a request that has read nothing yet."""
        return BodyShare(self, account)

    def take(self, account: str, held: int, more: int) -> None:
        """Add `more` bytes to a body that has `held`. Raises BodiesTooLargeAtOnce, Overloaded."""
        mine = self._by_account.get(account, 0)
        if mine > held and mine + more > self._account_bytes:
            raise BodiesTooLargeAtOnce(limit_bytes=self._account_bytes)
        if self.used_bytes > held and self.used_bytes + more > self._total_bytes:
            raise Overloaded(headers=retry_headers(_RETRY_SECONDS))
        self.add(account, more)

    def add(self, account: str, more: int) -> None:
        """Add what has to be taken anyhow: those that come after it find less room."""
        self.used_bytes += more
        self._by_account[account] = self._by_account.get(account, 0) + more

    def give_back(self, account: str, held: int) -> None:
        """Take a body's bytes off again."""
        self.used_bytes -= held
        left = self._by_account[account] - held
        if left:
            self._by_account[account] = left
        else:
            del self._by_account[account]


class BodyShare:
    """What one request's body takes."""

    __slots__ = ("_account", "_budget", "_held")

    def __init__(self, budget: BodyBudget, account: str) -> None:
        """Nothing is taken yet."""
        self._budget = budget
        self._account = account
        self._held = 0

    def grow_to(self, size_bytes: int) -> None:
        """The body has, or will have, this size. Raises BodiesTooLargeAtOnce, Overloaded."""
        if size_bytes > UNCOUNTED_BYTES and size_bytes > self._held:
            self._budget.take(self._account, self._held, size_bytes - self._held)
            self._held = size_bytes

    def weighs(self, size_bytes: int) -> None:
        """What was read takes this much with the objects that it becomes."""
        if size_bytes > UNCOUNTED_BYTES and size_bytes > self._held:
            self._budget.add(self._account, size_bytes - self._held)
            self._held = size_bytes

    def close(self) -> None:
        """The request has ended; a second time does nothing."""
        if self._held:
            self._budget.give_back(self._account, self._held)
            self._held = 0
