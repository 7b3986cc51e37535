"""What is told of a finished job: one log line and the metrics, never its contents."""

from collections.abc import Callable
from typing import Protocol

from yiyuan.gateway.request.context import RequestContext, Reserved
from yiyuan.gateway.trace import trace_record
from yiyuan.gateway.upstream.attempt import lost_micros
from yiyuan.kernel.clock import Clock
from yiyuan.routing.router import Candidate
from yiyuan.store.tables.requests.refusals import RefusalRow
from yiyuan.store.tables.requests.shortfall_stops import ShortfallEvent
from yiyuan.telemetry.endings import Endings
from yiyuan.telemetry.metrics import Metrics
from yiyuan.telemetry.request_log import ExchangeLog
from yiyuan.telemetry.trace.tracer import Tracer

UNKNOWN = "-"
_ANSWERED = frozenset({"completed", "empty"})


class CountEnd(Protocol):
    """Where it is counted how requests to a model ended; see `ModelHours.note`."""

    def __call__(self, model: str, at_ms: int, *, is_failed: bool) -> None:
        """Count one that was admitted at a time (wall-clock ms)."""
        ...


class Reporter:
    """Writes down how requests ended."""

    def __init__(
        self,
        metrics: Metrics,
        log: ExchangeLog,
        clock: Clock,
        refused: Callable[[RefusalRow, str], None],
        fell_short: Callable[[ShortfallEvent], bool],
        ended: CountEnd,
        tracer: Tracer | None = None,
    ) -> None:
        """What is handed on is bounded and written elsewhere; nothing here waits.

        `fell_short` says whether a shortfall is more than the settings allow.
        """
        self._tracer = tracer
        self._fell_short = fell_short
        self._ended = ended
        self._metrics = metrics
        self._attempts = metrics.counter("yiyuan_attempts")
        self._endings = Endings(metrics)
        self._refused = refused
        self._log = log
        self._clock = clock

    def observe(self, context: RequestContext, now: float) -> None:
        """Count and log `context`, which ended at the monotonic time `now`."""
        admitted, settled = context.admitted, context.settled
        # Only a model that exists may become a label: names from clients are unbounded.
        model = admitted.model.name if admitted is not None else UNKNOWN
        self._count(context, now, model)
        lost = lost_micros(context.reserved) if settled is None else 0
        shortfall = settled.shortfall_micros if settled is not None else lost
        first, api_token = context.first_byte_at, context.api_token
        answered = None if context.reserved is None else _answered(context.reserved)
        usage = context.bill.usage if context.bill is not None else None
        self._log.append(
            (
                self._clock.wall_ms(),
                context.request_id,
                context.endpoint,
                api_token.account_id if api_token is not None else None,
                api_token.id if api_token is not None else None,
                model,
                answered.channel.name if answered is not None else None,
                context.status,
                context.outcome,
                context.error_code,
                context.is_stream,
                usage.input_tokens if usage is not None else 0,
                usage.output_tokens if usage is not None else 0,
                context.charge_micros,
                shortfall,
                len(context.attempts),
                None if first is None else _tenths_ms(first - context.started_at),
                _tenths_ms(now - context.started_at),
            )
        )
        if shortfall and api_token is not None:
            channel = answered.channel.name if answered is not None else UNKNOWN
            self._note_shortfall(context, model, channel, shortfall)
        if self._tracer is not None:
            self._tracer.append(trace_record(context, self._clock.wall_ms(), now, model))
        if context.error_code is not None:
            self._refused(_refusal(context, now, context.error_code), model)

    def _count_end(self, context: RequestContext, model: str) -> None:
        """How the model did: what was refused, or left by its client, says nothing of it."""
        for each in context.failed_models:
            self._ended(each, context.admitted_ms, is_failed=True)
        is_failed = context.status >= 500 or context.outcome == "interrupted"
        if is_failed or context.outcome in _ANSWERED:
            self._ended(model, context.admitted_ms, is_failed=is_failed)

    def _note_shortfall(
        self, context: RequestContext, model: str, channel: str, micros: int
    ) -> None:
        assert context.api_token is not None
        event = ShortfallEvent(
            context.request_id,
            context.api_token.account_id,
            model,
            channel,
            context.charge_micros,
            micros,
            self._clock.wall_ms(),
        )
        if self._fell_short(event):
            self._metrics.count("yiyuan_shortfalls", (channel, model))

    def _count(self, context: RequestContext, now: float, model: str) -> None:
        if context.admitted is not None:
            self._count_end(context, model)
        settled, reserved, attempts = context.settled, context.reserved, context.attempts
        channel = attempts[-1].channel_id if attempts else ""
        key = (context.endpoint, model, context.outcome, context.status, channel)
        ending = self._endings.of(key)
        ending.requests += 1
        ending.seconds.add(now - context.started_at)
        if context.first_byte_at is not None:
            ending.first_byte.add(context.first_byte_at - context.started_at)
        for attempt in attempts:
            self._attempts[attempt.channel_id, attempt.outcome] += 1
        bill = context.bill
        if settled is not None and bill is not None and bill.usage is not None:
            ending.settled(bill.usage, settled.charge_micros)
            if bill.source == "counted" and context.outcome == "completed" and channel:
                self._metrics.count("yiyuan_unmetered_answers", (channel,))
            if settled.shortfall_micros:
                labels = (model,)
                self._metrics.count("yiyuan_shortfall_micros", labels, settled.shortfall_micros)
        if context.error_code is not None:
            self._metrics.count("yiyuan_refusals", (context.error_code,))
        if reserved is not None and reserved.asked_model is not None:
            self._metrics.count("yiyuan_model_fallbacks", (reserved.asked_model, model))


def _tenths_ms(seconds: float) -> float:
    """Milliseconds with one decimal; `round` would write them down and read them again."""
    return int(seconds * 10_000 + 0.5) / 10


def _answered(reserved: Reserved) -> Candidate | None:
    """Where the first of its calls was answered."""
    for call in reserved.calls:
        if call.candidate is not None:
            return call.candidate
    return None


def _refusal(context: RequestContext, now: float, code: str) -> RefusalRow:
    """The request as operators find it; its model as it was asked for."""
    api_token, request = context.api_token, context.request
    return RefusalRow(
        request_id=context.request_id,
        at=context.admitted_ms,
        account_id=None if api_token is None else api_token.account_id,
        api_token_id=None if api_token is None else api_token.id,
        model="" if request is None else request.model,
        endpoint=context.endpoint,
        status=context.status,
        code=code,
        total_ms=round((now - context.started_at) * 1000),
    )
