"""One attempt at an upstream: whatever becomes of it is reported and written down."""

from types import TracebackType
from typing import Self

from yiyuan.gateway.request.context import Reserved, UpstreamCall
from yiyuan.gateway.upstream.answer import OWN_LIMIT
from yiyuan.gateway.upstream.attempt_error import AttemptFailed
from yiyuan.gateway.upstream.own_probe import OwnProbes
from yiyuan.kernel.clock import Clock
from yiyuan.ledger.operations import Attempt
from yiyuan.routing.router import Candidate, Router


class AttemptRecord:
    """Reports one attempt to the router and adds it to the request's, when it ends."""

    def __init__(
        self,
        router: Router,
        own_probes: OwnProbes,
        clock: Clock,
        reserved: Reserved,
        call: UpstreamCall,
        candidate: Candidate,
    ) -> None:
        """`call` is what is tried, at `candidate`."""
        self.status: int | None = None
        """Of the upstream's response, once there is one."""
        self._router = router
        self._own_probes = own_probes
        self._clock = clock
        self._reserved = reserved
        self._call = call
        self._candidate = candidate
        self._began = clock.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        call, candidate = self._call, self._candidate
        if error is None:
            cause = "ok"
            call.candidate = candidate
            self._router.report_success(candidate)
        elif isinstance(error, AttemptFailed):
            cause, self.status = error.cause, error.status
            self._report_failed(error)
        else:  # the client is gone
            cause = "cancelled"
            call.candidate = candidate
            self._router.report_abandoned(candidate)
        call.attempt = Attempt(
            channel_id=candidate.channel.id,
            key_id=candidate.key.id,
            outcome=cause,
            status=self.status,
            upstream_request_id=call.upstream_request_id,
            ms=round((self._clock.monotonic() - self._began) * 1000),
        )
        self._reserved.context.attempts.append(call.attempt)

    def _report_failed(self, failure: AttemptFailed) -> None:
        """A request that was judged itself says nothing against the channel."""
        if failure.rejected is not None:
            self._router.report_success(self._candidate)
            return
        if failure.cause == OWN_LIMIT:  # ours, and no failure of the channel
            self._router.report_abandoned(self._candidate)
            return
        self._call.was_sent = False
        if self._router.report_failure(self._candidate, failure.retry_after, fault=failure.fault):
            self._own_probes.look_at(self._candidate)
