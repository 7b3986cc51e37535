"""Sends one upstream call, on the next key or channel while nothing was delivered.

Candidates come from the router in their order. Each attempt is written down
with its cause. A candidate whose format cannot carry the request is passed
over; if that is true of all, its error is the answer. A 400, 413 or 422 is the
request's own fault and ends the search; everything else is tried elsewhere, at
most `ATTEMPTS_MAX` times. When none is left, the error says what is worth
knowing: busy (503 with the shortest Retry-After), too slow (504), or failed (502).
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

import orjson

from yiyuan.dialects.contract import Dialect, UpstreamStreamError
from yiyuan.dialects.quirks import Quirks
from yiyuan.gateway.hold.bound import Draft
from yiyuan.gateway.request.context import Admitted, Reserved, UpstreamCall
from yiyuan.gateway.request.course import Way
from yiyuan.gateway.upstream.affinity import affinity_of, hint_for, is_wanted
from yiyuan.gateway.upstream.answer import BROKEN, OWN_LIMIT, LocalResponse
from yiyuan.gateway.upstream.attempt import CANCELLED, OK, Attempts
from yiyuan.gateway.upstream.attempt_error import (
    BUSY_STATUS,
    AttemptFailed,
    failure_of,
    rejection,
    verdict,
)
from yiyuan.gateway.upstream.counter import UpstreamCounter
from yiyuan.gateway.upstream.drafts import drafts_of
from yiyuan.gateway.upstream.known_errors import kept_code
from yiyuan.gateway.upstream.own_probe import OwnProbes
from yiyuan.gateway.upstream.vendor_answer import ACCOUNT, fault_of
from yiyuan.gateway.upstream.vendor_answer import BUSY as BUSY_FAULT
from yiyuan.gateway.upstream.way import (
    Courses,
    Hint,
    Traceparent,
    find_way,
    headers_for,
    trace_headers,
)
from yiyuan.gateway.upstream.whole_answer import AnswerWork, UpstreamResponse
from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.request import Call
from yiyuan.kernel.clock import Clock
from yiyuan.kernel.errors import InvalidRequest
from yiyuan.pricing.counting import vocabulary_of
from yiyuan.routing.evidence import Fault
from yiyuan.routing.router import Candidate, Router
from yiyuan.routing.sessions import CredentialFailed, Sessions

ATTEMPTS_MAX = 6
CONNECT_TIMEOUT_SECONDS = 10.0

BROKEN_ANSWER = (*BROKEN, ValueError)
T = TypeVar("T")
Receive = Callable[[UpstreamResponse, Dialect, UpstreamCall, AnswerWork], Awaitable[T]]


class Fallback:
    """Finds a channel that answers."""

    def __init__(
        self,
        client: Client,
        router: Router,
        dialects: dict[str, Dialect],
        clock: Clock,
        secret: bytes = b"",
        traceparent: Traceparent | None = None,
    ) -> None:
        """`dialects` as discovered, by name; `secret` hides whose conversation a hint is of.

        `traceparent` makes the header for upstreams that want it; None: nothing is traced.
        """
        self._traceparent = traceparent
        self._secret = secret
        self._client = client
        self._router = router
        self.courses = Courses(dialects)
        self._clock = clock
        self._sessions = Sessions(client, clock.monotonic, clock.wall_ms)
        self._own_probes = OwnProbes(client, router, self._sessions, clock)
        self._attempts = Attempts(router, self._own_probes, clock)
        self.counter = UpstreamCounter(client, router, self._sessions, dialects)

    def dialects_for(self, admitted: Admitted) -> list[Dialect]:
        """The upstream dialects that this request may meet, one per channel."""
        return [course.dialect for course in self.courses.of(admitted)]

    def names_for(self, admitted: Admitted) -> list[str]:
        """What the model is called: the public name, then each channel's."""
        name = admitted.model.name
        channels = admitted.catalog.channels_for(name, admitted.group)
        return [name, *(channel.models[name] for channel in channels)]

    def drafts(self, admitted: Admitted, calls: Sequence[UpstreamCall]) -> list[list[Draft]]:
        """What each prompt would be sent as. Raises InvalidRequest when nothing can carry it."""
        return drafts_of(self.courses, admitted, calls)

    async def send(self, reserved: Reserved, receive: Receive[T], call: UpstreamCall) -> T:
        """Send `call` until one upstream's answer is received, whose model then counts output.

        Raises InvalidRequest when it cannot be honoured, UpstreamRejected,
        UpstreamError, NoChannelAvailable or UpstreamTimeout when all failed.
        """
        context, admitted = reserved.context, reserved.admitted
        failures: list[AttemptFailed] = []
        refusal: InvalidRequest | None = None
        catalog, name = admitted.catalog, admitted.model.name
        affinity = None if reserved.only is not None else await self._affinity(admitted)
        for candidate in self._candidates(reserved, affinity):
            try:
                hint = None if affinity is None else self._hint(candidate, affinity)
                if context.is_heavy:
                    asked = (self.courses, reserved, call, candidate, hint)
                    way = await context.run(find_way, *asked)
                else:
                    way = find_way(self.courses, reserved, call, candidate, hint)
            except InvalidRequest as unsupported:
                self._router.report_abandoned(candidate)
                refusal = refusal or unsupported
                continue
            try:
                return await self._attempt(reserved, call, candidate, way, receive)
            except AttemptFailed as failure:
                if failure.rejected is not None:
                    raise rejection(failure.rejected, candidate.channel) from failure
                failures.append(failure)
                if len(failures) == ATTEMPTS_MAX or failure.cause == OWN_LIMIT:
                    break  # what is too large for us is so from everywhere
        if refusal is not None and not failures:
            raise refusal
        account = admitted.api_token.account_id
        wait = self._router.retry_seconds(catalog, name, admitted.group, account)
        raise verdict(failures, wait, name)

    def _candidates(self, reserved: Reserved, affinity: bytes | None) -> Iterable[Candidate]:
        """Who may be tried, best first."""
        admitted, only = reserved.admitted, reserved.only
        catalog, name = admitted.catalog, admitted.model.name
        account = admitted.api_token.account_id
        if only is not None:
            return self._router.only(catalog, only, name, account)
        return self._router.candidates(catalog, name, admitted.group, affinity, account)

    async def _affinity(self, admitted: Admitted) -> bytes | None:
        """The conversation's, where there is anything to choose by it."""
        channels = admitted.catalog.channels_for(admitted.model.name, admitted.group)
        if not (admitted.model.has_affinity and is_wanted(channels, admitted.model.name)):
            return None
        return await admitted.context.run(affinity_of, admitted)

    def _hint(self, candidate: Candidate, affinity: bytes) -> Hint | None:
        """What keeps the conversation together at the vendor, where it knows of such."""
        quirks = candidate.channel.quirks.get(candidate.model)
        if quirks is None or quirks.session_hint == "none":
            return None
        return Hint(quirks.session_hint, hint_for(affinity, self._secret))

    def report_broken(self, call: UpstreamCall) -> None:
        """Count a stream that broke after its first output against the channel."""
        candidate = call.candidate
        if candidate is not None and self._router.report_failure(candidate):
            self._own_probes.look_at(candidate)

    async def _attempt(
        self,
        reserved: Reserved,
        call: UpstreamCall,
        candidate: Candidate,
        way: Way,
        receive: Receive[T],
    ) -> T:
        """Send it once, and read up to the first output or the whole body. Raises AttemptFailed."""
        began = self._clock.monotonic()
        cause, status = CANCELLED, None
        try:
            response = await self._open(reserved, call, candidate, way)
            status = response.status
            call.upstream_request_id = _upstream_id(response)
            reserved.reply.proof_family = call.proof_family = way.course.family
            quirks = candidate.channel.quirks
            call.quirks = quirks.get(candidate.model) if quirks else None
            try:
                answer = await receive(response, way.course.dialect, call, reserved.context)
                cause = OK
            except BROKEN_ANSWER as broken:
                raise _failed(broken, status, call.quirks) from broken
            finally:
                if cause != OK:
                    response.close()
        except AttemptFailed as failure:
            cause, status = failure.cause, failure.status
            self._attempts.report_failed(failure, call, candidate)
            raise
        finally:
            self._attempts.end(reserved, call, candidate, began, cause, status)
        call.drafted = None  # a long stream need not keep what nobody sends again
        reserved.context.meter.vocabulary = vocabulary_of(candidate.upstream_model)
        return answer

    async def _traded(self, candidate: Candidate) -> str:
        """The token that a key was traded for. Raises AttemptFailed."""
        try:
            return await self._sessions.secret_of(candidate.channel, candidate.key)
        except CredentialFailed as failed:
            raise AttemptFailed("credential", 401, fault=Fault.KEY) from failed

    async def _open(
        self,
        reserved: Reserved,
        call: UpstreamCall,
        candidate: Candidate,
        way: Way,
    ) -> UpstreamResponse:
        """Send the request and wait for the response's head. Raises AttemptFailed."""
        channel = candidate.channel
        if channel.provider.answer is not None:
            call.was_sent = True
            return LocalResponse(channel.provider.answer(orjson.loads(way.body)))
        secret = candidate.key.secret
        if channel.provider.session is not None:
            secret = await self._traded(candidate)
        headers = headers_for(reserved, way, secret)
        if self._traceparent is not None:
            headers = [*headers, *trace_headers(self._traceparent, reserved, candidate)]
        request = Call(
            method="POST",
            url=way.course.url(is_stream=reserved.context.is_stream),
            headers=headers,
            body=way.body,
            proxy=channel.proxy,
            allow_private=channel.allow_private,
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            first_byte_timeout=channel.timeout_seconds,
            idle_timeout=channel.timeout_seconds,
        )
        try:
            response = await self._client.send(request)
        except UpstreamFailure as failure:
            raise AttemptFailed(failure.kind) from failure
        finally:
            call.was_sent = request.was_written
        if response.status >= 300:
            quirks = channel.quirks.get(candidate.model)
            raise await failure_of(response, way.course.dialect, self._clock.wall_ms(), quirks)
        return response


def _failed(broken: Exception, status: int, quirks: Quirks | None) -> AttemptFailed:
    """The failure of an attempt whose answer could not be read."""
    if isinstance(broken, UpstreamFailure):
        return AttemptFailed(broken.kind, status)
    if isinstance(broken, UpstreamStreamError):
        return _error_in_body(broken, status, quirks)
    return AttemptFailed(type(broken).__name__, status)


def _error_in_body(error: UpstreamStreamError, status: int, quirks: Quirks | None) -> AttemptFailed:
    """The failure that an error inside a 200 means, with the vendor's own codes."""
    fault, wait = fault_of(0, error.problem, quirks), error.problem.retry_after
    if fault == ACCOUNT:
        return AttemptFailed(ACCOUNT, status, wait, fault=Fault.KEY)
    if fault == BUSY_FAULT:
        return AttemptFailed(BUSY_FAULT, BUSY_STATUS, wait, fault=Fault.ACCOUNT)
    is_own = kept_code(error.problem) is not None
    return AttemptFailed("error_in_body", status, wait, error.problem if is_own else None)


def _upstream_id(response: UpstreamResponse) -> str | None:
    told = response.headers.get("x-request-id") or response.headers.get("request-id")
    return told[:128] if told else None
