"""What is told of a finished job: one log line and the metrics, never its contents."""

from yiyuan.gateway.job import Job
from yiyuan.kernel.clock import Clock
from yiyuan.observe.exchange_log import ExchangeLog
from yiyuan.observe.metrics import Metrics

UNKNOWN = "-"


class Reporter:
    """Writes down how requests ended."""

    def __init__(self, metrics: Metrics, log: ExchangeLog, clock: Clock) -> None:
        """`log` is bounded and written elsewhere; nothing here waits."""
        self._metrics = metrics
        self._log = log
        self._clock = clock

    def observe(self, job: Job, now: float) -> None:
        """Count and log `job`, which ended at the monotonic time `now`."""
        admitted, settled = job.admitted, job.settled
        # Only a model that exists may become a label: names from clients are unbounded.
        model = admitted.model.name if admitted is not None else UNKNOWN
        usage = job.bill.usage if job.bill is not None else None
        self._count(job, now, model)
        shortfall = settled.shortfall_micros if settled is not None else 0
        first = job.first_byte_at
        answered = next((c.candidate for c in job.calls if c.candidate is not None), None)
        self._log.append(
            (
                self._clock.wall_ms(),
                job.request_id,
                job.endpoint,
                job.api_token.account_id if job.api_token is not None else None,
                job.api_token.id if job.api_token is not None else None,
                model,
                answered.channel.name if answered is not None else None,
                job.status,
                job.outcome,
                job.error_code,
                job.is_stream,
                usage.input_tokens if usage is not None else 0,
                usage.output_tokens if usage is not None else 0,
                job.charge_micros,
                shortfall,
                len(job.attempts),
                None if first is None else round((first - job.started_at) * 1000, 1),
                round((now - job.started_at) * 1000, 1),
            )
        )

    def _count(self, job: Job, now: float, model: str) -> None:
        metrics = self._metrics
        endpoint, settled = job.endpoint, job.settled
        metrics.count("yiyuan_requests", (endpoint, model, job.outcome, str(job.status)))
        if job.error_code is not None:
            metrics.count("yiyuan_refusals", (job.error_code,))
        for attempt in job.attempts:
            metrics.count("yiyuan_attempts", (attempt.channel_id, attempt.outcome))
        metrics.observe("yiyuan_request_seconds", endpoint, now - job.started_at)
        if job.first_byte_at is not None:
            seconds = job.first_byte_at - job.started_at
            metrics.observe("yiyuan_first_byte_seconds", endpoint, seconds)
        if settled is None or job.bill is None or job.bill.usage is None:
            return
        usage = job.bill.usage
        metrics.count("yiyuan_tokens", (model, "input"), usage.input_tokens)
        metrics.count("yiyuan_tokens", (model, "cached_input"), usage.cached_input_tokens)
        metrics.count("yiyuan_tokens", (model, "output"), usage.output_tokens)
        metrics.count("yiyuan_charged_micros", (model,), settled.charge_micros)
        if settled.shortfall_micros:
            metrics.count("yiyuan_shortfall_micros", (model,), settled.shortfall_micros)
