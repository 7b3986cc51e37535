"""Sends one upstream call, on the next key or channel while nothing was delivered.

Candidates come from the router in their order. Each attempt is written down
with its cause. A candidate whose format cannot carry the request is passed
over; if that is true of all, its error is the answer. A 400, 413 or 422 is the
request's own fault and ends the search; everything else is tried elsewhere, at
most `ATTEMPTS_MAX` times. When none is left, the error says what is worth
knowing: busy (503 with the shortest Retry-After), too slow (504), or failed (502).
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import orjson

from yiyuan.dialects.canon import GenerationRequest, Target
from yiyuan.dialects.dialect import Dialect, MalformedUpstream, UpstreamStreamError
from yiyuan.gateway.answer import LocalResponse, Truncated, UpstreamResponse
from yiyuan.gateway.attempt_failure import (
    KEY_REFUSED,
    AttemptFailed,
    failure_of,
    rejection,
    verdict,
)
from yiyuan.gateway.job import Job, UpstreamCall
from yiyuan.kernel.clock import Clock
from yiyuan.kernel.errors import InvalidRequest
from yiyuan.kernel.text import Phrase
from yiyuan.ledger.operations import Attempt
from yiyuan.upstream.channel import Channel
from yiyuan.upstream.failure import UpstreamFailure
from yiyuan.upstream.http_client import Client
from yiyuan.upstream.request import Call
from yiyuan.upstream.router import Candidate, Router

ATTEMPTS_MAX = 6
CONNECT_TIMEOUT_SECONDS = 10.0
USER_AGENT = ("user-agent", "yiyuan")

T = TypeVar("T")
Receive = Callable[[UpstreamResponse, Dialect, UpstreamCall], Awaitable[T]]


class Fallback:
    """Finds a channel that answers."""

    def __init__(
        self, client: Client, router: Router, dialects: dict[str, Dialect], clock: Clock
    ) -> None:
        """`dialects` as discovered, by name."""
        self._client = client
        self._router = router
        self._dialects = dialects
        self._clock = clock

    def dialects_for(self, job: Job) -> list[Dialect]:
        """The upstream dialects that this request may meet, one per channel."""
        admitted = job.admitted
        assert admitted is not None
        channels = admitted.catalog.channels_for(admitted.model.name)
        found = [self._dialect(channel, job) for channel in channels]
        return [dialect for dialect in found if dialect is not None]

    async def send(self, job: Job, call: UpstreamCall, receive: Receive[T]) -> T:
        """Send `call` until one upstream's answer is received.

        Raises InvalidRequest when it cannot be honoured, UpstreamRejected,
        UpstreamError, NoChannelAvailable or UpstreamTimeout when all failed.
        """
        admitted = job.admitted
        assert admitted is not None
        failures: list[AttemptFailed] = []
        refusal: InvalidRequest | None = None
        catalog, name = admitted.catalog, admitted.model.name
        for candidate in self._router.candidates(catalog, name):
            try:
                dialect, body = self._write(job, call, candidate)
            except InvalidRequest as unsupported:
                self._router.report_abandoned(candidate)
                refusal = refusal or unsupported
                continue
            try:
                return await self._attempt(job, call, candidate, dialect, body, receive)
            except AttemptFailed as failure:
                if failure.rejected is not None:
                    raise rejection(failure.rejected, candidate.channel) from failure
                failures.append(failure)
                if len(failures) == ATTEMPTS_MAX:
                    break
        if refusal is not None and not failures:
            raise refusal
        raise verdict(failures, self._router.retry_seconds(catalog, name), name)

    def report_broken(self, call: UpstreamCall) -> None:
        """Count a stream that broke after its first output against the channel."""
        if call.candidate is not None:
            self._router.report_failure(call.candidate)

    async def _attempt(
        self,
        job: Job,
        call: UpstreamCall,
        candidate: Candidate,
        dialect: Dialect,
        body: bytes,
        receive: Receive[T],
    ) -> T:
        began = self._clock.monotonic()
        cause = "cancelled"
        status: int | None = None
        try:
            response = await self._open(job, call, candidate, dialect, body)
            status = response.status
            call.upstream_request_id = _upstream_id(response)
            answer = await self._receive(response, dialect, call, receive)
        except AttemptFailed as failure:
            cause, status = failure.cause, failure.status
            if failure.rejected is None:
                call.was_sent = False
                self._router.report_failure(
                    candidate, failure.retry_after, key_refused=status in KEY_REFUSED
                )
            else:
                self._router.report_success(candidate)
            raise
        else:
            cause = "ok"
            call.candidate = candidate
            self._router.report_success(candidate)
            return answer
        finally:
            if cause == "cancelled":
                call.candidate = candidate
                self._router.report_abandoned(candidate)
            elapsed = round((self._clock.monotonic() - began) * 1000)
            call.attempt = Attempt(
                channel_id=candidate.channel.id,
                key_id=candidate.key.id,
                outcome=cause,
                status=status,
                upstream_request_id=call.upstream_request_id,
                ms=elapsed,
            )
            job.attempts.append(call.attempt)

    async def _open(
        self,
        job: Job,
        call: UpstreamCall,
        candidate: Candidate,
        dialect: Dialect,
        body: bytes,
    ) -> UpstreamResponse:
        """Send the request and wait for the response's head. Raises AttemptFailed."""
        channel = candidate.channel
        if channel.provider.answer is not None:
            call.was_sent = True
            return LocalResponse(channel.provider.answer(orjson.loads(body)))
        request = Call(
            method="POST",
            url=channel.provider.url(channel.base_url, dialect.upstream_path),
            headers=_headers(job, candidate),
            body=body,
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
            raise await failure_of(response, dialect, self._clock.wall_ms())
        return response

    async def _receive(
        self,
        response: UpstreamResponse,
        dialect: Dialect,
        call: UpstreamCall,
        receive: Receive[T],
    ) -> T:
        """Read up to the first output or the whole body. Raises AttemptFailed."""
        is_received = False
        try:
            answer = await receive(response, dialect, call)
        except UpstreamFailure as failure:
            raise AttemptFailed(failure.kind, response.status) from failure
        except (MalformedUpstream, Truncated, ValueError) as nonsense:
            raise AttemptFailed(type(nonsense).__name__, response.status) from nonsense
        except UpstreamStreamError as error:
            raise AttemptFailed("error_in_body", response.status) from error
        else:
            is_received = True
            return answer
        finally:
            if not is_received:
                response.close()

    def _write(self, job: Job, call: UpstreamCall, candidate: Candidate) -> tuple[Dialect, bytes]:
        """The request in the candidate's format. Raises InvalidRequest if it has none for it."""
        dialect = self._dialect(candidate.channel, job)
        if dialect is None:
            raise InvalidRequest(
                "operation_not_supported",
                param="model",
                model=candidate.model,
                operation=job.endpoint,
            )
        body = dialect.write_request(call.request, _target(job, candidate))
        try:
            return dialect, orjson.dumps(body)
        except TypeError as error:  # nested deeper than can be written again
            raise InvalidRequest("invalid_json", reason=Phrase("value_too_deep")) from error

    def _dialect(self, channel: Channel, job: Job) -> Dialect | None:
        """The format to speak with `channel`; None when it lacks the operation."""
        request, provider = job.request, channel.provider
        assert request is not None
        if not isinstance(request, GenerationRequest):
            name = provider.embeddings
        elif job.dialect.name == provider.completions and (
            request.model in channel.native_completions
        ):
            name = provider.completions
        else:
            name = provider.generation
        return self._dialects[name] if name else None


def _target(job: Job, candidate: Candidate) -> Target:
    admitted, reserved = job.admitted, job.reserved
    assert admitted is not None
    assert reserved is not None
    model = admitted.model
    return Target(
        model=candidate.upstream_model,
        public_model=model.name,
        max_output_tokens=reserved.clamped_to,
        stream_usage=candidate.channel.stream_usage,
        default_max_output_tokens=reserved.per_choice or model.max_output_tokens or 4096,
    )


def _headers(job: Job, candidate: Candidate) -> list[tuple[str, str]]:
    channel = candidate.channel
    provider = channel.provider
    headers = [
        ("content-type", "application/json"),
        USER_AGENT,
        *provider.credential(candidate.key.secret),
        *channel.headers,
    ]
    if provider.forwarded_headers:
        sent = job.exchange.headers
        headers += [(name, sent[name]) for name in provider.forwarded_headers if name in sent]
    return headers


def _upstream_id(response: UpstreamResponse) -> str | None:
    told = response.headers.get("x-request-id") or response.headers.get("request-id")
    return told[:128] if told else None
