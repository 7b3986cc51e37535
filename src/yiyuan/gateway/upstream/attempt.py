"""One attempt at an upstream: whatever becomes of it is reported and written down."""

from typing import Final

from yiyuan.gateway.request.context import Reserved, UpstreamCall
from yiyuan.gateway.upstream.answer import OWN_LIMIT
from yiyuan.gateway.upstream.attempt_error import AttemptFailed
from yiyuan.gateway.upstream.own_probe import OwnProbes
from yiyuan.kernel.clock import Clock
from yiyuan.ledger.operations import Attempt
from yiyuan.routing.router import Candidate, Router

OK: Final = "ok"
CANCELLED: Final = "cancelled"
"""The client is gone."""


class Attempts:
    """Reports each attempt to the router and adds it to its request's, when it ends."""

    def __init__(self, router: Router, own_probes: OwnProbes, clock: Clock) -> None:
        """Shared by all requests."""
        self._router = router
        self._own_probes = own_probes
        self._clock = clock

    def end(
        self,
        reserved: Reserved,
        call: UpstreamCall,
        candidate: Candidate,
        began: float,
        cause: str,
        status: int | None,
    ) -> None:
        """Write one down that began at a monotonic time; `status` is of its response, if any."""
        if cause == OK:
            call.candidate = candidate
            self._router.report_success(candidate)
        elif cause == CANCELLED:
            call.candidate = candidate
            self._router.report_abandoned(candidate)
        call.attempt = Attempt(
            channel_id=candidate.channel.id,
            key_id=candidate.key.id,
            outcome=cause,
            status=status,
            upstream_request_id=call.upstream_request_id,
            ms=round((self._clock.monotonic() - began) * 1000),
        )
        reserved.context.attempts.append(call.attempt)

    def report_failed(self, failure: AttemptFailed, call: UpstreamCall, where: Candidate) -> None:
        """A request that was judged itself says nothing against the channel."""
        if failure.rejected is not None:
            self._router.report_success(where)
        elif failure.cause == OWN_LIMIT:  # ours, and no failure of the channel
            self._router.report_abandoned(where)
        else:
            call.was_sent = False
            if self._router.report_failure(where, failure.retry_after, fault=failure.fault):
                self._own_probes.look_at(where)


def lost_micros(reserved: Reserved | None) -> int:
    """What an answer cost at most that a limit of ours kept from its client.

    The upstream had answered and wants its money; nobody is charged for it.
    """
    if reserved is not None:
        for attempt in reserved.context.attempts:
            if attempt.outcome == OWN_LIMIT and attempt.status is not None:
                return reserved.amount_micros
    return 0
