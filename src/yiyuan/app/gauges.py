"""The gauges whose values stand elsewhere, connected to what they show."""

from collections.abc import Callable
from functools import partial

from yiyuan.gateway.request.intake import Intake
from yiyuan.ledger.contract import Ledger
from yiyuan.ratelimit.contract import Limiter
from yiyuan.routing.router import Router
from yiyuan.telemetry.metrics import Samples
from yiyuan.telemetry.request_log import ExchangeLog

Watch = Callable[[str, Callable[[], Samples]], None]

_LIMITER_GAUGES = (
    ("yiyuan_limiter_backend_up", "is_up"),
    ("yiyuan_limiter_degraded_seconds", "away_seconds"),
    ("yiyuan_limiter_replicas", "replicas"),
)


def watch_ledger(watch: Watch, ledger: Ledger) -> None:
    """What is held and what waits for the disk."""
    watch("yiyuan_open_holds", lambda: [((), ledger.stats().open_holds)])
    watch("yiyuan_held_micros", lambda: [((), ledger.stats().held_micros)])
    watch("yiyuan_ledger_queue", lambda: [((), ledger.stats().waiting_for_disk)])
    watch("yiyuan_ledger_batches", lambda: [((), ledger.stats().batches)])


def watch_intake(watch: Watch, intake: Intake) -> None:
    """What the bodies of open requests take, and their answers."""
    watch("yiyuan_body_bytes", lambda: [((), intake.budget.used_bytes)])
    watch("yiyuan_answer_bytes", lambda: [((), intake.answers.used_bytes)])
    watch("yiyuan_heavy_jobs", lambda: [((), intake.work.jobs)])


def watch_log(watch: Watch, log: ExchangeLog) -> None:
    """What waits to be written, and what was not."""
    watch("yiyuan_log_queue", lambda: [((), log.queued())])
    watch("yiyuan_log_lines_dropped", lambda: [((), log.dropped_total)])


def watch_routing(watch: Watch, router: Router, limiter: Limiter) -> None:
    """Who is failing, and who decides the limits."""
    watch("yiyuan_breaker_open", partial(_breakers, router))
    watch("yiyuan_accounts_kept_away", partial(_kept_away, router))
    watch("yiyuan_limiter_keys", lambda: [((), limiter.key_count())])
    for name, field in _LIMITER_GAUGES:
        watch(name, partial(_limiter_gauge, limiter, field))


def _limiter_gauge(limiter: Limiter, field: str) -> Samples:
    backend = limiter.backend()
    return [] if backend is None else [((), float(getattr(backend, field)))]


def _breakers(router: Router) -> Samples:
    return [
        ((view.channel_id, view.key_id, view.model), int(view.state == "open"))
        for view in router.snapshot()
    ]


def _kept_away(router: Router) -> Samples:
    return [((channel,), count) for channel, count in router.accounts_alone().items()]
