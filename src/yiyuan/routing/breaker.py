"""Circuit breakers: stop asking who does not answer, and find out when they do again.

There is one breaker per (channel, key, model), because these fail apart: a key
is revoked, one model is overloaded, while the rest of the account works. Beside it there
is one for each account that keeps failing there by itself: what one account causes must
close a key for nobody else. `evidence.py` says whose fault a failure is, `gate.py` how
long an opening lasts and who finds out.

An account that was the probe of a key and failed waits twice as long as all others, so
that it cannot keep a key closed by being first each time.

One account alone opens a key only by a probe of ours: `failure` says when such a probe
is wanted, and `confirm` is told what it met.

What is kept is bounded: the last answers per key and model of the catalog, and at most
`ACCOUNTS_KEPT_MAX` accounts that fail by themselves. State is per process and lost with
it. Single-threaded, no I/O, no clock of its own: `now` is monotonic seconds, passed in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from yiyuan.routing.evidence import Evidence, Fault
from yiyuan.routing.gate import OPEN_SECONDS_FIRST, OPEN_SECONDS_MAX, Gate

BreakerKey = tuple[str, str, str]
"""Channel id, key id, public model name."""

FAILURES_TO_OPEN = 5
ACCOUNT_OPEN_SECONDS_MAX = 90.0
"""More than a key's own, so that others come first even then."""
ACCOUNTS_KEPT_MAX = 10_000
NOBODY = ""
"""The account of what no account asked for."""


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


class _Breaker(Gate):
    """A key's own switch, with what was seen of it."""

    __slots__ = ("evidence",)

    def __init__(self) -> None:
        super().__init__()
        self.evidence = Evidence()


class Breakers:
    """All breakers of one process."""

    def __init__(self) -> None:
        """Everything counts as healthy."""
        self._breakers: dict[BreakerKey, _Breaker] = {}
        self._alone: dict[tuple[BreakerKey, str], Gate] = {}
        self._probes = 0

    def admit(self, key: BreakerKey, now: float, account: str = NOBODY) -> int | None:
        """Whether a request may go: 0 yes, a positive number yes as that probe, None no.

        The number goes back in by `success`, `failure` or `abandon`.
        """
        breaker = self._breakers.get(key)
        if not self._alone and (breaker is None or breaker.open_seconds == 0):
            return 0  # the usual case, cheaply
        gates = [gate for gate in self._gates(key, account) if not gate.is_closed]
        if not gates:
            return 0
        if any(gate.wait(now) > 0 for gate in gates):
            return None
        self._probes += 1
        for gate in gates:
            gate.send_probe(self._probes, now)
        return self._probes

    def retry_seconds(self, key: BreakerKey, now: float, account: str = NOBODY) -> float:
        """Seconds until `admit` would say yes, if nothing is reported before; 0 for now."""
        return max((gate.wait(now) for gate in self._gates(key, account)), default=0.0)

    def success(self, key: BreakerKey, probe: int, now: float, account: str = NOBODY) -> None:
        """The upstream answered; `probe` is what `admit` returned."""
        breaker = self._breakers[key] if key in self._breakers else self._breaker(key)
        if breaker.open_seconds == 0:
            breaker.evidence.succeeded(now)
        elif breaker.is_probe(probe):
            breaker.close()
            breaker.evidence.forget()
            breaker.evidence.succeeded(now)
        alone = self._alone.get((key, account)) if self._alone else None
        if alone is not None and alone.hears(probe):
            del self._alone[key, account]

    def failure(
        self,
        key: BreakerKey,
        probe: int,
        now: float,
        account: str = NOBODY,
        *,
        fault: Fault = Fault.UPSTREAM,
        retry_after_seconds: float | None = None,
    ) -> bool:
        """The upstream failed; returns whether a probe of ours should look at the key."""
        asked = min(retry_after_seconds or 0.0, OPEN_SECONDS_MAX)
        breaker = self._breaker(key)
        was_probe = breaker.is_probe(probe)
        _judge(breaker, now, account, fault, asked, was_probe=was_probe)
        if fault is Fault.KEY or account == NOBODY:
            return False
        alone = self._account_failed(key, probe, now, account, fault, asked)
        if was_probe:
            longer = min(breaker.open_seconds * 2, ACCOUNT_OPEN_SECONDS_MAX)
            alone.open(now, max(alone.open_seconds, longer))
        is_repeated = alone.failures >= FAILURES_TO_OPEN
        return is_repeated and breaker.is_closed and not alone.is_closed

    def confirm(self, key: BreakerKey, now: float, retry_after_seconds: float | None) -> None:
        """A probe of ours failed as well: the key is closed for all."""
        breaker = self._breaker(key)
        if breaker.is_closed:
            asked = min(retry_after_seconds or 0.0, OPEN_SECONDS_MAX)
            breaker.open(now, max(OPEN_SECONDS_FIRST, asked))

    def abandon(self, key: BreakerKey, probe: int, account: str = NOBODY) -> None:
        """The request ended without a verdict; the next one may probe."""
        for gate in self._gates(key, account):
            if gate.is_probe(probe):
                gate.probe = 0

    def retain(self, is_known: Callable[[BreakerKey], bool]) -> None:
        """Forget the breakers of channels, keys and models that are gone."""
        self._breakers = {k: b for k, b in self._breakers.items() if is_known(k)}
        self._alone = {k: gate for k, gate in self._alone.items() if is_known(k[0])}

    def snapshot(self, now: float) -> list[BreakerView]:
        """Every breaker that has failures; all others are closed."""
        return [
            BreakerView(*key, b.state(now), failures, _until_probe(b, now))
            for key, b in self._breakers.items()
            if (failures := b.evidence.failures()) or not b.is_closed
        ]

    def alone(self) -> dict[str, int]:
        """How many accounts are kept away by themselves, by channel id."""
        found: dict[str, int] = {}
        for (key, _), gate in self._alone.items():
            if not gate.is_closed:
                found[key[0]] = found.get(key[0], 0) + 1
        return found

    def _account_failed(
        self, key: BreakerKey, probe: int, now: float, account: str, fault: Fault, asked: float
    ) -> Gate:
        """What a failure does to the account's own switch."""
        gate = self._alone.get((key, account))
        if gate is None:
            if len(self._alone) >= ACCOUNTS_KEPT_MAX:
                del self._alone[next(iter(self._alone))]
            gate = self._alone[key, account] = Gate()
        gate.failures += 1
        if gate.is_closed:
            if asked or fault is Fault.FORBIDDEN or gate.failures >= FAILURES_TO_OPEN:
                gate.open(now, max(OPEN_SECONDS_FIRST, asked))
        elif gate.is_probe(probe):
            gate.open_again(now, asked)
        else:
            gate.extend(now + asked)
        return gate

    def _breaker(self, key: BreakerKey) -> _Breaker:
        breaker = self._breakers.get(key)
        if breaker is None:
            breaker = self._breakers[key] = _Breaker()
        return breaker

    def _gates(self, key: BreakerKey, account: str) -> list[Gate]:
        breaker = self._breakers.get(key)
        gates: list[Gate] = [] if breaker is None else [breaker]
        if self._alone and (alone := self._alone.get((key, account))) is not None:
            gates.append(alone)
        return gates


def _until_probe(breaker: Gate, now: float) -> float:
    return 0.0 if breaker.is_closed else max(0.0, breaker.open_until - now)


def _judge(
    breaker: _Breaker, now: float, account: str, fault: Fault, asked: float, *, was_probe: bool
) -> None:
    """What a failure does to the key's own switch."""
    evidence = breaker.evidence
    evidence.failed(now, account, fault, asked)
    wait = asked if fault is Fault.KEY else evidence.agreed_wait(now)
    if was_probe:
        breaker.open_again(now, wait)
    elif not breaker.is_closed:
        breaker.extend(now + wait)
    elif fault is Fault.KEY or evidence.convicts(now):
        breaker.open(now, max(OPEN_SECONDS_FIRST, wait))
