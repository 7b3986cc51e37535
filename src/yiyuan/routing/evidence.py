"""Whose fault a failure is: a key's own, or that of the one account that meets it.

| what came | opens the key for all | until then |
|---|---|---|
| 401, 402, the operator's arrears: `KEY` | at once | – |
| time-outs, resets, 5xx: `UPSTREAM` | by their share | 5 in a row close it to this account |
| 403: `FORBIDDEN` | when a second account met it | closed to this account |
| 429 and other 4xx: `ACCOUNT` | by their share | 5 in a row close it to this account |
| any with a Retry-After | when a second account met one | obeyed for this account |
| what a probe of ours met | at once | – |

**The share.** Of the last 10 answers within 30 s at least 5, and at least half, are
failures. One account counts for at most 3 of them: whatever it sends, it needs two more of
others' beside its own.

**A second account.** A success in between takes what was met before back: the key works.
"""

from collections import Counter, deque
from enum import Enum, auto

from msgspec import Struct

RECENT_MAX = 10
WINDOW_SECONDS = 30.0
FAILURES_MIN = 5
ACCOUNTS_MIN = 2
ONE_ACCOUNT_MAX = 3


class Fault(Enum):
    """What kind of failure an upstream's was."""

    KEY = auto()
    """The key will not do for anybody's request: 401, 402, arrears."""
    UPSTREAM = auto()
    """It did not answer, or nothing of sense: time-outs, resets, 5xx."""
    FORBIDDEN = auto()
    """403: the key's ban, or what this account asks for."""
    ACCOUNT = auto()
    """429 and the other 4xx, which one account's requests can cause."""


class _Answer(Struct, frozen=True):
    at: float
    account: str | None
    """None: it was a success."""
    is_forbidden: bool = False
    wait: float = 0.0
    """Seconds that the upstream asked for."""

    @property
    def needs_one_more(self) -> bool:
        """Whether a second account's is enough."""
        return self.is_forbidden or self.wait > 0


class Evidence:
    """The last answers to one key's requests for one model."""

    __slots__ = ("_recent",)

    def __init__(self) -> None:
        """Nothing was seen."""
        self._recent: deque[_Answer] = deque(maxlen=RECENT_MAX)

    def succeeded(self, now: float) -> None:
        """An answer came."""
        self._recent.append(_Answer(now, None))

    def failed(self, now: float, account: str, fault: Fault, wait: float) -> None:
        """A request of this account failed; the upstream asked to wait this many seconds."""
        self._recent.append(_Answer(now, account, fault is Fault.FORBIDDEN, wait))

    def forget(self) -> None:
        """Begin anew: the key was found to work."""
        self._recent.clear()

    def convicts(self, now: float) -> bool:
        """Whether what was seen is the key's own fault."""
        return self._two_met_it(now) or self._share_is_high(now)

    def agreed_wait(self, now: float) -> float:
        """The longest wait that two accounts were asked for; 0 where only one was."""
        waits: dict[str | None, float] = {}
        for each in self._since_success():
            if each.at >= now - WINDOW_SECONDS and each.wait > 0:
                waits[each.account] = max(each.wait, waits.get(each.account, 0.0))
        return sorted(waits.values())[-2] if len(waits) >= ACCOUNTS_MIN else 0.0

    def failures(self) -> int:
        """How many failures there were since the last success."""
        return len(self._since_success())

    def _two_met_it(self, now: float) -> bool:
        since = now - WINDOW_SECONDS
        met = {
            each.account
            for each in self._since_success()
            if each.needs_one_more and each.at >= since
        }
        return len(met) >= ACCOUNTS_MIN

    def _share_is_high(self, now: float) -> bool:
        since = now - WINDOW_SECONDS
        recent = [each for each in self._recent if each.at >= since]
        by_account = Counter(each.account for each in recent if each.account is not None)
        failures = sum(min(count, ONE_ACCOUNT_MAX) for count in by_account.values())
        successes = sum(each.account is None for each in recent)
        return failures >= FAILURES_MIN and failures >= successes

    def _since_success(self) -> list[_Answer]:
        found = []
        for each in reversed(self._recent):
            if each.account is None:
                break
            found.append(each)
        return found
