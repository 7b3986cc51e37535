"""What one client may cost the server: the web server's limits and time-outs.

Each has a default fit for the open internet; tests shorten the times.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Sizes in bytes, times in seconds."""

    connections_max: int = 10_000
    """More are answered 503 and closed."""
    connections_per_address_max: int = 0
    """Of one address that is not exempt; more are answered 429 and closed. 0: no limit."""
    head_bytes_max: int = 32_768
    """Request line and headers; more is 431."""
    unread_bytes_max: int = 65_536
    """Read ahead of a handler (body, next requests) before the client is held back, and
    the most that is drained of a body nobody wanted, to keep the connection."""
    write_high_bytes: int = 65_536
    """`drain` waits while more than this is unsent."""
    write_bytes_max: int = 4_194_304
    """A handler that has this much unsent and writes on without `drain` loses its client."""
    head_seconds: float = 10.0
    """From a head's first byte to its last; then 408."""
    idle_seconds: float = 75.0
    """Without a request under way; then the connection is closed."""
    body_stall_seconds: float = 30.0
    """Without a byte of a body that is waited for; then 408."""
    body_bytes_per_second_min: int = 500
    """After `body_stall_seconds`, the least average rate; below it 408."""
    send_stall_seconds: float = 60.0
    """Without the client taking a byte of what waits for it; then the connection is cut."""
    half_closed_seconds: float = 0.05
    """How long a client that has closed its side may wait for what is nearly there."""
    linger_seconds: float = 5.0
    """How long what a refused client still sends is thrown away, so that it can read why."""

    def shortest_seconds(self) -> float:
        """The shortest of the times."""
        return min(
            self.head_seconds,
            self.idle_seconds,
            self.body_stall_seconds,
            self.send_stall_seconds,
            self.linger_seconds,
        )
