"""Which upstream a request goes to, and to which next if that fails.

`candidates` is lazy: it gives one candidate at a time, and the request asks for
the next only when the last one failed. The order:

1. by the channel's priority, lower first;
2. within a priority by weight: a random order without replacement in which each
   place is drawn in proportion to the weights left (exponential variates sorted;
   weight 0 comes last);
3. within a channel each of its keys, beginning at a random one, so that load
   spreads over them without state to keep; draining ones last;
4. but where a request belongs to a conversation, its affinity takes the place of
   chance (weighted rendezvous hashing): all its turns have one order, so they meet
   one cache; weights hold over many conversations, a channel that is added moves
   only its own share, and one that is open is passed over and found again.

A candidate whose breaker is open is left out. One whose breaker is half-open is
yielded to exactly one request, which thereby becomes the probe; that decision
is made when it is yielded, not when the order is made, so an unused candidate
never blocks a probe.

Whoever was given a candidate says how it went: `report_success`,
`report_failure`, or `report_abandoned` when there is no verdict (the client
left, the request itself was bad). What one account causes keeps that account
away, not the others (`evidence.py`). When nothing is yielded, `retry_seconds`
says when the next attempt makes sense. What counts as failure, how many
candidates to try and which to skip is the gateway's business.

State is the breakers alone. A catalog of a new version prunes them.
"""

import hashlib
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Self

from msgspec import Struct

from yiyuan.routing.breaker import NOBODY, BreakerKey, Breakers, BreakerView
from yiyuan.routing.catalog import Catalog
from yiyuan.routing.channel import Channel, UpstreamKey
from yiyuan.routing.evidence import Fault

_KEYLESS = (UpstreamKey(id="", secret=""),)
"""What a channel without keys is tried with: demo, or a server in one's own house."""


class Candidate(Struct, eq=False):
    """One channel and key that may be tried now."""

    channel: Channel
    key: UpstreamKey
    model: str
    """The public name."""
    upstream_model: str
    probe: int = 0
    """Not 0 when this request is the probe of a half-open breaker."""
    account: str = NOBODY
    """Whose request it is tried for."""


class Router:
    """Chooses upstreams and remembers which of them fail."""

    def __init__(
        self,
        *,
        randomness: random.Random | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        """`clock` gives monotonic seconds, `wall_ms` the time by which keys expire."""
        self._wall_ms = wall_ms
        self._random = randomness or random.Random()  # noqa: S311 - load sharing, not secrecy
        self._clock = clock
        self._breakers = Breakers()
        self._version = -1

    def candidates(
        self,
        catalog: Catalog,
        model: str,
        group: str | None = None,
        affinity: bytes | None = None,
        account: str = NOBODY,
    ) -> "Candidates":
        """Who may be tried for the public name `model` and a group, best first.

        One `affinity` gives one order, on every node and for ever.
        """
        if catalog.version > self._version:  # an older one is of a request that began earlier
            self._follow(catalog)
        order = self._ordered(catalog.channels_for(model, group), affinity)
        return Candidates(self, order, model, affinity, account)

    def only(
        self, catalog: Catalog, channel: Channel, model: str, account: str
    ) -> tuple[Candidate, ...]:
        """The same where there is one channel with one key: nothing to choose."""
        if catalog.version > self._version:
            self._follow(catalog)
        key = channel.keys[0] if channel.keys else _KEYLESS[0]
        found = self.candidate(channel, key, model, account)
        return () if found is None else (found,)

    def candidate(
        self, channel: Channel, key: UpstreamKey, model: str, account: str
    ) -> Candidate | None:
        """A channel's key as a candidate; None where it may not be tried now."""
        if key.expires_at is not None and key.expires_at <= self._wall_ms():
            return None
        probe = self._breakers.admit((channel.id, key.id, model), self._clock(), account)
        if probe is None:
            return None
        return Candidate(channel, key, model, channel.models[model], probe, account)

    def retry_seconds(
        self, catalog: Catalog, model: str, group: str | None = None, account: str = NOBODY
    ) -> float | None:
        """Seconds until an account's soonest candidate; 0 if there is one now, None if never."""
        now = self._clock()
        waits = [
            self._breakers.retry_seconds((channel.id, key.id, model), now, account)
            for channel in catalog.channels_for(model, group)
            for key in _keys(channel)
            if key.expires_at is None or key.expires_at > self._wall_ms()
        ]
        return min(waits, default=None)

    def report_success(self, candidate: Candidate) -> None:
        """It answered."""
        key = (candidate.channel.id, candidate.key.id, candidate.model)
        self._breakers.success(key, candidate.probe, self._clock(), candidate.account)

    def report_failure(
        self,
        candidate: Candidate,
        retry_after_seconds: float | None = None,
        *,
        fault: Fault = Fault.UPSTREAM,
    ) -> bool:
        """It failed; returns whether a probe of ours should look at it (`report_probed`)."""
        return self._breakers.failure(
            _breaker_key(candidate),
            candidate.probe,
            self._clock(),
            candidate.account,
            fault=fault,
            retry_after_seconds=retry_after_seconds,
        )

    def idle(self, catalog: Catalog) -> list[Candidate]:
        """Those that a breaker keeps requests from, though one may go now: nobody asks them.

        Nothing is admitted yet: see `admit`.
        """
        channels = {channel.id: channel for channel in catalog.channels if channel.enabled}
        found = []
        for view in self.snapshot():
            channel = channels.get(view.channel_id)
            if channel is None or view.state == "closed" or view.retry_seconds > 0:
                continue
            for key in _keys(channel):
                if key.id == view.key_id and view.model in channel.models:
                    model = channel.models[view.model]
                    found.append(Candidate(channel, key, view.model, model))
        return found

    def admit(self, candidate: Candidate) -> bool:
        """Let our own request be the probe of an open breaker, if no other is under way."""
        probe = self._breakers.admit(_breaker_key(candidate), self._clock(), NOBODY)
        candidate.probe = probe or 0
        return bool(probe)

    def report_probed(self, candidate: Candidate, retry_after_seconds: float | None = None) -> None:
        """A probe of ours failed there too: it is not this account's doing."""
        self._breakers.confirm(_breaker_key(candidate), self._clock(), retry_after_seconds)

    def report_abandoned(self, candidate: Candidate) -> None:
        """Nothing was learnt about it."""
        self._breakers.abandon(_breaker_key(candidate), candidate.probe, candidate.account)

    def accounts_alone(self) -> dict[str, int]:
        """How many accounts are kept away from a channel for their own failures, by its id."""
        return self._breakers.alone()

    def snapshot(self) -> list[BreakerView]:
        """Every breaker with failures, for metrics and the console."""
        return self._breakers.snapshot(self._clock())

    def _ordered(self, channels: tuple[Channel, ...], affinity: bytes | None) -> Sequence[Channel]:
        if len(channels) < 2:
            return channels
        draws = {c.id: self._draw(c.weight, affinity, c.id) for c in channels}
        return sorted(channels, key=lambda c: (c.priority, draws[c.id]))

    def _draw(self, weight: int, affinity: bytes | None, name: str) -> float:
        if weight <= 0:
            return float("inf")
        if affinity is None:
            return self._random.expovariate(weight)
        return -math.log(_uniform(affinity, name)) / weight

    def rotated(
        self, keys: tuple[UpstreamKey, ...], affinity: bytes | None
    ) -> tuple[UpstreamKey, ...]:
        """A channel's keys in the order in which they are tried."""
        if len(keys) < 2:
            return keys or _KEYLESS
        if affinity is not None:
            turned = tuple(sorted(keys, key=lambda key: _uniform(affinity, key.id)))
        else:
            start = self._random.randrange(len(keys))
            turned = keys[start:] + keys[:start]
        # Those that are to run dry come last, whatever the others' turn is.
        return tuple(sorted(turned, key=lambda key: key.is_draining))

    def _follow(self, catalog: Catalog) -> None:
        self._version = catalog.version
        known: set[BreakerKey] = {
            (channel.id, key.id, model)
            for channel in catalog.channels
            for key in _keys(channel)
            for model in channel.models
        }
        self._breakers.retain(known.__contains__)


class Candidates:
    """Who may be tried, one at a time.

    No generator: one that is left half-way ends by an exception inside it, which costs a
    request as much as the choice itself.
    """

    __slots__ = ("_account", "_affinity", "_channel", "_channels", "_keys", "_model", "_router")

    def __init__(
        self,
        router: Router,
        order: Sequence[Channel],
        model: str,
        affinity: bytes | None,
        account: str,
    ) -> None:
        """`order` is the channels', best first."""
        self._router = router
        self._channels = iter(order)
        self._channel: Channel | None = None
        self._keys: Iterator[UpstreamKey] = iter(())
        self._model = model
        self._affinity = affinity
        self._account = account

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Candidate:
        router, channel = self._router, self._channel
        while True:
            if channel is not None:
                for key in self._keys:
                    found = router.candidate(channel, key, self._model, self._account)
                    if found is not None:
                        return found
            channel = self._channel = next(self._channels)
            self._keys = iter(router.rotated(channel.keys, self._affinity))


def _uniform(affinity: bytes, name: str) -> float:
    """A number in (0, 1] that follows from the two: rendezvous hashing draws lots with it."""
    digest = hashlib.blake2b(name.encode(), digest_size=8, key=affinity).digest()
    return (int.from_bytes(digest) + 1) / 2**64


def _keys(channel: Channel) -> tuple[UpstreamKey, ...]:
    return channel.keys or _KEYLESS


def _breaker_key(candidate: Candidate) -> BreakerKey:
    return (candidate.channel.id, candidate.key.id, candidate.model)
