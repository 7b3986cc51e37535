"""Circuit breakers: stop asking who does not answer, and find out when they do again.

There is one breaker per (channel, key, model), because these fail apart: a key
is revoked, one model is overloaded, while the rest of the account works.

    closed ──5 failures in a row, a Retry-After, or a refused key──▶ open
    open ──its time is over──▶ half-open: exactly one request goes through, the probe
    half-open ──probe succeeded──▶ closed      ──probe failed──▶ open, twice as long

1. The first opening lasts 1 s, each failed probe doubles it up to 60 s. A
   Retry-After that is longer replaces it, capped at 60 s.
2. While a breaker is open only its probe is heard. A hundred requests that were
   under way when an upstream died report a hundred failures, and that must not
   double anything; nor may a straggler's success close the breaker.
3. A probe whose outcome is never reported (its client went away) gives its
   place back by `abandon`, or at the latest after 60 s.

A breaker without failures is not stored, so memory is bounded by what is
failing now. State is per process and lost with it: after a restart everything
counts as healthy, and five requests find out. Single-threaded, no I/O, no
clock of its own: `now` is monotonic seconds, passed in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

BreakerKey = tuple[str, str, str]
"""Channel id, key id, public model name."""

FAILURES_TO_OPEN = 5
OPEN_SECONDS_FIRST = 1.0
OPEN_SECONDS_MAX = 60.0
PROBE_SECONDS_MAX = 60.0


@dataclass(slots=True, frozen=True)
class BreakerView:
    """One breaker that is not simply closed, for metrics and the console."""

    channel_id: str
    key_id: str
    model: str
    state: Literal["closed", "open", "half_open"]
    failures: int
    """In a row."""
    retry_seconds: float
    """Until the next probe; 0 when it may go now or is under way."""


class _Breaker:
    __slots__ = ("failures", "open_seconds", "open_until", "probe", "probe_until")

    def __init__(self) -> None:
        self.failures = 0
        self.open_seconds = 0.0  # 0 means closed
        self.open_until = 0.0
        self.probe = 0  # the number of the probe under way, 0 for none
        self.probe_until = 0.0

    def open(self, now: float, seconds: float) -> None:
        self.open_seconds = seconds
        self.open_until = now + seconds
        self.probe = 0


class Breakers:
    """All breakers of one process."""

    def __init__(self) -> None:
        self._breakers: dict[BreakerKey, _Breaker] = {}
        self._probes = 0

    def admit(self, key: BreakerKey, now: float) -> int | None:
        """Whether a request may go: 0 yes, a positive number yes as that probe, None no.

        The number goes back in by `success`, `failure` or `abandon`.
        """
        breaker = self._breakers.get(key)
        if breaker is None or breaker.open_seconds == 0:
            return 0
        if self.retry_seconds(key, now) > 0:
            return None
        self._probes += 1
        breaker.probe = self._probes
        breaker.probe_until = now + PROBE_SECONDS_MAX
        return breaker.probe

    def retry_seconds(self, key: BreakerKey, now: float) -> float:
        """Seconds until `admit` would say yes, if nothing is reported before; 0 for now."""
        breaker = self._breakers.get(key)
        if breaker is None or breaker.open_seconds == 0:
            return 0.0
        until = breaker.probe_until if breaker.probe else breaker.open_until
        return max(0.0, until - now)

    def success(self, key: BreakerKey, probe: int) -> None:
        """The upstream answered; `probe` is what `admit` returned."""
        breaker = self._breakers.get(key)
        if breaker is not None and (breaker.open_seconds == 0 or _is_current(breaker, probe)):
            del self._breakers[key]

    def failure(
        self,
        key: BreakerKey,
        probe: int,
        now: float,
        *,
        retry_after_seconds: float | None = None,
        open_at_once: bool = False,
    ) -> None:
        """The upstream failed; `open_at_once` for what will not heal by itself."""
        breaker = self._breakers.get(key)
        if breaker is None:
            breaker = self._breakers[key] = _Breaker()
        asked = min(retry_after_seconds or 0.0, OPEN_SECONDS_MAX)
        if breaker.open_seconds and not _is_current(breaker, probe):
            breaker.open_until = max(breaker.open_until, now + asked)
            return
        breaker.failures += 1
        if breaker.open_seconds:
            doubled = min(breaker.open_seconds * 2, OPEN_SECONDS_MAX)
            breaker.open(now, max(doubled, asked))
        elif asked or open_at_once or breaker.failures >= FAILURES_TO_OPEN:
            breaker.open(now, max(OPEN_SECONDS_FIRST, asked))

    def abandon(self, key: BreakerKey, probe: int) -> None:
        """The request ended without a verdict; the next one may probe."""
        breaker = self._breakers.get(key)
        if breaker is not None and _is_current(breaker, probe):
            breaker.probe = 0

    def retain(self, is_known: Callable[[BreakerKey], bool]) -> None:
        """Forget the breakers of channels, keys and models that are gone."""
        self._breakers = {k: b for k, b in self._breakers.items() if is_known(k)}

    def snapshot(self, now: float) -> list[BreakerView]:
        """Every breaker that has failures; all others are closed."""
        return [
            BreakerView(*key, _state(b, now), b.failures, self._wait(b, now))
            for key, b in self._breakers.items()
        ]

    @staticmethod
    def _wait(breaker: _Breaker, now: float) -> float:
        return max(0.0, breaker.open_until - now) if breaker.open_seconds else 0.0


def _is_current(breaker: _Breaker, probe: int) -> bool:
    return probe != 0 and breaker.probe == probe


def _state(breaker: _Breaker, now: float) -> Literal["closed", "open", "half_open"]:
    if breaker.open_seconds == 0:
        return "closed"
    return "open" if breaker.open_until > now else "half_open"
