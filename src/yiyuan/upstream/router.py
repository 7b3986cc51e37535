"""Which upstream a request goes to, and to which next if that fails.

`candidates` is lazy: it yields one candidate at a time, and the request asks for
the next only when the last one failed. The order:

1. by the channel's priority, lower first;
2. within a priority by weight: a random order without replacement in which each
   place is drawn in proportion to the weights left (exponential variates sorted;
   weight 0 comes last);
3. within a channel each of its keys, beginning at a random one, so that load
   spreads over them without state to keep.

A candidate whose breaker is open is left out. One whose breaker is half-open is
yielded to exactly one request, which thereby becomes the probe; that decision
is made when it is yielded, not when the order is made, so an unused candidate
never blocks a probe.

Whoever was given a candidate says how it went: `report_success`,
`report_failure`, or `report_abandoned` when there is no verdict (the client
left, the request itself was bad). When nothing is yielded, `retry_seconds` says
when the next attempt makes sense. What counts as failure, how many candidates
to try and which to skip is the gateway's business.

State is the breakers alone. A catalog of a new version prunes them.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from yiyuan.upstream.breaker import BreakerKey, Breakers, BreakerView
from yiyuan.upstream.catalog import Catalog
from yiyuan.upstream.channel import Channel, UpstreamKey

_KEYLESS = (UpstreamKey(id="", secret=""),)
"""What a channel without keys is tried with: demo, or a server in one's own house."""


@dataclass(slots=True, eq=False)
class Candidate:
    """One channel and key that may be tried now."""

    channel: Channel
    key: UpstreamKey
    model: str
    """The public name."""
    upstream_model: str
    probe: int = 0
    """Not 0 when this request is the probe of a half-open breaker."""


class Router:
    """Chooses upstreams and remembers which of them fail."""

    def __init__(
        self,
        *,
        randomness: random.Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` gives monotonic seconds."""
        self._random = randomness or random.Random()  # noqa: S311 - load sharing, not secrecy
        self._clock = clock
        self._breakers = Breakers()
        self._version = -1

    def candidates(self, catalog: Catalog, model: str) -> Iterator[Candidate]:
        """Yield who may be tried for the public name `model`, best first."""
        self._follow(catalog)
        for channel in self._ordered(catalog.channels_for(model)):
            upstream_model = channel.models[model]
            for key in self._rotated(_keys(channel)):
                probe = self._breakers.admit((channel.id, key.id, model), self._clock())
                if probe is not None:
                    yield Candidate(channel, key, model, upstream_model, probe)

    def retry_seconds(self, catalog: Catalog, model: str) -> float | None:
        """Seconds until the soonest candidate; 0 if there is one now, None if never."""
        now = self._clock()
        waits = [
            self._breakers.retry_seconds((channel.id, key.id, model), now)
            for channel in catalog.channels_for(model)
            for key in _keys(channel)
        ]
        return min(waits, default=None)

    def report_success(self, candidate: Candidate) -> None:
        """It answered."""
        self._breakers.success(_breaker_key(candidate), candidate.probe)

    def report_failure(
        self,
        candidate: Candidate,
        retry_after_seconds: float | None = None,
        *,
        key_refused: bool = False,
    ) -> None:
        """It failed. `key_refused` (its 401 or 403) opens this key's breaker at once."""
        self._breakers.failure(
            _breaker_key(candidate),
            candidate.probe,
            self._clock(),
            retry_after_seconds=retry_after_seconds,
            open_at_once=key_refused,
        )

    def report_abandoned(self, candidate: Candidate) -> None:
        """Nothing was learnt about it."""
        self._breakers.abandon(_breaker_key(candidate), candidate.probe)

    def snapshot(self) -> list[BreakerView]:
        """Every breaker with failures, for metrics and the console."""
        return self._breakers.snapshot(self._clock())

    def _ordered(self, channels: tuple[Channel, ...]) -> Sequence[Channel]:
        if len(channels) < 2:
            return channels
        draws = {c.id: self._draw(c.weight) for c in channels}
        return sorted(channels, key=lambda c: (c.priority, draws[c.id]))

    def _draw(self, weight: int) -> float:
        return self._random.expovariate(weight) if weight > 0 else float("inf")

    def _rotated(self, keys: tuple[UpstreamKey, ...]) -> tuple[UpstreamKey, ...]:
        if len(keys) < 2:
            return keys
        start = self._random.randrange(len(keys))
        return keys[start:] + keys[:start]

    def _follow(self, catalog: Catalog) -> None:
        # A request that began earlier may still hold an older catalog.
        if catalog.version <= self._version:
            return
        self._version = catalog.version
        known: set[BreakerKey] = {
            (channel.id, key.id, model)
            for channel in catalog.channels
            for key in _keys(channel)
            for model in channel.models
        }
        self._breakers.retain(known.__contains__)


def _keys(channel: Channel) -> tuple[UpstreamKey, ...]:
    return channel.keys or _KEYLESS


def _breaker_key(candidate: Candidate) -> BreakerKey:
    return (candidate.channel.id, candidate.key.id, candidate.model)
