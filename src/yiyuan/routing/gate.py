"""One switch that closes, opens for a while, and lets exactly one probe find out.

    closed ──open──▶ open ──its time is over──▶ half-open: one request goes through, the probe
    half-open ──probe succeeded──▶ closed      ──probe failed──▶ open, twice as long

1. The first opening lasts 1 s, each failed probe doubles it up to 60 s; a longer wait that
   the upstream asked for replaces it.
2. While it is open only its probe is heard: a hundred requests that were under way when an
   upstream died must double nothing, nor may a straggler's success close it.
3. A probe whose outcome is never told gives its place back at the latest after 60 s.

Single-threaded, no I/O, no clock of its own: `now` is monotonic seconds, passed in.
"""

from typing import Literal

OPEN_SECONDS_FIRST = 1.0
OPEN_SECONDS_MAX = 60.0
PROBE_SECONDS_MAX = 60.0


class Gate:
    """The state of one switch; `failures` is whoever's business opens it."""

    __slots__ = ("failures", "open_seconds", "open_until", "probe", "probe_until")

    def __init__(self) -> None:
        """Closed."""
        self.failures = 0
        """In a row."""
        self.open_seconds = 0.0  # 0 means closed
        self.open_until = 0.0
        self.probe = 0  # the number of the probe under way, 0 for none
        self.probe_until = 0.0

    @property
    def is_closed(self) -> bool:
        """Whether everything may go."""
        return self.open_seconds == 0

    def wait(self, now: float) -> float:
        """Seconds until it would let somebody through, if nothing is told before."""
        if self.open_seconds == 0:
            return 0.0
        return max(0.0, (self.probe_until if self.probe else self.open_until) - now)

    def send_probe(self, number: int, now: float) -> None:
        """Let the request with this number through, if only a probe may go."""
        if self.open_seconds:
            self.probe = number
            self.probe_until = now + PROBE_SECONDS_MAX

    def hears(self, probe: int) -> bool:
        """Whether the outcome of a request says anything: all while closed, then the probe's."""
        return self.open_seconds == 0 or self.is_probe(probe)

    def is_probe(self, probe: int) -> bool:
        """Whether this is the probe under way."""
        return probe != 0 and self.probe == probe

    def open(self, now: float, seconds: float) -> None:
        """Let nobody through for this long."""
        self.open_seconds = seconds
        self.open_until = now + seconds
        self.probe = 0

    def open_again(self, now: float, asked: float) -> None:
        """The probe failed: twice as long, or as long as was asked."""
        self.open(now, max(min(self.open_seconds * 2, OPEN_SECONDS_MAX), asked))

    def extend(self, until: float) -> None:
        """Stay open at least until then."""
        self.open_until = max(self.open_until, until)

    def close(self) -> None:
        """Let everybody through."""
        self.failures = self.probe = 0
        self.open_seconds = 0.0

    def state(self, now: float) -> Literal["closed", "open", "half_open"]:
        """As people call it."""
        if self.open_seconds == 0:
            return "closed"
        return "open" if self.open_until > now else "half_open"
