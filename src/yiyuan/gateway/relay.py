"""The story of one metered request, top to bottom.

    identify → read → admit → draft → bound → hold → send, with fallback
        → stream or answer → settle

`relay` is the only entry, and `_finish` the only place where a hold ends: it is
reached on every path, by success, refusal, failure and disconnect alike, and it
ends a hold once. What an ending costs is decided in `hold/settlement.py`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import orjson

from yiyuan.auth.api_token import ApiToken
from yiyuan.dialects.canonical import Json, Request
from yiyuan.dialects.contract import Dialect
from yiyuan.gateway.admission import Admission
from yiyuan.gateway.delivery.disconnect import DisconnectGuard, may_drain
from yiyuan.gateway.delivery.heartbeat import Heartbeat
from yiyuan.gateway.delivery.respond import language_of, refuse, reply_headers
from yiyuan.gateway.delivery.stream import Pump
from yiyuan.gateway.delivery.whole import note_output, write_large
from yiyuan.gateway.hold.bound import Drafts
from yiyuan.gateway.hold.counting import count_untold, is_untold
from yiyuan.gateway.hold.others import Plan
from yiyuan.gateway.hold.reserve import Reserve
from yiyuan.gateway.hold.settlement import bill_for, details_of
from yiyuan.gateway.operations.contract import Operation
from yiyuan.gateway.other_models import NAMED_BY_CLIENTS, OtherModels
from yiyuan.gateway.request.context import Admitted, Bill, RequestContext, Reserved, UpstreamCall
from yiyuan.gateway.request.exchange import Exchange
from yiyuan.gateway.request.intake import Arrival, Intake
from yiyuan.gateway.short_way import ShortWay
from yiyuan.gateway.upstream.answer import BROKEN, is_own_limit
from yiyuan.gateway.upstream.fallback import Fallback
from yiyuan.gateway.upstream.fanout import ask_stream, ask_whole
from yiyuan.kernel.clock import Clock
from yiyuan.kernel.errors import ApiError, NoChannelAvailable, UpstreamError
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.contract import Ledger
from yiyuan.ledger.operations import Settle, Void
from yiyuan.routing.catalog import Catalog


@dataclass(slots=True, frozen=True)
class RelayDependencies:
    """What a relay works with; built once in `app/process.py`."""

    admission: Admission
    reserve: Reserve
    fallback: Fallback
    ledger: Ledger
    clock: Clock
    operations: dict[str, Operation]
    """As discovered, by name."""
    catalog: Callable[[], Catalog]
    """The catalog as of now."""
    observe: Callable[[RequestContext, float], None]
    """Told of every finished job, with the monotonic time of its end."""
    default_language: str
    intake: Intake


class Relay:
    """Serves metered requests."""

    def __init__(self, parts: RelayDependencies) -> None:
        """`parts` are shared by all requests; a request's own state is its `RequestContext`."""
        self._parts = parts
        self._book = parts.ledger
        self._fallback = parts.fallback
        self._short_way = ShortWay(parts.fallback.courses, parts.ledger)
        self._whole = partial(ask_whole, parts.fallback)
        self._source = partial(ask_stream, parts.fallback)
        self._others = OtherModels(parts.admission, parts.fallback, parts.ledger)

    async def relay(
        self, exchange: Exchange, dialect: Dialect, endpoint: str, fields: Json | None = None
    ) -> None:
        """Serve one request that came in `dialect` at `endpoint`.

        `fields` are those that the address says instead of the body.
        """
        clock = self._parts.clock
        context = RequestContext(
            exchange=exchange,
            dialect=dialect,
            operation=self._parts.operations[dialect.operation],
            endpoint=endpoint,
            request_id=exchange.request_id,
            language=language_of(exchange, self._parts.default_language),
            started_at=clock.monotonic(),
            admitted_ms=clock.wall_ms(),
        )
        try:
            admitted = await self._admit(context, fields)
            reserved = self._short_way.hold(admitted) or await self._hold(admitted)
            context.reserved = reserved
            await (self._stream(reserved) if context.is_stream else self._answer(reserved))
        except ApiError as error:
            self._refuse(context, error)
        except asyncio.CancelledError:
            context.outcome = context.outcome or "client_gone"
            context.status = 499
            raise
        finally:
            try:
                if context.bill is None:
                    await self._finish(context)
            finally:
                self._end_arrival(context)
            self._parts.observe(context, clock.monotonic())
            context.come_apart()

    async def _admit(self, context: RequestContext, fields: Json | None) -> Admitted:
        """401, 402, 403, 413, 400, 404, 429: everything that holds no money."""
        admission, intake, exchange = self._parts.admission, self._parts.intake, context.exchange
        api_token = admission.recognise(exchange) or await admission.identify(exchange)
        context.api_token = api_token
        context.arrival = arrival = intake.begin(api_token.account_id)
        document = intake.read_at_once(exchange, arrival)
        if document is None:
            request = await self._read(context, api_token, arrival, fields)
            context.is_heavy = arrival.is_heavy
        else:
            request = context.dialect.read_request(document | fields if fields else document)
        context.request = request
        context.is_stream = context.operation.is_stream(request)
        admitted = await admission.admit(context, api_token, request, self._parts.catalog())
        context.admitted = admitted
        return admitted

    async def _read(
        self, context: RequestContext, api_token: ApiToken, arrival: Arrival, fields: Json | None
    ) -> Request:
        """A body that is large, compressed, or comes in pieces."""
        admission, intake = self._parts.admission, self._parts.intake

        def understand(document: Json) -> Request:
            return context.dialect.read_request(document | fields if fields else document)

        async def look_at_money(size_bytes: int) -> None:
            if self._parts.catalog().nothing_is_free:
                balance_micros = await admission.check_not_empty(api_token)
                await intake.line_up(arrival, size_bytes, balance_micros)

        return await intake.read(context.exchange, arrival, understand, look_at_money)

    async def _hold(self, admitted: Admitted) -> Reserved:
        """402: no upstream hears of the request before its upper bound is held."""
        request, operation = admitted.request, admitted.context.operation
        if admitted.context.is_heavy:
            self._parts.reserve.refuse_penniless(admitted)
        if operation.needs_split(request):
            dialects = self._fallback.dialects_for(admitted)
            await operation.prepare(request, self._fallback.names_for(admitted), dialects)
            parts = operation.split(request, dialects)
            calls = [UpstreamCall(operation, *part) for part in parts]
        else:
            calls = [UpstreamCall(operation, request)]
        others: list[Plan] = []
        is_named = admitted.model.fallback or not NAMED_BY_CLIENTS.isdisjoint(request.raw)
        if is_named and operation.may_fall_back(request):
            others = await self._others.plans(admitted)
        try:
            drafts: Drafts = await admitted.context.run(self._fallback.drafts, admitted, calls)
        except NoChannelAvailable:
            plan = await self._others.first(admitted, others)
            if plan is None:
                raise
            admitted, calls, drafts = plan
        reserved = await self._parts.reserve.hold(admitted, calls, drafts, others)
        if admitted.request is not request:
            reserved.asked_model = request.model
        admitted.context.end_turn()
        return reserved

    async def _answer(self, reserved: Reserved) -> None:
        """Send, wait for the whole answer, settle, respond."""
        context, ask = reserved.context, self._whole
        asked = self._others.answered(reserved, ask) if reserved.others else ask(reserved)
        if may_drain(reserved):
            async with DisconnectGuard(reserved) as lifeline:
                answer = await lifeline.keep(asked)
        else:
            answer = await asked
        response = context.response = answer.response
        for call in reserved.calls:
            if call.usage is None or not call.usage.output_tokens:
                await note_output(context, answer)
                break
        context.first_byte_at = self._parts.clock.monotonic()
        usage = (await self._complete(reserved)).usage or Usage()
        if answer.is_heavy:
            body = await write_large(reserved, response, usage)
        else:
            written = context.dialect.write_response(
                response, reserved.reply, usage, context.charge_micros
            )
            body = orjson.dumps(written)
        context.exchange.respond(200, reply_headers(reserved), body)
        if answer.is_heavy:
            await context.exchange.drain()  # it takes its room until the client has it

    async def _stream(self, reserved: Reserved) -> None:
        """Send, deliver as it comes, settle, and only then write the end."""
        context, exchange = reserved.context, reserved.context.exchange
        writer = context.dialect.stream_writer(reserved.reply)
        headers = partial(reply_headers, reserved)
        heartbeat = Heartbeat(exchange, headers)
        try:
            async with DisconnectGuard(reserved) as lifeline:
                ask = self._source
                asked = self._others.answered(reserved, ask) if reserved.others else ask(reserved)
                source = lifeline.guard(await lifeline.keep(asked))
                if reserved.asked_model is not None:
                    writer = context.dialect.stream_writer(reserved.reply)
                pump = Pump(reserved, self._book, self._parts.clock, writer, heartbeat)
                # In a task of its own: a chunk wakes the pump and not all that waits for it.
                await asyncio.create_task(pump.run(source, headers))
        except BROKEN as broken:
            await self._interrupted(reserved, broken)
            exchange.finish(writer.fail(UpstreamError("stream_interrupted"), context.language))
            return
        except ApiError as error:
            if not exchange.is_started:
                raise
            context.note_error(error, "failed")
            exchange.finish(writer.fail(error, context.language))
            return
        finally:
            heartbeat.stop()
        usage = (await self._complete(reserved)).usage or Usage()
        if not exchange.is_started:
            exchange.begin_stream(200, headers())
        exchange.finish(writer.close(usage, context.charge_micros))

    def _complete(self, reserved: Reserved) -> Awaitable[Bill]:
        """Settle a regular ending."""
        context = reserved.context
        context.outcome = "empty"
        for call in reserved.calls:
            if call.received_output or call.usage_is_final:
                context.outcome = "completed"
                break
        return self._finish(context)

    async def _interrupted(self, reserved: Reserved, broken: Exception) -> None:
        """Settle a stream that broke after its first output: input and what was delivered."""
        context = reserved.context
        context.outcome = "interrupted"
        context.error_code = type(broken).__name__
        for call in reserved.calls:
            if not call.is_complete and not is_own_limit(broken):
                self._fallback.report_broken(call)
        await self._finish(context)

    def _refuse(self, context: RequestContext, error: ApiError) -> None:
        """Answer with an error; nothing was delivered, so nothing is owed."""
        context.note_error(error, "refused" if error.status < 500 else "failed")
        limits = context.admitted.headers if context.admitted is not None else ()
        if not context.exchange.is_started:
            refuse(context.exchange, context.dialect, error, context.language, limits)

    def _end_arrival(self, context: RequestContext) -> None:
        """Free what the body took; a request that went nowhere counts as refused."""
        if context.arrival is not None:
            refused = context.status if context.reserved is None else None
            self._parts.intake.end(context.arrival, refused)

    async def _finish(self, context: RequestContext) -> Bill:
        """End the hold, whatever happened: the only place that does, and once."""
        if context.bill is not None:
            return context.bill
        reserved = context.reserved
        if reserved is None:
            self._parts.admission.give_back(context.admitted)
            return Bill(None, "none")
        if is_untold(reserved):
            await count_untold(reserved)
        bill = context.bill = bill_for(reserved)
        self._parts.admission.settle(context.admitted, bill.usage)
        clock = self._parts.clock
        details = details_of(reserved, clock.monotonic(), clock.wall_ms())
        if bill.usage is None:
            await self._book.void(Void(context.request_id, context.outcome, details))
        else:
            settled = context.settled = await self._book.settle(
                Settle(context.request_id, bill.usage, bill.source, context.outcome, details)
            )
            context.charge_micros = settled.charge_micros
        return bill
