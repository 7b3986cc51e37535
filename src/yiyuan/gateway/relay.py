"""The story of one metered request, top to bottom.

    parse → admit → bound → hold → send, with fallback → stream or answer → settle

`relay` is the only entry, and `_finish` the only place where a hold ends: it is
reached on every path, by success, refusal, failure and disconnect alike, and it
ends a hold once. What an ending costs is decided in `settlement.py`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import orjson

from yiyuan.dialects.canon import GenerationResponse, Reply
from yiyuan.dialects.dialect import Dialect
from yiyuan.gateway import fanout
from yiyuan.gateway.admission import Admission
from yiyuan.gateway.answer import (
    BROKEN,
    StreamAnswer,
    WholeAnswer,
    choice_as_delta,
    open_stream,
    read_whole,
)
from yiyuan.gateway.counting import count_inputs
from yiyuan.gateway.disconnect import Lifeline
from yiyuan.gateway.exchange import Exchange
from yiyuan.gateway.fallback import Fallback
from yiyuan.gateway.job import Bill, Job, UpstreamCall
from yiyuan.gateway.meter import output_bytes
from yiyuan.gateway.parse import parse_body
from yiyuan.gateway.prompt_ids import decode_prompts
from yiyuan.gateway.reserve import Reserve
from yiyuan.gateway.respond import language_of, refuse, reply_headers
from yiyuan.gateway.settlement import bill_for, details_of
from yiyuan.gateway.stream import DeltaSource, Heartbeat, Pump
from yiyuan.kernel.clock import Clock
from yiyuan.kernel.errors import ApiError, UpstreamError
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.ledger import Ledger
from yiyuan.ledger.operations import Settle, Void
from yiyuan.pricing.counting import vocabulary_of
from yiyuan.upstream.catalog import Catalog


@dataclass(slots=True, frozen=True)
class Parts:
    """What a relay works with; built once in `app.py`."""

    admission: Admission
    reserve: Reserve
    fallback: Fallback
    book: Ledger
    clock: Clock
    catalog: Callable[[], Catalog]
    """The catalog as of now."""
    observe: Callable[[Job, float], None]
    """Told of every finished job, with the monotonic time of its end."""
    default_language: str
    body_bytes_max: int


class Relay:
    """Serves metered requests."""

    def __init__(self, parts: Parts) -> None:
        """`parts` are shared by all requests; a request's own state is its `Job`."""
        self._parts = parts
        self._book = parts.book
        self._fallback = parts.fallback

    async def relay(self, exchange: Exchange, dialect: Dialect, endpoint: str) -> None:
        """Serve one request that came in `dialect` at `endpoint`."""
        clock = self._parts.clock
        job = Job(
            exchange=exchange,
            dialect=dialect,
            endpoint=endpoint,
            request_id=exchange.request_id,
            language=language_of(exchange, self._parts.default_language),
            started_at=clock.monotonic(),
            admitted_ms=clock.wall_ms(),
        )
        try:
            await self._admit(job)
            await self._hold(job)
            await (self._stream(job) if job.is_stream else self._answer(job))
        except ApiError as error:
            self._refuse(job, error)
        except asyncio.CancelledError:
            job.outcome = job.outcome or "client_gone"
            job.status = 499
            raise
        finally:
            await self._finish(job)
            self._parts.observe(job, clock.monotonic())

    async def _admit(self, job: Job) -> None:
        """401, 403, 413, 400, 404, 429: everything that needs no money."""
        admission = self._parts.admission
        job.api_token = await admission.identify(job.exchange)
        body = await job.exchange.body(self._parts.body_bytes_max)
        job.request = job.dialect.read_request(parse_body(body, job.exchange.headers))
        job.admitted = await admission.admit(job.api_token, job.request, self._parts.catalog())

    async def _hold(self, job: Job) -> None:
        """402: no upstream hears of the request before its upper bound is held."""
        assert job.request is not None
        assert job.admitted is not None
        if fanout.is_simple(job.request):
            job.calls = [UpstreamCall(job.request)]
        else:
            dialects = self._fallback.dialects_for(job)
            await decode_prompts(job, dialects)
            job.calls = fanout.split(job.request, dialects)
        job.reserved = await self._parts.reserve.hold(job)
        job.reply = Reply(
            id=job.request_id,
            created=job.admitted_ms // 1000,
            request=job.request,
            model=job.request.model,
        )

    async def _answer(self, job: Job) -> None:
        """Send, wait for the whole answer, settle, respond."""
        async with Lifeline(job) as lifeline:
            answer = await lifeline.keep(self._whole(job))
        response = answer.response
        if isinstance(response, GenerationResponse) and response.usage is None:
            for choice in response.choices:
                delta = choice_as_delta(choice)
                job.meter.add(delta, output_bytes(delta))
        job.first_byte_at = self._parts.clock.monotonic()
        usage = await self._complete(job)
        assert job.reply is not None
        body = job.dialect.write_response(response, job.reply, usage, job.charge_micros)
        job.exchange.respond(200, reply_headers(job), orjson.dumps(body))

    async def _stream(self, job: Job) -> None:
        """Send, deliver as it comes, settle, and only then write the end."""
        assert job.reply is not None
        exchange, writer = job.exchange, job.dialect.stream_writer(job.reply)
        headers = partial(reply_headers, job)
        heartbeat = Heartbeat(exchange, headers)
        pump = Pump(job, self._book, self._parts.clock, writer)
        try:
            async with Lifeline(job) as lifeline:
                source = lifeline.guard(await lifeline.keep(self._source(job)))
                await pump.run(source, headers, heartbeat)
        except BROKEN as broken:
            await self._interrupted(job, broken)
            exchange.finish(writer.fail(UpstreamError("stream_interrupted"), job.language))
            return
        except ApiError as error:
            if not exchange.is_started:
                raise
            job.note_error(error, "failed")
            exchange.finish(writer.fail(error, job.language))
            return
        finally:
            heartbeat.stop()
        usage = await self._complete(job)
        if not exchange.is_started:
            exchange.begin_stream(200, headers())
        exchange.finish(writer.close(usage, job.charge_micros))

    async def _whole(self, job: Job) -> WholeAnswer:
        """One complete answer, from as many upstream calls as it takes."""

        async def send(call: UpstreamCall) -> WholeAnswer:
            answer = await self._fallback.send(job, call, read_whole)
            if call.candidate is not None:
                job.meter.vocabulary = vocabulary_of(call.candidate.upstream_model)
            return answer

        if len(job.calls) == 1:
            return await send(job.calls[0])
        return await fanout.gather_whole(job.calls, send)

    async def _source(self, job: Job) -> DeltaSource:
        """One stream that has begun, from as many upstream calls as it takes."""

        async def send(call: UpstreamCall) -> StreamAnswer:
            answer = await self._fallback.send(job, call, open_stream)
            if call.candidate is not None:
                job.meter.vocabulary = vocabulary_of(call.candidate.upstream_model)
            return answer

        if len(job.calls) == 1:
            return await send(job.calls[0])
        return await fanout.MergedStream(job.calls, send).open()

    async def _complete(self, job: Job) -> Usage:
        """Settle a regular ending; what the client is told it used."""
        is_empty = not any(c.received_output or c.usage_is_final for c in job.calls)
        job.outcome = "empty" if is_empty else "completed"
        bill = await self._finish(job)
        return bill.usage or Usage()

    async def _interrupted(self, job: Job, broken: Exception) -> None:
        """Settle a stream that broke after its first output: input and what was delivered."""
        job.outcome = "interrupted"
        job.error_code = type(broken).__name__
        for call in job.calls:
            if not call.is_complete:
                self._fallback.report_broken(call)
        await self._finish(job)

    def _refuse(self, job: Job, error: ApiError) -> None:
        """Answer with an error; nothing was delivered, so nothing is owed."""
        job.note_error(error, "refused" if error.status < 500 else "failed")
        limits = job.admitted.headers if job.admitted is not None else ()
        if not job.exchange.is_started:
            refuse(job.exchange, job.dialect, error, job.language, limits)

    async def _finish(self, job: Job) -> Bill:
        """End the hold, whatever happened: the only place that does, and once."""
        if job.bill is not None:
            return job.bill
        if job.reserved is None:
            self._parts.admission.give_back(job.admitted)
            return Bill(None, "none")
        await count_inputs(job)
        bill = job.bill = bill_for(job)
        self._parts.admission.settle(job.admitted, bill.usage)
        clock = self._parts.clock
        details = details_of(job, clock.monotonic(), clock.wall_ms())
        if bill.usage is None:
            await self._book.void(Void(job.request_id, job.outcome, details))
        else:
            job.settled = await self._book.settle(
                Settle(job.request_id, bill.usage, bill.source, job.outcome, details)
            )
        return bill
